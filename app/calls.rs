//! How views reach the server: questions ([`Ask`], [`load`]) and forms ([`Submit`]).
//!
//! While the server renders, a question calls its server function directly; the browser posts to
//! the function's address, as a form without JavaScript does. The answers travel as text and are
//! read where they are shown: so there is one kind of resource and one kind of form, instead of
//! one of each for every function, which the browser would have to load.

use crate::browser;
use crate::components::list::form;
use crate::components::live::{Later, later, on};
use crate::components::state::{loaded, trouble};
use crate::error::AppError;
use crate::server_fns::Done;
use crate::ui::Ui;
use leptos::prelude::*;
use leptos::server::codee::string::FromToStringCodec;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A question to the server: the endpoint of a server function, and its arguments as a form sends
/// them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    endpoint: &'static str,
    body: String,
}

impl Ask {
    /// Nothing is asked: the caller may not, or there is nothing to ask yet.
    pub(crate) const NOTHING: Self = Self {
        endpoint: "",
        body: String::new(),
    };

    /// Asks the server function `endpoint`. Arguments that are empty are left out.
    pub(crate) fn of(endpoint: &'static str, arguments: &[(&str, &str)]) -> Self {
        Self {
            endpoint,
            body: form(arguments),
        }
    }
}

/// An answer: `+` and the JSON of a value, or `-` and that of an [`AppError`].
type Answer = String;

/// What a question was answered.
pub(crate) type Loaded = Resource<Answer, FromToStringCodec>;

/// Asks now, and again whenever the question changes; the number makes the same question a new
/// one. The server waits for the answer before it sends the page.
pub(crate) fn load(ask: impl Fn() -> (Ask, u32) + Send + Sync + 'static) -> Loaded {
    fn boxed(ask: Box<dyn Fn() -> (Ask, u32) + Send + Sync>) -> Loaded {
        // What was taken back shows at once, whatever page it was done from.
        let taken_back = use_context::<Ui>().map(|ui| ui.taken_back);
        let again = move || {
            let (ask, version) = ask();
            (ask, version.wrapping_add(taken_back.map_or(0, |n| n.get())))
        };
        Resource::new_str_blocking(again, |(ask, _)| answer(ask))
    }
    boxed(Box::new(ask))
}

/// Reads an answer.
pub(crate) fn read<T: DeserializeOwned>(answer: &str) -> Result<T, AppError> {
    let json = answer.get(1..).unwrap_or_default();
    if answer.starts_with('+') {
        from_json(json)
    } else {
        Err(from_json(json).unwrap_or_else(|e| e))
    }
}

/// Reads the JSON of a server function's answer.
pub(crate) fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, AppError> {
    serde_json::from_slice(json.as_bytes()).map_err(|_| AppError::unreadable())
}

fn pack<T: Serialize>(result: Result<T, AppError>) -> Answer {
    let (mark, json) = match result {
        Ok(value) => ('+', serde_json::to_string(&value)),
        Err(error) => ('-', serde_json::to_string(&error)),
    };
    format!("{mark}{}", json.unwrap_or_default())
}

/// An answer on its way.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Answers a question on the server itself, from its arguments.
#[cfg(feature = "ssr")]
pub(crate) type Runner = fn(&str) -> Answering;

/// Answers a question by the server function `F`, whose arguments are read just as when the
/// browser sends them.
#[cfg(feature = "ssr")]
pub(crate) fn run<F>(body: &str) -> Answering
where
    F: leptos::server_fn::ServerFn<Error = AppError> + DeserializeOwned + Send + 'static,
    F::Output: Serialize,
{
    let arguments = serde_qs::Config::new(5, false).deserialize_str::<F>(body);
    Box::pin(async move {
        match arguments {
            Ok(arguments) => pack(arguments.run_body().await),
            Err(_) => pack::<()>(Err(AppError::unreadable())),
        }
    })
}

#[cfg(feature = "ssr")]
fn answer(ask: Ask) -> Answering {
    if ask == Ask::NOTHING {
        return Box::pin(async { pack(Ok(())) });
    }
    match crate::server_fns::question(ask.endpoint) {
        Some(run) => run(&ask.body),
        None => Box::pin(async { pack::<()>(Err(AppError::unreadable())) }),
    }
}

#[cfg(not(feature = "ssr"))]
fn answer(ask: Ask) -> Answering {
    if ask == Ask::NOTHING {
        return Box::pin(async { "+null".to_owned() });
    }
    Box::pin(send_wrapper::SendWrapper::new(async move {
        let _asking = browser::asking();
        match browser::post(ask.endpoint, &ask.body).await {
            Ok(json) => format!("+{json}"),
            Err(error) => pack::<()>(Err(error)),
        }
    }))
}

/// Asks the server once, from the browser.
pub(crate) fn ask_once<T: DeserializeOwned + 'static>(
    ask: Ask,
    then: impl FnOnce(Result<T, AppError>) + 'static,
) {
    spawn_local(async move { then(read(&answer(ask).await)) });
}

/// Shows what was loaded, or why it could not be.
pub(crate) fn show<T: DeserializeOwned>(
    ui: Ui,
    source: Loaded,
    fallback: impl Fn() -> AnyView + Send + Sync + 'static,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    show_answer(source, fallback, move |answer| {
        loaded(ui, read(answer), &view)
    })
}

/// Shows what `view` makes of an answer.
pub(crate) fn show_answer(
    source: Loaded,
    fallback: impl Fn() -> AnyView + Send + Sync + 'static,
    view: impl Fn(&str) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    fn boxed(source: Loaded, view: Arc<dyn Fn(&str) -> AnyView + Send + Sync>) -> Later {
        Box::pin(async move { view(&source.await) })
    }
    let view: Arc<dyn Fn(&str) -> AnyView + Send + Sync> = Arc::new(view);
    later(fallback, move || boxed(source, Arc::clone(&view)))
}

type OnDone = Arc<dyn Fn(Done) + Send + Sync>;
type OnProblem = Arc<dyn Fn(&AppError) + Send + Sync>;

/// A form that is sent to a server function: with JavaScript it stays on the page, without it the
/// server answers with the next one.
#[derive(Clone, Copy)]
pub(crate) struct Submit {
    ui: Ui,
    endpoint: StoredValue<String>,
    pub pending: RwSignal<bool>,
    /// Why the last try was refused.
    pub problem: RwSignal<Option<AppError>>,
    /// Counts the refusals.
    pub tries: RwSignal<u32>,
    on_done: StoredValue<OnDone>,
    on_problem: StoredValue<OnProblem>,
    place: fn(AppError) -> AppError,
}

impl Submit {
    /// A form for the server function `endpoint`; `on_done` is told what it did.
    pub(crate) fn new(
        ui: Ui,
        endpoint: &'static str,
        on_done: impl Fn(Done) + Send + Sync + 'static,
    ) -> Self {
        Self::to(ui, endpoint.to_owned(), on_done)
    }

    /// The same for a server function whose name is known at run time only.
    pub(crate) fn to(
        ui: Ui,
        endpoint: String,
        on_done: impl Fn(Done) + Send + Sync + 'static,
    ) -> Self {
        Self {
            ui,
            pending: RwSignal::new(false),
            problem: RwSignal::new(ui.flash(&endpoint, |f| f.error.clone()).flatten()),
            endpoint: StoredValue::new(endpoint),
            tries: RwSignal::new(0),
            on_done: StoredValue::new(Arc::new(on_done)),
            on_problem: StoredValue::new(Arc::new(|_| {
                browser::focus("form [aria-invalid=true], .alert");
            })),
            place: |error| error,
        }
    }

    /// What to do when it is refused, instead of moving the focus to what is wrong.
    pub(crate) fn refused(self, f: impl Fn(&AppError) + Send + Sync + 'static) -> Self {
        self.on_problem.set_value(Arc::new(f));
        self
    }

    /// Moves errors to the fields that they are about.
    pub(crate) fn place(self, place: fn(AppError) -> AppError) -> Self {
        self.problem.update(|p| *p = p.take().map(place));
        Self { place, ..self }
    }

    /// The form itself.
    pub(crate) fn form(self, id: &'static str, class: &'static str, fields: AnyView) -> AnyView {
        self.form_with(id, class, None, None, fields)
    }

    /// The form itself, with an ear for typing in it and for its reset.
    pub(crate) fn form_with(
        self,
        id: &'static str,
        class: &'static str,
        mut on_input: Option<Box<dyn FnMut()>>,
        mut on_reset: Option<Box<dyn FnMut()>>,
        fields: AnyView,
    ) -> AnyView {
        view! {
            <form
                id=(!id.is_empty()).then_some(id)
                class=class
                method="post"
                action=self.endpoint.with_value(|e| format!("/admin/fn/{e}"))
                novalidate=true
                on:submit=on(move |event| self.submit(&event))
                on:input=on(move |_: leptos::ev::Event| {
                    if let Some(f) = &mut on_input {
                        f();
                    }
                })
                on:reset=on(move |_: leptos::ev::Event| {
                    if let Some(f) = &mut on_reset {
                        f();
                    }
                })
            >
                {fields}
            </form>
        }
        .into_any()
    }

    fn submit(self, event: &leptos::ev::SubmitEvent) {
        event.prevent_default();
        if self.pending.get_untracked() {
            return;
        }
        let Some(body) = browser::form_body(event) else {
            return;
        };
        self.pending.set(true);
        let endpoint = self.endpoint.get_value();
        spawn_local(async move {
            let answer = browser::post(&endpoint, &body)
                .await
                .and_then(|json| from_json::<Done>(&json));
            // The form may be gone by now.
            self.pending.try_set(false);
            match answer {
                Ok(done) => {
                    self.problem.try_set(None);
                    if let Some(f) = self.on_done.try_get_value() {
                        f(done);
                    }
                }
                Err(error) => {
                    let error = (self.place)(error);
                    self.ui.react(&error);
                    self.tries.try_update(|n| *n += 1);
                    self.problem.try_set(Some(error.clone()));
                    if let Some(f) = self.on_problem.try_get_value() {
                        f(&error);
                    }
                }
            }
        });
    }
}

/// Says that a page needs a permission that the caller lacks.
pub(crate) fn lacking(ui: Ui, code: &'static str) -> AnyView {
    let error = menshen_domain::Error::forbidden([code]);
    trouble(
        ui,
        &AppError {
            kind: error.kind,
            text: error.text,
            fields: Vec::new(),
            request_id: Box::default(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_they_were_packed() {
        assert_eq!(read::<Vec<i64>>(&pack(Ok(vec![1, 2]))), Ok(vec![1, 2]));
        let error = AppError::unreadable();
        assert_eq!(
            read::<i64>(&pack::<i64>(Err(error.clone()))),
            Err(error.clone())
        );
        for odd in ["", "+", "-", "x", "+[", "é"] {
            assert_eq!(read::<i64>(odd), Err(error.clone()), "{odd}");
        }
    }
}
