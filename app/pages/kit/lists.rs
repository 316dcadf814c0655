//! What lists are made of.

use super::{HERE, Side, row};
use crate::components::copy::copyable;
use crate::components::icon::{Icon, icon};
use crate::components::list::{
    Choice, Paging, filter, menu_link, pager, pager_sized, pager_up_to, row_menu, search, sortable,
};
use crate::components::shell::stops;
use crate::components::table::plain;
use crate::components::tree::{Cell, Editing, Row, Tree, rename_item, tree};
use crate::components::{avatar, chart, status, when};
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::Timestamp;
use menshen_domain::role::Status;
use menshen_domain::session::Day;
use std::sync::Arc;

/// The entries of a row's menu.
fn entries(ui: Ui) -> Vec<AnyView> {
    let t = ui.t;
    vec![
        menu_link(Icon::Edit, t.edit, HERE.to_owned(), "menu-item"),
        menu_link(Icon::Ban, t.disable, HERE.to_owned(), "menu-item"),
        menu_link(Icon::Trash, t.delete, HERE.to_owned(), "menu-item danger"),
    ]
}

pub(super) fn menus(side: Side) -> AnyView {
    let label = side.ui.t.actions_for("lin.wei");
    row(vec![
        row_menu(own!(side, "menu").to_owned(), label, entries(side.ui)),
        view! { <div class="menu kit-still">{entries(side.ui)}</div> }.into_any(),
    ])
}

pub(super) fn filters(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let choice = |name: &str, set| Choice {
        name: name.to_owned(),
        href: HERE.to_owned(),
        set,
    };
    let both = |set| vec![choice(t.active, set), choice(t.disabled, false)];
    let here = || HERE.to_owned();
    let box_of = search(
        ui,
        HERE,
        t.search_users,
        Signal::derive(String::new),
        Signal::derive(Vec::new),
        Arc::new(|_: String| HERE.to_owned()),
    );
    view! {
        <div class="filters">
            {box_of} {filter(ui, own!(side, "filter-1"), t.role, here(), both(false))}
            {filter(ui, own!(side, "filter-2"), t.status, here(), both(true))}
        </div>
    }
    .into_any()
}

pub(super) fn tables(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let at = Timestamp(ui.now.get_untracked() - 7_200_000_000);
    let people = [
        ("林薇", "lin.wei", 1),
        ("Ada", "ada", 2),
        ("张伟", "zhang.wei", 3),
    ];
    let rows: Vec<AnyView> = people
        .into_iter()
        .map(|(name, login, id)| {
            let menu = format!("{}-{id}", own!(side, "row"));
            let standing = if id == 2 {
                Status::Disabled
            } else {
                Status::Active
            };
            view! {
                <tr>
                    <td>
                        <a class="who" href=HERE data-noscroll="true">
                            {avatar(name, "", id)}
                            <span>
                                <b>{name}</b>
                                <small class="code">{login}</small>
                            </span>
                        </a>
                    </td>
                    <td data-label=t.status>{status(ui, standing)}</td>
                    <td data-label=t.last_sign_in>{when(ui, at)}</td>
                    <td class="row-actions">{row_menu(menu, t.actions_for(name), entries(ui))}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let last = Paging {
        total: 120,
        more: false,
        page: 3,
        size: 50,
    };
    let key = view! {
        <tr>
            <td>{copyable(ui, "k-2026-03")}</td>
            <td data-label=t.status>
                <span class="state ok">{t.key_signing}</span>
            </td>
            <td class="row-actions">
                <button type="button" class="button small danger">
                    {t.revoke}
                </button>
            </td>
        </tr>
    };
    let plain = plain(ui, t.keys, &[t.key_id, t.status], vec![key.into_any()]);
    view! {
        <div class="stack">
        <div class="card table-card">
            <table class="table">
                <caption class="hidden">{t.users}</caption>
                <thead>
                    <tr>
                        {sortable(t.user, HERE.to_owned(), Some(false), None, ().into_any())}
                        {sortable(t.status, HERE.to_owned(), None, None, ().into_any())}
                        {sortable(t.last_sign_in, HERE.to_owned(), Some(true), None, ().into_any())} <th scope="col">
                            <span class="hidden">{t.actions}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {pager(ui, 1204, 2, &|_| HERE.to_owned())}
            {pager_up_to(ui, 10_000, true, 1, &|_| HERE.to_owned())}
            {pager_sized(ui, last, &|_, _| HERE.to_owned())}
        </div>
        {plain}
        </div>
    }
    .into_any()
}

/// As they stand on a page: there is one bar to a page, so these are drawn by hand.
pub(super) fn picks(side: Side) -> AnyView {
    let t = side.ui.t;
    let rows: Vec<AnyView> = [("lin.wei", true), ("ada", true), ("zhang.wei", false)]
        .into_iter()
        .map(|(name, picked)| {
            view! {
                <label class="check">
                    <input type="checkbox" class="pick" checked=picked autocomplete="off" />
                    <span>
                        <code>{name}</code>
                    </span>
                </label>
            }
            .into_any()
        })
        .collect();
    let act = |class: &'static str, sign: Icon, label: &'static str| {
        view! {
            <button type="button" class=class>
                {icon(sign)}
                {label}
            </button>
        }
        .into_any()
    };
    let actions = vec![
        act("button small", Icon::Check, t.enable),
        act("button small danger", Icon::Ban, t.disable),
    ];
    view! {
        <div class="stack">
            <div>
                <label class="check">
                    <input type="checkbox" class="pick" prop:indeterminate=true autocomplete="off" />
                    <span>{t.pick_all}</span>
                </label>
                {rows}
            </div>
            <div class="bulk-bar kit-still" role="group" aria-label=t.with_picked>
                <p>{t.picked(2)}</p>
                <div class="bulk-actions">{actions}</div>
                <button type="button" class="icon-button" aria-label=t.pick_none>
                    {icon(Icon::Close)}
                </button>
            </div>
        </div>
    }
    .into_any()
}

pub(super) fn navigation(side: Side) -> AnyView {
    let entries: Vec<AnyView> = stops(side.ui)
        .take(4)
        .zip([false, true, false, false])
        .map(|(page, here)| {
            view! {
                <li>
                    <a
                        class="nav"
                        href=HERE
                        aria-current=here.then_some("page")
                        data-noscroll="true"
                    >
                        {icon(page.sign)}
                        <span>{(page.label)(side.ui)}</span>
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ul class="kit-nav">{entries}</ul> }.into_any()
}

/// Which kind of row.
#[derive(Clone, Copy, PartialEq)]
enum How {
    Free,
    /// It is shown as what does not count.
    Dim,
    /// It is there for what is below it alone.
    Inert,
}

pub(super) fn forest(side: Side) -> AnyView {
    let t = side.ui.t;
    // Rows look as on a page. Nothing comes of moving them: the tree is told no shape to go by.
    let editing = Editing {
        move_fn: Some(""),
        rename_fn: "",
        rename_key: "id",
        rename_field: "name",
    };
    let state = Tree::new(side.ui, RwSignal::new(0), Some(editing));
    let node = |id, zh, en, how, below| node(side, state, id, side.say(zh, en), how, below);
    let rows = vec![
        node(
            1,
            "总公司",
            "Head office",
            How::Free,
            vec![
                node(
                    2,
                    "研发部",
                    "Engineering",
                    How::Free,
                    vec![node(3, "平台组", "Platform", How::Free, Vec::new())],
                ),
                node(4, "旧部门", "Former department", How::Dim, Vec::new()),
            ],
        ),
        node(
            5,
            "看不到的部门",
            "One out of reach",
            How::Inert,
            vec![node(
                6,
                "看得到的部门",
                "One within reach",
                How::Free,
                Vec::new(),
            )],
        ),
    ];
    tree(state, "kit-tree", t.departments, &[t.status], false, rows)
}

fn node(side: Side, state: Tree, id: i64, name: String, how: How, below: Vec<Row>) -> Row {
    let ui = side.ui;
    let t = ui.t;
    let tag = (id == 2).then(|| view! { <span class="tag">{t.builtin}</span> }.into_any());
    // The same row stands on both sides.
    let id = if side.dark { id + 100 } else { id };
    let menu = format!("kit-node-{id}");
    let standing = match how {
        How::Dim => Status::Disabled,
        How::Free | How::Inert => Status::Active,
    };
    let entries = vec![
        rename_item(state, id, menu.clone()),
        menu_link(Icon::Trash, t.delete, HERE.to_owned(), "menu-item danger"),
    ];
    let here = how != How::Inert;
    Row {
        id,
        key: id.to_string(),
        href: here.then(|| HERE.to_owned()),
        beside: tag.into_any(),
        cells: vec![Cell {
            label: t.status,
            view: here.then(|| status(ui, standing)),
        }],
        menu: here
            .then(|| row_menu(menu, t.actions_for(&name), entries))
            .into_any(),
        free: here,
        inert: !here,
        dim: how == How::Dim,
        below,
        name,
    }
}

pub(super) fn graph(side: Side) -> AnyView {
    let days: Vec<Day> = [31, 28, 35, 12, 9, 40, 44, 38, 36, 41, 13, 8, 39, 42]
        .into_iter()
        .zip(1..)
        .map(|(sign_ins, day): (i64, i64)| Day {
            date: format!("2026-03-{day:02}"),
            sign_ins,
            failures: sign_ins / 9 + day % 3,
        })
        .collect();
    let nothing: Vec<Day> = days
        .iter()
        .map(|day| Day {
            date: day.date.clone(),
            sign_ins: 0,
            failures: 0,
        })
        .collect();
    view! {
        <div class="stack">
            {chart::days(side.ui, own!(side, "chart"), &days)}
            {chart::days(side.ui, own!(side, "chart-none"), &nothing)}
        </div>
    }
    .into_any()
}
