//! The question before a code is removed from the catalogue.

use super::Shared;
use crate::calls::Submit;
use crate::components::confirm::{confirm, navigator};
use crate::components::field::{alert, submit};
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::catalogue::PERM_ALTER;
use menshen_domain::permission::Listed;

/// The question, if `code` is one that can be removed. `close`: the address without it.
pub(crate) fn question(ui: Ui, shared: Shared, code: &Listed, close: String) -> Option<AnyView> {
    if code.builtin || !ui.may(PERM_ALTER) {
        return None;
    }
    let t = ui.t;
    let go = navigator();
    let then = close.clone();
    let form = Submit::new(ui, "delete_permission", move |done| {
        ui.toast(t.deleted_of(&done.name));
        go(&then);
        shared.changed();
    });
    let held = code.exact > 0;
    // The box stands in the dialog's text, outside of the form that sends it.
    let force = held.then(|| {
        view! {
            <label class="check">
                <input type="checkbox" name="force" value="true" form="delete-permission" />
                <span>{t.delete_permission_force(code.exact)}</span>
            </label>
        }
        .into_any()
    });
    let what = if held {
        t.delete_permission_held(code.exact)
    } else {
        t.delete_permission_free.to_owned()
    };
    let text = view! {
        <p>{what}</p>
        {force}
        {alert(ui, form, &[])}
    };
    let act = view! {
        <input type="hidden" name="code" value=code.code.clone() />
        {submit(form, t.delete_permission_button, "button danger-solid")}
    };
    Some(confirm(
        t.delete_of(&code.code),
        text.into_any(),
        close,
        t.cancel,
        form.form("delete-permission", "", act.into_any()),
    ))
}
