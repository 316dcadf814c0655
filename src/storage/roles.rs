//! Roles and what hangs on them.

use crate::sql::{Arg, Where};
use crate::users::{MAX_IN, status};
use crate::{Conn, Result};
use menshen_domain::role::{NewRole, Role, RoleFilter, RoleSort};
use menshen_domain::scope::DataScope;
use menshen_domain::session::RoleOption;
use menshen_domain::{DeptId, MenuId, Page, PageRequest, RoleId, Timestamp, UserId};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

const COLUMNS: &str =
    "r.id, r.name, r.role_key, r.sort, r.status, r.data_scope, r.builtin, r.remark,
    r.created_by, r.created_at, r.updated_by, r.updated_at,
    (SELECT COUNT(*) FROM user_role ur WHERE ur.role_id = r.id) AS holders";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    role_key: String,
    sort: i64,
    status: String,
    data_scope: String,
    builtin: i64,
    remark: Option<String>,
    created_by: Option<i64>,
    created_at: i64,
    updated_by: Option<i64>,
    updated_at: Option<i64>,
    holders: i64,
}

impl From<Row> for Role {
    fn from(r: Row) -> Self {
        Self {
            id: RoleId(r.id),
            name: r.name,
            key: r.role_key,
            sort: r.sort,
            status: status(&r.status),
            data_scope: DataScope::from_code(&r.data_scope).unwrap_or(DataScope::SelfOnly),
            builtin: r.builtin != 0,
            remark: r.remark,
            created_by: r.created_by.map(UserId),
            created_at: Timestamp(r.created_at),
            updated_by: r.updated_by.map(UserId),
            updated_at: r.updated_at.map(Timestamp),
            permissions: Vec::new(),
            menu_ids: Vec::new(),
            dept_ids: Vec::new(),
            holders: r.holders,
        }
    }
}

/// One role, whole.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, id: RoleId) -> Result<Option<Role>> {
    let sql = format!("SELECT {COLUMNS} FROM role r WHERE r.id = $1");
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(id.0)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut roles = [Role::from(row)];
    attach(conn, &mut roles).await?;
    let [role] = roles;
    Ok(Some(role))
}

/// The roles that `filter` lets through, one page of them, in its order.
///
/// # Errors
/// What the database says.
pub async fn list(conn: &mut Conn, filter: &RoleFilter, page: PageRequest) -> Result<Page<Role>> {
    let mut w = Where::default();
    w.and_like(
        "LOWER(r.name) LIKE LOWER(?) ESCAPE '!'",
        filter.name.as_deref(),
    );
    w.and_like(
        "LOWER(r.role_key) LIKE LOWER(?) ESCAPE '!'",
        filter.key.as_deref(),
    );
    w.and_like(
        "(LOWER(r.name) LIKE LOWER(?) ESCAPE '!' OR LOWER(r.role_key) LIKE LOWER(?) ESCAPE '!')",
        filter.text.as_deref(),
    );
    if let Some(status) = filter.status {
        w.and("r.status = ?", [Arg::Text(status.code().to_owned())]);
    }
    let count = format!("SELECT COUNT(*) FROM role r{}", w.clause());
    let (total,): (i64,) = w
        .bind(sqlx::query_as(AssertSqlSafe(count)))
        .fetch_one(&mut *conn)
        .await?;
    let clause = w.clause();
    let order = order(filter.sort, filter.descending);
    let limit = w.page(page.page_size, page.offset());
    let sql = format!("SELECT {COLUMNS} FROM role r{clause} ORDER BY {order}{limit}");
    let rows: Vec<Row> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(&mut *conn)
        .await?;
    let mut list: Vec<Role> = rows.into_iter().map(Role::from).collect();
    attach(conn, &mut list).await?;
    Ok(Page { total, list })
}

/// Roles are few: what has no index here is sorted quickly enough without one.
fn order(sort: RoleSort, descending: bool) -> &'static str {
    match (sort, descending) {
        (RoleSort::RoleSort, false) => "r.sort, r.id",
        (RoleSort::RoleSort, true) => "r.sort DESC, r.id DESC",
        (RoleSort::RoleName, false) => "LOWER(r.name), r.id",
        (RoleSort::RoleName, true) => "LOWER(r.name) DESC, r.id DESC",
        (RoleSort::RoleKey, false) => "LOWER(r.role_key), r.id",
        (RoleSort::RoleKey, true) => "LOWER(r.role_key) DESC, r.id DESC",
        (RoleSort::UpdateTime, false) => "COALESCE(r.updated_at, r.created_at), r.id",
        (RoleSort::UpdateTime, true) => "COALESCE(r.updated_at, r.created_at) DESC, r.id DESC",
    }
}

/// Fills in permissions, menus and departments.
async fn attach(conn: &mut Conn, roles: &mut [Role]) -> Result<()> {
    let ids: Vec<i64> = roles.iter().map(|r| r.id.0).collect();
    let mut permissions: HashMap<i64, Vec<String>> =
        links(conn, "SELECT role_id, pattern FROM role_permission", &ids).await?;
    let mut menus: HashMap<i64, Vec<i64>> =
        links(conn, "SELECT role_id, menu_id FROM role_menu", &ids).await?;
    let mut depts: HashMap<i64, Vec<i64>> =
        links(conn, "SELECT role_id, dept_id FROM role_dept", &ids).await?;
    for role in roles {
        let id = role.id.0;
        role.permissions = permissions.remove(&id).unwrap_or_default();
        role.menu_ids = menus
            .remove(&id)
            .unwrap_or_default()
            .into_iter()
            .map(MenuId)
            .collect();
        role.dept_ids = depts
            .remove(&id)
            .unwrap_or_default()
            .into_iter()
            .map(DeptId)
            .collect();
    }
    Ok(())
}

async fn links<T>(
    conn: &mut Conn,
    select: &'static str,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<T>>>
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    let mut w = Where::default();
    w.and_list("role_id IN (LIST)", None, ids);
    let sql = format!("{select}{} ORDER BY 1, 2", w.clause());
    let rows: Vec<(i64, T)> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    let mut map: HashMap<i64, Vec<T>> = HashMap::new();
    for (id, linked) in rows {
        map.entry(id).or_default().push(linked);
    }
    Ok(map)
}

/// What these roles are called, by their ids; those that are no more are left out.
///
/// # Errors
/// What the database says.
pub async fn names(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    named(conn, "SELECT id, name FROM role", ids).await
}

/// Rows of an id and a name, of these ids.
pub(crate) async fn named(
    conn: &mut Conn,
    select: &'static str,
    ids: &[i64],
) -> Result<Vec<(i64, String)>> {
    let mut found = Vec::new();
    for some in ids.chunks(MAX_IN) {
        let mut w = Where::default();
        w.and_list("id IN (LIST)", None, some);
        let sql = format!("{select}{}", w.clause());
        let rows: Vec<(i64, String)> = w
            .bind(sqlx::query_as(AssertSqlSafe(sql)))
            .fetch_all(&mut *conn)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Every role's id, name and key, by sort.
///
/// # Errors
/// What the database says.
pub async fn options(conn: &mut Conn) -> Result<Vec<RoleOption>> {
    let rows: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT id, name, role_key FROM role ORDER BY sort, id")
            .fetch_all(conn)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, key)| RoleOption {
            id: RoleId(id),
            name,
            key,
        })
        .collect())
}

/// Whether a role other than `besides` has the key `key`, in any letter case.
///
/// # Errors
/// What the database says.
pub async fn key_taken(conn: &mut Conn, key: &str, besides: Option<RoleId>) -> Result<bool> {
    let (n,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM role WHERE LOWER(role_key) = LOWER($1) AND id <> $2")
            .bind(key.to_owned())
            .bind(besides.map_or(0, |id| id.0))
            .fetch_one(conn)
            .await?;
    Ok(n > 0)
}

/// Inserts a role with all that hangs on it.
///
/// # Errors
/// [`crate::StorageError::Unique`] on `role_key`.
pub async fn insert(
    conn: &mut Conn,
    role: &NewRole,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<RoleId> {
    let (id,): (i64,) = sqlx::query_as(
        "INSERT INTO role (name, role_key, sort, status, data_scope, remark, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
    )
    .bind(role.name.clone())
    .bind(role.key.clone())
    .bind(role.sort)
    .bind(role.status.code())
    .bind(role.data_scope.code())
    .bind(role.remark.clone())
    .bind(by.map(|u| u.0))
    .bind(now.0)
    .fetch_one(&mut *conn)
    .await?;
    let id = RoleId(id);
    set_permissions(conn, id, &role.permissions).await?;
    set_menus(conn, id, &role.menu_ids).await?;
    set_depts(conn, id, &role.dept_ids).await?;
    Ok(id)
}

/// Writes a role's own columns back, and who did it when.
///
/// # Errors
/// [`crate::StorageError::Unique`] on `role_key`.
pub async fn update(
    conn: &mut Conn,
    role: &Role,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE role SET name = $2, role_key = $3, sort = $4, status = $5, data_scope = $6,
             remark = $7, updated_by = $8, updated_at = $9
         WHERE id = $1",
    )
    .bind(role.id.0)
    .bind(role.name.clone())
    .bind(role.key.clone())
    .bind(role.sort)
    .bind(role.status.code())
    .bind(role.data_scope.code())
    .bind(role.remark.clone())
    .bind(by.map(|u| u.0))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes a role; whoever held it holds it no more.
///
/// # Errors
/// What the database says.
pub async fn delete(conn: &mut Conn, id: RoleId) -> Result<()> {
    sqlx::query("DELETE FROM role WHERE id = $1")
        .bind(id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Replaces a role's permission patterns.
///
/// # Errors
/// What the database says.
pub async fn set_permissions(conn: &mut Conn, id: RoleId, patterns: &[String]) -> Result<()> {
    sqlx::query("DELETE FROM role_permission WHERE role_id = $1")
        .bind(id.0)
        .execute(&mut *conn)
        .await?;
    for pattern in patterns {
        sqlx::query("INSERT INTO role_permission (role_id, pattern) VALUES ($1, $2)")
            .bind(id.0)
            .bind(pattern.clone())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Replaces the menu entries that a role shows.
///
/// # Errors
/// What the database says.
pub async fn set_menus(conn: &mut Conn, id: RoleId, menus: &[MenuId]) -> Result<()> {
    let ids = menus.iter().map(|m| m.0);
    replace_links(
        conn,
        id,
        "DELETE FROM role_menu WHERE role_id = $1",
        "INSERT INTO role_menu (role_id, menu_id) VALUES ($1, $2)",
        ids,
    )
    .await
}

/// Replaces the departments of a role's custom data scope.
///
/// # Errors
/// What the database says.
pub async fn set_depts(conn: &mut Conn, id: RoleId, depts: &[DeptId]) -> Result<()> {
    let ids = depts.iter().map(|d| d.0);
    replace_links(
        conn,
        id,
        "DELETE FROM role_dept WHERE role_id = $1",
        "INSERT INTO role_dept (role_id, dept_id) VALUES ($1, $2)",
        ids,
    )
    .await
}

/// Replaces what a role is linked with in a join table.
async fn replace_links(
    conn: &mut Conn,
    role: RoleId,
    delete: &'static str,
    insert: &'static str,
    ids: impl Iterator<Item = i64>,
) -> Result<()> {
    sqlx::query(delete).bind(role.0).execute(&mut *conn).await?;
    for id in ids {
        sqlx::query(insert)
            .bind(role.0)
            .bind(id)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Which of `ids` are no rows of `menu`.
///
/// # Errors
/// What the database says.
pub async fn unknown_menus(conn: &mut Conn, ids: &[i64]) -> Result<Vec<i64>> {
    unknown(conn, "SELECT id FROM menu", ids).await
}

/// Which of `ids` are no rows of `dept`.
///
/// # Errors
/// What the database says.
pub async fn unknown_depts(conn: &mut Conn, ids: &[i64]) -> Result<Vec<i64>> {
    unknown(conn, "SELECT id FROM dept", ids).await
}

/// Which of `ids` are no roles.
///
/// # Errors
/// What the database says.
pub async fn unknown_roles(conn: &mut Conn, ids: &[i64]) -> Result<Vec<i64>> {
    unknown(conn, "SELECT id FROM role", ids).await
}

async fn unknown(conn: &mut Conn, select: &'static str, ids: &[i64]) -> Result<Vec<i64>> {
    let mut w = Where::default();
    w.and_list("id IN (LIST)", None, ids);
    let sql = format!("{select}{}", w.clause());
    let known: Vec<(i64,)> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    Ok(ids
        .iter()
        .copied()
        .filter(|id| !known.iter().any(|k| k.0 == *id))
        .collect())
}

/// The patterns that a set of roles grants, disabled roles included.
///
/// # Errors
/// What the database says.
pub async fn patterns_of(conn: &mut Conn, roles: &[RoleId]) -> Result<Vec<String>> {
    let ids: Vec<i64> = roles.iter().map(|r| r.0).collect();
    let mut w = Where::default();
    w.and_list("role_id IN (LIST)", None, &ids);
    let sql = format!(
        "SELECT DISTINCT pattern FROM role_permission{} ORDER BY 1",
        w.clause()
    );
    let rows: Vec<(String,)> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// An active role that a user holds, as far as access needs it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ActiveRole {
    /// Its id.
    pub id: i64,
    /// Its key.
    pub role_key: String,
    /// Its data scope's code.
    pub data_scope: String,
    /// Its place among roles.
    pub sort: i64,
}

/// The active roles that a user holds, by sort.
///
/// # Errors
/// What the database says.
pub async fn active_of(conn: &mut Conn, user: UserId) -> Result<Vec<ActiveRole>> {
    Ok(sqlx::query_as(
        "SELECT r.id, r.role_key, r.data_scope, r.sort FROM role r JOIN user_role ur ON ur.role_id = r.id
         WHERE ur.user_id = $1 AND r.status = '0' ORDER BY r.sort, r.id",
    )
    .bind(user.0)
    .fetch_all(conn)
    .await?)
}

/// The departments of a role's custom data scope.
///
/// # Errors
/// What the database says.
pub async fn depts_of(conn: &mut Conn, role: RoleId) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> =
        sqlx::query_as("SELECT dept_id FROM role_dept WHERE role_id = $1 ORDER BY dept_id")
            .bind(role.0)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// A pattern of an active role that shares holders with another role.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SharedPattern {
    /// The role's id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// One of its patterns.
    pub pattern: String,
}

/// The patterns of the other active roles that holders of `role` hold, by the roles' sort.
///
/// # Errors
/// What the database says.
pub async fn shared_patterns(conn: &mut Conn, role: RoleId) -> Result<Vec<SharedPattern>> {
    Ok(sqlx::query_as(
        "SELECT r.id, r.name, p.pattern FROM role r JOIN role_permission p ON p.role_id = r.id
         WHERE r.status = '0' AND r.id <> $1 AND EXISTS (
             SELECT 1 FROM user_role theirs JOIN user_role ours ON ours.user_id = theirs.user_id
             WHERE theirs.role_id = r.id AND ours.role_id = $1)
         ORDER BY r.sort, r.id, p.pattern",
    )
    .bind(role.0)
    .fetch_all(conn)
    .await?)
}

/// How many holders of `role` hold at least one of `others` as well.
///
/// # Errors
/// What the database says.
pub async fn shared_holders(conn: &mut Conn, role: RoleId, others: &[i64]) -> Result<i64> {
    let mut w = Where::default();
    w.and_list(
        "ours.role_id = ? AND theirs.role_id IN (LIST)",
        Some(role.0),
        others,
    );
    let sql = format!(
        "SELECT COUNT(DISTINCT ours.user_id) FROM user_role ours
         JOIN user_role theirs ON theirs.user_id = ours.user_id{}",
        w.clause()
    );
    let (n,): (i64,) = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_one(conn)
        .await?;
    Ok(n)
}

/// How many roles there are.
///
/// # Errors
/// What the database says.
pub async fn count(conn: &mut Conn) -> Result<i64> {
    let (n,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM role")
        .fetch_one(conn)
        .await?;
    Ok(n)
}
