//! The panels that create and edit a menu.

use super::{Found, Shared, enable_form, enabling, find, new_below, shape_of};
use crate::calls::{Ask, Loaded, Submit, lacking, load, read, show, show_answer};
use crate::components::confirm::{navigator, panel};
use crate::components::field::{self, Field, alert, checkbox, submit};
use crate::components::icon::{Icon, icon};
use crate::components::live::memo;
use crate::components::state::skeleton;
use crate::components::tree::{choice, options};
use crate::components::{status, when};
use crate::pages::title;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use menshen_domain::catalogue::{MENU_ADD, MENU_ALTER, MENU_REMOVE};
use menshen_domain::menu::{Menu, MenuKind};
use menshen_domain::role::Status;
use menshen_domain::session::PermissionItem;
use menshen_domain::{Pattern, validate};

/// The fields whose errors stand beside them.
const FIELDS: &[&str] = &[
    "parentId",
    "menuType",
    "menuName",
    "nameEn",
    "path",
    "component",
    "icon",
    "permission",
    "orderNum",
    "visible",
];

/// The panel that makes one.
#[component]
pub(crate) fn Create() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let shared = expect_context::<Shared>();
    let query = use_query_map();
    let parent = query.with_untracked(|q| q.get_str("parent").unwrap_or("0").to_owned());
    let dirty = RwSignal::new(false);
    let codes = codes();
    let body = if ui.may(MENU_ADD) {
        show(
            ui,
            shared.list,
            move || skeleton(ui),
            move |found: Found| create(ui, shared, dirty, codes, &parent, &found),
        )
    } else {
        lacking(ui, MENU_ADD)
    };
    let heading = view! { <h2 id="panel-title">{t.new_menu}</h2> };
    view! {
        {title(t.new_menu)}
        {panel(ui, heading.into_any(), close(shared), dirty, body)}
    }
}

/// The catalogue, to choose a permission from.
fn codes() -> Loaded {
    load(|| (Ask::of("list_permissions", &[]), 0))
}

fn close(shared: Shared) -> Signal<String> {
    Signal::derive(move || shared.query.with(|q| q.at("", "")))
}

/// A number that puts a new one behind those that stand below `parent`.
fn next_sort(found: &Found, parent: &str) -> i64 {
    let all = found.tree.clone().into_nodes();
    let beside = all
        .iter()
        .filter(|m| m.parent_id.map_or(0, |p| p.0).to_string() == parent);
    beside.map(|m| m.sort + 10).max().unwrap_or(10)
}

fn create(
    ui: Ui,
    shared: Shared,
    dirty: RwSignal<bool>,
    codes: Loaded,
    parent: &str,
    found: &Found,
) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "create_menu", move |done| {
        dirty.try_set(false);
        ui.toast(t.menu_created(&done.name));
        go(&shared.here());
        shared.changed();
    });
    let of = |name: &str| {
        ui.sent("create_menu", name).unwrap_or_else(|| match name {
            "parent" => parent.to_owned(),
            "kind" => MenuKind::default().code().to_owned(),
            "visible" => "true".to_owned(),
            "sort" => next_sort(found, parent).to_string(),
            _ => String::new(),
        })
    };
    let parents = options(ui, &shape_of(ui, found), None);
    let fields = view! {
        <div class="section">
            {alert(ui, form, FIELDS)}
            {choice(
                ui,
                form,
                Field {
                    name: "parent",
                    key: "parentId",
                    label: t.stands_below,
                    value: of("parent"),
                    ..Field::default()
                },
                Signal::stored(parents),
                |_| (),
            )}
            {details(ui, form, codes, &of)}
            {checkbox(
                "disabled",
                "true".to_owned(),
                of("disabled") == "true",
                t.start_disabled_menu.to_owned(),
                ().into_any(),
            )}
        </div>
        <div class="panel-foot">
            {submit(form, t.create_menu, "button primary")}
            <a class="button" href=close(shared) data-noscroll="true">
                {t.cancel}
            </a>
        </div>
    };
    form.form_with(
        "create-menu",
        "",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    )
}

/// The fields that a new one and a changed one have in common.
fn details(ui: Ui, form: Submit, codes: Loaded, of: &dyn Fn(&str) -> String) -> AnyView {
    let t = ui.t;
    let text = |name: &'static str, key: &'static str, label: &'static str, max: usize| {
        Field {
            name,
            key,
            label,
            value: of(name),
            ..Field::default()
        }
        .checked(move |value| validate::text(key, value, 0, max).map(drop))
    };
    let kinds = [MenuKind::Dir, MenuKind::Page, MenuKind::Button]
        .map(|kind| (kind.code(), t.menu_kind(kind)))
        .to_vec();
    let shown = [("true", t.shown_menu), ("false", t.hidden_menu)]
        .map(|(code, name)| (code, name.to_owned()))
        .to_vec();
    view! {
        {field::select(
            ui,
            form,
            Field {
                name: "kind",
                key: "menuType",
                label: t.menu_type,
                value: of("kind"),
                hint: t.menu_type_hint,
                ..Field::default()
            },
            kinds,
        )}
        {field::input(
            ui,
            form,
            Field {
                required: true,
                first: true,
                ..text("name", "menuName", t.name_zh, 50)
            }
                .checked(|value| validate::text("menuName", value, 1, 50).map(drop)),
        )}
        {field::input(
            ui,
            form,
            Field {
                hint: t.name_en_hint,
                ..text("name_en", "nameEn", t.name_en, 50)
            },
        )}
        {field::input(
            ui,
            form,
            Field {
                code: true,
                hint: t.path_hint,
                ..text("path", "path", t.path, 200)
            },
        )}
        {field::input(
            ui,
            form,
            Field {
                code: true,
                ..text("component", "component", t.component, 200)
            },
        )}
        {field::input(
            ui,
            form,
            Field {
                code: true,
                list: "permission-codes",
                hint: t.menu_permission_hint,
                ..text("permission", "permission", t.permission, 100)
            }
                .checked(pattern),
        )}
        {show_answer(codes, || ().into_any(), move |answer| datalist(ui, answer))}
        <div class="pair">
            {field::input(
                ui,
                form,
                Field {
                    code: true,
                    ..text("icon", "icon", t.icon, 100)
                },
            )}
            {field::input(
                ui,
                form,
                Field {
                    name: "sort",
                    key: "orderNum",
                    label: t.sort,
                    kind: "number",
                    value: of("sort"),
                    required: true,
                    ..Field::default()
                },
            )}
        </div>
        {field::select(
            ui,
            form,
            Field {
                name: "visible",
                key: "visible",
                label: t.in_menus,
                value: of("visible"),
                ..Field::default()
            },
            shown,
        )}
    }
    .into_any()
}

fn pattern(value: &str) -> menshen_domain::Result<()> {
    if value.trim().is_empty() {
        return Ok(());
    }
    Pattern::parse(value).map(drop)
}

fn datalist(ui: Ui, answer: &str) -> AnyView {
    let items: Vec<PermissionItem> = read(answer).unwrap_or_default();
    let items: Vec<AnyView> = items
        .into_iter()
        .map(|item| view! { <option value=item.code>{ui.say(&item.name)}</option> }.into_any())
        .collect();
    view! { <datalist id="permission-codes">{items}</datalist> }.into_any()
}

/// The panel that edits one.
#[component]
pub(crate) fn Panel() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let shared = expect_context::<Shared>();
    let params = use_params_map();
    let dirty = RwSignal::new(false);
    let codes = codes();
    let id = memo(move || params.with(|p| p.get_str("id").unwrap_or("0").to_owned()));
    let menu = load(move || {
        // What is no number is no menu.
        let id = id.with(|id| id.parse::<i64>().unwrap_or_default());
        (
            Ask::of("get_menu", &[("id", &id.to_string())]),
            shared.version.get(),
        )
    });
    let plain = move || view! { <h2 id="panel-title">{t.edit_menu}</h2> }.into_any();
    let heading = show_answer(menu, plain, move |answer| {
        read::<Menu>(answer).map_or_else(|_| plain(), |menu| heading(ui, &menu))
    });
    let body = show(
        ui,
        menu,
        move || skeleton(ui),
        move |menu: Menu| sections(ui, shared, dirty, codes, &menu),
    );
    view! {
        {title(t.edit_menu)}
        {panel(ui, heading, close(shared), dirty, body)}
    }
}

fn heading(ui: Ui, menu: &Menu) -> AnyView {
    view! {
        <div class="panel-title">
            <h2 id="panel-title">{ui.say(&menu.name)}</h2>
            <p>{status(ui, menu.status)} <span>{ui.t.menu_kind(menu.kind)}</span></p>
        </div>
    }
    .into_any()
}

fn sections(ui: Ui, shared: Shared, dirty: RwSignal<bool>, codes: Loaded, menu: &Menu) -> AnyView {
    let form = if ui.may(MENU_ALTER) {
        edit(ui, shared, dirty, codes, menu)
    } else {
        read_only(ui, menu)
    };
    view! {
        {form}
        {facts(ui, shared, menu)}
        {actions(ui, shared, menu)}
    }
    .into_any()
}

fn field_of(menu: &Menu, name: &str) -> String {
    match name {
        "name" => menu.name.zh.clone().into_owned(),
        "name_en" => menu.name.en.clone().into_owned(),
        "kind" => menu.kind.code().to_owned(),
        "path" => menu.path.clone(),
        "component" => menu.component.clone(),
        "icon" => menu.icon.clone(),
        "permission" => menu.permission.clone().unwrap_or_default(),
        "sort" => menu.sort.to_string(),
        "visible" => menu.visible.to_string(),
        _ => String::new(),
    }
}

fn edit(ui: Ui, shared: Shared, dirty: RwSignal<bool>, codes: Loaded, menu: &Menu) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "update_menu", move |done| {
        dirty.try_set(false);
        ui.toast(t.saved_of(&done.name));
        go(&shared.here());
        shared.changed();
    });
    let of = |name: &str| {
        ui.sent("update_menu", name)
            .unwrap_or_else(|| field_of(menu, name))
    };
    let fields = view! {
        <div class="section">
            {alert(ui, form, FIELDS)}
            <input type="hidden" name="id" value=menu.id.to_string() />
            {details(ui, form, codes, &of)}
            <div class="section-foot">{submit(form, t.save, "button primary")}</div>
        </div>
    };
    form.form_with(
        "edit-menu",
        "",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    )
}

fn read_only(ui: Ui, menu: &Menu) -> AnyView {
    let t = ui.t;
    let items: Vec<AnyView> = [
        (t.name_zh, "name"),
        (t.name_en, "name_en"),
        (t.path, "path"),
        (t.component, "component"),
        (t.permission, "permission"),
        (t.icon, "icon"),
        (t.sort, "sort"),
    ]
    .into_iter()
    .map(|(label, name)| (label, field_of(menu, name)))
    .filter(|(_, value)| !value.is_empty())
    .map(|(label, value)| {
        view! {
            <dt>{label}</dt>
            <dd>{value}</dd>
        }
        .into_any()
    })
    .collect();
    view! {
        <section class="section">
            <h3>{t.menu}</h3>
            <dl class="facts">{items}</dl>
        </section>
    }
    .into_any()
}

fn facts(ui: Ui, shared: Shared, menu: &Menu) -> AnyView {
    let t = ui.t;
    let parent = menu.parent_id;
    let above = show_answer(
        shared.list,
        || ().into_any(),
        move |answer| {
            let found = read::<Found>(answer).ok();
            let name = found.zip(parent).and_then(|(found, parent)| {
                find(&found.tree.roots, parent.0).map(|menu| ui.say(&menu.name))
            });
            name.unwrap_or_else(|| t.at_the_top.to_owned()).into_any()
        },
    );
    view! {
        <section class="section">
            <h3>{t.facts}</h3>
            <dl class="facts">
                <dt>{t.stands_below}</dt>
                <dd>{above}</dd>
                <dt>{t.user_id}</dt>
                <dd>
                    <code>{menu.id.to_string()}</code>
                </dd>
                <dt>{t.created}</dt>
                <dd>{when(ui, menu.created_at)}</dd>
                <dt>{t.last_change}</dt>
                <dd>{when(ui, menu.updated_at.unwrap_or(menu.created_at))}</dd>
            </dl>
        </section>
    }
    .into_any()
}

fn actions(ui: Ui, shared: Shared, menu: &Menu) -> AnyView {
    let t = ui.t;
    let id = menu.id.0;
    let link = |sign: Icon, label: &'static str, ask: &'static str, class: &'static str| {
        let href = Signal::derive(move || shared.query.with(|q| q.at("", &format!("{ask}-{id}"))));
        view! {
            <a class=class href=href data-noscroll="true">
                {icon(sign)}
                {label}
            </a>
        }
        .into_any()
    };
    let mut items: Vec<AnyView> = Vec::new();
    if ui.may(MENU_ADD) && menu.kind != MenuKind::Button {
        let href = Signal::derive(move || shared.query.with(|q| new_below(q, id)));
        items.push(
            view! {
                <a class="button" href=href data-noscroll="true">
                    {icon(Icon::Plus)}
                    {t.new_below}
                </a>
            }
            .into_any(),
        );
    }
    if ui.may(MENU_ALTER) {
        items.push(link(Icon::Move, t.move_dots, "move", "button"));
        items.push(match menu.status {
            Status::Active => link(Icon::Ban, t.disable, "disable", "button"),
            Status::Disabled => enable_form(ui, enabling(ui, shared), id, "button"),
        });
    }
    if ui.may(MENU_REMOVE) {
        items.push(link(Icon::Trash, t.delete, "delete", "button danger"));
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
