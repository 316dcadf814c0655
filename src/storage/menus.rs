//! Menus, and the roles that they are linked to.

use crate::sql::Where;
use crate::users::{MAX_IN, status};
use crate::{Conn, Result};
use menshen_domain::menu::{Menu, MenuKind, NewMenu};
use menshen_domain::{MenuId, Text, Timestamp, UserId};
use sqlx::AssertSqlSafe;

const SELECT: &str = "SELECT id, parent_id, name_zh, name_en, kind, path, component, icon,
    permission, sort, visible, status, created_by, created_at, updated_by, updated_at FROM menu";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    parent_id: Option<i64>,
    name_zh: String,
    name_en: String,
    kind: String,
    path: String,
    component: String,
    icon: String,
    permission: Option<String>,
    sort: i64,
    visible: i64,
    status: String,
    created_by: Option<i64>,
    created_at: i64,
    updated_by: Option<i64>,
    updated_at: Option<i64>,
}

impl From<Row> for Menu {
    fn from(r: Row) -> Self {
        Self {
            id: MenuId(r.id),
            parent_id: r.parent_id.map(MenuId),
            name: Text::new(r.name_zh, r.name_en),
            // The column holds no other word.
            kind: MenuKind::parse(&r.kind).unwrap_or_default(),
            path: r.path,
            component: r.component,
            icon: r.icon,
            permission: r.permission,
            sort: r.sort,
            visible: r.visible != 0,
            status: status(&r.status),
            created_by: r.created_by.map(UserId),
            created_at: Timestamp(r.created_at),
            updated_by: r.updated_by.map(UserId),
            updated_at: r.updated_at.map(Timestamp),
        }
    }
}

/// What these entries are called, by their ids; those that are no more are left out.
///
/// # Errors
/// What the database says.
pub async fn names(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Text)>> {
    let mut found = Vec::new();
    for some in ids.chunks(MAX_IN) {
        let mut w = Where::default();
        w.and_list("id IN (LIST)", None, some);
        let sql = format!("SELECT id, name_zh, name_en FROM menu{}", w.clause());
        let rows: Vec<(i64, String, String)> = w
            .bind(sqlx::query_as(AssertSqlSafe(sql)))
            .fetch_all(&mut *conn)
            .await?;
        let rows = rows.into_iter();
        found.extend(rows.map(|(id, zh, en)| (id, Text::new(zh, en))));
    }
    Ok(found)
}

/// Every entry, by sort and id: siblings are in order.
///
/// # Errors
/// What the database says.
pub async fn list(conn: &mut Conn) -> Result<Vec<Menu>> {
    let sql = format!("{SELECT} ORDER BY sort, id");
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await?;
    Ok(rows.into_iter().map(Menu::from).collect())
}

/// One entry.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, id: MenuId) -> Result<Option<Menu>> {
    let sql = format!("{SELECT} WHERE id = $1");
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(id.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(Menu::from))
}

/// The entries that a user's active roles are linked to, sorted.
///
/// # Errors
/// What the database says.
pub async fn linked_to(conn: &mut Conn, user: UserId) -> Result<Vec<MenuId>> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        "SELECT DISTINCT rm.menu_id FROM role_menu rm JOIN role r ON r.id = rm.role_id
         JOIN user_role ur ON ur.role_id = r.id
         WHERE ur.user_id = $1 AND r.status = '0' ORDER BY 1",
    )
    .bind(user.0)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| MenuId(r.0)).collect())
}

/// Inserts an entry.
///
/// # Errors
/// What the database says.
pub async fn insert(
    conn: &mut Conn,
    new: &NewMenu,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<MenuId> {
    let (id,): (i64,) = sqlx::query_as(
        "INSERT INTO menu (parent_id, name_zh, name_en, kind, path, component, icon, permission,
             sort, visible, status, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
    )
    .bind(new.parent_id.map(|p| p.0))
    .bind(new.name_zh.clone())
    .bind(new.name_en.clone())
    .bind(new.kind.code())
    .bind(new.path.clone())
    .bind(new.component.clone())
    .bind(new.icon.clone())
    .bind(new.permission.clone())
    .bind(new.sort)
    .bind(i64::from(new.visible))
    .bind(new.status.code())
    .bind(by.map(|u| u.0))
    .bind(now.0)
    .fetch_one(conn)
    .await?;
    Ok(MenuId(id))
}

/// Writes an entry's columns back, and who did it when.
///
/// # Errors
/// What the database says.
pub async fn update(
    conn: &mut Conn,
    menu: &Menu,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE menu SET parent_id = $2, name_zh = $3, name_en = $4, kind = $5, path = $6,
             component = $7, icon = $8, permission = $9, sort = $10, visible = $11, status = $12,
             updated_by = $13, updated_at = $14
         WHERE id = $1",
    )
    .bind(menu.id.0)
    .bind(menu.parent_id.map(|p| p.0))
    .bind(menu.name.zh.to_string())
    .bind(menu.name.en.to_string())
    .bind(menu.kind.code())
    .bind(menu.path.clone())
    .bind(menu.component.clone())
    .bind(menu.icon.clone())
    .bind(menu.permission.clone())
    .bind(menu.sort)
    .bind(i64::from(menu.visible))
    .bind(menu.status.code())
    .bind(by.map(|u| u.0))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes an entry that nothing is below; roles are linked to it no more.
///
/// # Errors
/// What the database says.
pub async fn delete(conn: &mut Conn, id: MenuId) -> Result<()> {
    sqlx::query("DELETE FROM menu WHERE id = $1")
        .bind(id.0)
        .execute(conn)
        .await?;
    Ok(())
}
