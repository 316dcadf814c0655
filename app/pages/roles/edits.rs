//! What the editor of a role holds that is not saved yet.
//!
//! The browser holds what is typed. What it would send is read from the form after each change,
//! and compared with the role as it is saved.

use super::tree::Picked;
use crate::browser;
use crate::components::field::plain;
use crate::components::live::effect;
use crate::server_fns::roles::fields;
use crate::ui::Ui;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use menshen_domain::log;
use menshen_domain::role::Role;
use menshen_domain::scope::DataScope;
use std::collections::BTreeSet;
use web_sys::{FormData, HtmlFormElement};

/// How many items are new in a list, and how many are gone from it.
type Diff = (usize, usize);

/// What is other than it was, the permissions apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Other {
    /// The fields, by their names in the log.
    fields: Vec<&'static str>,
    scope: Option<DataScope>,
    depts: Diff,
    menus: Diff,
    /// A wildcard is written that is not among those that are ticked.
    more: bool,
}

/// What was changed of a role.
#[derive(Clone, Copy)]
pub(crate) struct Edits {
    ui: Ui,
    picked: Picked,
    role: StoredValue<Role>,
    other: RwSignal<Other>,
}

impl Edits {
    /// Of `role`, in whose permissions `picked` is ticked.
    pub(crate) fn new(ui: Ui, picked: Picked, role: Role) -> Self {
        let edits = Self {
            ui,
            picked,
            role: StoredValue::new(role),
            other: RwSignal::new(Other::default()),
        };
        // A form may be filled in before the page is awake; and adding a wildcard empties a field.
        effect(move || {
            picked.now.track();
            edits.look_soon();
        });
        edits
    }

    /// Reads what the form holds.
    pub(crate) fn look(self) {
        let form = browser::find("#role-form").and_then(|f| f.dyn_into::<HtmlFormElement>().ok());
        let Some(sent) = form.and_then(|form| FormData::new_with_form(&form).ok()) else {
            return;
        };
        let other = self.role.try_with_value(|role| read(role, &sent));
        if let Some(other) = other
            && self.other.try_with_untracked(|known| *known != other) == Some(true)
        {
            self.other.set(other);
        }
    }

    /// The same once the page is drawn, and its form reset.
    pub(crate) fn look_soon(self) {
        request_animation_frame(move || self.look());
    }

    /// How much was changed.
    pub(crate) fn count(self) -> usize {
        let sum = |(added, removed): Diff| added + removed;
        let other = self.other.with(|other| {
            let single = usize::from(other.scope.is_some()) + usize::from(other.more);
            single + other.fields.len() + sum(other.depts) + sum(other.menus)
        });
        other + sum(self.picked.diff())
    }

    /// Whether anything was changed.
    pub(crate) fn any(self) -> bool {
        self.count() > 0
    }

    /// All of it, line by line.
    pub(crate) fn list(self) -> AnyView {
        let view = move || {
            if !self.any() {
                return view! { <p class="quiet js-only">{self.ui.t.nothing_to_save}</p> }
                    .into_any();
            }
            let lines = self.other.with(|other| self.lines(other));
            view! { <ul class="diff">{lines}</ul> }.into_any()
        };
        view! { {move || view()} }.into_any()
    }

    fn lines(self, other: &Other) -> Vec<AnyView> {
        let ui = self.ui;
        let name = |field: &str| ui.say(&log::field(field));
        let lists = [
            ("permissions", self.picked.diff()),
            ("deptIds", other.depts),
            ("menuIds", other.menus),
        ];
        let mut lines: Vec<AnyView> = lists
            .into_iter()
            .filter(|(_, diff)| *diff != (0, 0))
            .map(|(field, diff)| line(name(field), diff))
            .collect();
        if other.more {
            lines.push(view! { <li>{ui.t.add_pattern}</li> }.into_any());
        }
        if let Some(scope) = other.scope {
            let was = self.role.with_value(|role| role.data_scope);
            let (was, is) = (ui.t.scope(was), ui.t.scope(scope));
            let text = format!("{}{}{was} → {is}", name("dataScope"), ui.t.colon());
            lines.push(view! { <li>{text}</li> }.into_any());
        }
        if !other.fields.is_empty() {
            let names: Vec<String> = other.fields.iter().map(|field| name(field)).collect();
            lines.push(view! { <li>{names.join(&ui.t.comma())}</li> }.into_any());
        }
        lines
    }
}

/// How a list changes, in two figures.
pub(crate) fn line(name: String, (added, removed): Diff) -> AnyView {
    let part = |class: &'static str, sign: char, n: usize| {
        (n > 0).then(|| view! { <b class=class>{format!("{sign}{n}")}</b> }.into_any())
    };
    view! {
        <li>
            <span>{name}</span>
            {part("added", '+', added)}
            {part("removed", '−', removed)}
        </li>
    }
    .into_any()
}

/// What the form would make of the role. What it does not send stays as it is.
fn read(role: &Role, sent: &FormData) -> Other {
    let text = |name: &str| sent.get(name).as_string();
    let changed = fields(role).into_iter().filter(|(name, _, was)| {
        *name != "data_scope" && text(name).is_some_and(|is| plain(&is) != plain(was))
    });
    let list = |flag: &str, name: &str, was: BTreeSet<i64>| {
        if text(flag).is_none() {
            return Diff::default();
        }
        let ids = sent.get_all(name);
        let is: BTreeSet<i64> = ids
            .iter()
            .filter_map(|id| id.as_string()?.parse().ok())
            .collect();
        (is.difference(&was).count(), was.difference(&is).count())
    };
    let scope = text("data_scope").and_then(|code| DataScope::from_code(&code));
    let depts = role.dept_ids.iter().map(|dept| dept.0).collect();
    let menus = role.menu_ids.iter().map(|menu| menu.0).collect();
    Other {
        fields: changed.map(|(_, name, _)| name).collect(),
        scope: scope.filter(|scope| *scope != role.data_scope),
        depts: list("depts", "dept_ids[]", depts),
        menus: list("menus", "menu_ids[]", menus),
        more: text("more").is_some_and(|more| !more.trim().is_empty()),
    }
}
