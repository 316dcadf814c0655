//! The login log and the operation log.

use crate::ids::{SessionId, UserId};
use crate::{Text, Timestamp};
use serde::{Deserialize, Serialize};

/// Which log an entry is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogKind {
    /// Sign-ins, and what ends them.
    Login,
    /// Changes.
    Operation,
}

impl LogKind {
    /// The word that the database knows it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Operation => "operation",
        }
    }
}

/// Which entries are wanted, and in which order: the newest first, unless `oldest_first`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFilter {
    /// Part of the name of who did it, or of the name of what it was done to.
    pub text: Option<String>,
    /// Part of the name of who did it, or of the name given at a sign-in.
    pub username: Option<String>,
    /// Part of the address.
    pub ip: Option<String>,
    /// Whether it succeeded.
    pub success: Option<bool>,
    /// What was done, as in `role.update`.
    pub action: Option<String>,
    /// What kind of action, as in `role` for all of `role.create`, `role.update` and so on.
    pub area: Option<String>,
    /// By which way somebody signed in, one of [`METHODS`].
    pub method: Option<String>,
    /// What it was done to: its kind, its id, or part of its name.
    pub target: Option<String>,
    /// Not before this.
    pub begin: Option<Timestamp>,
    /// Not after this.
    pub end: Option<Timestamp>,
    /// Whether the oldest come first. An export does not go by it, nor does its entry tell it.
    #[serde(skip)]
    pub oldest_first: bool,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What was done, as in `role.update`; [`title`] says it for people.
    pub action: String,
    /// Whether it succeeded.
    pub success: bool,
    /// Who did it, when known.
    pub actor_id: Option<UserId>,
    /// The name of who did it, or the name given at a failed sign-in.
    pub actor_name: String,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// From which address.
    pub ip: String,
    /// With which client.
    pub user_agent: String,
    /// The browser or program, as far as the User-Agent tells; else empty.
    pub browser: String,
    /// The operating system, as far as the User-Agent tells; else empty.
    pub os: String,
    /// What kind of thing it was done to.
    pub target_kind: Option<String>,
    /// Which one.
    pub target_id: Option<String>,
    /// What that is called.
    pub target_name: Option<String>,
    /// JSON: the reason, or what was before and after.
    pub detail: String,
    /// The code of the reason, if there is one; [`reason`] says it for people.
    pub reason: Option<String>,
    /// By which way somebody signed in, one of [`METHODS`]; for sign-ins alone.
    pub method: Option<String>,
    /// The request in which it happened.
    pub request_id: String,
    /// Whether it is as it was written: its signature is good.
    pub valid: bool,
}

/// The ways of signing in. What the log says nothing of was by password.
pub const METHODS: &[&str] = &[
    "password",
    "sms",
    "wechat_mini",
    "wechat_scan",
    "wecom",
    "passkey",
];

/// What a way of signing in is called.
#[must_use]
pub fn method(code: &str) -> Text {
    match code {
        "password" => Text::fixed("密码", "Password"),
        "sms" => Text::fixed("短信验证码", "Text message"),
        "wechat_mini" => Text::fixed("微信小程序", "WeChat mini-program"),
        "wechat_scan" => Text::fixed("微信扫码", "WeChat scan"),
        "wecom" => Text::fixed("企业微信", "WeCom"),
        "passkey" => Text::fixed("通行密钥", "Passkey"),
        other => Text::new(other.to_owned(), other.to_owned()),
    }
}

/// The kinds of actions that the operation log is filtered by.
pub const AREAS: &[&str] = &[
    "user",
    "role",
    "permission",
    "dept",
    "menu",
    "session",
    "setting",
    "otp",
    "passkey",
    "upload",
    "log",
];

/// What a kind of actions is called.
#[must_use]
pub fn area(code: &str) -> Text {
    thing(code).map_or_else(
        || Text::new(code.to_owned(), code.to_owned()),
        |(zh, many, _)| {
            let mut letters = many.chars();
            let capital = letters.next().into_iter().flat_map(char::to_uppercase);
            Text::new(zh.to_owned(), capital.chain(letters).collect::<String>())
        },
    )
}

/// A part of a log, as the admin UI lists it. The entries are counted up to a bound, because
/// nobody leafs through more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// The entries of this page.
    pub list: Vec<LogEntry>,
    /// How many there are on all pages together, as far as they were counted.
    pub total: i64,
    /// Whether there are more than were counted.
    pub more: bool,
    /// Not before this.
    pub begin: Option<Timestamp>,
    /// Not after this.
    pub end: Option<Timestamp>,
}

/// An entry of the operation log, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The entry.
    pub entry: LogEntry,
    /// The fields that changed.
    pub changes: Vec<Change>,
    /// The names of the fields that did not.
    pub same: Vec<String>,
    /// What else there is to say: names and values.
    pub facts: Vec<(String, String)>,
    /// All of it as JSON, for machines.
    pub json: String,
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its name; [`field`] says it for people.
    pub field: String,
    /// What was there and is not any more: a value, or those items of a list.
    pub before: Vec<String>,
    /// What is there now and was not.
    pub after: Vec<String>,
    /// How many items of a list stayed.
    pub kept: usize,
    /// What the ids among these values are called, by the id; of those alone that are still there
    /// and that the reader may see.
    pub names: Vec<(String, Text)>,
}

impl Change {
    /// What the id `value` is called.
    #[must_use]
    pub fn name_of(&self, value: &str) -> Option<&Text> {
        let at = self
            .names
            .binary_search_by(|(id, _)| id.as_str().cmp(value));
        at.ok()
            .and_then(|at| self.names.get(at))
            .map(|(_, name)| name)
    }
}

/// What a field of an entry is called; its own name when it is not known here.
#[must_use]
pub fn field(name: &str) -> Text {
    let (zh, en) = match name {
        "username" => ("用户名", "Username"),
        "nickname" => ("姓名", "Name"),
        "avatar" => ("头像", "Picture"),
        "phone" => ("手机", "Phone"),
        "email" => ("邮箱", "E-mail"),
        "sex" => ("性别", "Sex"),
        "status" => ("状态", "Status"),
        "deptId" => ("部门", "Department"),
        "deptIds" => ("数据范围的部门", "Departments in scope"),
        "remark" => ("备注", "Note"),
        "roleIds" => ("角色", "Roles"),
        "name" => ("名称", "Name"),
        "nameZh" => ("中文名称", "Chinese name"),
        "nameEn" => ("英文名称", "English name"),
        "kind" => ("类型", "Type"),
        "component" => ("组件名", "Component"),
        "key" => ("标识", "Key"),
        "code" => ("编码", "Code"),
        "description" => ("说明", "Description"),
        "sort" => ("排序", "Sort"),
        "dataScope" => ("数据范围", "Data scope"),
        "permissions" => ("权限", "Permissions"),
        "permission" => ("权限", "Permission"),
        "menuIds" => ("菜单", "Menus"),
        "parentId" => ("上级", "Parent"),
        "leader" => ("负责人", "Leader"),
        "path" => ("路径", "Path"),
        "icon" => ("图标", "Icon"),
        "visible" => ("可见", "Visible"),
        "reason" => ("原因", "Reason"),
        "ended" => ("结束的会话", "Sessions ended"),
        "entries" => ("记录数", "Entries"),
        "filter" => ("筛选", "Filter"),
        other => return Text::new(other.to_owned(), other.to_owned()),
    };
    Text::fixed(zh, en)
}

/// What an action is called.
#[must_use]
pub fn title(action: &str) -> Text {
    match action {
        "sign_in" => Text::fixed("登录", "Sign in"),
        "sign_in.otp_due" => Text::fixed("等待两步验证", "Two-step verification asked for"),
        "otp.enroll" => Text::fixed("开始设置两步验证", "Begin to set up two-step verification"),
        "otp.confirm" => Text::fixed("开启两步验证", "Turn on two-step verification"),
        "otp.disable" => Text::fixed("关闭两步验证", "Turn off two-step verification"),
        "otp.renew_recovery_codes" => Text::fixed("重新生成恢复码", "Make new recovery codes"),
        "otp.use_recovery_code" => Text::fixed("使用恢复码", "Recovery code used"),
        "sign_out" => Text::fixed("退出登录", "Sign out"),
        "session_revoked" => Text::fixed("会话被吊销", "Session revoked"),
        "user.sign_up" => Text::fixed("注册", "Sign up"),
        "user.bind" => Text::fixed("给用户分配角色", "Assign roles to a user"),
        "user.change_password" => Text::fixed("修改自己的密码", "Change one's own password"),
        "user.reset_password" => Text::fixed("重置用户的密码", "Reset a user's password"),
        "user.reset_otp" => {
            Text::fixed("重置用户的两步验证", "Reset a user's two-step verification")
        }
        "user.bind_identity" => Text::fixed("绑定第三方账号", "Link a vendor's account"),
        "user.first_administrator" => {
            Text::fixed("创建首个管理员", "Create the first administrator")
        }
        "user.reset_passkeys" => Text::fixed("清除用户的通行密钥", "Remove a user's passkeys"),
        "setting.test" => Text::fixed("测试设置", "Test settings"),
        "key.rotate" => Text::fixed("轮换签名密钥", "Rotate the signing key"),
        "key.revoke" => Text::fixed("吊销签名密钥", "Revoke a signing key"),
        "session.revoke" => Text::fixed("结束会话", "End a session"),
        "session.revoke_others" => Text::fixed("结束其他会话", "End all other sessions"),
        "session.revoke_user" => Text::fixed("结束用户的全部会话", "End all sessions of a user"),
        "upload.add" => Text::fixed("上传文件", "Upload a file"),
        "passkey.update" => Text::fixed("重命名通行密钥", "Rename a passkey"),
        other => composed(other).unwrap_or_else(|| Text::new(other.to_owned(), other.to_owned())),
    }
}

/// `thing.verb`, put together from the names of both: one thing is made or changed, and many go
/// into a file or come out of one.
fn composed(action: &str) -> Option<Text> {
    let (name, verb) = action.split_once('.')?;
    let (thing_zh, many, one) = thing(name)?;
    let (verb_zh, verb_en, thing_en) = match verb {
        "create" => ("新增", "Create", one),
        "add" => ("新增", "Add", one),
        "update" | "alter" => ("修改", "Edit", one),
        "delete" | "remove" => ("删除", "Delete", one),
        "import" => ("导入", "Import", many),
        "export" => ("导出", "Export", many),
        "enable" | "confirm" => ("启用", "Enable", one),
        "disable" => ("停用", "Disable", one),
        "reset" => ("重置", "Reset", one),
        _ => return None,
    };
    Some(Text::new(
        format!("{verb_zh}{thing_zh}"),
        format!("{verb_en} {thing_en}"),
    ))
}

/// What things are called that something is done to: in Chinese, and in English many of them and
/// one.
fn thing(name: &str) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match name {
        "user" => ("用户", "users", "a user"),
        "role" => ("角色", "roles", "a role"),
        "dept" => ("部门", "departments", "a department"),
        "menu" => ("菜单", "menus", "a menu"),
        "perm" | "permission" => ("权限", "permissions", "a permission"),
        "setting" => ("设置", "settings", "settings"),
        "session" => ("会话", "sessions", "a session"),
        "log" => ("日志", "logs", "a log"),
        "upload" => ("上传文件", "uploads", "an upload"),
        "otp" => ("两步验证", "two-step verification", "two-step verification"),
        "passkey" => ("通行密钥", "passkeys", "a passkey"),
        _ => return None,
    })
}

/// What a reason means; its own code when it is not known here.
#[must_use]
pub fn reason(code: &str) -> Text {
    match code {
        "unknown" => Text::fixed("用户不存在", "No such user"),
        "password" => Text::fixed("密码错误", "Wrong password"),
        "disabled" => Text::fixed("账号已停用", "The account is disabled"),
        "captcha" => Text::fixed("验证码错误", "Wrong captcha"),
        "code" | "otp" => Text::fixed("验证码不正确", "Wrong code"),
        "otp_ticket" => Text::fixed("两步验证已过期", "Two-step verification came too late"),
        "vendor" => Text::fixed("第三方登录服务出错", "The vendor's sign-in failed"),
        "passkey" => Text::fixed("通行密钥无效", "The passkey was not good"),
        "passkey_ticket" => Text::fixed(
            "通行密钥登录已超时或重复使用",
            "The sign-in with a passkey took too long, or was used before",
        ),
        "passkey_counter" => Text::fixed(
            "通行密钥的签名计数倒退，可能已被复制",
            "The passkey's counter went backwards: it may have been copied",
        ),
        "client_changed" => Text::fixed("登录环境已变化", "The client changed"),
        "sign_in_too_old" => Text::fixed("登录已久", "Signed in too long ago"),
        "registration_closed" => Text::fixed(
            "没有账号，且注册已关闭",
            "No account, and registration is closed",
        ),
        "registration_limit" => Text::fixed("注册过于频繁", "Too many new accounts"),
        "refresh_reused" => Text::fixed("刷新令牌被重复使用", "A refresh token was used again"),
        other => Text::new(other.to_owned(), other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    #[test]
    fn actions_have_names_in_both_languages() {
        assert_eq!(title("role.update").get(Lang::Zh), "修改角色");
        assert_eq!(title("role.update").get(Lang::En), "Edit a role");
        assert_eq!(title("user.export").get(Lang::En), "Export users");
        assert_eq!(title("user.bind").get(Lang::En), "Assign roles to a user");
        for unknown in ["x", "x.y", "role.fly", ""] {
            assert_eq!(title(unknown).get(Lang::Zh), unknown);
        }
        assert_eq!(reason("password").get(Lang::En), "Wrong password");
        assert_eq!(reason("else").get(Lang::Zh), "else");
    }

    #[test]
    fn ways_and_areas_have_names_in_both_languages() {
        for code in METHODS {
            assert_ne!(method(code).get(Lang::En), *code);
        }
        for code in AREAS {
            assert_ne!(area(code).get(Lang::Zh), *code);
        }
        assert_eq!(area("otp").get(Lang::En), "Two-step verification");
        assert_eq!(area("else").get(Lang::En), "else");
    }
}
