//! The permission catalogue: every code that Menshen itself asks for, its name in both languages,
//! and what it guards.
//!
//! Routes are written `METHOD /path`, server functions `fn name`. The REST routes and the server
//! functions declare their permission where they are registered, and a test holds both against
//! this table, in both directions. The database's catalogue may hold more codes, for the services
//! that use Menshen.

use crate::text::Text;

/// One permission code.
#[derive(Debug)]
pub struct Entry {
    /// The code, `area:thing:action`.
    pub code: &'static str,
    /// Its name for people.
    pub name: Text,
    /// The REST routes (`METHOD /path`) and server functions (`fn name`) that ask for it.
    pub guards: &'static [&'static str],
}

const fn entry(
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    guards: &'static [&'static str],
) -> Entry {
    Entry {
        code,
        name: Text::fixed(zh, en),
        guards,
    }
}

/// See users in lists.
pub const USER_LIST: &str = "system:user:list";
/// See one user's record.
pub const USER_QUERY: &str = "system:user:query";
/// Create users.
pub const USER_ADD: &str = "system:user:add";
/// Change users.
pub const USER_ALTER: &str = "system:user:alter";
/// Delete users.
pub const USER_REMOVE: &str = "system:user:remove";
/// Give users roles.
pub const USER_BIND: &str = "system:user:bind";
/// Reset users' passwords and second factors.
pub const USER_RESET: &str = "system:user:reset";
/// Import users.
pub const USER_IMPORT: &str = "system:user:import";
/// Export users.
pub const USER_EXPORT: &str = "system:user:export";
/// See roles in lists.
pub const ROLE_LIST: &str = "system:role:list";
/// See one role.
pub const ROLE_QUERY: &str = "system:role:query";
/// Create roles.
pub const ROLE_ADD: &str = "system:role:add";
/// Change roles.
pub const ROLE_ALTER: &str = "system:role:alter";
/// Delete roles.
pub const ROLE_REMOVE: &str = "system:role:remove";
/// See the whole permission catalogue.
pub const PERM_LIST: &str = "system:perm:list";
/// Query permissions, also a role's.
pub const PERM_QUERY: &str = "system:perm:query";
/// Change roles' permissions and the catalogue.
pub const PERM_ALTER: &str = "system:perm:alter";
/// See departments.
pub const DEPT_LIST: &str = "system:dept:list";
/// Create departments.
pub const DEPT_ADD: &str = "system:dept:add";
/// Change and move departments.
pub const DEPT_ALTER: &str = "system:dept:alter";
/// Delete departments.
pub const DEPT_REMOVE: &str = "system:dept:remove";
/// See menus.
pub const MENU_LIST: &str = "system:menu:list";
/// Create menus.
pub const MENU_ADD: &str = "system:menu:add";
/// Change and move menus.
pub const MENU_ALTER: &str = "system:menu:alter";
/// Delete menus.
pub const MENU_REMOVE: &str = "system:menu:remove";
/// See the settings and the signing keys.
pub const SETTING_QUERY: &str = "system:setting:query";
/// Change the settings, and rotate the signing keys.
pub const SETTING_ALTER: &str = "system:setting:alter";
/// Read the login log.
pub const LOG_LOGIN: &str = "monitor:log:login";
/// Read the operation log.
pub const LOG_OPERATION: &str = "monitor:log:operation";
/// Export the logs.
pub const LOG_EXPORT: &str = "monitor:log:export";
/// See everyone's sessions.
pub const SESSION_LIST: &str = "monitor:session:list";
/// End everyone's sessions.
pub const SESSION_REVOKE: &str = "monitor:session:revoke";

/// The catalogue, in the order in which editors show it.
pub static CATALOGUE: &[Entry] = &[
    entry(
        USER_LIST,
        "用户列表",
        "List users",
        &["GET /user/list", "fn list_users", "fn picked_users"],
    ),
    entry(
        USER_QUERY,
        "查询用户",
        "See a user",
        &[
            "GET /user/{uid}",
            "GET /user/info",
            "POST /check",
            "fn get_user",
            "fn user_factors",
            "fn user_history",
            "fn user_permissions",
        ],
    ),
    entry(
        USER_ADD,
        "添加用户",
        "Add users",
        &["POST /user", "fn create_user"],
    ),
    entry(
        USER_ALTER,
        "修改用户",
        "Change users",
        &[
            "PUT /user/{uid}",
            "PUT /user/{uid}/status",
            "fn update_user",
            "fn set_user_status",
            "fn set_users_status",
            "fn move_users",
        ],
    ),
    entry(
        USER_REMOVE,
        "删除用户",
        "Delete users",
        &["DELETE /user/{uid}", "fn delete_user", "fn delete_users"],
    ),
    entry(
        USER_BIND,
        "分配角色",
        "Assign roles",
        &[
            "POST /user/{uid}/bind",
            "fn bind_roles",
            "fn give_role",
            "fn take_role",
        ],
    ),
    entry(
        USER_RESET,
        "重置密码",
        "Reset passwords",
        &[
            "PUT /user/{uid}/password",
            "DELETE /user/{uid}/otp",
            "DELETE /user/{uid}/passkey",
            "fn reset_password",
            "fn reset_user_otp",
            "fn reset_user_passkeys",
        ],
    ),
    entry(
        USER_IMPORT,
        "导入用户",
        "Import users",
        &["POST /user/import"],
    ),
    entry(
        USER_EXPORT,
        "导出用户",
        "Export users",
        &["GET /user/export"],
    ),
    entry(
        ROLE_LIST,
        "角色列表",
        "List roles",
        &["GET /role/list", "fn list_roles"],
    ),
    entry(
        ROLE_QUERY,
        "查询角色",
        "See a role",
        &["GET /role/{roleId}", "fn get_role"],
    ),
    entry(
        ROLE_ADD,
        "添加角色",
        "Add roles",
        &["POST /role", "fn create_role"],
    ),
    entry(
        ROLE_ALTER,
        "修改角色",
        "Change roles",
        &[
            "PUT /role/{roleId}",
            "fn update_role",
            "fn set_role_status",
            "fn role_effect",
        ],
    ),
    entry(
        ROLE_REMOVE,
        "删除角色",
        "Delete roles",
        &["DELETE /role/{roleId}", "fn delete_role"],
    ),
    entry(
        PERM_LIST,
        "权限列表",
        "List permissions",
        &["GET /perm/list", "fn list_catalogue"],
    ),
    entry(PERM_QUERY, "查询权限", "Query permissions", &["GET /perm"]),
    entry(
        PERM_ALTER,
        "修改权限",
        "Change permissions",
        &[
            "PUT /perm",
            "POST /perm/{code}",
            "PUT /perm/{code}",
            "DELETE /perm/{code}",
            "fn create_permission",
            "fn update_permission",
            "fn delete_permission",
        ],
    ),
    entry(
        DEPT_LIST,
        "部门列表",
        "List departments",
        &[
            "GET /dept",
            "GET /dept/list",
            "GET /dept/{deptId}",
            "fn list_depts",
            "fn get_dept",
        ],
    ),
    entry(
        DEPT_ADD,
        "添加部门",
        "Add departments",
        &["POST /dept", "fn create_dept"],
    ),
    entry(
        DEPT_ALTER,
        "修改部门",
        "Change departments",
        &[
            "PUT /dept/{deptId}",
            "fn update_dept",
            "fn set_dept_status",
            "fn move_dept",
        ],
    ),
    entry(
        DEPT_REMOVE,
        "删除部门",
        "Delete departments",
        &["DELETE /dept/{deptId}", "fn delete_dept"],
    ),
    entry(
        MENU_LIST,
        "菜单列表",
        "List menus",
        &[
            "GET /menu",
            "GET /menu/list",
            "GET /menu/{menuId}",
            "fn list_menus",
            "fn get_menu",
        ],
    ),
    entry(
        MENU_ADD,
        "添加菜单",
        "Add menus",
        &["POST /menu", "fn create_menu"],
    ),
    entry(
        MENU_ALTER,
        "修改菜单",
        "Change menus",
        &[
            "PUT /menu/{menuId}",
            "fn update_menu",
            "fn set_menu_status",
            "fn move_menu",
        ],
    ),
    entry(
        MENU_REMOVE,
        "删除菜单",
        "Delete menus",
        &["DELETE /menu/{menuId}", "fn delete_menu"],
    ),
    entry(
        SETTING_QUERY,
        "查看设置",
        "See settings",
        &[
            "GET /setting",
            "GET /key/list",
            "fn list_settings",
            "fn get_settings",
            "fn list_keys",
        ],
    ),
    entry(
        SETTING_ALTER,
        "修改设置",
        "Change settings",
        &[
            "PUT /setting/{section}",
            "POST /setting/{section}/test",
            "POST /key/rotate",
            "DELETE /key/{kid}",
            "fn save_settings",
            "fn test_settings",
            "fn rotate_key",
            "fn revoke_key",
        ],
    ),
    entry(
        SESSION_LIST,
        "在线会话",
        "List sessions",
        &[
            "GET /session/list",
            "POST /auth/introspect",
            "fn list_sessions",
            "fn session_owner",
            "fn my_session_among",
            "fn user_sessions",
        ],
    ),
    entry(
        SESSION_REVOKE,
        "强制下线",
        "End sessions",
        &[
            "DELETE /session/{sid}",
            "fn end_session",
            "fn end_user_sessions",
            "fn end_sessions",
        ],
    ),
    entry(
        LOG_LOGIN,
        "登录日志",
        "Read sign-ins",
        &["GET /log/login", "fn list_sign_ins"],
    ),
    entry(
        LOG_OPERATION,
        "操作日志",
        "Read operations",
        &[
            "GET /log/operation",
            "fn list_operations",
            "fn get_operation",
        ],
    ),
    entry(
        LOG_EXPORT,
        "导出日志",
        "Export logs",
        &["GET /log/login/export", "GET /log/operation/export"],
    ),
];

/// Finds a code in the catalogue.
#[must_use]
pub fn find(code: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|e| e.code == code)
}

/// The name of a group of codes, `area:thing`; the group itself when it has none here.
#[must_use]
pub fn group_name(group: &str) -> Text {
    match group {
        "system:user" => Text::fixed("用户", "Users"),
        "system:role" => Text::fixed("角色", "Roles"),
        "system:perm" => Text::fixed("权限", "Permissions"),
        "system:dept" => Text::fixed("部门", "Departments"),
        "system:menu" => Text::fixed("菜单", "Menus"),
        "system:setting" => Text::fixed("设置", "Settings"),
        "monitor:session" => Text::fixed("会话", "Sessions"),
        "monitor:log" => Text::fixed("日志", "Records"),
        other => Text::new(other.to_owned(), other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::Pattern;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_plain_well_formed_and_unique() {
        let mut seen = BTreeSet::new();
        for e in CATALOGUE {
            let pattern = Pattern::parse(e.code).expect(e.code);
            assert!(!pattern.is_wild(), "{}", e.code);
            assert!(seen.insert(e.code), "{} twice", e.code);
        }
    }

    #[test]
    fn nothing_is_guarded_twice() {
        let mut seen = BTreeSet::new();
        for guard in CATALOGUE.iter().flat_map(|e| e.guards) {
            assert!(seen.insert(guard), "{guard} twice");
        }
    }
}
