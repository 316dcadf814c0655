//! Several users at once: what can be done with them, and the question before it is.

use super::{Shared, dept};
use crate::calls::{Ask, Submit, read, show_answer};
use crate::components::confirm::{TYPED, confirm, navigator, typing};
use crate::components::field::{alert, submit};
use crate::components::icon::Icon;
use crate::components::live::memo;
use crate::components::pick::{Action, IDS, ids};
use crate::components::state::trouble;
use crate::time::count;
use crate::ui::Ui;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use menshen_domain::catalogue::{USER_ALTER, USER_BIND, USER_REMOVE};
use menshen_domain::people::Picked;
use menshen_domain::role::Status;
use menshen_domain::session::RoleOption;

/// The form that does it; what is chosen for it stands in the question's text.
const FORM: &str = "bulk-act";
/// How many are called by name.
const NAMED: usize = 5;

/// What the caller can do with several users.
pub(super) fn actions(ui: Ui) -> Vec<Action> {
    let t = ui.t;
    let all = [
        ("enable", t.enable, Icon::Check, USER_ALTER),
        ("disable", t.disable, Icon::Ban, USER_ALTER),
        ("give", t.give_role, Icon::Shield, USER_BIND),
        ("take", t.take_role, Icon::Shield, USER_BIND),
        ("move", t.move_users, Icon::Tree, USER_ALTER),
        ("delete", t.delete, Icon::Trash, USER_REMOVE),
    ];
    all.into_iter()
        .filter(|(.., code)| ui.may(code))
        .map(|(ask, label, sign, _)| Action {
            ask,
            label,
            sign,
            class: if ask == "delete" {
                "button small danger"
            } else {
                "button small"
            },
        })
        .collect()
}

/// A question about several users: what is to be done, and with whom.
pub(super) type Asked = (String, Vec<String>);

/// The question that the list's address asks, as in `?ids[]=3&ids[]=5&ask=disable`.
pub(super) fn asked(path: Memo<String>, params: Memo<ParamsMap>) -> Memo<Option<Asked>> {
    memo(move || {
        let list = path.with(|p| p == "/admin/users");
        params
            .with(|p| {
                let what = p.get_str("ask")?.to_owned();
                Some((what, ids(p)))
            })
            .filter(|(_, ids)| list && !ids.is_empty())
    })
}

/// Asks who they are, and what hangs on it.
pub(super) fn ask(ids: &[String]) -> Ask {
    if ids.is_empty() {
        return Ask::NOTHING;
    }
    let pairs: Vec<(&str, &str)> = ids.iter().map(|id| (IDS, id.as_str())).collect();
    Ask::of("picked_users", &pairs)
}

/// The question, when there is one.
pub(super) fn question(ui: Ui, shared: Shared, asked: Memo<Option<Asked>>) -> AnyView {
    let view = move |picked: Picked| {
        let picked = StoredValue::new(picked);
        let dialog = move || {
            let (what, _) = asked.get()?;
            picked.with_value(|picked| dialog(ui, shared, &what, picked))
        };
        view! { {move || dialog()} }.into_any()
    };
    show_answer(
        shared.asked_about,
        || ().into_any(),
        move |answer| match read::<Option<Picked>>(answer) {
            Ok(Some(picked)) if !picked.users.is_empty() => view(picked),
            Err(error) if asked.with_untracked(Option::is_some) => trouble(ui, &error),
            _ => ().into_any(),
        },
    )
}

/// What a question says, and what is sent when it is answered.
struct Plan {
    endpoint: &'static str,
    permission: &'static str,
    title: String,
    /// What follows from it.
    follows: String,
    /// The button.
    label: &'static str,
    danger: bool,
}

fn plan(ui: Ui, what: &str, picked: &Picked) -> Option<Plan> {
    let t = ui.t;
    let n = i64::try_from(picked.users.len()).unwrap_or_default();
    let sessions = t.their_sessions(picked.sessions, &count(picked.sessions));
    let (title, follows, label) = match what {
        "enable" => (t.enable_users(n), t.enable_users_text.to_owned(), t.enable),
        "disable" => (t.disable_users(n), sessions, t.disable),
        "give" => (t.give_role_to(n), t.give_role_text.to_owned(), t.give_role),
        "take" => (
            t.take_role_from(n),
            t.take_role_text.to_owned(),
            t.take_role,
        ),
        "move" => (
            t.move_users_to(n),
            t.move_users_text.to_owned(),
            t.move_users,
        ),
        "delete" => (
            t.delete_users(n),
            format!("{sessions} {}", t.delete_users_text),
            t.delete_users_button,
        ),
        _ => return None,
    };
    let (endpoint, permission) = match what {
        "give" => ("give_role", USER_BIND),
        "take" => ("take_role", USER_BIND),
        "move" => ("move_users", USER_ALTER),
        "delete" => ("delete_users", USER_REMOVE),
        _ => ("set_users_status", USER_ALTER),
    };
    Some(Plan {
        endpoint,
        permission,
        title,
        follows,
        label,
        danger: matches!(what, "disable" | "delete"),
    })
}

fn dialog(ui: Ui, shared: Shared, what: &str, picked: &Picked) -> Option<AnyView> {
    let plan = plan(ui, what, picked).filter(|plan| ui.may(plan.permission))?;
    let select = match what {
        "give" | "take" => role_choice(ui, shared),
        "move" => dept::choice(ui, shared, FORM),
        _ => ().into_any(),
    };
    let close = shared.query.get_untracked().url();
    let form = form(ui, shared, what.to_owned(), plan.endpoint, close.clone());
    let class = if plan.danger {
        "button danger-solid"
    } else {
        "button primary"
    };
    let ids: Vec<AnyView> = picked
        .users
        .iter()
        .map(|user| view! { <input type="hidden" name=IDS value=user.id.to_string() /> }.into_any())
        .collect();
    let status = match what {
        "enable" => Some("0"),
        "disable" => Some("1"),
        _ => None,
    };
    // What can't be undone reaches far here: how many they are is typed first.
    let wanted = (what == "delete").then(|| picked.users.len().to_string());
    let typed = wanted.map(|wanted| typing(ui, form, FORM, &wanted));
    let act = view! {
        {ids}
        {status
            .map(|code| view! { <input type="hidden" name="status" value=code /> }.into_any())}
        {submit(form, plan.label, class)}
    };
    let text = view! {
        <p>{plan.follows}</p>
        <p class="named">{named(ui, picked)}</p>
        {select}
        {typed}
        {refusals(ui, form)}
    };
    Some(confirm(
        plan.title,
        text.into_any(),
        close,
        ui.t.cancel,
        form.form(FORM, "", act.into_any()),
    ))
}

fn form(ui: Ui, shared: Shared, what: String, endpoint: &'static str, close: String) -> Submit {
    let t = ui.t;
    let go = navigator();
    Submit::new(ui, endpoint, move |done| {
        let n = done.count;
        let text = match what.as_str() {
            "enable" => t.users_status(Status::Active, n),
            "disable" => t.users_status(Status::Disabled, n),
            "give" => t.role_given(n),
            "take" => t.role_taken(n),
            "move" => t.users_moved(n),
            _ => t.users_deleted(n),
        };
        ui.toast_done(text, done.undo);
        shared.picks.clear();
        go(&close);
        shared.changed();
    })
}

/// Who they are, by name as far as that helps.
fn named(ui: Ui, picked: &Picked) -> String {
    let names: Vec<&str> = picked.users.iter().map(|u| u.name.as_str()).collect();
    let shown = ui.t.names(names.get(..NAMED).unwrap_or(&names));
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => ui.t.and_more_people(&shown, more),
    }
}

fn role_choice(ui: Ui, shared: Shared) -> AnyView {
    let options = move |answer: &str| {
        let roles: Vec<RoleOption> = read(answer).unwrap_or_default();
        let options: Vec<AnyView> = roles
            .into_iter()
            .map(|role| view! { <option value=role.id.to_string()>{role.name}</option> }.into_any())
            .collect();
        view! {
            <select id="bulk-role" class="input" name="role" form=FORM>
                {options}
            </select>
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label for="bulk-role">{ui.t.role}</label>
            {show_answer(shared.roles, || ().into_any(), options)}
        </div>
    }
    .into_any()
}

/// Why it was refused, and because of whom; what was typed wrong stands below its field.
fn refusals(ui: Ui, form: Submit) -> AnyView {
    let each = move || {
        let mut fields = form.problem.get().map(|p| p.fields).unwrap_or_default();
        fields.retain(|f| f.field != TYPED);
        (!fields.is_empty()).then(|| {
            let items: Vec<AnyView> = fields
                .iter()
                .map(|f| {
                    let name = f.field.to_string();
                    view! {
                        <li>
                            <b>{name}</b>
                            " – "
                            {ui.sentence(&f.text)}
                        </li>
                    }
                    .into_any()
                })
                .collect();
            view! { <ul class="refusals">{items}</ul> }.into_any()
        })
    };
    view! {
        {alert(ui, form, &[TYPED])}
        {move || each()}
    }
    .into_any()
}
