//! Reactive parts whose closures are boxed.
//!
//! Effects, memos and event handlers are compiled anew for every closure that is handed to them.
//! The browser would have to load hundreds of copies of the same code; through these functions it
//! loads one of each.

use leptos::prelude::*;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A view that is not there yet.
pub(crate) type Later = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// Runs `f` in the browser, now and whenever a signal that it reads changes.
pub(crate) fn effect(f: impl Fn() + Send + Sync + 'static) {
    fn boxed(f: Box<dyn Fn() + Send + Sync>) {
        Effect::new(move |_| f());
    }
    boxed(Box::new(f));
}

/// A value that follows the signals that `f` reads.
pub(crate) fn memo<T>(f: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    fn boxed<T>(f: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| f())
    }
    boxed(Box::new(f))
}

/// A number that follows `source`, but stays as it is while `held`.
pub(crate) fn unless(held: Signal<bool>, source: Signal<u32>) -> Memo<u32> {
    Memo::new(move |last: Option<&u32>| match last {
        Some(last) if held.get() => *last,
        _ => source.get(),
    })
}

/// An event handler.
pub(crate) fn on<E: 'static>(f: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(f)
}

/// A view that waits: `fallback` until it is there for the first time; after that the old view
/// stays until the new one has come.
pub(crate) fn later(
    fallback: impl Fn() -> AnyView + Send + Sync + 'static,
    view: impl Fn() -> Later + Send + Sync + 'static,
) -> AnyView {
    fn boxed(
        fallback: Arc<dyn Fn() -> AnyView + Send + Sync>,
        view: Arc<dyn Fn() -> Later + Send + Sync>,
    ) -> AnyView {
        view! {
            <Transition fallback=move || {
                fallback()
            }>{move || Suspend::new(view())}</Transition>
        }
        .into_any()
    }
    boxed(Arc::new(fallback), Arc::new(view))
}
