//! What pages are made of. Plain functions that return a type-erased view, rather than generic
//! components: every instance of a generic view is code that the browser has to load.

pub(crate) mod chart;
pub(crate) mod confirm;
pub(crate) mod copy;
pub(crate) mod facts;
pub(crate) mod field;
pub(crate) mod guard;
pub(crate) mod icon;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod live;
pub(crate) mod look;
pub(crate) mod palette;
pub(crate) mod person;
pub(crate) mod pick;
pub(crate) mod shell;
pub(crate) mod state;
pub(crate) mod strength;
pub(crate) mod table;
pub(crate) mod toast;
pub(crate) mod tree;

use crate::time;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::Timestamp;
use menshen_domain::role::Status;

/// A moment: how long ago, with the exact time on hover.
pub(crate) fn when(ui: Ui, at: Timestamp) -> AnyView {
    let zone = move || ui.local.get().then(|| crate::browser::zone_minutes(at.0));
    view! {
        <time datetime=time::iso(at) title=move || time::exact(ui.t, at, zone())>
            {move || time::relative(ui.t, at, ui.now.get(), zone())}
        </time>
    }
    .into_any()
}

/// A round picture: the person's own, or the first letter of her name on one of eight colours.
pub(crate) fn avatar(name: &str, picture: &str, id: i64) -> AnyView {
    if picture.is_empty() {
        let letter: String = name
            .chars()
            .next()
            .map(|c| c.to_uppercase().collect())
            .unwrap_or_default();
        let class = format!("avatar hue-{}", id.rem_euclid(8));
        view! {
            <span class=class aria-hidden="true">
                {letter}
            </span>
        }
        .into_any()
    } else {
        view! {
            <img
                class="avatar"
                src=picture.to_owned()
                alt=""
                loading="lazy"
                referrerpolicy="no-referrer"
            />
        }
        .into_any()
    }
}

/// A client in two words, such as `Chrome 131 · Windows 10`, with all that it said on hover; what
/// is not known is shown as it is.
pub(crate) fn client(browser: &str, system: &str, agent: &str) -> AnyView {
    let words = match (browser, system) {
        ("", "") => agent.to_owned(),
        (one, "") | ("", one) => one.to_owned(),
        (browser, system) => format!("{browser} · {system}"),
    };
    view! {
        <span class="cut" title=agent.to_owned()>
            {if words.is_empty() { "–".to_owned() } else { words }}
        </span>
    }
    .into_any()
}

/// In use or disabled, as a dot and a word.
pub(crate) fn status(ui: Ui, status: Status) -> AnyView {
    match status {
        Status::Active => view! { <span class="state ok">{ui.t.active}</span> }.into_any(),
        Status::Disabled => view! { <span class="state off">{ui.t.disabled}</span> }.into_any(),
    }
}
