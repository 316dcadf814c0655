//! The components, each in every state and in both themes. For who works on the pages: it is
//! there with `--dev` only. What it says is no part of the product, so its words stand here.

use crate::calls::{Submit, lacking};
use crate::components::confirm::{confirm, panel};
use crate::components::copy;
use crate::components::field::{self, Field, checkbox, submit, warning};
use crate::components::icon::{Icon, icon};
use crate::components::list::{Choice, filter, menu_link, pager, row_menu, search, sortable};
use crate::components::live::{memo, on};
use crate::components::state::{empty, skeleton, trouble};
use crate::components::toast;
use crate::components::tree::{Cell, Row, Tree, tree};
use crate::components::{avatar, chart, status, when};
use crate::error::AppError;
use crate::pages::{head, title};
use crate::ui::{Toast, Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use menshen_domain::catalogue::USER_LIST;
use menshen_domain::role::Status;
use menshen_domain::session::Day;
use menshen_domain::{FieldError, Kind, Text, Timestamp, validate};
use std::sync::Arc;

const HERE: &str = "/admin/_kit";

/// One of the two sides of a sample. Names and ids must differ between them.
#[derive(Clone, Copy)]
struct Side {
    ui: Ui,
    dark: bool,
}

/// A name that is each side's own.
macro_rules! own {
    ($side:expr, $name:literal) => {
        if $side.dark {
            concat!("dark-", $name)
        } else {
            concat!("light-", $name)
        }
    };
}

impl Side {
    fn say(self, zh: &'static str, en: &'static str) -> String {
        self.ui.say(&Text::fixed(zh, en))
    }
}

/// A component: its name, when to use it, and how it looks.
struct Sample {
    name: Text,
    when: Text,
    view: fn(Side) -> AnyView,
}

const fn sample(
    name: (&'static str, &'static str),
    when: (&'static str, &'static str),
    view: fn(Side) -> AnyView,
) -> Sample {
    Sample {
        name: Text::fixed(name.0, name.1),
        when: Text::fixed(when.0, when.1),
        view,
    }
}

static SAMPLES: &[Sample] = &[
    sample(
        ("按钮", "Buttons"),
        (
            "每页一个主按钮；危险操作先用描边，确认时才用实心",
            "One primary button a page. What is dangerous has an outline first, and is solid only where it is confirmed",
        ),
        buttons,
    ),
    sample(
        ("输入框", "Fields"),
        (
            "标签、提示和错误属于同一个字段；离开字段时检查",
            "Label, hint and error belong together. They are checked as one leaves them",
        ),
        fields,
    ),
    sample(
        ("密码", "Password"),
        (
            "可以显示，也会提示大写锁定",
            "It can be shown, and tells of Caps Lock",
        ),
        password,
    ),
    sample(
        ("选择和勾选", "Select and check boxes"),
        (
            "选项不超过十来个时用选择框；互不排斥时用勾选框",
            "Select: one of a dozen or fewer. Boxes: any number of them",
        ),
        choices,
    ),
    sample(
        ("标签和状态", "Tags and states"),
        (
            "标签是事物的名字，状态是一个圆点加一个词，从不只靠颜色",
            "A tag names a thing. A state is a dot and a word, never a colour alone",
        ),
        tags,
    ),
    sample(
        ("提示框", "Notes"),
        (
            "出错用红色；需要知道但不紧急的用中性色",
            "Red for what went wrong, neutral for what is good to know",
        ),
        notes,
    ),
    sample(
        ("头像和时间", "Avatars and times"),
        (
            "没有头像时用姓名的第一个字；时间是相对的，悬停显示准确时间",
            "Without a picture, the first letter. Times are relative, exact on hover",
        ),
        people,
    ),
    sample(
        ("可复制的内容", "Copyable"),
        (
            "只显示一次的密码，或供机器使用的内容",
            "A secret that is shown once, or what machines read",
        ),
        copies,
    ),
    sample(
        ("菜单", "Menu"),
        (
            "一行的操作；危险的放在最后",
            "What can be done with a row. What is dangerous comes last",
        ),
        menus,
    ),
    sample(
        ("列表的头部", "Head of a list"),
        (
            "搜索、筛选和排序都写在地址里",
            "Search, filters and order are in the address",
        ),
        filters,
    ),
    sample(
        ("表格和分页", "Table and pager"),
        ("手机上一行变成一张卡片", "On a phone a row becomes a card"),
        table,
    ),
    sample(
        ("树", "Tree"),
        (
            "部门、菜单和权限；方向键走动",
            "Departments, menus, permissions. The arrow keys walk",
        ),
        forest,
    ),
    sample(
        ("图表", "Chart"),
        (
            "两周的登录；同样的数据也有表格",
            "Two weeks of sign-ins, with the same as a table",
        ),
        graph,
    ),
    sample(
        ("消息", "Toasts"),
        (
            "说明刚做了什么；能撤销的就给撤销；错误留到关闭为止",
            "What was just done, with Undo where there is one. Errors stay until they are closed",
        ),
        toasts,
    ),
    sample(
        ("对话框", "Dialog"),
        (
            "危险操作之前，说明会发生什么、影响多少人",
            "Before something dangerous: what will happen, and to how many",
        ),
        dialogs,
    ),
    sample(
        ("侧面板", "Panel"),
        (
            "编辑列表中的一项，有自己的地址；有未保存的修改时先问",
            "Edits one thing of a list, at an address of its own. Unsaved changes are asked about",
        ),
        panels,
    ),
    sample(
        ("加载中", "Skeleton"),
        (
            "只在第一次加载时出现；之后保留旧内容，超过 150 毫秒时页面顶部有一条细线",
            "For the first load only. After it the old rows stay, and a thin line at the top tells of what takes longer than 150 ms",
        ),
        |side| skeleton(side.ui),
    ),
    sample(
        ("空、出错、没有权限", "Empty, error, no permission"),
        (
            "总要说明接下来可以做什么",
            "They always say what can be done next",
        ),
        states,
    ),
    sample(
        ("图标", "Icons"),
        (
            "16 像素的线条；旁边总有文字，或有无障碍名称",
            "Lines of 16 pixels, with a word beside them or an accessible name",
        ),
        icons,
    ),
];

/// The page.
#[component]
pub(crate) fn Kit() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    if !ui.dev {
        #[cfg(feature = "ssr")]
        crate::server::status(axum::http::StatusCode::NOT_FOUND);
        let back = view! {
            <a class="button" href="/admin">
                {t.to_overview}
            </a>
        };
        return view! {
            {title(t.not_found_title)}
            {head(t.not_found_title.into_any(), ().into_any(), ().into_any())}
            {empty(Icon::Search, t.not_found_title, t.not_found_text, back.into_any())}
        }
        .into_any();
    }
    let params = use_query_map();
    let asked = memo(move || params.with(|p| p.get_str("ask").unwrap_or_default().to_owned()));
    // One of them alone by its number, as in `?only=3`.
    let only = params.with_untracked(|p| p.get_str("only").and_then(|n| n.parse::<usize>().ok()));
    let samples: Vec<AnyView> = SAMPLES
        .iter()
        .zip(1..)
        .filter(|(_, number)| only.is_none_or(|only| only == *number))
        .map(|(sample, _)| both(ui, sample))
        .collect();
    view! {
        {title(t.components)}
        {head(t.components.into_any(), ().into_any(), ().into_any())}
        <div class="kit">{samples}</div>
        {move || asked.with(|asked| open(ui, asked))}
    }
    .into_any()
}

fn both(ui: Ui, sample: &'static Sample) -> AnyView {
    view! {
        <section class="kit-sample">
            <h2>{ui.say(&sample.name)}</h2>
            <p class="hint">{ui.say(&sample.when)}</p>
            <div class="kit-sides">
                <div class="kit-side light">{(sample.view)(Side { ui, dark: false })}</div>
                <div class="kit-side dark">{(sample.view)(Side { ui, dark: true })}</div>
            </div>
        </section>
    }
    .into_any()
}

/// The dialog or the panel as it really opens.
fn open(ui: Ui, asked: &str) -> AnyView {
    let t = ui.t;
    match asked {
        "dialog" => {
            let act = view! {
                <a class="button danger-solid" href=HERE data-noscroll="true">
                    {t.disable}
                </a>
            };
            confirm(
                t.disable_user("lin.wei"),
                view! { <p>{t.disable_user_text}</p> }.into_any(),
                HERE.to_owned(),
                t.cancel,
                act.into_any(),
            )
        }
        "panel" => {
            let heading = view! { <h2 id="panel-title">{t.edit_user}</h2> };
            let dirty = RwSignal::new(false);
            let form = Submit::new(ui, "", |_| {});
            let field = Field {
                name: "kit-panel",
                label: t.nickname,
                value: "林薇".to_owned(),
                ..Field::default()
            };
            let body = view! {
                <div class="section" on:input=on(move |_: leptos::ev::Event| dirty.set(true))>
                    {field::input(ui, form, field)}
                </div>
            };
            let close = Signal::derive(|| HERE.to_owned());
            panel(ui, heading.into_any(), close, dirty, body.into_any())
        }
        _ => ().into_any(),
    }
}

/// Samples of one kind, side by side.
fn row(parts: Vec<AnyView>) -> AnyView {
    view! { <div class="kit-row">{parts}</div> }.into_any()
}

fn button(class: &'static str, label: &'static str) -> AnyView {
    view! {
        <button type="button" class=class>
            {label}
        </button>
    }
    .into_any()
}

fn buttons(side: Side) -> AnyView {
    let t = side.ui.t;
    let rests = Submit::new(side.ui, "", |_| {});
    rests.pending.set(true);
    let with_icon = view! {
        <button type="button" class="button primary">
            {icon(Icon::Plus)}
            {t.new_user}
        </button>
    };
    let bare = view! {
        <button type="button" class="icon-button framed" aria-label=t.edit>
            {icon(Icon::Edit)}
        </button>
    };
    row(vec![
        button("button primary", t.save),
        with_icon.into_any(),
        button("button", t.cancel),
        button("button small", t.copy),
        button("button danger", t.delete),
        button("button danger-solid", t.delete),
        submit(rests, t.save, "button primary"),
        bare.into_any(),
        button("quiet-button", t.clear_filters),
    ])
}

fn fields(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let form = Submit::new(ui, "", |_| {});
    form.problem.set(Some(refused("kitError")));
    let field = |name, label| Field {
        name,
        key: name,
        label,
        required: true,
        ..Field::default()
    };
    let views = [
        field(own!(side, "empty"), t.username).checked(|value| validate::username(value).map(drop)),
        Field {
            value: "lin.wei".to_owned(),
            code: true,
            ..field(own!(side, "filled"), t.username)
        },
        Field {
            hint: t.role_key_hint,
            required: false,
            ..field(own!(side, "hint"), t.role_key)
        },
        Field {
            key: "kitError",
            value: "12".to_owned(),
            ..field(own!(side, "error"), t.phone)
        },
        Field {
            value: "admin".to_owned(),
            disabled: true,
            ..field(own!(side, "disabled"), t.role_key)
        },
    ]
    .map(|field| field::input(ui, form, field));
    let long = Field {
        required: false,
        ..field(own!(side, "long"), t.remark)
    };
    view! { <div class="stack">{views.into_iter().collect::<Vec<_>>()} {field::textarea(ui, form, long)}</div> }
        .into_any()
}

/// What a server says that refuses a field.
fn refused(field: &'static str) -> AppError {
    let text = Text::fixed("应为 11 位手机号", "must be a phone number of 11 digits");
    AppError {
        kind: Kind::Invalid,
        text: text.clone(),
        fields: vec![FieldError {
            field: field.into(),
            text,
        }],
        ..AppError::unreachable()
    }
}

fn password(side: Side) -> AnyView {
    let ui = side.ui;
    let form = Submit::new(ui, "", |_| {});
    let name = own!(side, "password");
    let field = Field {
        name,
        key: name,
        label: ui.t.first_password,
        autocomplete: "new-password",
        ..Field::default()
    };
    field::password(ui, form, field)
}

fn choices(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let form = Submit::new(ui, "", |_| {});
    let name = own!(side, "select");
    let field = Field {
        name,
        key: name,
        label: t.sex,
        ..Field::default()
    };
    let options = vec![
        ("2", t.sex_untold.to_owned()),
        ("0", t.sex_male.to_owned()),
        ("1", t.sex_female.to_owned()),
    ];
    let tick = |name, label: &'static str, ticked| {
        checkbox(
            name,
            "true".to_owned(),
            ticked,
            label.to_owned(),
            ().into_any(),
        )
    };
    view! {
        <div class="stack">
            {field::select(ui, form, field, options)}
            {tick(own!(side, "box-1"), t.must_change, true)}
            {tick(own!(side, "box-2"), t.start_disabled, false)} <label class="check">
                <input type="checkbox" disabled=true checked=true />
                <span>{t.builtin}</span>
            </label>
        </div>
    }
    .into_any()
}

fn tags(side: Side) -> AnyView {
    let t = side.ui.t;
    let tag = |class: &'static str, text: &'static str| {
        view! { <span class=class>{text}</span> }.into_any()
    };
    row(vec![
        tag("tag", t.role),
        tag("tag off", t.disabled),
        tag("tag strong", t.everything),
        status(side.ui, Status::Active),
        status(side.ui, Status::Disabled),
        tag("state due", t.password_change_due),
        tag("state bad", t.failed),
    ])
}

fn notes(side: Side) -> AnyView {
    let t = side.ui.t;
    let error = AppError::unreachable();
    view! {
        <div class="stack">
            {warning(side.ui, &error)} <div class="note">{icon(Icon::Info)} <p>{t.builtin_text}</p></div>
            <div class="unsaved">
                <p>{t.unsaved}</p>
                {button("button small danger", t.discard)}
                {button("button small", t.keep_editing)}
            </div>
        </div>
    }
    .into_any()
}

fn people(side: Side) -> AnyView {
    let ui = side.ui;
    let now = ui.now.get_untracked();
    let mut parts: Vec<AnyView> = ["林薇", "Ada", "张伟", "Bo", "王芳", "Chen", "李娜", "Dan"]
        .into_iter()
        .zip(0..)
        .map(|(name, id)| avatar(name, "", id))
        .collect();
    parts.push(avatar("", "/favicon.svg", 0));
    let minute = 60_000_000;
    parts.extend(
        [0, 5, 180, 5 * 1440, 90 * 1440].map(|ago| when(ui, Timestamp(now - ago * minute))),
    );
    row(parts)
}

fn copies(side: Side) -> AnyView {
    let secret = "tide-amber-48-lantern".to_owned();
    copy::secret(side.ui, secret)
}

/// The entries of a row's menu.
fn entries(ui: Ui) -> Vec<AnyView> {
    let t = ui.t;
    vec![
        menu_link(Icon::Edit, t.edit, HERE.to_owned(), "menu-item"),
        menu_link(Icon::Ban, t.disable, HERE.to_owned(), "menu-item"),
        menu_link(Icon::Trash, t.delete, HERE.to_owned(), "menu-item danger"),
    ]
}

fn menus(side: Side) -> AnyView {
    let label = side.ui.t.actions_for("lin.wei");
    row(vec![
        row_menu(own!(side, "menu").to_owned(), label, entries(side.ui)),
        view! { <div class="menu kit-still">{entries(side.ui)}</div> }.into_any(),
    ])
}

fn filters(side: Side) -> AnyView {
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

fn table(side: Side) -> AnyView {
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
    view! {
        <div class="card table-card">
            <table class="table">
                <caption class="hidden">{t.users}</caption>
                <thead>
                    <tr>
                        {sortable(t.user, HERE.to_owned(), Some(false))}
                        <th scope="col">{t.status}</th>
                        {sortable(t.last_sign_in, HERE.to_owned(), None)} <th scope="col">
                            <span class="hidden">{t.actions}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {pager(ui, 1204, 2, &|_| HERE.to_owned())}
        </div>
    }
    .into_any()
}

fn forest(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let node = |id, name: String, dim, below| Row {
        id,
        name,
        href: Some(HERE.to_owned()),
        beside: ().into_any(),
        cells: vec![Cell {
            label: t.status,
            view: Some(status(
                ui,
                if dim {
                    Status::Disabled
                } else {
                    Status::Active
                },
            )),
        }],
        menu: ().into_any(),
        free: false,
        inert: false,
        dim,
        below,
    };
    let rows = vec![node(
        1,
        side.say("总公司", "Head office"),
        false,
        vec![
            node(
                2,
                side.say("研发部", "Engineering"),
                false,
                vec![node(3, side.say("平台组", "Platform"), false, Vec::new())],
            ),
            node(4, side.say("旧部门", "Former department"), true, Vec::new()),
        ],
    )];
    let state = Tree::new(ui, RwSignal::new(0), None);
    tree(state, "kit-tree", t.departments, &[t.status], false, rows)
}

fn graph(side: Side) -> AnyView {
    let days: Vec<Day> = [31, 28, 35, 12, 9, 40, 44, 38, 36, 41, 13, 8, 39, 42]
        .into_iter()
        .zip(1..)
        .map(|(sign_ins, day): (i64, i64)| Day {
            date: format!("2026-03-{day:02}"),
            sign_ins,
            failures: sign_ins / 9 + day % 3,
        })
        .collect();
    chart::days(side.ui, own!(side, "chart"), &days)
}

fn toasts(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    // Far from the ids of real ones.
    let still = |id, bad, text: String| {
        let toast = Toast {
            id,
            text,
            bad,
            undo: None,
        };
        toast::one(ui, toast)
    };
    let name = "lin.wei";
    let show = on(move |_: MouseEvent| ui.toast(t.user_saved(name)));
    let undo = on(move |_: MouseEvent| {
        ui.toast_undo(t.user_saved(name), ("who_am_i", String::new()));
    });
    let bad = on(move |_: MouseEvent| ui.toast_error(&AppError::unreachable()));
    view! {
        <div class="stack">
            {still(u32::MAX, false, t.user_saved(name))}
            {still(u32::MAX - 1, true, side.say("连接不上服务器", "The server can't be reached"))}
            <div class="kit-row js-only">
                <button type="button" class="button small" on:click=show>
                    {side.say("显示", "Show one")}
                </button>
                <button type="button" class="button small" on:click=undo>
                    {side.say("显示可撤销的", "Show one with Undo")}
                </button>
                <button type="button" class="button small" on:click=bad>
                    {side.say("显示出错的", "Show an error")}
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// The link that opens the real thing.
fn opener(side: Side, href: &'static str) -> AnyView {
    view! {
        <a class="button small" href=href data-noscroll="true">
            {side.say("打开", "Open it")}
        </a>
    }
    .into_any()
}

fn dialogs(side: Side) -> AnyView {
    let t = side.ui.t;
    view! {
        <div class="stack">
            <div class="confirm kit-still">
                <h3>{t.disable_user("lin.wei")}</h3>
                <div class="confirm-text">
                    <p>{t.disable_user_text}</p>
                </div>
                <div class="actions">
                    {button("button", t.cancel)} {button("button danger-solid", t.disable)}
                </div>
            </div>
            <div>{opener(side, "/admin/_kit?ask=dialog")}</div>
        </div>
    }
    .into_any()
}

fn panels(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let form = Submit::new(ui, "", |_| {});
    let name = own!(side, "panel");
    let field = Field {
        name,
        key: name,
        label: t.nickname,
        value: "林薇".to_owned(),
        ..Field::default()
    };
    view! {
        <div class="stack">
            <div class="panel kit-still">
                <div class="panel-head">
                    {avatar("林薇", "", 1)} <div class="panel-title">
                        <h3>"林薇"</h3>
                        <p>
                            <code>"lin.wei"</code>
                        </p>
                    </div>
                    <button type="button" class="icon-button" aria-label=t.close>
                        {icon(Icon::Close)}
                    </button>
                </div>
                <div class="section">{field::input(ui, form, field)}</div>
                <div class="panel-foot">
                    {button("button primary", t.save)} {button("button", t.cancel)}
                </div>
            </div>
            <div>{opener(side, "/admin/_kit?ask=panel")}</div>
        </div>
    }
    .into_any()
}

fn states(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let failed = AppError {
        request_id: "01j9z7q4".into(),
        ..AppError::unreachable()
    };
    let gone = AppError {
        kind: Kind::NotFound,
        text: Text::fixed("没有这个用户", "There is no such user"),
        ..AppError::unreachable()
    };
    let next = view! {
        <a class="button primary" href=HERE>
            {icon(Icon::Plus)}
            {t.new_user}
        </a>
    };
    view! {
        <div class="stack">
            {empty(Icon::Users, t.no_users, t.no_users_text, next.into_any())}
            {trouble(ui, &failed)} {trouble(ui, &gone)} {lacking(ui, USER_LIST)}
        </div>
    }
    .into_any()
}

fn icons(_: Side) -> AnyView {
    let all: Vec<AnyView> = Icon::ALL
        .iter()
        .map(|(sign, name)| {
            view! {
                <li>
                    {icon(*sign)}
                    <code>{*name}</code>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ul class="kit-icons">{all}</ul> }.into_any()
}
