//! The departments and the menus of a role, as trees of boxes in its editor.

use crate::calls::{Ask, Loaded, load, read, show_answer};
use crate::components::tree::{BoxTwig, boxes};
use crate::server_fns::menus::Menus;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::Tree;
use menshen_domain::catalogue::{DEPT_LIST, MENU_LIST};
use menshen_domain::dept::Shown;
use menshen_domain::menu::Menu;
use menshen_domain::tree::Branch;

/// What there is to choose from; nothing for who may not see it.
#[derive(Clone, Copy)]
pub(crate) struct Scopes {
    depts: Loaded,
    menus: Loaded,
}

impl Scopes {
    pub(crate) fn load(ui: Ui) -> Self {
        let ask = move |code: &str, endpoint: &'static str| {
            let ask = if ui.may(code) {
                Ask::of(endpoint, &[])
            } else {
                Ask::NOTHING
            };
            (ask, 0)
        };
        Self {
            depts: load(move || ask(DEPT_LIST, "list_depts")),
            menus: load(move || ask(MENU_LIST, "list_menus")),
        }
    }
}

/// The ids that a form which came back without JavaScript had ticked.
pub(crate) fn sent(ui: Ui, endpoint: &str, name: &str) -> Vec<i64> {
    let sent = ui.flash(endpoint, |f| {
        f.form
            .iter()
            .filter(|(key, _)| key == name)
            .filter_map(|(_, id)| id.parse().ok())
            .collect()
    });
    sent.unwrap_or_default()
}

/// The departments of a custom data scope; the style sheet shows them for that scope alone.
pub(crate) fn depts(ui: Ui, scopes: Scopes, held: Vec<i64>, fixed: bool) -> AnyView {
    let t = ui.t;
    show_answer(
        scopes.depts,
        || ().into_any(),
        move |answer| match read::<Tree<Shown>>(answer) {
            Ok(found) => {
                let twigs = dept_twigs(&found.roots);
                let label = t.chosen_departments;
                let list = boxes(ui, "dept_ids[]", label, &held, fixed, &twigs);
                let hint = t.chosen_departments_hint;
                card("depts", "scope-depts", label, hint, fixed, list)
            }
            Err(_) => ().into_any(),
        },
    )
}

/// The menus that the role shows.
pub(crate) fn menus(ui: Ui, scopes: Scopes, held: Vec<i64>, fixed: bool) -> AnyView {
    let t = ui.t;
    show_answer(
        scopes.menus,
        || ().into_any(),
        move |answer| match read::<Menus>(answer) {
            Ok(found) if !found.tree.roots.is_empty() => {
                let twigs = menu_twigs(ui, &found.tree.roots);
                let list = boxes(ui, "menu_ids[]", t.menus, &held, fixed, &twigs);
                card("menus", "", t.menus, t.role_menus_hint, fixed, list)
            }
            _ => ().into_any(),
        },
    )
}

/// The card around the boxes. `flag` tells the server that they were on the form: then no box
/// ticked means none.
fn card(
    flag: &'static str,
    class: &'static str,
    label: &'static str,
    hint: &'static str,
    fixed: bool,
    list: AnyView,
) -> AnyView {
    let flag =
        (!fixed).then(|| view! { <input type="hidden" name=flag value="true" /> }.into_any());
    view! {
        <section class=format!("card {class}")>
            <header class="tree-head">
                <h2>{label}</h2>
            </header>
            <div class="box-card">
                {flag} <p class="hint">{hint}</p> {list}
            </div>
        </section>
    }
    .into_any()
}

fn dept_twigs(branches: &[Branch<Shown>]) -> Vec<BoxTwig> {
    branches
        .iter()
        .map(|branch| BoxTwig {
            id: branch.node.dept.id.0,
            name: branch.node.dept.name.clone(),
            about: String::new(),
            fixed: !branch.node.in_scope,
            below: dept_twigs(&branch.children),
        })
        .collect()
}

fn menu_twigs(ui: Ui, branches: &[Branch<Menu>]) -> Vec<BoxTwig> {
    branches
        .iter()
        .map(|branch| BoxTwig {
            id: branch.node.id.0,
            name: ui.say(&branch.node.name),
            about: ui.t.menu_kind(branch.node.kind),
            fixed: false,
            below: menu_twigs(ui, &branch.children),
        })
        .collect()
}
