//! Departments as far as users need them: the filter of the list, and the field of a form.

use super::Shared;
use crate::calls::{Submit, read, show_answer};
use crate::components::field::{below, fault};
use crate::components::list::by_code;
use crate::server_fns::users::UserQuery;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::people::DeptOption;

/// A department's name, as far to the right as it is deep in the tree.
fn indented(dept: &DeptOption) -> String {
    format!("{}{}", "\u{2003}".repeat(dept.depth), dept.name)
}

/// The filter by department, with all below it.
pub(super) fn chip(ui: Ui, query: Memo<UserQuery>, depts: Vec<DeptOption>) -> AnyView {
    let ids: Vec<String> = depts.iter().map(|dept| dept.id.to_string()).collect();
    let view = move || {
        let query = query.get();
        if depts.is_empty() && query.dept.is_empty() {
            return ().into_any();
        }
        let codes: Vec<&str> = ids.iter().map(String::as_str).collect();
        // One that is gone, or out of sight, filters all the same.
        let name = |id: &str| {
            let found = ids.iter().zip(&depts).find(|(known, _)| *known == id);
            match found {
                Some((_, dept)) if query.dept == id => dept.name.clone(),
                Some((_, dept)) => indented(dept),
                None => format!("#{id}"),
            }
        };
        let to = |id: &str| query.with(|q| id.clone_into(&mut q.dept));
        let label = ui.t.department;
        by_code(ui, "filter-dept", label, &codes, &query.dept, &name, &to)
    };
    view! { {move || view()} }.into_any()
}

/// The options of a choice of departments; `held` is the one that is chosen.
fn options(depts: &[DeptOption], held: &str) -> Vec<AnyView> {
    depts
        .iter()
        .map(|dept| {
            let id = dept.id.to_string();
            let held = id == held;
            view! {
                <option value=id selected=held disabled=!dept.open && !held>
                    {indented(dept)}
                </option>
            }
            .into_any()
        })
        .collect()
}

/// The field of a form that a department is chosen in.
pub(super) fn field(ui: Ui, shared: Shared, form: Submit, held: String) -> AnyView {
    let t = ui.t;
    let fault = fault(ui, form, "deptId");
    let below = below("field-dept", "", fault);
    let choice = move |answer: &str| {
        let depts: Vec<DeptOption> = read(answer).unwrap_or_default();
        // One that is not among those to choose from stays what it is.
        let known = held.is_empty() || depts.iter().any(|d| d.id.to_string() == held);
        let kept = (!known).then(|| {
            let (id, name) = (held.clone(), format!("#{held}"));
            view! {
                <option value=id selected=true>
                    {name}
                </option>
            }
            .into_any()
        });
        view! {
            <select
                id="field-dept"
                class="input"
                name="dept"
                aria-invalid=move || fault.invalid()
                aria-describedby=move || fault.described("field-dept", false)
            >
                <option value="" selected=held.is_empty()>
                    {t.no_department}
                </option>
                {kept}
                {options(&depts, &held)}
            </select>
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label for="field-dept">
                {t.department} <span class="optional">{t.optional}</span>
            </label>
            {show_answer(shared.depts, || ().into_any(), choice)}
            {below}
        </div>
    }
    .into_any()
}

/// The choice of a department in a question, which belongs to the form `form`.
pub(super) fn choice(ui: Ui, shared: Shared, form: &'static str) -> AnyView {
    let t = ui.t;
    view! {
        <div class="field">
            <label for="bulk-dept">{t.department}</label>
            {show_answer(
                shared.depts,
                || ().into_any(),
                move |answer| {
                    let depts: Vec<DeptOption> = read(answer).unwrap_or_default();
                    view! {
                        <select id="bulk-dept" class="input" name="dept" form=form>
                            <option value="">{t.no_department}</option>
                            {options(&depts, "")}
                        </select>
                    }
                        .into_any()
                },
            )}
        </div>
    }
    .into_any()
}
