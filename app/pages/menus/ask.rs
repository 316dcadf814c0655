//! The questions before something happens to a menu: disable, delete.

use super::Shared;
use crate::calls::Submit;
use crate::components::confirm::{confirm, navigator};
use crate::components::field::{alert, submit};
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::catalogue::{MENU_ALTER, MENU_REMOVE};
use menshen_domain::menu::Menu;
use menshen_domain::role::Status;

/// The question `what` about `menu`, which `below` menus stand right below; none when there is no
/// such question. `close`: the address without it.
pub(crate) fn question(
    ui: Ui,
    shared: Shared,
    what: &str,
    menu: &Menu,
    below: usize,
    close: String,
) -> Option<AnyView> {
    match what {
        "disable" if ui.may(MENU_ALTER) && menu.status == Status::Active => {
            Some(disable(ui, shared, menu, below, close))
        }
        "delete" if ui.may(MENU_REMOVE) => Some(delete(ui, shared, menu, below, close)),
        _ => None,
    }
}

fn disable(ui: Ui, shared: Shared, menu: &Menu, below: usize, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let then = close.clone();
    let form = Submit::new(ui, "set_menu_status", move |done| {
        ui.toast(t.menu_status(Status::Disabled, &done.name));
        go(&then);
        shared.changed();
    });
    let act = view! {
        <input type="hidden" name="id" value=menu.id.to_string() />
        <input type="hidden" name="status" value="1" />
        {submit(form, t.disable, "button danger-solid")}
    };
    let text = view! {
        <p>{t.disable_menu_text(below)}</p>
        {alert(ui, form, &[])}
    };
    confirm(
        t.disable_of(&ui.say(&menu.name)),
        text.into_any(),
        close,
        t.cancel,
        form.form("", "", act.into_any()),
    )
}

fn delete(ui: Ui, shared: Shared, menu: &Menu, below: usize, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let name = ui.say(&menu.name);
    let then = close.clone();
    let form = Submit::new(ui, "delete_menu", move |done| {
        ui.toast(t.deleted_of(&done.name));
        go(&then);
        shared.changed();
    });
    let empty = below == 0;
    let what = if empty {
        t.delete_menu_text.to_owned()
    } else {
        t.menu_in_use(below)
    };
    let text = view! {
        <p>{what}</p>
        {alert(ui, form, &[])}
    };
    let act = if empty {
        let act = view! {
            <input type="hidden" name="id" value=menu.id.to_string() />
            <input type="hidden" name="name" value=name.clone() />
            {submit(form, t.delete_menu_button, "button danger-solid")}
        };
        form.form("", "", act.into_any())
    } else {
        ().into_any()
    };
    let heading = if empty {
        t.delete_of(&name)
    } else {
        t.cannot_delete(&name)
    };
    let leave = if empty { t.cancel } else { t.close };
    confirm(heading, text.into_any(), close, leave, act)
}
