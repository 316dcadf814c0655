//! The other ways in, as far as they are set up: tabs for what is typed in, links to the pages of
//! vendors.

use crate::browser;
use crate::components::icon::{Icon, icon};
use crate::ui::Ui;
use leptos::prelude::*;

/// The way of the code that is sent to a phone, as the address names it.
pub(super) const SMS: &str = "sms";

/// The login page's address for a way in; the empty one is name and password.
pub(super) fn address(way: &str, next: &str) -> String {
    let query: Vec<String> = [("way", way), ("next", next)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}={}", browser::escape(value)))
        .collect();
    if query.is_empty() {
        "/admin/login".to_owned()
    } else {
        format!("/admin/login?{}", query.join("&"))
    }
}

/// Name and password, or a code by SMS.
pub(super) fn tabs(ui: Ui, way: Memo<String>, next: &str) -> AnyView {
    if !ui.ways.sms {
        return ().into_any();
    }
    let t = ui.t;
    let tabs: Vec<AnyView> = [("", t.by_password), (SMS, t.by_sms)]
        .into_iter()
        .map(|(code, name)| {
            view! {
                <li>
                    <a
                        class="tab"
                        href=address(code, next)
                        aria-current=move || way.with(|way| way == code).then_some("page")
                    >
                        {name}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <nav class="ways" aria-label=t.ways_in>
            <ul>{tabs}</ul>
        </nav>
    }
    .into_any()
}

/// The vendors' pages.
pub(super) fn vendors(ui: Ui, next: &str) -> AnyView {
    let t = ui.t;
    let query = if next.is_empty() {
        String::new()
    } else {
        format!("?next={}", browser::escape(next))
    };
    let links: Vec<AnyView> = [
        (ui.ways.wechat, "wechat", Icon::Phone, t.by_wechat),
        (ui.ways.wecom, "wecom", Icon::Users, t.by_wecom),
    ]
    .into_iter()
    .filter(|(there, ..)| *there)
    .map(|(_, vendor, sign, name)| {
        view! {
            <a
                class="button wide"
                href=format!("/admin/login/start/{vendor}{query}")
                rel="external"
            >
                {icon(sign)}
                {name}
            </a>
        }
        .into_any()
    })
    .collect();
    if links.is_empty() {
        return ().into_any();
    }
    view! {
        <div class="other-ways">
            <p class="divider">{t.or}</p>
            {links}
        </div>
    }
    .into_any()
}
