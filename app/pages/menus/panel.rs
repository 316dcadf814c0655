//! The panels that create and edit a menu.

use super::{Found, find, shape_of, subject};
use crate::calls::{Ask, Loaded, Submit, load, read, show, show_answer};
use crate::components::facts::given;
use crate::components::field::{self, Field, alert, checkbox};
use crate::components::state::skeleton;
use crate::components::status;
use crate::pages::branches::{
    self, Shared, create_form, create_panel, edit_form, edit_panel, facts_of, next_sort,
    parent_field, saving, value_of,
};
use crate::server_fns::menus::fields;
use crate::ui::Ui;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use menshen_domain::catalogue::MENU_ALTER;
use menshen_domain::menu::{Menu, MenuKind};
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
    let shared = expect_context::<Shared>();
    let Shared { ui, list, .. } = shared;
    let query = use_query_map();
    let parent = query.with_untracked(|q| q.get_str("parent").unwrap_or("0").to_owned());
    let codes = codes();
    let body = move |dirty| {
        show(
            ui,
            list,
            move || skeleton(ui),
            move |found: Found| create(shared, dirty, codes, &parent, &found),
        )
    };
    create_panel(shared, Box::new(body))
}

/// The catalogue, to choose a permission from.
fn codes() -> Loaded {
    load(|| (Ask::of("list_permissions", &[]), 0))
}

fn create(
    shared: Shared,
    dirty: RwSignal<bool>,
    codes: Loaded,
    parent: &str,
    found: &Found,
) -> AnyView {
    let (ui, t) = (shared.ui, shared.ui.t);
    let form = saving(shared, dirty, "create_menu", |ui, done| {
        ui.t.menu_created(&done.name)
    });
    let of = |name: &str| {
        ui.sent("create_menu", name).unwrap_or_else(|| match name {
            "parent" => parent.to_owned(),
            "kind" => MenuKind::default().code().to_owned(),
            "visible" => "true".to_owned(),
            "sort" => {
                let all = found.tree.nodes().into_iter();
                next_sort(all.map(|m| (m.parent_id.map(|p| p.0), m.sort)), parent)
            }
            _ => String::new(),
        })
    };
    let fields = view! {
        {alert(ui, form, FIELDS)}
        {parent_field(ui, form, &shape_of(ui, found), of("parent"))}
        {details(ui, form, codes, &of)}
        {checkbox(
            "disabled",
            "true".to_owned(),
            of("disabled") == "true",
            t.start_disabled_menu.to_owned(),
            ().into_any(),
        )}
    };
    let fields = fields.into_any();
    create_form(shared, dirty, form, "create-menu", t.create_menu, fields)
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
    let shared = expect_context::<Shared>();
    let ui = shared.ui;
    let dirty = RwSignal::new(false);
    let codes = codes();
    let menu = shared.one("get_menu");
    let heading = move |answer: &str| {
        let menu: Menu = read(answer).ok()?;
        let below = view! { {status(ui, menu.status)} <span>{ui.t.menu_kind(menu.kind)}</span> };
        Some(branches::heading(ui.say(&menu.name), below.into_any()))
    };
    let body = show(
        ui,
        menu,
        move || skeleton(ui),
        move |menu: Menu| sections(shared, dirty, codes, &menu),
    );
    edit_panel(shared, dirty, menu, Box::new(heading), body)
}

fn sections(shared: Shared, dirty: RwSignal<bool>, codes: Loaded, menu: &Menu) -> AnyView {
    let ui = shared.ui;
    let form = if ui.may(MENU_ALTER) {
        edit(shared, dirty, codes, menu)
    } else {
        read_only(ui, menu)
    };
    let parent = menu.parent_id;
    let above = move |answer: &str| {
        let found: Found = read(answer).ok()?;
        find(&found, parent?.0).map(|menu| ui.say(&menu.name))
    };
    view! {
        {form}
        {facts_of(
            shared,
            Box::new(above),
            menu.id.0,
            None,
            menu.created_at,
            menu.updated_at,
        )}
        {branches::actions(shared, &subject(ui, menu))}
    }
    .into_any()
}

fn edit(shared: Shared, dirty: RwSignal<bool>, codes: Loaded, menu: &Menu) -> AnyView {
    let ui = shared.ui;
    let form = saving(shared, dirty, "update_menu", branches::changed);
    let of = |name: &str| {
        ui.sent("update_menu", name)
            .unwrap_or_else(|| value_of(fields(menu), name))
    };
    let fields = view! {
        {alert(ui, form, FIELDS)}
        <input type="hidden" name="id" value=menu.id.to_string() />
        {details(ui, form, codes, &of)}
    };
    edit_form(ui, dirty, form, "edit-menu", fields.into_any())
}

fn read_only(ui: Ui, menu: &Menu) -> AnyView {
    let t = ui.t;
    let items = [
        (t.name_zh, "name"),
        (t.name_en, "name_en"),
        (t.path, "path"),
        (t.component, "component"),
        (t.permission, "permission"),
        (t.icon, "icon"),
        (t.sort, "sort"),
    ];
    let of = |(label, name)| (label, value_of(fields(menu), name));
    given(t.menu, items.map(of).into())
}
