//! Answers as clients see them: field names, times and envelopes of documents A and C.

use crate::{Api, RequestContext};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use menshen_domain::role::Role;
use menshen_domain::session::PermissionItem;
use menshen_domain::user::User;
use menshen_domain::{FieldError, Lang, Text, Timestamp, permission};
use menshen_services::users::{Exported, UserInfo};
use schemars::JsonSchema;
use serde::Serialize;

/// A canonical answer: `msg` and `message` are always equal, for the two documents that name it
/// differently.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AnswerOf{T}")]
pub(crate) struct Answer<T> {
    /// The HTTP status.
    code: u16,
    /// What happened, for people.
    msg: String,
    /// The same as `msg`.
    message: String,
    /// The result.
    data: T,
}

/// What is wrong with one field of a request.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FieldFailure {
    /// The field.
    field: String,
    /// What is wrong with it and what would be right.
    message: String,
}

pub(crate) fn field_failure(context: &RequestContext, error: &FieldError) -> FieldFailure {
    FieldFailure {
        field: error.field.to_string(),
        message: context.say(&error.text).to_owned(),
    }
}

/// A canonical error.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    /// The HTTP status.
    code: u16,
    /// What went wrong, for people.
    msg: String,
    /// The same as `msg`.
    message: String,
    /// Always `null`.
    data: (),
    /// The fields at fault, for bad input.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldFailure>>,
    /// `true` when a captcha must be solved first.
    #[serde(skip_serializing_if = "Option::is_none")]
    captcha_required: Option<bool>,
    /// `true` when the password was right and a second factor is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    otp_required: Option<bool>,
    /// What finishes the sign-in at `POST /auth/otp`, together with the second factor's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    otp_ticket: Option<String>,
}

/// Answers with `status`.
pub(crate) fn answer<T: Serialize>(
    context: &RequestContext,
    status: StatusCode,
    text: &Text,
    data: T,
) -> Response {
    let message = context.say(text).to_owned();
    let body = Answer {
        code: status.as_u16(),
        msg: message.clone(),
        message,
        data,
    };
    (status, Json(body)).into_response()
}

/// Answers with 200.
pub(crate) fn ok<T: Serialize>(context: &RequestContext, text: &Text, data: T) -> Response {
    answer(context, StatusCode::OK, text, data)
}

pub(crate) static QUERIED: Text = Text::fixed("查询成功", "Found");
pub(crate) static FETCHED: Text = Text::fixed("获取成功", "Found");
pub(crate) static CHANGED: Text = Text::fixed("修改成功", "Changed");
pub(crate) static ADDED: Text = Text::fixed("新增成功", "Added");
pub(crate) static DELETED: Text = Text::fixed("删除成功", "Deleted");

/// One page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub(crate) struct List<T> {
    /// How many there are on all pages together.
    pub(crate) total: i64,
    /// Those of this page.
    pub(crate) list: Vec<T>,
}

impl<T> List<T> {
    /// A list that is whole.
    pub(crate) fn all<S>(found: Vec<S>, view: impl Fn(S) -> T) -> Self {
        Self {
            total: i64::try_from(found.len()).unwrap_or(i64::MAX),
            list: found.into_iter().map(view).collect(),
        }
    }
}

/// Writes times in the time zone of the settings.
#[derive(Clone, Copy)]
pub(crate) struct Times<'a>(pub(crate) &'a TimeZone);

impl Times<'_> {
    fn zoned(self, at: Timestamp) -> jiff::Zoned {
        jiff::Timestamp::from_microsecond(at.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(self.0.clone())
    }

    /// `YYYY-MM-DD HH:MM:SS`, as camelCase fields have it.
    pub(crate) fn plain(self, at: Timestamp) -> String {
        self.zoned(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `YYYYMMDD-HHMMSS`, as a file's name may have it.
    pub(crate) fn stamp(self, at: Timestamp) -> String {
        self.zoned(at).strftime("%Y%m%d-%H%M%S").to_string()
    }

    /// RFC 3339 with the offset, as snake_case fields have it.
    pub(crate) fn rfc3339(self, at: Timestamp) -> String {
        self.zoned(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// A role, with every field of document C's table in both spellings.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleView {
    role_id: i64,
    role_name: String,
    role_key: String,
    role_sort: i64,
    /// `0` active, `1` disabled.
    status: String,
    /// `YYYY-MM-DD HH:MM:SS`.
    create_time: String,
    remark: String,
    menu_ids: Vec<i64>,
    permissions: Vec<String>,
    /// `1` all, `2` custom, `3` own department, `4` own and below, `5` self only.
    data_scope: String,
    dept_ids: Vec<i64>,
    #[serde(rename = "role_id")]
    id: i64,
    #[serde(rename = "role_name")]
    name: String,
    #[serde(rename = "role_key")]
    key: String,
    #[serde(rename = "role_sort")]
    sort: i64,
    #[serde(rename = "create_by")]
    create_by: Option<i64>,
    /// RFC 3339.
    #[serde(rename = "create_time")]
    created: Option<String>,
    #[serde(rename = "update_by")]
    update_by: Option<i64>,
    /// RFC 3339.
    #[serde(rename = "update_time")]
    updated: Option<String>,
}

pub(crate) fn role(api: &Api, role: Role) -> RoleView {
    let times = Times(&api.zone);
    RoleView {
        role_id: role.id.0,
        role_name: role.name.clone(),
        role_key: role.key.clone(),
        role_sort: role.sort,
        status: role.status.code().to_owned(),
        create_time: times.plain(role.created_at),
        remark: role.remark.unwrap_or_default(),
        menu_ids: role.menu_ids.iter().map(|m| m.0).collect(),
        permissions: role.permissions,
        data_scope: role.data_scope.code().to_owned(),
        dept_ids: role.dept_ids.iter().map(|d| d.0).collect(),
        id: role.id.0,
        name: role.name,
        key: role.key,
        sort: role.sort,
        create_by: role.created_by.map(|u| u.0),
        created: Some(times.rfc3339(role.created_at)),
        update_by: role.updated_by.map(|u| u.0),
        updated: role.updated_at.map(|t| times.rfc3339(t)),
    }
}

/// A user, with every field of document C's table.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    user_id: i64,
    username: String,
    nickname: String,
    /// Always empty.
    password: String,
    avatar: String,
    phone: String,
    email: String,
    /// `0` male, `1` female, `2` not told.
    sex: String,
    /// `0` active, `1` disabled.
    status: String,
    login_ip: String,
    login_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_by: Option<i64>,
    create_time: String,
    update_by: String,
    update_time: String,
    remark: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dept_id: Option<i64>,
    dept_name: String,
    /// The keys of the roles held.
    roles: Vec<String>,
    role_ids: Vec<i64>,
}

pub(crate) fn user(api: &Api, user: User) -> UserView {
    let times = Times(&api.zone);
    let time = |at: Option<Timestamp>| at.map(|t| times.plain(t)).unwrap_or_default();
    UserView {
        user_id: user.id.0,
        password: String::new(),
        sex: user.sex,
        status: user.status.code().to_owned(),
        login_date: time(user.login_at),
        create_by: user.created_by.map(|u| u.0),
        create_time: times.plain(user.created_at),
        update_by: user.updated_by.map(|u| u.to_string()).unwrap_or_default(),
        update_time: time(user.updated_at),
        dept_id: user.dept_id.map(|d| d.0),
        dept_name: user.dept_name.unwrap_or_default(),
        roles: user.roles.iter().map(|r| r.key.clone()).collect(),
        role_ids: user.roles.iter().map(|r| r.id.0).collect(),
        username: user.username,
        nickname: user.nickname,
        avatar: user.avatar,
        phone: user.phone.unwrap_or_default(),
        email: user.email.unwrap_or_default(),
        login_ip: user.login_ip.unwrap_or_default(),
        remark: user.remark.unwrap_or_default(),
    }
}

/// The columns of a file of users.
pub(crate) const EXPORTED: [&str; 12] = [
    "username",
    "nickname",
    "phone",
    "email",
    "sex",
    "status",
    "deptPath",
    "roles",
    "remark",
    "createTime",
    "loginDate",
    "loginIp",
];

/// A user as a line of a file, cell by cell as [`EXPORTED`] names them.
pub(crate) fn exported(api: &Api, exported: Exported) -> [String; EXPORTED.len()] {
    let times = Times(&api.zone);
    let user = exported.user;
    let keys: Vec<String> = user.roles.into_iter().map(|r| r.key).collect();
    [
        user.username,
        user.nickname,
        user.phone.unwrap_or_default(),
        user.email.unwrap_or_default(),
        user.sex,
        user.status.code().to_owned(),
        exported.dept_path,
        keys.join(";"),
        user.remark.unwrap_or_default(),
        times.plain(user.created_at),
        user.login_at.map(|t| times.plain(t)).unwrap_or_default(),
        user.login_ip.unwrap_or_default(),
    ]
}

/// A user with what she may do and see, as `GET /user/info` tells it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InfoView {
    id: i64,
    user_id: i64,
    username: String,
    nickname: String,
    avatar: String,
    email: String,
    /// 0 for a user without a department.
    dept_id: i64,
    dept_name: String,
    /// The ids from the root department down, as in `0,1`.
    dept_path: String,
    /// The names of the roles held.
    roles: Vec<String>,
    permissions: Vec<String>,
    /// `1` all, `2` custom, `3` own department, `4` own and below, `5` self only.
    data_scope: String,
    dept_ids: Vec<i64>,
}

/// The wrapping of [`InfoView`].
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct InfoOf {
    user: InfoView,
}

pub(crate) fn info(info: UserInfo) -> InfoOf {
    let active = |key: &String| info.role_keys.contains(key);
    InfoOf {
        user: InfoView {
            id: info.user.id.0,
            user_id: info.user.id.0,
            nickname: info.user.nickname,
            avatar: info.user.avatar,
            email: info.user.email.unwrap_or_default(),
            dept_id: info.user.dept_id.map_or(0, |d| d.0),
            dept_name: info.user.dept_name.unwrap_or_default(),
            dept_path: info.dept_path,
            roles: info
                .user
                .roles
                .iter()
                .filter(|r| active(&r.key))
                .map(|r| r.name.clone())
                .collect(),
            permissions: info.permissions,
            data_scope: info.sight.scope.code().to_owned(),
            dept_ids: info.sight.depts.iter().map(|d| d.0).collect(),
            username: info.user.username,
        },
    }
}

/// A permission: its name and its code.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PermissionView {
    name: String,
    permission: String,
}

pub(crate) fn permission(lang: Lang, item: &PermissionItem) -> PermissionView {
    PermissionView {
        name: item.name.get(lang).to_owned(),
        permission: item.code.clone(),
    }
}

/// A pattern that a role grants, named after the code that it is, or after what it covers.
pub(crate) fn granted(lang: Lang, pattern: &str, known: &[PermissionItem]) -> PermissionView {
    let name = match known.iter().find(|item| item.code == pattern) {
        Some(item) => item.name.get(lang).to_owned(),
        None if pattern == permission::EVERYTHING => {
            Text::fixed("全部权限", "Everything").get(lang).to_owned()
        }
        None => {
            let matched = permission::Pattern::parse(pattern)
                .map(|p| known.iter().filter(|item| p.covers(&item.code)).count())
                .unwrap_or(0);
            Text::new(
                format!("{matched} 项权限"),
                format!("{matched} permissions"),
            )
            .get(lang)
            .to_owned()
        }
    };
    PermissionView {
        name,
        permission: pattern.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_the_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let at = Timestamp::from_seconds(1_672_545_600);
        assert_eq!(Times(&zone).plain(at), "2023-01-01 12:00:00");
        assert_eq!(Times(&zone).rfc3339(at), "2023-01-01T12:00:00+08:00");
    }
}
