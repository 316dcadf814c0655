//! The components, each in every state and in both themes. For who works on the pages: it is
//! there with `--dev` only. What it says is no part of the product, so its words stand here.

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

mod forms;
mod lists;
mod says;

use crate::calls::Submit;
use crate::components::confirm::{confirm, panel};
use crate::components::field::{self, Field};
use crate::components::icon::Icon;
use crate::components::live::{memo, on};
use crate::components::state::empty;
use crate::pages::{head, title};
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use menshen_domain::Text;

const HERE: &str = "/admin/_kit";

/// One of the two sides of a sample. Names and ids must differ between them.
#[derive(Clone, Copy)]
struct Side {
    ui: Ui,
    dark: bool,
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
        forms::buttons,
    ),
    sample(
        ("输入框", "Fields"),
        (
            "标签、提示和错误属于同一个字段；离开字段时检查",
            "Label, hint and error belong together. They are checked as one leaves them",
        ),
        forms::fields,
    ),
    sample(
        ("密码", "Password"),
        (
            "可以显示，也会提示大写锁定",
            "It can be shown, and tells of Caps Lock",
        ),
        forms::password,
    ),
    sample(
        ("密码强度", "Strength of a password"),
        (
            "由服务器评估；说明弱在哪里",
            "Measured by the server. It says what is weak",
        ),
        forms::strengths,
    ),
    sample(
        ("选择和勾选", "Select and check boxes"),
        (
            "选项不超过十来个时用选择框；互不排斥时用勾选框",
            "Select: one of a dozen or fewer. Boxes: any number of them",
        ),
        forms::choices,
    ),
    sample(
        ("勾选树", "Tree of boxes"),
        (
            "普通的勾选框，没有 JavaScript 也能用；可以连下级一起勾选",
            "Plain check boxes, which work without JavaScript. One click takes all that is below",
        ),
        forms::twigs,
    ),
    sample(
        ("几选一", "One of a few"),
        (
            "点一下就生效，选中的一项看得出来",
            "It counts at once, and shows which one is chosen",
        ),
        forms::few,
    ),
    sample(
        ("标签和状态", "Tags and states"),
        (
            "标签是事物的名字，状态是一个圆点加一个词，从不只靠颜色",
            "A tag names a thing. A state is a dot and a word, never a colour alone",
        ),
        says::tags,
    ),
    sample(
        ("提示框", "Notes"),
        (
            "出错用红色；需要知道但不紧急的用中性色",
            "Red for what went wrong, neutral for what is good to know",
        ),
        says::notes,
    ),
    sample(
        ("头像和时间", "Avatars and times"),
        (
            "没有头像时用姓名的第一个字；时间是相对的，悬停显示准确时间",
            "Without a picture, the first letter. Times are relative, exact on hover",
        ),
        says::people,
    ),
    sample(
        ("可复制的内容", "Copyable"),
        (
            "只显示一次的密码，或供机器使用的内容",
            "A secret that is shown once, or what machines read",
        ),
        says::copies,
    ),
    sample(
        ("菜单", "Menu"),
        (
            "一行的操作；危险的放在最后",
            "What can be done with a row. What is dangerous comes last",
        ),
        lists::menus,
    ),
    sample(
        ("导航", "Navigation"),
        (
            "当前页有底色和图标颜色；没有权限的不出现",
            "The present page stands out. What the caller may not see is absent",
        ),
        lists::navigation,
    ),
    sample(
        ("列表的头部", "Head of a list"),
        (
            "搜索、筛选和排序都写在地址里",
            "Search, filters and order are in the address",
        ),
        lists::filters,
    ),
    sample(
        ("表格和分页", "Table and pager"),
        ("手机上一行变成一张卡片", "On a phone a row becomes a card"),
        lists::tables,
    ),
    sample(
        ("选择多行", "Choosing rows"),
        (
            "有选中的行时出现操作栏；按住 Shift 选择一段",
            "The bar comes with the first tick. A click with Shift takes all from the last one on",
        ),
        lists::picks,
    ),
    sample(
        ("树", "Tree"),
        (
            "部门、菜单和权限；方向键走动，F2 改名，可以拖动",
            "Departments, menus, permissions. The arrow keys walk, F2 renames, rows can be dragged",
        ),
        lists::forest,
    ),
    sample(
        ("图表", "Chart"),
        (
            "两周的登录；同样的数据也有表格",
            "Two weeks of sign-ins, with the same as a table",
        ),
        lists::graph,
    ),
    sample(
        ("消息", "Toasts"),
        (
            "说明刚做了什么；能撤销的就给撤销；错误留到关闭为止",
            "What was just done, with Undo where there is one. Errors stay until they are closed",
        ),
        says::toasts,
    ),
    sample(
        ("对话框", "Dialog"),
        (
            "危险操作之前，说明会发生什么、影响多少人",
            "Before something dangerous: what will happen, and to how many",
        ),
        says::dialogs,
    ),
    sample(
        ("侧面板", "Panel"),
        (
            "编辑列表中的一项，有自己的地址；有未保存的修改时先问",
            "Edits one thing of a list, at an address of its own. Unsaved changes are asked about",
        ),
        says::panels,
    ),
    sample(
        ("加载中", "Skeleton"),
        (
            "只在第一次加载时出现；之后保留旧内容，超过 150 毫秒时页面顶部有一条细线",
            "For the first load only. After it the old rows stay, and a thin line at the top tells of what takes longer than 150 ms",
        ),
        says::loading,
    ),
    sample(
        ("空、出错、没有权限", "Empty, error, no permission"),
        (
            "总要说明接下来可以做什么",
            "They always say what can be done next",
        ),
        says::states,
    ),
    sample(
        ("快捷键", "Shortcuts"),
        (
            "单键快捷键可以关闭；按 ? 查看全部",
            "Those of a single key can be turned off. ? shows all of them",
        ),
        says::shortcuts,
    ),
    sample(
        ("图标", "Icons"),
        (
            "16 像素的线条；旁边总有文字，或有无障碍名称",
            "Lines of 16 pixels, with a word beside them or an accessible name",
        ),
        says::icons,
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
                view! { <p>{t.disable_user_text(Some(2))}</p> }.into_any(),
                HERE.to_owned(),
                t.cancel,
                act.into_any(),
            )
        }
        "typed" => {
            let text = view! {
                <p>{t.revoke_signing_text}</p>
                {says::typed(ui, "kit-typed")}
            };
            let act = view! {
                <a class="button danger-solid" href=HERE data-noscroll="true">
                    {t.revoke_key}
                </a>
            };
            confirm(
                t.revoke_key_named(says::KID),
                text.into_any(),
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
