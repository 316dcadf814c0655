//! What the pages of departments, menus and permissions have in common: a tree that is searched
//! and filtered, the questions about what stands in it, and over it the panels that make and
//! change one.

use crate::calls::{Ask, Loaded, Submit, lacking, load, show_answer};
use crate::components::confirm::{self, Question, navigator, panel};
use crate::components::facts::{code, facts};
use crate::components::field::{Field, submit};
use crate::components::icon::{Icon, icon};
use crate::components::list::{Choice, address, enable_form, filter, menu_link, row_menu, search};
use crate::components::live::memo;
use crate::components::state::empty;
use crate::components::tree::{self, Cell, Editing, Row, Shape, choice, options, rename_item};
use crate::components::when;
use crate::i18n::Texts;
use crate::pages::{head, title};
use crate::server_fns::{Done, saved};
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use menshen_domain::role::Status;
use menshen_domain::tree::Branch;
use menshen_domain::{Lang, Timestamp};
use std::sync::Arc;

/// One of the texts.
type Told = fn(&Texts) -> &'static str;

/// What is always so of such a page.
pub(crate) struct Page {
    /// Its address.
    pub base: &'static str,
    /// What its address says: `q`, what is searched for, and the filters.
    pub says: &'static [&'static str],
    /// Those of them that leave something out of the tree.
    pub narrows: &'static [&'static str],
    /// The class of its tree.
    pub class: &'static str,
    pub title: Told,
    pub search: Told,
    /// What makes another.
    pub new: Told,
    /// The permissions to make, change and delete one.
    pub add: &'static str,
    pub alter: &'static str,
    pub remove: &'static str,
    /// What the ids of its rows' menus begin with.
    pub menu: &'static str,
    pub standing: Option<Standing>,
    pub edit: Told,
}

/// How something is enabled and disabled.
pub(crate) struct Standing {
    /// The server function: it takes `id` and `status`.
    pub endpoint: &'static str,
    /// What is said when it is done.
    pub told: fn(&Texts, Status, &str) -> String,
    /// The same of what was disabled.
    pub disabled: fn(&Texts, &str) -> String,
}

/// What the address says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    base: &'static str,
    said: Vec<(&'static str, String)>,
}

impl Query {
    fn read(page: &Page, params: &ParamsMap) -> Self {
        let text = |name: &str| params.get_str(name).unwrap_or_default().trim().to_owned();
        Self {
            base: page.base,
            said: page.says.iter().map(|name| (*name, text(name))).collect(),
        }
    }

    /// What it says of `name`; nothing is empty.
    pub(crate) fn get(&self, name: &str) -> &str {
        let said = self.said.iter().find(|(known, _)| *known == name);
        said.map_or("", |(_, value)| value)
    }

    /// Whether it says something of one of these.
    pub(crate) fn says(&self, names: &[&str]) -> bool {
        names.iter().any(|name| !self.get(name).is_empty())
    }

    /// An address of this page that says the same, but for `name`.
    fn but(&self, name: &str, value: &str) -> String {
        let mut other = self.clone();
        for (known, said) in &mut other.said {
            if *known == name {
                value.clone_into(said);
            }
        }
        other.at("", "")
    }

    /// An address of this page that says the same, and `more`.
    fn and(&self, rest: &str, more: (&str, &str)) -> String {
        let said = self
            .said
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let pairs: Vec<(&str, &str)> = said.chain([more]).collect();
        address(&format!("{}{rest}", self.base), &pairs)
    }

    /// An address of this page that says the same.
    pub(crate) fn at(&self, rest: &str, ask: &str) -> String {
        self.and(rest, ("ask", ask))
    }

    /// The address of the panel that makes one below `id`.
    fn new_below(&self, id: i64) -> String {
        self.and("/new", ("parent", &id.to_string()))
    }
}

/// What the tree and its panels share.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    pub ui: Ui,
    page: &'static Page,
    pub query: Memo<Query>,
    /// What is asked before something is done, and of whom.
    asked: Memo<Option<(String, String)>>,
    /// Counts changes, so that the tree is loaded again after each.
    version: RwSignal<u32>,
    pub list: Loaded,
    pub tree: tree::Tree,
}

impl Shared {
    /// What a page shares whose tree is what `question` is answered; `editing` for who may change
    /// it.
    pub(crate) fn new(page: &'static Page, editing: Editing, question: fn(&Query) -> Ask) -> Self {
        let ui = ui();
        let params = use_query_map();
        let path = use_location().pathname;
        let query = memo(move || params.with(|p| Query::read(page, p)));
        let asked = memo(move || {
            let here = path.with(|p| p == page.base);
            let asked = params.with(|p| {
                let (what, whom) = p.get_str("ask")?.split_once('-')?;
                Some((what.to_owned(), whom.to_owned()))
            });
            asked.filter(|_| here)
        });
        let version = RwSignal::new(0_u32);
        let shared = Self {
            ui,
            page,
            query,
            asked,
            version,
            list: load(move || (query.with(question), version.get())),
            tree: tree::Tree::new(ui, version, ui.may(page.alter).then_some(editing)),
        };
        provide_context(shared);
        shared
    }

    fn changed(self) {
        self.version.try_update(|v| *v += 1);
    }

    fn here(self) -> String {
        self.query.with_untracked(|q| q.at("", ""))
    }

    /// A link to an address that follows what is searched for.
    fn link(self, to: impl Fn(&Query) -> String + Send + Sync + 'static) -> Signal<String> {
        Signal::derive(move || self.query.with(&to))
    }

    fn close(self) -> Signal<String> {
        self.link(|q| q.at("", ""))
    }

    /// The one that the address names, of what `endpoint` tells.
    pub(crate) fn one(self, endpoint: &'static str) -> Loaded {
        let params = use_params_map();
        load(move || {
            // What is no number is nothing's id.
            let id = params.with(|p| p.get_str("id").and_then(|id| id.parse::<i64>().ok()));
            let id = id.unwrap_or_default().to_string();
            (Ask::of(endpoint, &[("id", &id)]), self.version.get())
        })
    }
}

/// The page. `told` reads from the answer what there is to know at a glance.
pub(crate) fn frame(
    shared: Shared,
    told: fn(&Texts, &str) -> Option<String>,
    filters: AnyView,
    content: AnyView,
) -> AnyView {
    let Shared {
        ui, page, query, ..
    } = shared;
    let name = (page.title)(ui.t);
    let total = show_answer(
        shared.list,
        || "\u{a0}".into_any(),
        move |answer| {
            told(ui.t, answer)
                .unwrap_or_else(|| "\u{a0}".to_owned())
                .into_any()
        },
    );
    let text = Signal::derive(move || query.with(|q| q.get("q").to_owned()));
    let keep = Signal::derive(move || {
        let mut said = query.get().said;
        said.retain(|(name, _)| *name != "q");
        said
    });
    let to = move |text: String| query.with_untracked(|query| query.but("q", &text));
    view! {
        {title(name)}
        {head(name.into_any(), total, new_button(shared).into_any())}
        <div class="filters">
            {search(ui, page.base, (page.search)(ui.t), text, keep, Arc::new(to))}
            {filters}
        </div>
        {content}
        <Outlet />
    }
    .into_any()
}

/// Leads to the panel that makes one, for who may.
pub(crate) fn new_button(shared: Shared) -> Option<AnyView> {
    let Shared { ui, page, .. } = shared;
    ui.may(page.add).then(|| {
        view! {
            <a class="button primary" href=format!("{}/new", page.base) data-new="">
                {icon(Icon::Plus)}
                {(page.new)(ui.t)}
            </a>
        }
        .into_any()
    })
}

/// A filter by what the address says of `name`: codes and what they are called.
pub(crate) fn by(
    ui: Ui,
    query: &Query,
    id: &'static str,
    name: &'static str,
    label: &'static str,
    choices: Vec<(String, String)>,
) -> AnyView {
    let choices = choices.into_iter().map(|(code, text)| Choice {
        href: query.but(name, &code),
        set: query.get(name) == code,
        name: text,
    });
    filter(ui, id, label, query.but(name, ""), choices.collect())
}

/// A filter by status.
pub(crate) fn by_status(ui: Ui, query: &Query) -> AnyView {
    let t = ui.t;
    let states = [(Status::Active, t.active), (Status::Disabled, t.disabled)]
        .map(|(status, name)| (status.code().to_owned(), name.to_owned()));
    by(
        ui,
        query,
        "filter-status",
        "status",
        t.status,
        states.into(),
    )
}

/// The rows that are found.
type Rows = Box<dyn Fn(&Query) -> Vec<Row> + Send + Sync>;
/// What is asked of whom, and the address without it.
type Asking = Box<dyn Fn(&str, &str, String) -> Option<AnyView> + Send + Sync>;
/// A part of a view that is made of an answer; none when there is nothing to tell.
type Part<T> = Box<dyn Fn(&str) -> Option<T> + Send + Sync>;

/// What a search finds in a tree.
pub(crate) struct Find<'a, T> {
    pub found: &'a dyn Fn(&T) -> bool,
    pub row: &'a dyn Fn(&T, Vec<Row>) -> Row,
    /// What is below a finding is shown with it. What a filter finds stands alone.
    pub deep: bool,
}

impl<T> Find<'_, T> {
    /// The rows that are found, with what leads there; `whole`: all of them.
    pub(crate) fn rows(&self, branches: &[Branch<T>], whole: bool) -> Vec<Row> {
        branches
            .iter()
            .filter(|branch| whole || self.leads(branch))
            .map(|branch| {
                let whole = whole || (self.deep && (self.found)(&branch.node));
                (self.row)(&branch.node, self.rows(&branch.children, whole))
            })
            .collect()
    }

    fn leads(&self, branch: &Branch<T>) -> bool {
        (self.found)(&branch.node) || branch.children.iter().any(|b| self.leads(b))
    }
}

/// The tree, and over it the question that is asked.
pub(crate) fn outline(
    shared: Shared,
    columns: Vec<&'static str>,
    rows: Rows,
    question: Asking,
) -> AnyView {
    let Shared {
        ui, page, query, ..
    } = shared;
    let t = ui.t;
    let all = move || {
        let query = query.get();
        let rows = rows(&query);
        if rows.is_empty() {
            let link = view! {
                <a class="button" href=page.base>
                    {t.clear_filters}
                </a>
            };
            let text = t.nothing_found_text;
            return empty(Icon::Search, t.nothing_found, text, link.into_any());
        }
        let open = query.says(page.narrows);
        tree::tree(
            shared.tree,
            page.class,
            (page.title)(t),
            &columns,
            open,
            rows,
        )
    };
    let asked = move || {
        let (what, whom) = shared.asked.get()?;
        let close = shared.here();
        if what == "move" {
            return tree::question(shared.tree, whom.parse().ok()?, close);
        }
        question(&what, &whom, close)
    };
    view! {
        {move || all()}
        {move || asked()}
    }
    .into_any()
}

/// A column that shows what machines read.
pub(crate) fn code_cell(label: &'static str, text: Option<&str>) -> Cell {
    let view = text.filter(|text| !text.is_empty()).map(|text| {
        let text = text.to_owned();
        view! {
            <code class="cut" title=text.clone()>
                {text.clone()}
            </code>
        }
        .into_any()
    });
    Cell { label, view }
}

/// What stands in the tree, as its menu and the questions about it know it.
pub(crate) struct Subject {
    /// Its number in the tree.
    pub id: i64,
    /// What names it in addresses.
    pub key: String,
    pub name: String,
    /// None where there is no such thing.
    pub status: Option<Status>,
    /// Others can be made below it.
    pub roomy: bool,
}

impl Subject {
    fn asking(&self, what: &str) -> String {
        format!("{what}-{}", self.key)
    }

    fn menu(&self, page: &Page) -> String {
        format!("{}-{}", page.menu, self.key.replace(':', "-"))
    }
}

/// The form that enables one: the same for every row.
pub(crate) fn enabling(shared: Shared) -> Option<Submit> {
    let ui = shared.ui;
    let standing = shared.page.standing.as_ref()?;
    let form = Submit::new(ui, standing.endpoint, move |done| {
        let text = (standing.told)(ui.t, Status::Active, &done.name);
        ui.toast_done(text, done.undo);
        shared.changed();
    });
    Some(form.refused(move |error| ui.toast_error(error)))
}

/// The menu of a row. `enable`: see [`enabling`].
pub(crate) fn menu(
    shared: Shared,
    enable: Option<Submit>,
    query: &Query,
    subject: &Subject,
) -> AnyView {
    let Shared { ui, page, tree, .. } = shared;
    let t = ui.t;
    let id = subject.id;
    let popover = subject.menu(page);
    let ask = |what: &str| query.at("", &subject.asking(what));
    let item = |sign, label, href| menu_link(sign, label, href, "menu-item");
    let mut items = Vec::new();
    if subject.roomy && ui.may(page.add) {
        items.push(item(Icon::Plus, t.new_below, query.new_below(id)));
    }
    if ui.may(page.alter) {
        let href = query.at(&format!("/{}", subject.key), "");
        items.push(item(Icon::Edit, t.edit, href));
        items.push(rename_item(tree, id, popover.clone()));
        if tree.moves() {
            items.push(item(Icon::Move, t.move_dots, ask("move")));
        }
        items.extend(match subject.status {
            Some(Status::Active) => Some(item(Icon::Ban, t.disable, ask("disable"))),
            Some(Status::Disabled) => {
                enable.map(|form| enable_form(ui, form, id, popover.clone(), "menu-item"))
            }
            None => None,
        });
    }
    if ui.may(page.remove) {
        let class = "menu-item danger";
        items.push(menu_link(Icon::Trash, t.delete, ask("delete"), class));
    }
    if items.is_empty() {
        return ().into_any();
    }
    row_menu(popover, t.actions_for(&subject.name), items)
}

/// The same at the end of a panel.
pub(crate) fn actions(shared: Shared, subject: &Subject) -> AnyView {
    let Shared { ui, page, tree, .. } = shared;
    let t = ui.t;
    let id = subject.id;
    let button = |sign: Icon, label: &'static str, href: Signal<String>, class: &'static str| {
        view! {
            <a class=class href=href data-noscroll="true">
                {icon(sign)}
                {label}
            </a>
        }
        .into_any()
    };
    let ask = |what: &str| {
        let ask = subject.asking(what);
        shared.link(move |q| q.at("", &ask))
    };
    let mut items: Vec<AnyView> = Vec::new();
    if subject.roomy && ui.may(page.add) {
        let href = shared.link(move |q| q.new_below(id));
        items.push(button(Icon::Plus, t.new_below, href, "button"));
    }
    if ui.may(page.alter) {
        if tree.moves() {
            items.push(button(Icon::Move, t.move_dots, ask("move"), "button"));
        }
        items.extend(match subject.status {
            Some(Status::Active) => Some(button(Icon::Ban, t.disable, ask("disable"), "button")),
            Some(Status::Disabled) => {
                enabling(shared).map(|form| enable_form(ui, form, id, subject.menu(page), "button"))
            }
            None => None,
        });
    }
    if ui.may(page.remove) {
        items.push(button(
            Icon::Trash,
            t.delete,
            ask("delete"),
            "button danger",
        ));
    }
    if items.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="section">
            <h3>{t.actions}</h3>
            <div class="button-row">{items}</div>
        </section>
    }
    .into_any()
}

/// The question before one is disabled, if it can be; `text` says what comes of it.
pub(crate) fn disable(
    shared: Shared,
    subject: &Subject,
    text: String,
    close: String,
) -> Option<AnyView> {
    let ui = shared.ui;
    let standing = shared.page.standing.as_ref()?;
    if subject.status != Some(Status::Active) || !ui.may(shared.page.alter) {
        return None;
    }
    let question = Question {
        title: ui.t.disable_of(&subject.name),
        text,
        then: close.clone(),
        close,
        endpoint: standing.endpoint,
        fields: &[("id", subject.key.clone()), ("status", "1".to_owned())],
        typed: None,
        act: ui.t.disable,
        told: standing.disabled,
    };
    Some(confirm::ask(ui, shared.version, question))
}

/// What deleting one is about.
pub(crate) struct Deleting<'a> {
    pub endpoint: &'static str,
    pub fields: &'a [(&'static str, String)],
    /// What comes of it.
    pub text: String,
    /// What the button says.
    pub act: &'static str,
    /// What has to be typed first.
    pub typed: Option<String>,
}

/// The question before one is deleted, by who may; why it can't be, if that is known.
pub(crate) fn delete(
    shared: Shared,
    subject: &Subject,
    deleting: Result<Deleting<'_>, String>,
    close: String,
) -> Option<AnyView> {
    let (ui, t) = (shared.ui, shared.ui.t);
    if !ui.may(shared.page.remove) {
        return None;
    }
    let view = match deleting {
        Ok(deleting) => {
            let question = Question {
                title: t.delete_of(&subject.name),
                text: deleting.text,
                then: close.clone(),
                close,
                endpoint: deleting.endpoint,
                fields: deleting.fields,
                typed: deleting.typed,
                act: deleting.act,
                told: |t, name| t.deleted_of(name),
            };
            confirm::ask(ui, shared.version, question)
        }
        Err(why) => confirm::refuse(ui, t.cannot_delete(&subject.name), why, close),
    };
    Some(view)
}

/// The panel that makes one, for who may.
pub(crate) fn create_panel(
    shared: Shared,
    body: Box<dyn FnOnce(RwSignal<bool>) -> AnyView>,
) -> AnyView {
    let Shared { ui, page, .. } = shared;
    let name = (page.new)(ui.t);
    let dirty = RwSignal::new(false);
    let body = if ui.may(page.add) {
        body(dirty)
    } else {
        lacking(ui, page.add)
    };
    let heading = view! { <h2 id="panel-title">{name}</h2> };
    view! {
        {title(name)}
        {panel(ui, heading.into_any(), shared.close(), dirty, body)}
    }
    .into_any()
}

/// The panel of one of them. `heading` makes its head of the answer of `source`.
pub(crate) fn edit_panel(
    shared: Shared,
    dirty: RwSignal<bool>,
    source: Loaded,
    heading: Part<AnyView>,
    body: AnyView,
) -> AnyView {
    let Shared { ui, page, .. } = shared;
    let name = (page.edit)(ui.t);
    let plain = move || view! { <h2 id="panel-title">{name}</h2> }.into_any();
    let heading = show_answer(source, plain, move |answer| {
        heading(answer).unwrap_or_else(plain)
    });
    view! {
        {title(name)}
        {panel(ui, heading, shared.close(), dirty, body)}
    }
    .into_any()
}

/// The head of such a panel.
pub(crate) fn heading(name: String, below: AnyView) -> AnyView {
    view! {
        <div class="panel-title">
            <h2 id="panel-title">{name}</h2>
            <p>{below}</p>
        </div>
    }
    .into_any()
}

/// What is said once one was changed.
pub(crate) fn changed(ui: Ui, done: &Done) -> String {
    saved(ui.t, &|text| ui.say(text), done)
}

/// The form of a panel, which goes back to the tree once it is saved. `told`: what is said then.
pub(crate) fn saving(
    shared: Shared,
    dirty: RwSignal<bool>,
    endpoint: &'static str,
    told: fn(Ui, &Done) -> String,
) -> Submit {
    let ui = shared.ui;
    let go = navigator();
    Submit::new(ui, endpoint, move |done| {
        dirty.try_set(false);
        ui.toast_done(told(ui, &done), done.undo);
        go(&shared.here());
        shared.changed();
    })
}

/// Such a form that makes one.
pub(crate) fn create_form(
    shared: Shared,
    dirty: RwSignal<bool>,
    form: Submit,
    id: &'static str,
    act: &'static str,
    fields: AnyView,
) -> AnyView {
    let fields = view! {
        <div class="section">{fields}</div>
        <div class="panel-foot">
            {submit(form, act, "button primary")}
            <a class="button" href=shared.close() data-noscroll="true">
                {shared.ui.t.cancel}
            </a>
        </div>
    };
    watched(dirty, form, id, fields.into_any())
}

/// Such a form that changes one.
pub(crate) fn edit_form(
    ui: Ui,
    dirty: RwSignal<bool>,
    form: Submit,
    id: &'static str,
    fields: AnyView,
) -> AnyView {
    let fields = view! {
        <div class="section">
            {fields} <div class="section-foot">{submit(form, ui.t.save, "button primary")}</div>
        </div>
    };
    watched(dirty, form, id, fields.into_any())
}

fn watched(dirty: RwSignal<bool>, form: Submit, id: &'static str, fields: AnyView) -> AnyView {
    let typed = Box::new(move || dirty.set(true));
    form.form_with(id, "", Some(typed), None, fields)
}

/// The field that says what something new is to stand below.
pub(crate) fn parent_field(ui: Ui, form: Submit, shape: &Shape, value: String) -> AnyView {
    let field = Field {
        name: "parent",
        key: "parentId",
        label: ui.t.stands_below,
        value,
        ..Field::default()
    };
    choice(
        ui,
        form,
        field,
        Signal::stored(options(ui, shape, None)),
        |_| (),
    )
}

/// A number that puts a new one behind those that stand below `parent`. `all`: whom each stands
/// below, and its number.
pub(crate) fn next_sort(all: impl Iterator<Item = (Option<i64>, i64)>, parent: &str) -> String {
    let beside = all.filter(|(above, _)| above.unwrap_or_default().to_string() == parent);
    let last = beside.map(|(_, sort)| sort + 10).max();
    last.unwrap_or(10).to_string()
}

/// What a form says under `name`.
pub(crate) fn value_of(
    fields: impl IntoIterator<Item = (&'static str, String)>,
    name: &str,
) -> String {
    let found = fields.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value).unwrap_or_default()
}

/// The field that a name in two languages is renamed by: that of the language it is read in.
pub(crate) fn name_field(ui: Ui) -> &'static str {
    match ui.lang {
        Lang::Zh => "name",
        Lang::En => "name_en",
    }
}

/// What is known of one beside what can be changed. `above` reads the name of what it stands below
/// from the answer that the tree is made of, if it stands below something.
pub(crate) fn facts_of(
    shared: Shared,
    above: Part<String>,
    id: i64,
    path: Option<String>,
    created: Timestamp,
    updated: Option<Timestamp>,
) -> AnyView {
    let ui = shared.ui;
    let t = ui.t;
    let above = show_answer(
        shared.list,
        || ().into_any(),
        move |answer| {
            above(answer)
                .unwrap_or_else(|| t.at_the_top.to_owned())
                .into_any()
        },
    );
    let mut items = vec![
        (t.stands_below, above),
        (t.user_id, code(ui, id.to_string())),
    ];
    items.extend(path.map(|path| (t.path_of_ids, code(ui, path))));
    items.push((t.created, when(ui, created)));
    items.push((t.last_change, when(ui, updated.unwrap_or(created))));
    facts(t.facts, items)
}
