//! The permission catalogue: area, thing, action, and over it the panels that show, add and change
//! a code.

mod ask;
mod panel;

pub(crate) use panel::{Create, Panel};

use crate::calls::{Ask, Loaded, load, read, show, show_answer};
use crate::components::icon::{Icon, icon};
use crate::components::list::{Choice, address, filter, menu_link, row_menu, search};
use crate::components::live::memo;
use crate::components::state::{empty, skeleton};
use crate::components::tree::{self, Cell, Row};
use crate::pages::{head, title};
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_query_map};
use leptos_router::params::ParamsMap;
use menshen_domain::catalogue::{self, PERM_ALTER, ROLE_QUERY};
use menshen_domain::permission::{Granting, Listed};
use menshen_domain::role::{RoleRef, Status};
use menshen_domain::validate;
use std::sync::Arc;

/// How many roles a row names.
const NAMED: usize = 3;

/// What the address says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Query {
    /// What is searched for.
    q: String,
    /// `builtin` or `own`; anything else for both.
    kind: String,
}

impl Query {
    fn read(params: &ParamsMap) -> Self {
        let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
        Self {
            q: text("q"),
            kind: text("kind"),
        }
    }

    /// An address of this page that says the same.
    fn at(&self, rest: &str, ask: &str) -> String {
        address(
            &format!("/admin/permissions{rest}"),
            &[("q", &self.q), ("kind", &self.kind), ("ask", ask)],
        )
    }

    fn filtered(&self) -> bool {
        !(self.q.is_empty() && self.kind.is_empty())
    }

    fn lets(&self, ui: Ui, code: &Listed) -> bool {
        let kind = match self.kind.as_str() {
            "builtin" => code.builtin,
            "own" => !code.builtin,
            _ => true,
        };
        let part = Some(self.q.as_str());
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
}

/// What the tree and its panels share.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    query: Memo<Query>,
    /// Counts changes, so that the tree is loaded again after each.
    version: RwSignal<u32>,
    list: Loaded,
}

impl Shared {
    fn changed(self) {
        self.version.try_update(|v| *v += 1);
    }

    fn here(self) -> String {
        self.query.with_untracked(|q| q.at("", ""))
    }
}

/// `area:thing` of a code.
fn group_of(code: &str) -> &str {
    code.rsplit_once(':').map_or(code, |(group, _)| group)
}

/// The tree.
#[component]
pub(crate) fn Permissions() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_query_map();
    let path = use_location().pathname;
    let query = memo(move || params.with(Query::read));
    let version = RwSignal::new(0_u32);
    let list = load(move || (Ask::of("list_catalogue", &[]), version.get()));
    let shared = Shared {
        query,
        version,
        list,
    };
    provide_context(shared);
    let asked = memo(move || {
        let here = path.with(|p| p == "/admin/permissions");
        params
            .with(|p| {
                let code = p.get_str("ask")?.strip_prefix("delete-")?;
                Some(code.to_owned())
            })
            .filter(|_| here)
    });
    let tree = tree::Tree::new(ui, version, None);
    let total = show_answer(
        list,
        || "\u{a0}".into_any(),
        move |answer| match read::<Vec<Listed>>(answer) {
            Ok(all) => {
                let own = all.iter().filter(|code| !code.builtin).count();
                t.permissions_total(all.len(), own).into_any()
            }
            Err(_) => "\u{a0}".into_any(),
        },
    );
    let actions = ui.may(PERM_ALTER).then(|| {
        view! {
            <a class="button primary" href="/admin/permissions/new" data-new="">
                {icon(Icon::Plus)}
                {t.new_permission}
            </a>
        }
        .into_any()
    });
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let keep = Signal::derive(move || vec![("kind", query.with(|q| q.kind.clone()))]);
    let to = move |q: String| {
        Query {
            q,
            ..query.get_untracked()
        }
        .at("", "")
    };
    view! {
        {title(t.permissions)}
        {head(t.permissions.into_any(), total, actions.into_any())}
        <div class="filters">
            {search(ui, "/admin/permissions", t.search_permissions, text, keep, Arc::new(to))}
            {move || by_kind(ui, &query.get())}
        </div>
        {show(
            ui,
            list,
            move || skeleton(ui),
            move |all: Vec<Listed>| body(ui, shared, tree, asked, all),
        )}
        <Outlet />
    }
}

fn by_kind(ui: Ui, query: &Query) -> AnyView {
    let t = ui.t;
    let to = |kind: &str| {
        Query {
            kind: kind.to_owned(),
            ..query.clone()
        }
        .at("", "")
    };
    let choice = |code: &str, name: &str| Choice {
        name: name.to_owned(),
        href: to(code),
        set: query.kind == code,
    };
    filter(
        ui,
        "filter-kind",
        t.origin,
        to(""),
        vec![choice("builtin", t.builtin), choice("own", t.own_codes)],
    )
}

fn body(
    ui: Ui,
    shared: Shared,
    tree: tree::Tree,
    asked: Memo<Option<String>>,
    all: Vec<Listed>,
) -> AnyView {
    let t = ui.t;
    let all = StoredValue::new(all);
    let rows = move || {
        let query = shared.query.get();
        let rows = all.with_value(|all| rows(ui, &query, all));
        if rows.is_empty() {
            let link = view! {
                <a class="button" href="/admin/permissions">
                    {t.clear_filters}
                </a>
            };
            let text = t.nothing_found_text;
            return empty(Icon::Search, t.nothing_found, text, link.into_any());
        }
        let columns = [t.guards, t.roles];
        tree::tree(
            tree,
            "perms",
            t.permissions,
            &columns,
            query.filtered(),
            rows,
        )
    };
    let question = move || {
        let code = asked.get()?;
        all.with_value(|all| {
            let code = all.iter().find(|listed| listed.code == code)?;
            ask::question(ui, shared, code, shared.here())
        })
    };
    view! {
        {move || rows()}
        {move || question()}
    }
    .into_any()
}

/// What codes are of, `area:thing`, and their rows.
type Thing = (String, Vec<Row>);

/// Areas, in them things, in them the codes that the query lets through.
fn rows(ui: Ui, query: &Query, all: &[Listed]) -> Vec<Row> {
    let mut areas: Vec<(String, Vec<Thing>)> = Vec::new();
    for (at, code) in (1_i64..).zip(all) {
        if !query.lets(ui, code) {
            continue;
        }
        let group = group_of(&code.code);
        let area = group.split(':').next().unwrap_or(group);
        let row = code_row(ui, query, at, code);
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
    // Branches are numbered downwards from -1, so that no code has the same number. The number
    // of a name stays as it is whatever is filtered, or the wrong branch would be folded.
    let number = |group: &str| {
        let first = all.iter().position(|code| {
            code.code
                .strip_prefix(group)
                .is_some_and(|rest| rest.starts_with(':'))
        });
        let first = first.and_then(|at| i64::try_from(at).ok()).unwrap_or(0);
        let deep = i64::from(group.contains(':'));
        -(first * 2 + deep + 1)
    };
    areas
        .into_iter()
        .map(|(area, things)| {
            let below = things
                .into_iter()
                .map(|(group, codes)| {
                    let name = ui.say(&catalogue::group_name(&group));
                    branch_row(number(&group), name, format!("{group}:*"), codes)
                })
                .collect();
            branch_row(
                number(&area),
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

fn code_row(ui: Ui, query: &Query, id: i64, code: &Listed) -> Row {
    let t = ui.t;
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
    Row {
        id,
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
        menu: menu(ui, query, code),
        free: false,
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

fn menu(ui: Ui, query: &Query, code: &Listed) -> AnyView {
    let t = ui.t;
    if code.builtin || !ui.may(PERM_ALTER) {
        return ().into_any();
    }
    let popover = format!("perm-menu-{}", code.code.replace(':', "-"));
    let items = vec![
        menu_link(
            Icon::Edit,
            t.edit,
            query.at(&format!("/{}", code.code), ""),
            "menu-item",
        ),
        menu_link(
            Icon::Trash,
            t.delete,
            query.at("", &format!("delete-{}", code.code)),
            "menu-item danger",
        ),
    ];
    row_menu(popover, t.actions_for(&code.code), items)
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
    fn a_group_is_what_stands_before_the_last_colon() {
        assert_eq!(group_of("system:user:list"), "system:user");
        assert_eq!(group_of("odd"), "odd");
    }
}
