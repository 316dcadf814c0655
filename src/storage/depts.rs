//! Departments.

use crate::users::status;
use crate::{Conn, Result};
use menshen_domain::dept::{self, Dept, NewDept};
use menshen_domain::{DeptId, Timestamp, UserId};
use sqlx::AssertSqlSafe;

/// A department's place in the tree.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DeptRow {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The ids from the root to this one, as in `0,1,4`.
    pub path: String,
}

/// Every department, in order of the tree.
///
/// # Errors
/// What the database says.
pub async fn all(conn: &mut Conn) -> Result<Vec<DeptRow>> {
    Ok(
        sqlx::query_as("SELECT id, name, path FROM dept ORDER BY path, sort, id")
            .fetch_all(conn)
            .await?,
    )
}

/// One department.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<DeptRow>> {
    Ok(
        sqlx::query_as("SELECT id, name, path FROM dept WHERE id = $1")
            .bind(id)
            .fetch_optional(conn)
            .await?,
    )
}

/// What these departments are called, by their ids; those that are no more are left out.
///
/// # Errors
/// What the database says.
pub async fn names(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    crate::roles::named(conn, "SELECT id, name FROM dept", ids).await
}

/// A department and all below it.
///
/// # Errors
/// What the database says.
pub async fn with_below(conn: &mut Conn, id: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        "SELECT d.id FROM dept d JOIN dept top ON top.id = $1
         WHERE d.id = top.id OR d.path LIKE top.path || ',%' ORDER BY d.id",
    )
    .bind(id)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

const SELECT: &str = "SELECT d.id, d.parent_id, d.path, d.name, d.sort, d.leader, d.phone, d.email,
    d.status, d.created_by, d.created_at, d.updated_by, d.updated_at,
    (SELECT COUNT(*) FROM user_account u WHERE u.dept_id = d.id AND u.deleted_at IS NULL) AS users
    FROM dept d";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    parent_id: Option<i64>,
    path: String,
    name: String,
    sort: i64,
    leader: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    status: String,
    created_by: Option<i64>,
    created_at: i64,
    updated_by: Option<i64>,
    updated_at: Option<i64>,
    users: i64,
}

impl From<Row> for Dept {
    fn from(r: Row) -> Self {
        Self {
            id: DeptId(r.id),
            parent_id: r.parent_id.map(DeptId),
            path: r.path,
            name: r.name,
            sort: r.sort,
            leader: r.leader,
            phone: r.phone,
            email: r.email,
            status: status(&r.status),
            created_by: r.created_by.map(UserId),
            created_at: Timestamp(r.created_at),
            updated_by: r.updated_by.map(UserId),
            updated_at: r.updated_at.map(Timestamp),
            users: r.users,
        }
    }
}

/// Every department, whole, by sort and id: siblings are in order.
///
/// # Errors
/// What the database says.
pub async fn list(conn: &mut Conn) -> Result<Vec<Dept>> {
    let sql = format!("{SELECT} ORDER BY d.sort, d.id");
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await?;
    Ok(rows.into_iter().map(Dept::from).collect())
}

/// One department, whole.
///
/// # Errors
/// What the database says.
pub async fn get(conn: &mut Conn, id: DeptId) -> Result<Option<Dept>> {
    let sql = format!("{SELECT} WHERE d.id = $1");
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(id.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(Dept::from))
}

/// Inserts a department; `above` is its parent's path, none at the top.
///
/// # Errors
/// What the database says.
pub async fn insert(
    conn: &mut Conn,
    new: &NewDept,
    above: Option<&str>,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<DeptId> {
    let (id,): (i64,) = sqlx::query_as(
        "INSERT INTO dept (parent_id, path, name, sort, leader, phone, email, status,
             created_by, created_at)
         VALUES ($1, '', $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
    )
    .bind(new.parent_id.map(|p| p.0))
    .bind(new.name.clone())
    .bind(new.sort)
    .bind(new.leader.clone())
    .bind(new.phone.clone())
    .bind(new.email.clone())
    .bind(new.status.code())
    .bind(by.map(|u| u.0))
    .bind(now.0)
    .fetch_one(&mut *conn)
    .await?;
    let id = DeptId(id);
    // Its own id is part of its path.
    sqlx::query("UPDATE dept SET path = $2 WHERE id = $1")
        .bind(id.0)
        .bind(dept::path(above, id))
        .execute(conn)
        .await?;
    Ok(id)
}

/// Writes a department's columns back, but for its path, and who did it when.
///
/// # Errors
/// What the database says.
pub async fn update(
    conn: &mut Conn,
    dept: &Dept,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE dept SET parent_id = $2, name = $3, sort = $4, leader = $5, phone = $6,
             email = $7, status = $8, updated_by = $9, updated_at = $10
         WHERE id = $1",
    )
    .bind(dept.id.0)
    .bind(dept.parent_id.map(|p| p.0))
    .bind(dept.name.clone())
    .bind(dept.sort)
    .bind(dept.leader.clone())
    .bind(dept.phone.clone())
    .bind(dept.email.clone())
    .bind(dept.status.code())
    .bind(by.map(|u| u.0))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Rewrites the path of a department that was moved, and of all below it.
///
/// # Errors
/// What the database says.
pub async fn rewrite_paths(conn: &mut Conn, from: &str, to: &str) -> Result<()> {
    sqlx::query(
        "UPDATE dept SET path = $2 || SUBSTR(path, LENGTH($1) + 1)
         WHERE path = $1 OR path LIKE $1 || ',%'",
    )
    .bind(from.to_owned())
    .bind(to.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes a department that nobody is in and nothing is below. Deleted users, whose rows stay,
/// lose it.
///
/// # Errors
/// What the database says.
pub async fn delete(conn: &mut Conn, id: DeptId) -> Result<()> {
    sqlx::query(
        "UPDATE user_account SET dept_id = NULL WHERE dept_id = $1 AND deleted_at IS NOT NULL",
    )
    .bind(id.0)
    .execute(&mut *conn)
    .await?;
    sqlx::query("DELETE FROM dept WHERE id = $1")
        .bind(id.0)
        .execute(conn)
        .await?;
    Ok(())
}
