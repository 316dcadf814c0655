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

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFilter {
    /// Part of the name of who did it, or of the name given at a sign-in.
    pub username: Option<String>,
    /// Part of the address.
    pub ip: Option<String>,
    /// Whether it succeeded.
    pub success: Option<bool>,
    /// What was done, as in `role.update`.
    pub action: Option<String>,
    /// What it was done to: its kind, its id, or part of its name.
    pub target: Option<String>,
    /// Not before this.
    pub begin: Option<Timestamp>,
    /// Not after this.
    pub end: Option<Timestamp>,
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
    /// The request in which it happened.
    pub request_id: String,
    /// Whether it is as it was written: its signature is good.
    pub valid: bool,
}

/// What an action is called.
#[must_use]
pub fn title(action: &str) -> Text {
    match action {
        "sign_in" => Text::fixed("登录", "Sign in"),
        "sign_out" => Text::fixed("退出登录", "Sign out"),
        "session_revoked" => Text::fixed("会话被吊销", "Session revoked"),
        "user.sign_up" => Text::fixed("注册", "Sign up"),
        "user.bind" => Text::fixed("分配角色", "Assign roles"),
        "user.disable" => Text::fixed("停用用户", "Disable a user"),
        "user.change_password" => Text::fixed("修改自己的密码", "Change one's own password"),
        "user.reset_password" => Text::fixed("重置密码", "Reset a password"),
        "user.first_administrator" => Text::fixed("创建首个管理员", "Make the first administrator"),
        "setting.test" => Text::fixed("测试设置", "Try settings out"),
        "key.rotate" => Text::fixed("轮换签名密钥", "Rotate the signing key"),
        "key.revoke" => Text::fixed("吊销签名密钥", "Revoke a signing key"),
        "session.revoke" => Text::fixed("结束会话", "End a session"),
        "session.revoke_others" => Text::fixed("结束其他会话", "End all other sessions"),
        other => composed(other).unwrap_or_else(|| Text::new(other.to_owned(), other.to_owned())),
    }
}

/// `thing.verb`, put together from the names of both.
fn composed(action: &str) -> Option<Text> {
    let (thing, verb) = action.split_once('.')?;
    let (thing_zh, thing_en) = match thing {
        "user" => ("用户", "users"),
        "role" => ("角色", "roles"),
        "dept" => ("部门", "departments"),
        "menu" => ("菜单", "menus"),
        "perm" | "permission" => ("权限", "permissions"),
        "setting" => ("设置", "settings"),
        "session" => ("会话", "sessions"),
        "log" => ("日志", "logs"),
        "upload" => ("上传文件", "uploads"),
        "otp" => ("两步验证", "second factors"),
        "passkey" => ("通行密钥", "passkeys"),
        _ => return None,
    };
    let (verb_zh, verb_en) = match verb {
        "create" | "add" => ("新增", "Add"),
        "update" | "alter" => ("修改", "Change"),
        "delete" | "remove" => ("删除", "Delete"),
        "import" => ("导入", "Import"),
        "export" => ("导出", "Export"),
        "enable" | "confirm" => ("启用", "Enable"),
        "disable" => ("停用", "Disable"),
        "reset" => ("重置", "Reset"),
        _ => return None,
    };
    Some(Text::new(
        format!("{verb_zh}{thing_zh}"),
        format!("{verb_en} {thing_en}"),
    ))
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
        "client_changed" => Text::fixed("登录环境已变化", "The client changed"),
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
        assert_eq!(title("role.update").get(Lang::En), "Change roles");
        assert_eq!(title("user.bind").get(Lang::En), "Assign roles");
        for unknown in ["x", "x.y", "role.fly", ""] {
            assert_eq!(title(unknown).get(Lang::Zh), unknown);
        }
        assert_eq!(reason("password").get(Lang::En), "Wrong password");
        assert_eq!(reason("else").get(Lang::Zh), "else");
    }
}
