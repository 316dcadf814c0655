//! The permission catalogue: area, thing, action, and over it the panels that show, add and change
//! a code.

mod panel;

pub(crate) use panel::{Create, Panel};

use super::branches::{
    self, Deleting, Page, Query, Shared, Subject, by, frame, name_field, outline,
};
use crate::calls::{Ask, read, show};
use crate::components::icon::{Icon, icon};
use crate::components::state::skeleton;
use crate::components::tree::{Cell, Editing, Row, Shape, Spot};
use crate::i18n::Texts;
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use menshen_domain::catalogue::{self, PERM_ALTER, ROLE_QUERY};
use menshen_domain::permission::{Granting, Listed};
use menshen_domain::role::{RoleRef, Status};
use menshen_domain::validate;

/// How many roles a row names.
const NAMED: usize = 3;

static PAGE: Page = Page {
    base: "/admin/permissions",
    // `kind`: `builtin` or `own`; anything else for both.
    says: &["q", "kind"],
    narrows: &["q", "kind"],
    class: "perms",
    title: |t| t.permissions,
    search: |t| t.search_permissions,
    new: |t| t.new_permission,
    edit: |t| t.permission,
    add: PERM_ALTER,
    alter: PERM_ALTER,
    remove: PERM_ALTER,
    menu: "perm-menu",
    standing: None,
};

fn lets(ui: Ui, query: &Query, code: &Listed) -> bool {
    let kind = match query.get("kind") {
        "builtin" => code.builtin,
        "own" => !code.builtin,
        _ => true,
    };
    let part = Some(query.get("q"));
    let group = ui.say(&catalogue::group_name(group_of(&code.code)));
    let guards = code.guards.join(" ");
    let texts: [&str; 6] = [
        &code.code,
        &code.name.zh,
        &code.name.en,
        &code.description,
        &group,
        &guards,
    ];
    kind && texts.into_iter().any(|text| validate::holds(text, part))
}

/// `area:thing` of a code.
fn group_of(code: &str) -> &str {
    code.rsplit_once(':').map_or(code, |(group, _)| group)
}

/// The tree.
#[component]
pub(crate) fn Permissions() -> impl IntoView {
    let ui = ui();
    let editing = Editing {
        move_fn: None,
        rename_fn: "update_permission",
        rename_key: "code",
        rename_field: name_field(ui),
    };
    let shared = Shared::new(&PAGE, editing, |_| Ask::of("list_catalogue", &[]));
    let Shared { query, list, .. } = shared;
    let filters = view! { {move || by_kind(ui, &query.get())} };
    let content = show(
        ui,
        list,
        move || skeleton(ui),
        move |all: Vec<Listed>| body(shared, all),
    );
    frame(shared, total, filters.into_any(), content)
}

fn total(t: &Texts, answer: &str) -> Option<String> {
    let all: Vec<Listed> = read(answer).ok()?;
    let own = all.iter().filter(|code| !code.builtin).count();
    Some(t.permissions_total(all.len(), own))
}

fn by_kind(ui: Ui, query: &Query) -> AnyView {
    let t = ui.t;
    let kinds = [("builtin", t.builtin), ("own", t.own_codes)]
        .map(|(code, name)| (code.to_owned(), name.to_owned()));
    by(ui, query, "filter-kind", "kind", t.origin, kinds.into())
}

/// Whether the caller may change a code.
fn free(ui: Ui, code: &Listed) -> bool {
    !code.builtin && ui.may(PERM_ALTER)
}

/// What a code is numbered in the tree. It goes by the code alone (FNV-1a): whatever is added or
/// filtered, what is being renamed, has the focus or is folded stays the same row.
fn number(code: &str) -> i64 {
    let hash = code.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::try_from(hash >> 2).unwrap_or_default() + 1
}

/// The codes as renaming in place sees them.
fn shape_of(ui: Ui, all: &[Listed]) -> Shape {
    let spot = |code: &Listed| Spot {
        id: number(&code.code),
        parent: None,
        name: ui.say(&code.name),
        free: free(ui, code),
        roomy: false,
    };
    Shape(all.iter().map(spot).collect())
}

fn subject(id: i64, code: &Listed) -> Subject {
    Subject {
        id,
        key: code.code.clone(),
        name: code.code.clone(),
        status: None,
        roomy: false,
    }
}

fn body(shared: Shared, all: Vec<Listed>) -> AnyView {
    let (ui, t) = (shared.ui, shared.ui.t);
    shared.tree.set_shape(shape_of(ui, &all));
    let all = StoredValue::new(all);
    let found = move |query: &Query| all.with_value(|all| rows(shared, query, all));
    let question = move |what: &str, whom: &str, close| {
        all.with_value(|all| {
            let code = all.iter().find(|code| code.code == whom)?;
            if what != "delete" || code.builtin {
                return None;
            }
            delete(shared, code, close)
        })
    };
    let columns = vec![t.guards, t.roles];
    outline(shared, columns, Box::new(found), Box::new(question))
}

/// The question before a code is removed from the catalogue. The roles that grant it don't get it
/// back: then it is typed first.
fn delete(shared: Shared, code: &Listed, close: String) -> Option<AnyView> {
    let t = shared.ui.t;
    let held = code.exact > 0;
    let text = if held {
        t.delete_permission_held(code.exact)
    } else {
        t.delete_permission_free.to_owned()
    };
    let fields = [("code", code.code.clone()), ("force", held.to_string())];
    let deleting = Deleting {
        endpoint: "delete_permission",
        fields: &fields,
        text,
        act: t.delete_permission_button,
        typed: held.then(|| code.code.clone()),
    };
    branches::delete(shared, &subject(0, code), Ok(deleting), close)
}

/// What codes are of, `area:thing`, and their rows.
type Thing = (String, Vec<Row>);

/// Areas, in them things, in them the codes that the query lets through.
fn rows(shared: Shared, query: &Query, all: &[Listed]) -> Vec<Row> {
    let ui = shared.ui;
    let mut areas: Vec<(String, Vec<Thing>)> = Vec::new();
    for code in all {
        if !lets(ui, query, code) {
            continue;
        }
        let group = group_of(&code.code);
        let area = group.split(':').next().unwrap_or(group);
        let row = code_row(shared, query, code);
        let here = match areas.iter().position(|(name, _)| name == area) {
            Some(here) => here,
            None => {
                areas.push((area.to_owned(), Vec::new()));
                areas.len() - 1
            }
        };
        let Some((_, things)) = areas.get_mut(here) else {
            continue;
        };
        match things.iter_mut().find(|(name, _)| name == group) {
            Some((_, codes)) => codes.push(row),
            None => things.push((group.to_owned(), vec![row])),
        }
    }
    areas
        .into_iter()
        .map(|(area, things)| {
            let below = things
                .into_iter()
                .map(|(group, codes)| {
                    let name = ui.say(&catalogue::group_name(&group));
                    branch_row(-number(&group), name, format!("{group}:*"), codes)
                })
                .collect();
            branch_row(
                -number(&area),
                area_name(ui, &area),
                format!("{area}:*:*"),
                below,
            )
        })
        .collect()
}

fn area_name(ui: Ui, area: &str) -> String {
    match area {
        "system" => ui.t.area_system.to_owned(),
        "monitor" => ui.t.area_monitor.to_owned(),
        other => other.to_owned(),
    }
}

fn branch_row(id: i64, name: String, pattern: String, below: Vec<Row>) -> Row {
    Row {
        id,
        key: String::new(),
        name,
        href: None,
        beside: view! { <code class="quiet">{pattern}</code> }.into_any(),
        cells: Vec::new(),
        menu: ().into_any(),
        free: false,
        inert: false,
        dim: false,
        below,
    }
}

fn code_row(shared: Shared, query: &Query, code: &Listed) -> Row {
    let (ui, t) = (shared.ui, shared.ui.t);
    let id = number(&code.code);
    let lock = code.builtin.then(|| {
        view! {
            <span class="quiet lock" title=t.builtin>
                {icon(Icon::Lock)}
                <span class="hidden">{t.builtin}</span>
            </span>
        }
        .into_any()
    });
    let about = (!code.description.is_empty())
        .then(|| view! { <span class="quiet cut">{code.description.clone()}</span> }.into_any());
    let beside = view! {
        <code class="quiet">{code.code.clone()}</code>
        {lock}
        {about}
    };
    let menu = if code.builtin {
        ().into_any()
    } else {
        branches::menu(shared, None, query, &subject(id, code))
    };
    Row {
        id,
        key: code.code.clone(),
        name: ui.say(&code.name),
        href: Some(query.at(&format!("/{}", code.code), "")),
        beside: beside.into_any(),
        cells: vec![
            Cell {
                label: t.guards,
                view: guards_in_short(ui, code),
            },
            Cell {
                label: t.roles,
                view: code.roles.as_ref().map(|roles| roles_in_short(ui, roles)),
            },
        ],
        menu,
        free: free(ui, code),
        inert: false,
        dim: false,
        below: Vec::new(),
    }
}

/// The first thing that a code guards, and how many more.
fn guards_in_short(ui: Ui, code: &Listed) -> Option<AnyView> {
    let first = code.guards.first()?.clone();
    let more = code.guards.len() - 1;
    let all = code.guards.join("\n");
    let more =
        (more > 0).then(|| view! { <span class="quiet">{ui.t.and_more(more)}</span> }.into_any());
    Some(
        view! {
            <span class="guards" title=all>
                <code class="cut">{first}</code>
                {more}
            </span>
        }
        .into_any(),
    )
}

/// Each role that grants a code once, by the code itself if it holds that.
fn distinct(roles: &[Granting]) -> Vec<&Granting> {
    let mut once: Vec<&Granting> = Vec::new();
    for granting in roles {
        match once.iter_mut().find(|g| g.role.id == granting.role.id) {
            Some(known) if known.pattern.contains('*') => *known = granting,
            Some(_) => {}
            None => once.push(granting),
        }
    }
    once
}

fn roles_in_short(ui: Ui, roles: &[Granting]) -> AnyView {
    let t = ui.t;
    let once = distinct(roles);
    if once.is_empty() {
        return view! { <span class="quiet">{t.no_role_grants}</span> }.into_any();
    }
    let more = once.len().saturating_sub(NAMED);
    let named: Vec<AnyView> = once
        .iter()
        .take(NAMED)
        .map(|granting| role_tag(ui, &granting.role, &granting.pattern))
        .collect();
    let more =
        (more > 0).then(|| view! { <span class="tag">{format!("+{more}")}</span> }.into_any());
    view! { <span class="tags">{named} {more}</span> }.into_any()
}

/// A role as a chip, leading to it.
fn role_tag(ui: Ui, role: &RoleRef, pattern: &str) -> AnyView {
    let off = role.status == Status::Disabled;
    let name = role.name.clone();
    let title = pattern.to_owned();
    if ui.may(ROLE_QUERY) {
        view! {
            <a class="tag" class:off=off href=format!("/admin/roles/{}", role.id) title=title>
                {name}
            </a>
        }
        .into_any()
    } else {
        view! {
            <span class="tag" class:off=off title=title>
                {name}
            </span>
        }
        .into_any()
    }
}

/// How many roles grant a code, in words.
fn granted_by(ui: Ui, roles: usize) -> String {
    let n = i64::try_from(roles).unwrap_or(i64::MAX);
    ui.t.roles_total(n, &count(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use menshen_domain::RoleId;

    fn granting(id: i64, pattern: &str) -> Granting {
        Granting {
            role: RoleRef {
                id: RoleId(id),
                name: String::new(),
                key: String::new(),
                status: Status::Active,
            },
            pattern: pattern.to_owned(),
        }
    }

    #[test]
    fn a_role_is_named_once_and_by_the_code_itself() {
        let all = [
            granting(1, "*:*:*"),
            granting(2, "a:*:*"),
            granting(2, "a:b:c"),
            granting(2, "a:b:*"),
        ];
        let told: Vec<(i64, &str)> = distinct(&all)
            .iter()
            .map(|g| (g.role.id.0, g.pattern.as_str()))
            .collect();
        assert_eq!(told, [(1, "*:*:*"), (2, "a:b:c")]);
    }

    #[test]
    fn every_code_has_a_number_of_its_own() {
        let codes = catalogue::CATALOGUE.iter().map(|entry| entry.code);
        let groups = codes.clone().map(group_of);
        let all: std::collections::BTreeSet<&str> = codes.chain(groups).collect();
        let numbers: std::collections::BTreeSet<i64> = all.iter().map(|c| number(c)).collect();
        assert_eq!(numbers.len(), all.len());
        assert!(numbers.iter().all(|n| *n > 0), "a branch has the negative");
    }

    #[test]
    fn a_group_is_what_stands_before_the_last_colon() {
        assert_eq!(group_of("system:user:list"), "system:user");
        assert_eq!(group_of("odd"), "odd");
    }
}
