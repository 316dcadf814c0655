//! The questions before something happens to a role: disable, delete.

use crate::calls::Submit;
use crate::components::confirm::{confirm, navigator};
use crate::components::field::{alert, submit};
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::catalogue::{ROLE_ALTER, ROLE_REMOVE};
use menshen_domain::role::{Role, Status};

/// The question `what` about `role`, when there is such a one. `close`: the address without it;
/// `list`: where to go when the role is gone.
pub(crate) fn question(
    ui: Ui,
    version: RwSignal<u32>,
    what: &str,
    role: &Role,
    close: String,
    list: String,
) -> Option<AnyView> {
    if role.builtin {
        return None;
    }
    match what {
        "disable" if ui.may(ROLE_ALTER) && role.status == Status::Active => {
            Some(disable(ui, version, role, close))
        }
        "delete" if ui.may(ROLE_REMOVE) => Some(delete(ui, version, role, close, list)),
        _ => None,
    }
}

fn disable(ui: Ui, version: RwSignal<u32>, role: &Role, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let then = close.clone();
    let form = Submit::new(ui, "set_role_status", move |done| {
        ui.toast_done(t.role_status(Status::Disabled, &done.name), done.undo);
        go(&then);
        version.try_update(|v| *v += 1);
    });
    let act = view! {
        <input type="hidden" name="id" value=role.id.to_string() />
        <input type="hidden" name="status" value="1" />
        {submit(form, t.disable, "button danger-solid")}
    };
    let text = view! {
        <p>{t.disable_role_text(role.holders)}</p>
        {alert(ui, form, &[])}
    };
    confirm(
        t.disable_role(&role.name),
        text.into_any(),
        close,
        t.cancel,
        form.form("", "", act.into_any()),
    )
}

fn delete(ui: Ui, version: RwSignal<u32>, role: &Role, close: String, list: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "delete_role", move |done| {
        ui.toast(t.role_deleted(&done.name));
        go(&list);
        version.try_update(|v| *v += 1);
    });
    let held = role.holders > 0;
    // The box stands in the dialog's text, outside of the form that sends it.
    let force = held.then(|| {
        view! {
            <label class="check">
                <input type="checkbox" name="force" value="true" form="delete-role" />
                <span>{t.delete_role_force(role.holders)}</span>
            </label>
        }
        .into_any()
    });
    let act = view! {
        <input type="hidden" name="id" value=role.id.to_string() />
        <input type="hidden" name="name" value=role.name.clone() />
        {submit(form, t.delete_role_button, "button danger-solid")}
    };
    let what = if held {
        t.delete_role_held(role.holders)
    } else {
        t.delete_role_free.to_owned()
    };
    let text = view! {
        <p>{what}</p>
        {force}
        {alert(ui, form, &[])}
    };
    confirm(
        t.delete_role(&role.name),
        text.into_any(),
        close,
        t.cancel,
        form.form("delete-role", "", act.into_any()),
    )
}
