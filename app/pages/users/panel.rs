//! A user: the tabs of the panel, each with its own address; and the first of them, the record.

use super::{Shared, access, ask, chips, dept, enabling, history, security, standing};
use crate::calls::{Ask, Loaded, Submit, load, read, show, show_answer};
use crate::components::confirm::{navigator, panel};
use crate::components::copy::copyable;
use crate::components::facts::given;
use crate::components::field::{self, Field, alert, checkbox, submit};
use crate::components::icon::{Icon, icon};
use crate::components::list::enable_form;
use crate::components::live::{memo, unless};
use crate::components::person::{Person, person};
use crate::components::state::{loaded, skeleton};
use crate::components::{avatar, when};
use crate::pages::title;
use crate::server_fns::users::saved;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use menshen_domain::catalogue::{
    LOG_LOGIN, LOG_OPERATION, SESSION_LIST, USER_ALTER, USER_BIND, USER_REMOVE, USER_RESET,
};
use menshen_domain::role::Status;
use menshen_domain::session::RoleOption;
use menshen_domain::user::User;
use menshen_domain::{Timestamp, user, validate};
use serde::de::DeserializeOwned;

/// The fields whose errors stand beside them.
const FIELDS: &[&str] = &[
    "username", "nickname", "phone", "email", "sex", "deptId", "remark",
];

/// What the parts of the panel share.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    pub shared: Shared,
    /// Which tab is open; empty for the first.
    pub tab: Memo<String>,
    /// The question that the address asks; empty without one.
    pub asked: Memo<String>,
    pub dirty: RwSignal<bool>,
    pub permissions: Loaded,
    pub sessions: Loaded,
    pub factors: Loaded,
    pub history: Loaded,
}

/// The panel.
#[component]
pub(crate) fn Panel() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let shared = expect_context::<Shared>();
    let params = use_params_map();
    let query = use_query_map();
    let dirty = RwSignal::new(false);
    let id = memo(move || {
        params.with(|p| {
            p.get_str("id")
                .and_then(|id| id.parse::<i64>().ok())
                .unwrap_or_default()
        })
    });
    let of = |name: &'static str| {
        memo(move || query.with(|q| q.get_str(name).unwrap_or_default().to_owned()))
    };
    let (tab, asked) = (of("tab"), of("ask"));
    // Not underneath what is being typed.
    let version = unless(dirty.into(), shared.version.into());
    let user = load(move || {
        (
            Ask::of("get_user", &[("id", &id.get().to_string())]),
            version.get(),
        )
    });
    // What a tab shows is asked for when it is open.
    let of_tab = |name: &'static str, endpoint: &'static str, may: bool| {
        load(move || {
            let ask = if may && tab.get() == name {
                Ask::of(endpoint, &[("id", &id.get().to_string())])
            } else {
                Ask::NOTHING
            };
            (ask, shared.version.get())
        })
    };
    let parts = Parts {
        shared,
        tab,
        asked,
        dirty,
        permissions: of_tab("access", "user_permissions", true),
        sessions: of_tab("security", "user_sessions", ui.may(SESSION_LIST)),
        factors: of_tab("security", "user_factors", true),
        history: of_tab("history", "user_history", true),
    };
    let close = Signal::derive(move || shared.query.get().url());
    let plain = move || view! { <h2 id="panel-title">{t.edit_user}</h2> }.into_any();
    let heading = show_answer(user, plain, move |answer| {
        read::<User>(answer).map_or_else(|_| plain(), |user| heading(ui, &user))
    });
    let body = show(
        ui,
        user,
        move || skeleton(ui),
        move |user| sections(ui, parts, user),
    );
    view! {
        {title(t.edit_user)}
        {panel(ui, heading, close, dirty, body)}
    }
}

/// Shows what a tab has loaded, once it is the open one.
pub(super) fn show_tab<T: DeserializeOwned>(
    ui: Ui,
    source: Loaded,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    show_answer(
        source,
        move || skeleton(ui),
        move |answer| {
            if answer == "+null" {
                skeleton(ui)
            } else {
                loaded(ui, read(answer), &view)
            }
        },
    )
}

fn heading(ui: Ui, user: &User) -> AnyView {
    view! {
        {avatar(user.display_name(), &user.avatar, user.id.0)}
        <div class="panel-title">
            <h2 id="panel-title">{user.display_name().to_owned()}</h2>
            <p>
                <code>{user.username.clone()}</code>
                {standing(ui, user)}
            </p>
        </div>
    }
    .into_any()
}

fn sections(ui: Ui, parts: Parts, user: User) -> AnyView {
    let id = user.id.0;
    let shared = parts.shared;
    let held = StoredValue::new(user);
    let question = move || {
        let what = parts.asked.get();
        held.with_value(|user| {
            let tab = parts.tab.get_untracked();
            let close = shared.query.get_untracked().tab(id, &tab, "");
            ask::question(ui, shared, &what, user, close)
        })
    };
    let open = move || {
        held.with_value(|user| match parts.tab.get().as_str() {
            "access" => access::tab(ui, parts, user),
            "security" => security::tab(ui, parts, user),
            "history" => history::tab(ui, parts, user),
            _ => record(ui, parts, user),
        })
    };
    view! {
        {tabs(ui, parts, id)}
        {move || open()}
        {move || question()}
    }
    .into_any()
}

fn tabs(ui: Ui, parts: Parts, id: i64) -> AnyView {
    let t = ui.t;
    let logs = ui.may(LOG_OPERATION) || ui.may(LOG_LOGIN);
    let all = [
        ("", t.profile_section, true),
        ("access", t.tab_access, true),
        ("security", t.tab_security, true),
        ("history", t.tab_history, logs),
    ];
    let links: Vec<AnyView> = all
        .into_iter()
        .filter(|(.., there)| *there)
        .map(|(code, label, _)| {
            let href = move || parts.shared.query.get().tab(id, code, "");
            let known = ["access", "security", "history"];
            let current = move || {
                parts.tab.with(|tab| {
                    let open = if known.contains(&tab.as_str()) {
                        tab
                    } else {
                        ""
                    };
                    (open == code).then_some("page")
                })
            };
            view! {
                <a href=href aria-current=current data-noscroll="true">
                    {label}
                </a>
            }
            .into_any()
        })
        .collect();
    view! {
        <nav class="tabs" aria-label=t.tabs>
            {links}
        </nav>
    }
    .into_any()
}

/// The first tab.
fn record(ui: Ui, parts: Parts, user: &User) -> AnyView {
    let own = ui
        .me
        .with_untracked(|me| me.as_ref().is_some_and(|me| me.id == user.id));
    view! {
        {edit(ui, parts, user)}
        {facts(ui, user)}
        {(!own).then(|| danger(ui, parts.shared, user))}
    }
    .into_any()
}

/// The fields of a person, the same for a new one. `value` tells what each holds.
pub(crate) fn profile(
    ui: Ui,
    shared: Shared,
    form: Submit,
    value: &dyn Fn(&str) -> String,
) -> AnyView {
    let t = ui.t;
    view! {
        {person(
            ui,
            form,
            &Person {
                value: &|name| value(name),
                own: false,
                hints: ["", ""],
            },
        )}
        {dept::field(ui, shared, form, value("dept"))}
        {field::textarea(
            ui,
            form,
            Field {
                name: "remark",
                key: "remark",
                label: t.remark,
                value: value("remark"),
                ..Field::default()
            }
                .checked(|value| validate::lines("remark", value, 0, 500).map(drop)),
        )}
    }
    .into_any()
}

fn field_of(user: &User, name: &str) -> String {
    match name {
        "username" => user.username.clone(),
        "nickname" => user.nickname.clone(),
        "phone" => user.phone.clone().unwrap_or_default(),
        "email" => user.email.clone().unwrap_or_default(),
        "sex" => user.sex.clone(),
        "dept" => user.dept_id.map_or_else(String::new, |d| d.to_string()),
        "remark" => user.remark.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn edit(ui: Ui, parts: Parts, user: &User) -> AnyView {
    let t = ui.t;
    let Parts { shared, dirty, .. } = parts;
    if !ui.may(USER_ALTER) {
        return read_only(ui, user);
    }
    let go = navigator();
    let form = Submit::new(ui, "update_user", move |done| {
        dirty.try_set(false);
        let told = saved(t, &|text| ui.say(text), &done);
        ui.toast_done(told, done.undo);
        go(&shared.query.get_untracked().url());
        shared.changed();
    });
    // A form that was refused without JavaScript comes back as it was sent.
    let of = |name: &str| {
        ui.sent("update_user", name)
            .unwrap_or_else(|| field_of(user, name))
    };
    let fields = view! {
        <fieldset class="section">
            <legend>{t.profile_section}</legend>
            {alert(ui, form, FIELDS)}
            <input type="hidden" name="id" value=user.id.to_string() />
            {field::input(
                ui,
                form,
                Field {
                    name: "username",
                    key: "username",
                    label: t.username,
                    value: of("username"),
                    required: true,
                    code: true,
                    ..Field::default()
                }
                    .checked(|value| validate::username(value).map(drop)),
            )}
            {profile(ui, shared, form, &of)}
            <div class="section-foot">{submit(form, t.save, "button primary")}</div>
        </fieldset>
    };
    form.form_with(
        "edit-user",
        "",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    )
}

fn read_only(ui: Ui, user: &user::User) -> AnyView {
    let t = ui.t;
    let items = vec![
        (t.username, field_of(user, "username")),
        (t.nickname, field_of(user, "nickname")),
        (t.phone, field_of(user, "phone")),
        (t.email, field_of(user, "email")),
        (t.department, user.dept_name.clone().unwrap_or_default()),
        (t.remark, field_of(user, "remark")),
    ];
    given(t.profile_section, items)
}

/// A box for each role; those in `held`, by their ids, are ticked.
pub(crate) fn role_boxes(ui: Ui, options: Vec<RoleOption>, held: &[String]) -> AnyView {
    if options.is_empty() {
        return view! { <p class="hint">{ui.t.no_roles}</p> }.into_any();
    }
    let boxes: Vec<AnyView> = options
        .into_iter()
        .map(|role| {
            let id = role.id.to_string();
            let ticked = held.contains(&id);
            checkbox(
                "role_ids[]",
                id,
                ticked,
                role.name,
                view! { <code>{role.key}</code> }.into_any(),
            )
        })
        .collect();
    view! { <div class="checks">{boxes}</div> }.into_any()
}

/// The roles that a user holds, to be changed by who may.
pub(super) fn roles(ui: Ui, parts: Parts, user: &User) -> AnyView {
    let t = ui.t;
    let Parts { shared, dirty, .. } = parts;
    if !ui.may(USER_BIND) {
        return view! {
            <section class="section">
                <h3>{t.roles}</h3>
                <p class="tags">{chips(ui, user)}</p>
            </section>
        }
        .into_any();
    }
    let form = Submit::new(ui, "bind_roles", move |done| {
        dirty.try_set(false);
        let (added, removed) = done.roles;
        ui.toast_done(t.roles_saved(&done.name, added, removed), done.undo);
        shared.changed();
    });
    // A form that was refused without JavaScript comes back as it was sent.
    let id = user.id.to_string();
    let held: Vec<String> = ui
        .sent_all("bind_roles", "role_ids[]")
        .filter(|_| ui.sent("bind_roles", "id").as_ref() == Some(&id))
        .unwrap_or_else(|| user.roles.iter().map(|r| r.id.to_string()).collect());
    let fields = view! {
        <fieldset class="section">
            <legend>{t.roles}</legend>
            {alert(ui, form, &[])}
            <input type="hidden" name="id" value=id />
            {show(
                ui,
                shared.roles,
                || ().into_any(),
                // Without the boxes there is nothing to save.
                move |options| {
                    view! {
                        {role_boxes(ui, options, &held)}
                        <div class="section-foot">
                            {submit(form, t.save_roles, "button primary")}
                        </div>
                    }
                    .into_any()
                },
            )}
        </fieldset>
    };
    form.form_with(
        "bind-roles",
        "",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    )
}

fn facts(ui: Ui, user: &User) -> AnyView {
    let t = ui.t;
    let moment = |at: Option<Timestamp>| match at {
        Some(at) => when(ui, at),
        None => view! { <span class="quiet">{t.never}</span> }.into_any(),
    };
    view! {
        <section class="section">
            <h3>{t.facts}</h3>
            <dl class="facts">
                <dt>{t.user_id}</dt>
                <dd>{copyable(ui, user.id.to_string())}</dd>
                <dt>{t.last_sign_in}</dt>
                <dd>
                    {moment(user.login_at)}
                    {user
                        .login_ip
                        .clone()
                        .map(|ip| {
                            view! {
                                " "
                                {copyable(ui, ip)}
                            }
                            .into_any()
                        })}
                </dd>
                <dt>{t.password_set}</dt>
                <dd>{moment(user.password_changed_at)}</dd>
                <dt>{t.created}</dt>
                <dd>{moment(Some(user.created_at))}</dd>
                <dt>{t.last_change}</dt>
                <dd>{moment(user.updated_at)}</dd>
            </dl>
        </section>
    }
    .into_any()
}

/// What can't be done by mistake.
fn danger(ui: Ui, shared: Shared, user: &User) -> AnyView {
    let t = ui.t;
    let id = user.id.0;
    let link = |sign: Icon, label: &'static str, ask: &'static str| {
        let href = Signal::derive(move || shared.query.get().panel(id, ask));
        view! {
            <a class="button danger" href=href data-noscroll="true">
                {icon(sign)}
                {label}
            </a>
        }
        .into_any()
    };
    let mut rows: Vec<AnyView> = Vec::new();
    if ui.may(USER_RESET) {
        rows.push(danger_row(
            t.reset_password,
            t.reset_password_short,
            link(Icon::Key, t.reset, "reset"),
        ));
    }
    if ui.may(USER_ALTER) {
        rows.push(match user.status {
            Status::Active => danger_row(
                t.disable_account,
                t.disable_short,
                link(Icon::Ban, t.disable, "disable"),
            ),
            Status::Disabled => danger_row(
                t.enable_account,
                t.enable_short,
                enable_form(ui, enabling(ui, shared), id, String::new(), "button"),
            ),
        });
    }
    if ui.may(USER_REMOVE) {
        rows.push(danger_row(
            t.delete_account,
            t.delete_short,
            link(Icon::Trash, t.delete, "delete"),
        ));
    }
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="section danger-zone">
            <h3>{t.danger_section}</h3>
            {rows}
        </section>
    }
    .into_any()
}

pub(super) fn danger_row(name: &'static str, text: &'static str, act: AnyView) -> AnyView {
    view! {
        <div class="danger-row">
            <div>
                <b>{name}</b>
                <p>{text}</p>
            </div>
            {act}
        </div>
    }
    .into_any()
}
