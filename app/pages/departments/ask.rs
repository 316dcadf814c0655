//! The questions before something happens to a department: disable, delete.

use super::Shared;
use crate::calls::Submit;
use crate::components::confirm::{confirm, navigator};
use crate::components::field::{alert, submit};
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::catalogue::{DEPT_ALTER, DEPT_REMOVE};
use menshen_domain::dept::Dept;
use menshen_domain::role::Status;

/// The question `what` about `dept`, which `below` departments stand right below; none when there
/// is no such question. `close`: the address without it.
pub(crate) fn question(
    ui: Ui,
    shared: Shared,
    what: &str,
    dept: &Dept,
    below: usize,
    close: String,
) -> Option<AnyView> {
    match what {
        "disable" if ui.may(DEPT_ALTER) && dept.status == Status::Active => {
            Some(disable(ui, shared, dept, close))
        }
        "delete" if ui.may(DEPT_REMOVE) => Some(delete(ui, shared, dept, below, close)),
        _ => None,
    }
}

fn disable(ui: Ui, shared: Shared, dept: &Dept, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let then = close.clone();
    let form = Submit::new(ui, "set_dept_status", move |done| {
        ui.toast(t.dept_status(Status::Disabled, &done.name));
        go(&then);
        shared.changed();
    });
    let act = view! {
        <input type="hidden" name="id" value=dept.id.to_string() />
        <input type="hidden" name="status" value="1" />
        {submit(form, t.disable, "button danger-solid")}
    };
    let text = view! {
        <p>{t.disable_dept_text(dept.users)}</p>
        {alert(ui, form, &[])}
    };
    confirm(
        t.disable_of(&dept.name),
        text.into_any(),
        close,
        t.cancel,
        form.form("", "", act.into_any()),
    )
}

fn delete(ui: Ui, shared: Shared, dept: &Dept, below: usize, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let then = close.clone();
    let form = Submit::new(ui, "delete_dept", move |done| {
        ui.toast(t.deleted_of(&done.name));
        go(&then);
        shared.changed();
    });
    let empty = below == 0 && dept.users == 0;
    let what = if empty {
        t.delete_dept_text.to_owned()
    } else {
        t.dept_in_use(below, dept.users)
    };
    let text = view! {
        <p>{what}</p>
        {alert(ui, form, &[])}
    };
    let act = if empty {
        let act = view! {
            <input type="hidden" name="id" value=dept.id.to_string() />
            <input type="hidden" name="name" value=dept.name.clone() />
            {submit(form, t.delete_dept_button, "button danger-solid")}
        };
        form.form("", "", act.into_any())
    } else {
        ().into_any()
    };
    let heading = if empty {
        t.delete_of(&dept.name)
    } else {
        t.cannot_delete(&dept.name)
    };
    let leave = if empty { t.cancel } else { t.close };
    confirm(heading, text.into_any(), close, leave, act)
}
