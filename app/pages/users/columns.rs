//! The columns of the list.

use super::{chips, standing};
use crate::boot::ColumnsOf;
use crate::components::table::{self, Column, Order};
use crate::components::when;
use crate::server_fns::users::UserQuery;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::user::User;

/// A column by its code.
pub(super) fn column(ui: Ui, code: &'static str) -> Column {
    let t = ui.t;
    match code {
        "roles" => Column::new(code, t.roles),
        "dept" => Column::new(code, t.department),
        "status" => Column::new(code, t.status),
        "phone" => Column::new(code, t.phone),
        "email" => Column::new(code, t.email),
        "login" => Column::new(code, t.last_sign_in).sorts("loginDate", true),
        _ => Column::new(code, t.created).sorts("createTime", true),
    }
}

/// The columns that were loaded.
pub(super) fn shown(ui: Ui, query: &UserQuery) -> Vec<Column> {
    table::shown(ui, ColumnsOf::Users, &query.columns, column)
}

/// The heads of the table; `all` stands before the first.
pub(super) fn heads(ui: Ui, query: &UserQuery, columns: &[Column], all: AnyView) -> AnyView {
    let order = Order {
        sort: &query.sort,
        order: &query.order,
        usual: ("userId", false),
        to: &|sort, order| {
            query.with(|q| {
                sort.clone_into(&mut q.sort);
                order.clone_into(&mut q.order);
            })
        },
    };
    let user = Column::new("user", ui.t.user).sorts("username", false);
    view! {
        {order.head(user, all)}
        {order.heads(columns)}
    }
    .into_any()
}

/// What a column tells of a user.
pub(super) fn cell(ui: Ui, column: &str, user: &User) -> AnyView {
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
