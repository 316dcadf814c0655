//! The columns of the list: which there are, and the choice of those that are shown.

use super::{chips, standing};
use crate::boot::{COLUMNS, columns};
use crate::browser;
use crate::components::icon::{Icon, icon};
use crate::components::list::sortable;
use crate::components::live::on;
use crate::components::when;
use crate::server_fns::users::UserQuery;
use crate::ui::Ui;
use leptos::ev::Event;
use leptos::prelude::*;
use menshen_domain::user::User;

fn label(ui: Ui, column: &str) -> &'static str {
    let t = ui.t;
    match column {
        "roles" => t.roles,
        "dept" => t.department,
        "status" => t.status,
        "phone" => t.phone,
        "email" => t.email,
        "login" => t.last_sign_in,
        _ => t.created,
    }
}

/// The address that sorts by `code`, and how the list is sorted by it now; a list that was not
/// sorted by it is sorted downwards at first if it `descends`.
pub(super) fn order(
    query: &UserQuery,
    code: &'static str,
    descends: bool,
) -> (String, Option<bool>) {
    let state = (query.sort == code).then_some(query.order == "desc");
    let descending = state.map_or(descends, |now| !now);
    let href = UserQuery {
        sort: code.to_owned(),
        order: if descending { "desc" } else { "" }.to_owned(),
        ..query.first_page()
    }
    .url();
    (href, state)
}

/// The heads of the columns that are shown.
pub(super) fn heads(ui: Ui, query: &UserQuery) -> Vec<AnyView> {
    let shown = COLUMNS.into_iter().filter(|column| query.shows(column));
    shown
        .map(|column| {
            let label = label(ui, column);
            let sort = match column {
                "login" => "loginDate",
                "created" => "createTime",
                _ => return view! { <th scope="col">{label}</th> }.into_any(),
            };
            let (href, state) = order(query, sort, true);
            sortable(label, href, state)
        })
        .collect()
}

/// The cells of a user in the columns that are shown.
pub(super) fn cells(ui: Ui, query: &UserQuery, user: &User) -> Vec<AnyView> {
    let shown = COLUMNS.into_iter().filter(|column| query.shows(column));
    shown
        .map(|column| {
            view! { <td data-label=label(ui, column)>{cell(ui, column, user)}</td> }.into_any()
        })
        .collect()
}

fn cell(ui: Ui, column: &str, user: &User) -> AnyView {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned()).into_any();
    match column {
        "roles" => view! { <span class="tags">{chips(ui, user)}</span> }.into_any(),
        "dept" => text(&user.dept_name),
        "status" => standing(ui, user),
        "phone" => text(&user.phone),
        "email" => text(&user.email),
        "login" => match user.login_at {
            Some(at) => when(ui, at),
            None => view! { <span class="quiet">{ui.t.never}</span> }.into_any(),
        },
        _ => when(ui, user.created_at),
    }
}

/// The button that opens the choice of columns. Without JavaScript it is a form; with it the list
/// follows each box at once.
pub(super) fn choice(ui: Ui) -> AnyView {
    let t = ui.t;
    let here = crate::components::look::here();
    let boxes: Vec<AnyView> = COLUMNS
        .into_iter()
        .map(|column| {
            let shown = move || ui.columns.with(|all| all.split('.').any(|c| c == column));
            view! {
                <label class="menu-item">
                    <input
                        type="checkbox"
                        name="columns[]"
                        value=column
                        checked=untrack(shown)
                        autocomplete="off"
                        on:change=on(move |event: Event| set(ui, column, event_target_checked(&event)))
                    />
                    {label(ui, column)}
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <button type="button" class="chip columns" popovertarget="columns-menu">
            {icon(Icon::Columns)}
            {t.columns}
        </button>
        <div id="columns-menu" class="menu" popover="auto">
            <form method="post" action="/admin/fn/set_columns" aria-label=t.columns>
                <input type="hidden" name="back" value=here />
                {boxes}
                <button type="submit" class="button small wide no-js">
                    {t.apply}
                </button>
            </form>
        </div>
    }
    .into_any()
}

/// Shows or hides a column, and remembers it.
fn set(ui: Ui, column: &'static str, shown: bool) {
    let mut chosen: Vec<String> = ui
        .columns
        .with_untracked(|all| all.split('.').map(str::to_owned).collect());
    chosen.retain(|c| c != column);
    if shown {
        chosen.push(column.to_owned());
    }
    let kept = columns(&chosen);
    browser::remember("menshen_cols_users", &kept);
    ui.columns.set(kept);
}
