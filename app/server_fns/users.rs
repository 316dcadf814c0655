//! Users.

use super::{Done, Given, changes};
#[cfg(feature = "ssr")]
use super::{forms, one, undo};
#[cfg(feature = "ssr")]
use crate::boot::Undo;
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use crate::i18n::Texts;
use leptos::prelude::*;
use menshen_domain::people::{DeptOption, Factors, Granted, History, Picked};
use menshen_domain::session::OpenSession;
use menshen_domain::user::User;
use menshen_domain::{Page, Text};
use serde::{Deserialize, Serialize};

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_users", run::<ListUsers>),
    ("get_user", run::<GetUser>),
    ("picked_users", run::<PickedUsers>),
    ("user_depts", run::<UserDepts>),
    ("user_permissions", run::<UserPermissions>),
    ("user_factors", run::<UserFactors>),
    ("user_history", run::<UserHistory>),
    ("user_sessions", run::<UserSessions>),
];

/// How many users or roles a page of a list holds, unless something else is chosen.
pub(crate) const PAGE_SIZE: i64 = 20;

/// Which users are listed: exactly what the page's address says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct UserQuery {
    /// Part of a name, phone or e-mail.
    pub q: String,
    /// `0` or `1`; anything else for both.
    pub status: String,
    /// A role's id; anything else for all.
    pub role: String,
    /// A department's id, with all below it; anything else for all.
    pub dept: String,
    /// Within how many days they signed in last; anything else for all.
    pub since: String,
    /// `none` for those without a second factor; anything else for all.
    pub factor: String,
    /// `password` for those who must choose a new one; anything else for all.
    pub due: String,
    /// A [`menshen_domain::user::UserSort`] code.
    pub sort: String,
    /// `desc`, or anything else.
    pub order: String,
    /// From 1.
    pub page: i64,
    /// How many on a page; anything but 50 and 100 for the usual number.
    pub size: i64,
    /// The columns that are shown, separated by dots: what no column shows is not sent.
    pub columns: String,
}

/// How many days back the last sign-in may lie, as an address tells it.
pub(crate) fn within_days(since: &str) -> Option<u64> {
    since.parse().ok().filter(|n| (1..=3650).contains(n))
}

/// Lists users. `system:user:list`.
#[server(prefix = "/admin/fn", endpoint = "list_users")]
pub(crate) async fn list_users(
    #[server(default)] query: UserQuery,
) -> Result<Page<User>, AppError> {
    use crate::components::list::page_size;
    use crate::server::guard;
    use menshen_domain::role::Status;
    use menshen_domain::user::{UserFilter, UserSort};
    use menshen_domain::{DeptId, PageRequest, RoleId, catalogue};
    let caller = guard::require(catalogue::USER_LIST)?;
    let services = guard::services()?;
    let days = within_days(&query.since);
    let hours = |days: u64| std::time::Duration::from_hours(days * 24);
    let filter = UserFilter {
        text: Some(query.q).filter(|text| !text.is_empty()),
        status: Status::parse(&query.status).ok(),
        role_id: query.role.parse().ok().map(RoleId),
        dept_id: query.dept.parse().ok().map(DeptId),
        signed_in_since: days.map(|days| services.now() - hours(days)),
        no_second_factor: query.factor == "none",
        password_due: query.due == "password",
        sort: UserSort::from_code(&query.sort).unwrap_or_default(),
        descending: query.order == "desc",
        ..UserFilter::default()
    };
    let page = PageRequest::bounded(Some(query.page), Some(page_size(query.size)));
    let mut found = services.users.list(&caller, filter, page).await?;
    let shown = |column: &str| query.columns.split('.').any(|c| c == column);
    let (phone, email) = (shown("phone"), shown("email"));
    for user in &mut found.list {
        user.phone = user.phone.take().filter(|_| phone);
        user.email = user.email.take().filter(|_| email);
        user.remark = None;
        user.login_ip = None;
        user.user_code = String::new();
    }
    Ok(found)
}

/// One user. `system:user:query`.
#[server(prefix = "/admin/fn", endpoint = "get_user")]
pub(crate) async fn get_user(#[server(default)] id: i64) -> Result<User, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::USER_QUERY)?;
    Ok(guard::services()?.users.get(&caller, id.into()).await?)
}

/// Who is to be changed, and what hangs on it. `system:user:list`.
#[server(prefix = "/admin/fn", endpoint = "picked_users")]
pub(crate) async fn picked_users(#[server(default)] ids: Vec<i64>) -> Result<Picked, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::USER_LIST)?;
    let ids: Vec<_> = ids.into_iter().map(Into::into).collect();
    Ok(guard::services()?.sessions.picked(&caller, &ids).await?)
}

/// The departments in sight, as a tree told line by line: for who looks for users by them, or
/// puts users into them.
#[server(prefix = "/admin/fn", endpoint = "user_depts")]
pub(crate) async fn user_depts() -> Result<Vec<DeptOption>, AppError> {
    use crate::server::guard;
    use menshen_domain::catalogue::{DEPT_LIST, USER_ADD, USER_ALTER};
    let caller = guard::require_any(&[DEPT_LIST, USER_ADD, USER_ALTER])?;
    let tree = guard::services()?.depts.tree(&caller).await?;
    Ok(DeptOption::lines(tree))
}

/// What a user may do, and by which roles. `system:user:query`.
#[server(prefix = "/admin/fn", endpoint = "user_permissions")]
pub(crate) async fn user_permissions(#[server(default)] id: i64) -> Result<Vec<Granted>, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::USER_QUERY)?;
    Ok(guard::services()?
        .checks
        .granted(&caller, id.into())
        .await?)
}

/// How a user's second factors stand. `system:user:query`.
#[server(prefix = "/admin/fn", endpoint = "user_factors")]
pub(crate) async fn user_factors(#[server(default)] id: i64) -> Result<Factors, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::USER_QUERY)?;
    Ok(guard::services()?
        .second_factor
        .factors_of(&caller, id.into())
        .await?)
}

/// The latest entries about a user, of the logs that the caller may read. `system:user:query`.
#[server(prefix = "/admin/fn", endpoint = "user_history")]
pub(crate) async fn user_history(#[server(default)] id: i64) -> Result<History, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::USER_QUERY)?;
    Ok(guard::services()?.logs.about(&caller, id.into()).await?)
}

/// A user's open sessions. `monitor:session:list`.
#[server(prefix = "/admin/fn", endpoint = "user_sessions")]
pub(crate) async fn user_sessions(
    #[server(default)] id: i64,
) -> Result<Page<OpenSession>, AppError> {
    use crate::server::guard;
    use menshen_domain::PageRequest;
    let caller = guard::require(menshen_domain::catalogue::SESSION_LIST)?;
    let page = PageRequest::bounded(Some(1), Some(50));
    Ok(guard::services()?
        .sessions
        .list_of(&caller, id.into(), page)
        .await?)
}

/// Creates a user, with the password that is given or with one that is made up and shown once.
/// `system:user:add`; giving roles asks for `system:user:bind` too.
#[server(prefix = "/admin/fn", endpoint = "create_user")]
pub(crate) async fn create_user(
    #[server(default)] username: String,
    #[server(default)] password: String,
    #[server(default)] one_time: bool,
    #[server(default)] nickname: String,
    #[server(default)] phone: String,
    #[server(default)] email: String,
    #[server(default)] sex: String,
    #[server(default)] dept: String,
    #[server(default)] remark: String,
    #[server(default)] disabled: bool,
    #[server(default)] must_change: bool,
    #[server(default)] role_ids: Vec<i64>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::user::NewUser;
    let caller = guard::require(menshen_domain::catalogue::USER_ADD)?;
    let new = NewUser {
        username,
        password,
        nickname: Some(nickname),
        avatar: None,
        phone: Some(phone),
        email: Some(email),
        sex: Some(sex),
        status: forms::starting(disabled),
        dept_id: parse_dept(&dept)?,
        remark: Some(remark),
        must_change_password: must_change,
        role_ids: role_ids.into_iter().map(Into::into).collect(),
    };
    let users = guard::services()?.users;
    if one_time {
        let (user, secret) = users.create_with_one_time(&caller, new).await?;
        answer::reveal_saying("create_user", &secret, |t| {
            t.user_created(user.display_name())
        });
        return Ok(Done {
            secret,
            ..Done::name(user.display_name())
        });
    }
    let user = users.create(&caller, new).await?;
    answer::to_list("/admin/users", |t| t.user_created(user.display_name()));
    Ok(Done::name(user.display_name()))
}

/// Changes a user's record. `system:user:alter`.
#[server(prefix = "/admin/fn", endpoint = "update_user")]
pub(crate) async fn update_user(
    #[server(default)] id: i64,
    #[server(default)] username: Given,
    #[server(default)] nickname: Given,
    #[server(default)] phone: Given,
    #[server(default)] email: Given,
    #[server(default)] sex: Given,
    #[server(default)] dept: Given,
    #[server(default)] remark: Given,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::user::UserChange;
    let caller = guard::require(menshen_domain::catalogue::USER_ALTER)?;
    let change = UserChange {
        username: username.0,
        nickname: nickname.0,
        phone: phone.0,
        email: email.0,
        sex: sex.filled().map(str::to_owned),
        dept_id: dept.0.as_deref().map(parse_dept).transpose()?,
        remark: remark.0,
        ..UserChange::default()
    };
    let changed = guard::services()?
        .users
        .change(&caller, id.into(), change)
        .await?;
    let (before, after) = (&changed.before, &changed.after);
    let done = Done {
        fields: altered(before, after),
        ..Done::undoable(after.display_name(), back_to(before, after))
    };
    answer::stay(|t| saved(t, &answer::say, &done), done.undo.as_ref());
    Ok(done)
}

/// Enables (`0`) or disables (`1`) a user. `system:user:alter`.
#[server(prefix = "/admin/fn", endpoint = "set_user_status")]
pub(crate) async fn set_user_status(
    #[server(default)] id: i64,
    #[server(default)] status: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::role::Status;
    use menshen_domain::user::UserChange;
    let caller = guard::require(menshen_domain::catalogue::USER_ALTER)?;
    let change = UserChange {
        status: Some(Status::parse(&status)?),
        ..UserChange::default()
    };
    let changed = guard::services()?
        .users
        .change(&caller, id.into(), change)
        .await?;
    let (before, after) = (changed.before, changed.after);
    let undo = forms::status_back("set_user_status", id, before.status, after.status);
    answer::stay(
        |t| t.user_status(after.status, after.display_name()),
        undo.as_ref(),
    );
    Ok(Done::undoable(after.display_name(), undo))
}

/// Deletes a user. `system:user:remove`.
#[server(prefix = "/admin/fn", endpoint = "delete_user")]
pub(crate) async fn delete_user(
    #[server(default)] id: i64,
    #[server(default)] name: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::USER_REMOVE)?;
    guard::services()?.users.delete(&caller, id.into()).await?;
    answer::to_list("/admin/users", |t| t.user_deleted(&name));
    Ok(Done::name(name))
}

/// Gives a user exactly these roles. `system:user:bind`.
#[server(prefix = "/admin/fn", endpoint = "bind_roles")]
pub(crate) async fn bind_roles(
    #[server(default)] id: i64,
    #[server(default)] role_ids: Vec<i64>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::USER_BIND)?;
    let roles = role_ids.into_iter().map(Into::into).collect();
    let changed = guard::services()?
        .users
        .bind(&caller, id.into(), roles)
        .await?;
    let done = rebound(&changed.before, &changed.after);
    let (added, removed) = done.roles;
    answer::stay(
        |t| t.roles_saved(&done.name, added, removed),
        done.undo.as_ref(),
    );
    Ok(done)
}

/// Replaces a user's password by a one-time one, and tells it. `system:user:reset`.
#[server(prefix = "/admin/fn", endpoint = "reset_password")]
pub(crate) async fn reset_password(#[server(default)] id: i64) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::USER_RESET)?;
    let secret = guard::services()?
        .users
        .reset_password(&caller, id.into())
        .await?;
    answer::reveal("reset_password", &secret);
    Ok(Done {
        secret,
        ..Done::default()
    })
}

/// Takes all passkeys of a user away. `system:user:reset`.
#[server(prefix = "/admin/fn", endpoint = "reset_user_passkeys")]
pub(crate) async fn reset_user_passkeys(
    #[server(default)] id: i64,
    #[server(default)] name: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::USER_RESET)?;
    guard::services()?
        .passkeys
        .reset(&caller, id.into())
        .await?;
    answer::stay(|t| t.passkeys_reset(&name), None);
    Ok(Done::name(name))
}

/// Takes a user's second factor away, who has lost it. `system:user:reset`.
#[server(prefix = "/admin/fn", endpoint = "reset_user_otp")]
pub(crate) async fn reset_user_otp(
    #[server(default)] id: i64,
    #[server(default)] name: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::USER_RESET)?;
    guard::services()?
        .second_factor
        .reset(&caller, id.into())
        .await?;
    answer::stay(|t| t.otp_reset(&name), None);
    Ok(Done::name(name))
}

/// Enables (`0`) or disables (`1`) several users, all or none. `system:user:alter`.
#[server(prefix = "/admin/fn", endpoint = "set_users_status")]
pub(crate) async fn set_users_status(
    #[server(default)] ids: Vec<i64>,
    #[server(default)] status: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::role::Status;
    use menshen_services::users::BulkChange;
    let caller = guard::require(menshen_domain::catalogue::USER_ALTER)?;
    let status = Status::parse(&status)?;
    let done = guard::services()?
        .users
        .bulk(&caller, &each(&ids, BulkChange::Status(status)))
        .await?;
    let back = match status {
        Status::Active => Status::Disabled,
        Status::Disabled => Status::Active,
    };
    let undo = undo_all("set_users_status", &done, ("status", back.code()));
    let count = count_of(&done);
    answer::stay(|t| t.users_status(status, count), undo.as_ref());
    Ok(Done::several(count, undo))
}

/// Moves several users to a department, or to none, all or none of them. `back`, which undoing
/// sends, says of each where it was: `5:3.6:` for user 5 to department 3 and user 6 to none.
/// `system:user:alter`.
#[server(prefix = "/admin/fn", endpoint = "move_users")]
pub(crate) async fn move_users(
    #[server(default)] ids: Vec<i64>,
    #[server(default)] dept: String,
    #[server(default)] back: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_services::users::BulkChange;
    let caller = guard::require(menshen_domain::catalogue::USER_ALTER)?;
    let moves = if back.is_empty() {
        each(&ids, BulkChange::Move(parse_dept(&dept)?))
    } else {
        let places = back.split('.').filter_map(|place| {
            let (id, dept) = place.split_once(':')?;
            let id: i64 = id.parse().ok()?;
            Some((id.into(), BulkChange::Move(parse_dept(dept).ok()?)))
        });
        places.collect()
    };
    let done = guard::services()?.users.bulk(&caller, &moves).await?;
    let places: Vec<String> = done
        .changed
        .iter()
        .map(|user| match user.dept_id {
            Some(dept) => format!("{}:{dept}", user.id),
            None => format!("{}:", user.id),
        })
        .collect();
    let undo =
        (!places.is_empty()).then(|| undo("move_users", &[("back".to_owned(), places.join("."))]));
    let count = count_of(&done);
    answer::stay(|t| t.users_moved(count), undo.as_ref());
    Ok(Done::several(count, undo))
}

/// Gives several users a role, all or none of them. `system:user:bind`.
#[server(prefix = "/admin/fn", endpoint = "give_role")]
pub(crate) async fn give_role(
    #[server(default)] ids: Vec<i64>,
    #[server(default)] role: i64,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_services::users::BulkChange;
    let caller = guard::require(menshen_domain::catalogue::USER_BIND)?;
    let done = with_role(
        &caller,
        &ids,
        role,
        BulkChange::Give(role.into()),
        "take_role",
    )
    .await?;
    answer::stay(|t| t.role_given(done.count), done.undo.as_ref());
    Ok(done)
}

/// Takes a role from several users, from all or none of them. `system:user:bind`.
#[server(prefix = "/admin/fn", endpoint = "take_role")]
pub(crate) async fn take_role(
    #[server(default)] ids: Vec<i64>,
    #[server(default)] role: i64,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_services::users::BulkChange;
    let caller = guard::require(menshen_domain::catalogue::USER_BIND)?;
    let done = with_role(
        &caller,
        &ids,
        role,
        BulkChange::Take(role.into()),
        "give_role",
    )
    .await?;
    answer::stay(|t| t.role_taken(done.count), done.undo.as_ref());
    Ok(done)
}

/// Gives or takes a role; `back` is the server function that takes it back.
#[cfg(feature = "ssr")]
async fn with_role(
    caller: &menshen_services::Caller,
    ids: &[i64],
    role: i64,
    change: menshen_services::users::BulkChange,
    back: &str,
) -> Result<Done, AppError> {
    let users = crate::server::guard::services()?.users;
    let done = users.bulk(caller, &each(ids, change)).await?;
    let undo = undo_all(back, &done, ("role", &role.to_string()));
    Ok(Done::several(count_of(&done), undo))
}

/// Deletes several users, all or none, once it was typed how many they are. `system:user:remove`.
#[server(prefix = "/admin/fn", endpoint = "delete_users")]
pub(crate) async fn delete_users(
    #[server(default)] ids: Vec<i64>,
    #[server(default)] typed: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_services::users::BulkChange;
    let caller = guard::require(menshen_domain::catalogue::USER_REMOVE)?;
    forms::confirmed(&typed, &ids.len().to_string())?;
    let done = guard::services()?
        .users
        .bulk(&caller, &each(&ids, BulkChange::Delete))
        .await?;
    let count = count_of(&done);
    answer::stay(|t| t.users_deleted(count), None);
    Ok(Done::several(count, None))
}

/// A department's id as a form sends it; empty for none.
#[cfg(feature = "ssr")]
fn parse_dept(text: &str) -> menshen_domain::Result<Option<menshen_domain::DeptId>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let id = text.parse().map(menshen_domain::DeptId).map_err(|_| {
        menshen_domain::Error::field(
            "deptId",
            menshen_domain::Text::fixed("应为部门编号", "must be a department's id"),
        )
    })?;
    Ok(Some(id))
}

/// The same change for each of these users.
#[cfg(feature = "ssr")]
fn each(
    ids: &[i64],
    change: menshen_services::users::BulkChange,
) -> Vec<(menshen_domain::UserId, menshen_services::users::BulkChange)> {
    ids.iter().map(|id| ((*id).into(), change)).collect()
}

#[cfg(feature = "ssr")]
fn count_of(done: &menshen_services::users::Bulk) -> i64 {
    i64::try_from(done.changed.len()).unwrap_or_default()
}

/// Takes back what was done to several users, with those alone who were changed.
#[cfg(feature = "ssr")]
fn undo_all(
    endpoint: &str,
    done: &menshen_services::users::Bulk,
    with: (&str, &str),
) -> Option<Undo> {
    if done.changed.is_empty() {
        return None;
    }
    let ids = done.changed.iter().map(|user| user.id.to_string());
    let mut fields: Vec<_> = ids.map(|id| ("ids[]".to_owned(), id)).collect();
    fields.push((with.0.to_owned(), with.1.to_owned()));
    Some(undo(endpoint, &fields))
}

/// What a form of a record holds, by the names of its fields.
#[cfg(feature = "ssr")]
fn fields(user: &User) -> [(&'static str, String); 7] {
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        ("username", user.username.clone()),
        ("nickname", user.nickname.clone()),
        ("phone", given(&user.phone)),
        ("email", given(&user.email)),
        ("sex", user.sex.clone()),
        (
            "dept",
            user.dept_id.map_or_else(String::new, |d| d.to_string()),
        ),
        ("remark", given(&user.remark)),
    ]
}

/// The fields of a record that a change has altered, by their names in the log.
#[cfg(feature = "ssr")]
pub(super) fn altered(before: &User, after: &User) -> Vec<String> {
    let changed = forms::changed(fields(before), fields(after));
    let names = changed.into_iter().map(|(name, _)| match name.as_str() {
        "dept" => "deptId".to_owned(),
        _ => name,
    });
    names.collect()
}

/// That a user was saved, and what is other than it was; `say` says a text of the domain.
pub(crate) fn saved(t: &Texts, say: &dyn Fn(&Text) -> String, done: &Done) -> String {
    t.user_saved(&done.name, &changes(t, say, done))
}

/// That one's own profile was saved, and what is other than it was.
pub(crate) fn own_saved(t: &Texts, say: &dyn Fn(&Text) -> String, done: &Done) -> String {
    t.profile_saved(&changes(t, say, done))
}

/// Puts the fields of a record that were changed back to what they were.
#[cfg(feature = "ssr")]
fn back_to(before: &User, after: &User) -> Option<Undo> {
    let changed = forms::changed(fields(before), fields(after));
    // That a number or an address was proved can't be given back.
    let proved = |name: &str| {
        (name == "phone" && before.phone_verified) || (name == "email" && before.email_verified)
    };
    if changed.iter().any(|(name, _)| proved(name)) {
        return None;
    }
    forms::back("update_user", one(before.id.0), changed)
}

/// What other roles for a user came to; nothing other, nothing to take back.
#[cfg(feature = "ssr")]
fn rebound(before: &User, after: &User) -> Done {
    let beyond = |these: &User, those: &User| {
        let held = |id| those.roles.iter().any(|role| role.id == id);
        these.roles.iter().filter(|role| !held(role.id)).count()
    };
    let roles = (beyond(after, before), beyond(before, after));
    let held = before.roles.iter();
    let form = held.map(|role| ("role_ids[]".to_owned(), role.id.to_string()));
    let form: Vec<_> = std::iter::once(one(before.id.0)).chain(form).collect();
    let undo = (roles != (0, 0)).then(|| undo("bind_roles", &form));
    Done {
        roles,
        ..Done::undoable(before.display_name(), undo)
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::components::list::unform;
    use crate::i18n::texts;
    use menshen_domain::role::{RoleRef, Status};
    use menshen_domain::{DeptId, Lang, RoleId, Timestamp, UserId};

    fn user() -> User {
        User {
            id: UserId(5),
            username: "lin.wei".to_owned(),
            user_code: String::new(),
            nickname: "林薇".to_owned(),
            avatar: String::new(),
            phone: Some("15578906770".to_owned()),
            phone_verified: false,
            email: None,
            email_verified: false,
            sex: "1".to_owned(),
            status: Status::Active,
            dept_id: None,
            dept_name: None,
            remark: None,
            must_change_password: false,
            password_changed_at: None,
            login_ip: None,
            login_at: None,
            created_by: None,
            created_at: Timestamp(1),
            updated_by: None,
            updated_at: None,
            roles: Vec::new(),
        }
    }

    fn role(id: i64) -> RoleRef {
        RoleRef {
            id: RoleId(id),
            name: format!("Role {id}"),
            key: format!("role-{id}"),
            status: Status::Active,
        }
    }

    #[test]
    fn what_was_changed_of_a_user_is_told() {
        let after = User {
            phone: None,
            dept_id: Some(DeptId(3)),
            ..user()
        };
        let told = |lang, fields| {
            let done = Done {
                fields,
                ..Done::name("林薇")
            };
            saved(texts(lang), &|text| text.get(lang).to_owned(), &done)
        };
        let fields = altered(&user(), &after);
        assert_eq!(fields, ["phone", "deptId"]);
        assert_eq!(
            told(Lang::Zh, fields.clone()),
            "已保存用户 林薇：手机、部门"
        );
        assert_eq!(
            told(Lang::En, fields),
            "Saved the user 林薇: Phone, Department"
        );
        let fields = altered(&user(), &user());
        assert_eq!(told(Lang::Zh, fields), "已保存用户 林薇，没有变化");
    }

    #[test]
    fn roles_that_came_and_went_are_counted_and_go_back() {
        let holding = |ids: &[i64]| User {
            roles: ids.iter().map(|id| role(*id)).collect(),
            ..user()
        };
        let done = rebound(&holding(&[1, 2]), &holding(&[2, 3, 4]));
        assert_eq!(done.roles, (2, 1));
        let form = unform(&done.undo.expect("an undo").body);
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let held = [("id", "5"), ("role_ids[]", "1"), ("role_ids[]", "2")];
        assert_eq!(form, held);
        let done = rebound(&holding(&[1]), &holding(&[1]));
        assert_eq!(done.roles, (0, 0));
        assert!(done.undo.is_none(), "there is nothing to take back");
    }
}
