//! Users and the roles that they hold.

use crate::sql::{Arg, Where};
use crate::{Conn, Result};
use menshen_domain::role::{RoleRef, Status};
use menshen_domain::scope::Sight;
use menshen_domain::user::{User, UserFilter, UserSort};
use menshen_domain::{DeptId, Page, PageRequest, RoleId, Timestamp, UserId};
use sqlx::AssertSqlSafe;
use std::collections::{HashMap, HashSet};

const COLUMNS: &str =
    "u.id, u.username, u.user_code, u.nickname, u.avatar, u.phone, u.phone_verified,
    u.email, u.email_verified, u.sex, u.status, u.dept_id, d.name AS dept_name, u.remark,
    u.must_change_password, u.password_changed_at, u.login_ip, u.login_at, u.created_by,
    u.created_at, u.updated_by, u.updated_at";
const FROM: &str = "FROM user_account u LEFT JOIN dept d ON d.id = u.dept_id";
/// The most values that are put into one query.
pub(crate) const MAX_IN: usize = 500;

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    username: String,
    user_code: String,
    nickname: String,
    avatar: String,
    phone: Option<String>,
    phone_verified: i64,
    email: Option<String>,
    email_verified: i64,
    sex: String,
    status: String,
    dept_id: Option<i64>,
    dept_name: Option<String>,
    remark: Option<String>,
    must_change_password: i64,
    password_changed_at: Option<i64>,
    login_ip: Option<String>,
    login_at: Option<i64>,
    created_by: Option<i64>,
    created_at: i64,
    updated_by: Option<i64>,
    updated_at: Option<i64>,
}

/// What the status column says; it holds nothing but `0` and `1`.
pub(crate) fn status(code: &str) -> Status {
    Status::parse(code).unwrap_or(Status::Disabled)
}

impl From<Row> for User {
    fn from(r: Row) -> Self {
        Self {
            id: UserId(r.id),
            username: r.username,
            user_code: r.user_code,
            nickname: r.nickname,
            avatar: r.avatar,
            phone: r.phone,
            phone_verified: r.phone_verified != 0,
            email: r.email,
            email_verified: r.email_verified != 0,
            sex: r.sex,
            status: status(&r.status),
            dept_id: r.dept_id.map(DeptId),
            dept_name: r.dept_name,
            remark: r.remark,
            must_change_password: r.must_change_password != 0,
            password_changed_at: r.password_changed_at.map(Timestamp),
            login_ip: r.login_ip,
            login_at: r.login_at.map(Timestamp),
            created_by: r.created_by.map(UserId),
            created_at: Timestamp(r.created_at),
            updated_by: r.updated_by.map(UserId),
            updated_at: r.updated_at.map(Timestamp),
            roles: Vec::new(),
        }
    }
}

/// A row to be inserted, or all of an account's changeable columns to be written back.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The login name.
    pub username: String,
    /// The made-up second login name.
    pub user_code: String,
    /// The name for people.
    pub nickname: String,
    /// The address of a picture.
    pub avatar: String,
    /// A telephone number.
    pub phone: Option<String>,
    /// Whether it is proved.
    pub phone_verified: bool,
    /// An e-mail address.
    pub email: Option<String>,
    /// Whether it is proved.
    pub email_verified: bool,
    /// `0`, `1` or `2`.
    pub sex: String,
    /// Whether the user can sign in.
    pub status: Status,
    /// The department.
    pub dept_id: Option<DeptId>,
    /// A note.
    pub remark: Option<String>,
}

impl From<&User> for Account {
    fn from(u: &User) -> Self {
        Self {
            username: u.username.clone(),
            user_code: u.user_code.clone(),
            nickname: u.nickname.clone(),
            avatar: u.avatar.clone(),
            phone: u.phone.clone(),
            phone_verified: u.phone_verified,
            email: u.email.clone(),
            email_verified: u.email_verified,
            sex: u.sex.clone(),
            status: u.status,
            dept_id: u.dept_id,
            remark: u.remark.clone(),
        }
    }
}

/// Inserts an account.
///
/// # Errors
/// [`crate::StorageError::Unique`] on `username`, `phone` or `email`.
pub async fn insert(
    conn: &mut Conn,
    account: &Account,
    password_hash: Option<&str>,
    must_change_password: bool,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<UserId> {
    let (id,): (i64,) = sqlx::query_as(
        "INSERT INTO user_account (username, username_key, user_code, nickname, avatar, phone,
             phone_verified, email, email_key, email_verified, sex, status, dept_id, remark,
             password_hash, password_changed_at, must_change_password, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $16)
         RETURNING id",
    )
    .bind(account.username.clone())
    .bind(menshen_domain::validate::name_key(&account.username))
    .bind(account.user_code.clone())
    .bind(account.nickname.clone())
    .bind(account.avatar.clone())
    .bind(account.phone.clone())
    .bind(i64::from(account.phone_verified))
    .bind(account.email.clone())
    .bind(account.email.as_deref().map(str::to_lowercase))
    .bind(i64::from(account.email_verified))
    .bind(account.sex.clone())
    .bind(account.status.code())
    .bind(account.dept_id.map(|d| d.0))
    .bind(account.remark.clone())
    .bind(password_hash.map(str::to_owned))
    .bind(now.0)
    .bind(i64::from(must_change_password))
    .bind(by.map(|u| u.0))
    .fetch_one(conn)
    .await?;
    Ok(UserId(id))
}

/// Writes an account's columns back.
///
/// # Errors
/// [`crate::StorageError::Unique`] on `username`, `phone` or `email`.
pub async fn update(
    conn: &mut Conn,
    id: UserId,
    account: &Account,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE user_account SET username = $2, username_key = $3, nickname = $4, avatar = $5,
             phone = $6, phone_verified = $7, email = $8, email_key = $9, email_verified = $10,
             sex = $11, status = $12, dept_id = $13, remark = $14, updated_by = $15, updated_at = $16,
             phone_told_at = CASE WHEN phone IS NOT DISTINCT FROM $6 THEN phone_told_at ELSE $16 END,
             email_told_at = CASE WHEN email_key IS NOT DISTINCT FROM $9 THEN email_told_at ELSE $16 END
         WHERE id = $1 AND deleted_at IS NULL",
    )
    .bind(id.0)
    .bind(account.username.clone())
    .bind(menshen_domain::validate::name_key(&account.username))
    .bind(account.nickname.clone())
    .bind(account.avatar.clone())
    .bind(account.phone.clone())
    .bind(i64::from(account.phone_verified))
    .bind(account.email.clone())
    .bind(account.email.as_deref().map(str::to_lowercase))
    .bind(i64::from(account.email_verified))
    .bind(account.sex.clone())
    .bind(account.status.code())
    .bind(account.dept_id.map(|d| d.0))
    .bind(account.remark.clone())
    .bind(by.map(|u| u.0))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks a user as deleted and takes all roles away. The row stays, for the records that name it.
///
/// # Errors
/// What the database says.
pub async fn soft_delete(
    conn: &mut Conn,
    id: UserId,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE user_account SET deleted_at = $2, updated_by = $3, updated_at = $2
         WHERE id = $1 AND deleted_at IS NULL",
    )
    .bind(id.0)
    .bind(now.0)
    .bind(by.map(|u| u.0))
    .execute(&mut *conn)
    .await?;
    sqlx::query("DELETE FROM user_role WHERE user_id = $1")
        .bind(id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// One user who is not deleted, with roles.
///
/// # Errors
/// What the database says.
pub async fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE u.id = $1 AND u.deleted_at IS NULL");
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(id.0)
        .fetch_optional(&mut *conn)
        .await?;
    with_roles(conn, row).await
}

/// One user by login name, in any letter case, with roles.
///
/// # Errors
/// What the database says.
pub async fn find_by_name(conn: &mut Conn, username: &str) -> Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE u.username_key = $1 AND u.deleted_at IS NULL");
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(menshen_domain::validate::name_key(username))
        .fetch_optional(&mut *conn)
        .await?;
    with_roles(conn, row).await
}

async fn with_roles(conn: &mut Conn, row: Option<Row>) -> Result<Option<User>> {
    let Some(row) = row else { return Ok(None) };
    let mut users = [User::from(row)];
    attach_roles(conn, &mut users).await?;
    let [user] = users;
    Ok(Some(user))
}

#[derive(sqlx::FromRow)]
struct HeldRow {
    user_id: i64,
    id: i64,
    name: String,
    role_key: String,
    status: String,
}

async fn attach_roles(conn: &mut Conn, users: &mut [User]) -> Result<()> {
    let ids: Vec<i64> = users.iter().map(|u| u.id.0).collect();
    let mut filter = Where::default();
    filter.and_list("ur.user_id IN (LIST)", None, &ids);
    let sql = format!(
        "SELECT ur.user_id, r.id, r.name, r.role_key, r.status
         FROM user_role ur JOIN role r ON r.id = ur.role_id{} ORDER BY r.sort, r.id",
        filter.clause()
    );
    let rows: Vec<HeldRow> = filter
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    let mut by_user: HashMap<i64, Vec<RoleRef>> = HashMap::new();
    for r in rows {
        by_user.entry(r.user_id).or_default().push(RoleRef {
            id: RoleId(r.id),
            name: r.name,
            key: r.role_key,
            status: status(&r.status),
        });
    }
    for user in users {
        user.roles = by_user.remove(&user.id.0).unwrap_or_default();
    }
    Ok(())
}

/// Which users are in `sight` of `viewer` and let through by `filter`.
fn conditions(viewer: UserId, sight: &Sight, filter: &UserFilter) -> Where {
    let mut w = Where::default();
    w.and("u.deleted_at IS NULL", []);
    w.and_sight("(u.id = ? OR u.dept_id IN (LIST))", viewer, sight);
    w.and_like(anywhere(filter.text.as_deref()), filter.text.as_deref());
    w.and_like(
        "u.username_key LIKE ? ESCAPE '!'",
        filter.username.as_deref(),
    );
    w.and_like(
        "LOWER(u.nickname) LIKE LOWER(?) ESCAPE '!'",
        filter.nickname.as_deref(),
    );
    w.and_like("u.phone LIKE ? ESCAPE '!'", filter.phone.as_deref());
    w.and_like("u.email_key LIKE ? ESCAPE '!'", filter.email.as_deref());
    if let Some(status) = filter.status {
        w.and("u.status = ?", [Arg::Text(status.code().to_owned())]);
    }
    if let Some(role) = filter.role_id {
        w.and(
            "u.id IN (SELECT user_id FROM user_role WHERE role_id = ?)",
            [Arg::Int(role.0)],
        );
    }
    if let Some(dept) = filter.dept_id {
        w.and(
            "u.dept_id IN (SELECT below.id FROM dept below JOIN dept top ON top.id = ?
                           WHERE below.id = top.id OR below.path LIKE top.path || ',%')",
            [Arg::Int(dept.0)],
        );
    }
    if let Some(since) = filter.signed_in_since {
        w.and("u.login_at >= ?", [Arg::Int(since.0)]);
    }
    if filter.no_second_factor {
        w.and(
            "u.id NOT IN (SELECT f.user_id FROM second_factor f
                          WHERE f.kind = 'totp' AND f.confirmed_at IS NOT NULL)",
            [],
        );
    }
    if filter.password_due {
        w.and("u.must_change_password = 1", []);
    }
    w
}

/// Where a text is looked for. In telephone numbers there are digits alone: to look for anything
/// else there would only take time.
fn anywhere(text: Option<&str>) -> &'static str {
    let number = text.is_some_and(|t| t.trim().chars().all(|c| c.is_ascii_digit() || c == '+'));
    if number {
        "(u.username_key LIKE ? ESCAPE '!' OR LOWER(u.nickname) LIKE LOWER(?) ESCAPE '!'
          OR u.phone LIKE ? ESCAPE '!' OR u.email_key LIKE ? ESCAPE '!')"
    } else {
        "(u.username_key LIKE ? ESCAPE '!' OR LOWER(u.nickname) LIKE LOWER(?) ESCAPE '!'
          OR u.email_key LIKE ? ESCAPE '!')"
    }
}

/// Whether it takes a look at each user to say whom `filter` lets through. Such a look is taken
/// once, for the count and for the page.
fn looks_at_each(filter: &UserFilter) -> bool {
    let texts = [
        &filter.text,
        &filter.username,
        &filter.nickname,
        &filter.phone,
        &filter.email,
    ];
    filter.no_second_factor || filter.password_due || texts.into_iter().any(Option::is_some)
}

/// The users in `sight` of `viewer` that `filter` lets through, one page of them.
///
/// # Errors
/// What the database says.
pub async fn list(
    conn: &mut Conn,
    viewer: UserId,
    sight: &Sight,
    filter: &UserFilter,
    page: PageRequest,
) -> Result<Page<User>> {
    let mut w = conditions(viewer, sight, filter);
    let clause = w.clause();
    if looks_at_each(filter) {
        let mut w = conditions(viewer, sight, filter);
        if let Some(found) = counted(conn, &mut w, filter, page).await? {
            return Ok(found);
        }
    }
    let count = format!("SELECT COUNT(*) FROM user_account u{clause}");
    let (total,): (i64,) = w
        .bind(sqlx::query_as(AssertSqlSafe(count)))
        .fetch_one(&mut *conn)
        .await?;
    let order = order(filter.sort, filter.descending);
    let limit = w.page(page.page_size, page.offset());
    let sql = format!("SELECT u.id FROM user_account u{clause} ORDER BY {order}{limit}");
    let ids = fetch_ids(conn, &w, sql).await?;
    let list = by_ids(conn, &ids).await?;
    Ok(Page { total, list })
}

/// A page and the count of all, in one go; none when nobody is on that page, for then the count is
/// not told.
async fn counted(
    conn: &mut Conn,
    w: &mut Where,
    filter: &UserFilter,
    page: PageRequest,
) -> Result<Option<Page<User>>> {
    let clause = w.clause();
    let order = order(filter.sort, filter.descending);
    let limit = w.page(page.page_size, page.offset());
    let sql = format!(
        "SELECT u.id, COUNT(*) OVER () FROM user_account u{clause} ORDER BY {order}{limit}"
    );
    let rows: Vec<(i64, i64)> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(&mut *conn)
        .await?;
    let Some((_, total)) = rows.first().copied() else {
        return Ok(None);
    };
    let ids: Vec<UserId> = rows.into_iter().map(|r| UserId(r.0)).collect();
    let list = by_ids(conn, &ids).await?;
    Ok(Some(Page { total, list }))
}

/// The ids of all users in `sight` of `viewer` that `filter` lets through, in its order.
///
/// # Errors
/// What the database says.
pub async fn ids(
    conn: &mut Conn,
    viewer: UserId,
    sight: &Sight,
    filter: &UserFilter,
) -> Result<Vec<UserId>> {
    let w = conditions(viewer, sight, filter);
    let order = order(filter.sort, filter.descending);
    let clause = w.clause();
    let sql = format!("SELECT u.id FROM user_account u{clause} ORDER BY {order}");
    fetch_ids(conn, &w, sql).await
}

async fn fetch_ids(conn: &mut Conn, w: &Where, sql: String) -> Result<Vec<UserId>> {
    let rows: Vec<(i64,)> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|r| UserId(r.0)).collect())
}

/// These users with their roles, in this order; who is deleted is left out.
///
/// # Errors
/// What the database says.
pub async fn by_ids(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let plain: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut w = Where::default();
    w.and("u.deleted_at IS NULL", []);
    w.and_list("u.id IN (LIST)", None, &plain);
    let sql = format!("SELECT {COLUMNS} {FROM}{}", w.clause());
    let rows: Vec<Row> = w
        .bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_all(&mut *conn)
        .await?;
    let mut found: HashMap<i64, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut list: Vec<User> = plain
        .iter()
        .filter_map(|id| found.remove(id))
        .map(User::from)
        .collect();
    attach_roles(conn, &mut list).await?;
    Ok(list)
}

/// Which of these login names, as [`menshen_domain::validate::name_key`] writes them, are taken.
///
/// # Errors
/// What the database says.
pub async fn taken(conn: &mut Conn, name_keys: &[String]) -> Result<HashSet<String>> {
    let mut taken = HashSet::new();
    for some in name_keys.chunks(MAX_IN) {
        let mut w = Where::default();
        w.and("deleted_at IS NULL", []);
        w.and_texts("username_key IN (LIST)", some);
        let sql = format!("SELECT username_key FROM user_account{}", w.clause());
        let rows: Vec<(String,)> = w
            .bind(sqlx::query_as(AssertSqlSafe(sql)))
            .fetch_all(&mut *conn)
            .await?;
        taken.extend(rows.into_iter().map(|r| r.0));
    }
    Ok(taken)
}

fn order(sort: UserSort, descending: bool) -> &'static str {
    match (sort, descending) {
        (UserSort::Id, false) => "u.id",
        (UserSort::Id, true) => "u.id DESC",
        (UserSort::Username, false) => "u.username_key, u.id",
        (UserSort::Username, true) => "u.username_key DESC, u.id DESC",
        (UserSort::LoginDate, false) => "u.login_at IS NULL, u.login_at, u.id",
        (UserSort::LoginDate, true) => "u.login_at IS NULL, u.login_at DESC, u.id DESC",
        (UserSort::CreateTime, false) => "u.created_at, u.id",
        (UserSort::CreateTime, true) => "u.created_at DESC, u.id DESC",
    }
}

/// What a login needs to know of an account.
#[derive(Clone, sqlx::FromRow)]
pub struct LoginRow {
    /// The user's id.
    pub id: i64,
    /// The login name as it is written.
    pub username: String,
    /// The password's PHC string.
    pub password_hash: Option<String>,
    /// `0` or `1`.
    pub status: String,
    /// Whether a new password is due.
    pub must_change_password: i64,
    /// By which way she comes in, for the login log; empty for a password. Not a column.
    #[sqlx(skip)]
    pub method: &'static str,
}

impl std::fmt::Debug for LoginRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginRow")
            .field("id", &self.id)
            .field("username", &self.username)
            .field("status", &self.status)
            .field("must_change_password", &self.must_change_password)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// The account that a login name opens, in any letter case.
///
/// # Errors
/// What the database says.
pub async fn for_login(conn: &mut Conn, username: &str) -> Result<Option<LoginRow>> {
    Ok(sqlx::query_as(
        "SELECT id, username, password_hash, status, must_change_password
         FROM user_account WHERE username_key = $1 AND deleted_at IS NULL",
    )
    .bind(menshen_domain::validate::name_key(username))
    .fetch_optional(conn)
    .await?)
}

/// The account's login row by id.
///
/// # Errors
/// What the database says.
pub async fn login_row(conn: &mut Conn, id: UserId) -> Result<Option<LoginRow>> {
    Ok(sqlx::query_as(
        "SELECT id, username, password_hash, status, must_change_password
         FROM user_account WHERE id = $1 AND deleted_at IS NULL",
    )
    .bind(id.0)
    .fetch_optional(conn)
    .await?)
}

/// As [`login_row`], held until the transaction ends: whoever else would hold or change the account
/// waits, and it is read as whoever was there before has left it. Writing the row as it is holds it
/// on both databases.
///
/// # Errors
/// What the database says.
pub async fn hold(conn: &mut Conn, id: UserId) -> Result<Option<LoginRow>> {
    Ok(sqlx::query_as(
        "UPDATE user_account SET status = status WHERE id = $1 AND deleted_at IS NULL
         RETURNING id, username, password_hash, status, must_change_password",
    )
    .bind(id.0)
    .fetch_optional(conn)
    .await?)
}

/// How strong a claim to a name is that somebody typed: the lower the stronger. A login name that
/// looks like somebody else's proved phone number is no way to be taken for her.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// A phone number or an e-mail address that was proved.
    Proved,
    /// The made-up user code.
    UserCode,
    /// The login name.
    Username,
    /// A phone number or an e-mail address that was only told.
    Told,
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: i64,
    username: String,
    password_hash: Option<String>,
    status: String,
    must_change_password: i64,
    claim: i64,
}

/// Accounts that `typed` may mean as login name, user code, phone number or e-mail address, the
/// strongest claims first, three at the most. `phones` are the spellings of `typed` as a number.
///
/// A name that reads as a number and that its owner chose herself is worth no more than a number
/// that was told: of these the earliest comes first, so that nobody loses hers to whoever comes
/// later.
///
/// # Errors
/// What the database says.
pub async fn for_login_code(
    conn: &mut Conn,
    typed: &str,
    phones: &[String; 4],
) -> Result<Vec<(Claim, LoginRow)>> {
    let rows: Vec<ClaimRow> = sqlx::query_as(
        "SELECT id, username, password_hash, status, must_change_password,
             CAST(CASE WHEN phone_verified = 1 AND phone IN ($2, $3, $4, $5) THEN 1
                  WHEN email_verified = 1 AND email_key = $1 THEN 1
                  WHEN user_code = $1 THEN 2
                  WHEN username_key = $1 THEN 3
                  ELSE 4 END AS BIGINT) AS claim,
             CASE WHEN (phone_verified = 1 AND phone IN ($2, $3, $4, $5))
                      OR (email_verified = 1 AND email_key = $1) THEN 1
                  WHEN user_code = $1 THEN 2
                  WHEN username_key = $1 AND created_by IS NOT NULL THEN 3
                  ELSE 4 END AS strength,
             CASE WHEN username_key = $1 THEN created_at
                  WHEN email_key = $1 THEN COALESCE(email_told_at, created_at)
                  ELSE COALESCE(phone_told_at, created_at) END AS since
         FROM user_account
         WHERE deleted_at IS NULL
           AND (username_key = $1 OR user_code = $1 OR email_key = $1
                OR phone IN ($2, $3, $4, $5))
         ORDER BY strength, since, claim, id LIMIT 3",
    )
    .bind(menshen_domain::validate::name_key(typed))
    .bind(phones[0].clone())
    .bind(phones[1].clone())
    .bind(phones[2].clone())
    .bind(phones[3].clone())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let claim = match r.claim {
                1 => Claim::Proved,
                2 => Claim::UserCode,
                3 => Claim::Username,
                _ => Claim::Told,
            };
            let row = LoginRow {
                id: r.id,
                username: r.username,
                password_hash: r.password_hash,
                status: r.status,
                must_change_password: r.must_change_password,
                method: "",
            };
            (claim, row)
        })
        .collect())
}

/// The account that holds a phone number proved, under any of its spellings.
///
/// # Errors
/// What the database says.
pub async fn holder_of_phone(conn: &mut Conn, phones: &[String; 4]) -> Result<Option<LoginRow>> {
    Ok(sqlx::query_as(
        "SELECT id, username, password_hash, status, must_change_password
         FROM user_account
         WHERE phone IN ($1, $2, $3, $4) AND phone_verified = 1 AND deleted_at IS NULL
         ORDER BY id LIMIT 1",
    )
    .bind(phones[0].clone())
    .bind(phones[1].clone())
    .bind(phones[2].clone())
    .bind(phones[3].clone())
    .fetch_optional(conn)
    .await?)
}

/// Takes a phone number away from all who only told it; `holder` has proved it. Returns whose it
/// was.
///
/// # Errors
/// What the database says.
pub async fn lapse_phone(
    conn: &mut Conn,
    phones: &[String; 4],
    holder: UserId,
) -> Result<Vec<UserId>> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        "UPDATE user_account SET phone = NULL
         WHERE phone IN ($1, $2, $3, $4) AND phone_verified = 0 AND id <> $5
         RETURNING id",
    )
    .bind(phones[0].clone())
    .bind(phones[1].clone())
    .bind(phones[2].clone())
    .bind(phones[3].clone())
    .bind(holder.0)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| UserId(r.0)).collect())
}

/// What kind of user it is: `user` for everybody, unless something else was written.
///
/// # Errors
/// What the database says.
pub async fn type_of(conn: &mut Conn, id: UserId) -> Result<Option<String>> {
    let row: Option<(String,)> =
        sqlx::query_as("SELECT user_type FROM user_account WHERE id = $1 AND deleted_at IS NULL")
            .bind(id.0)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|r| r.0))
}

/// Notes a successful sign-in.
///
/// # Errors
/// What the database says.
pub async fn note_login(conn: &mut Conn, id: UserId, ip: &str, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE user_account SET login_ip = $2, login_at = $3 WHERE id = $1")
        .bind(id.0)
        .bind(ip.to_owned())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets a password's hash, and whether it must be changed at the next sign-in.
///
/// # Errors
/// What the database says.
pub async fn set_password(
    conn: &mut Conn,
    id: UserId,
    hash: &str,
    must_change: bool,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE user_account SET password_hash = $2, password_changed_at = $3, must_change_password = $4
         WHERE id = $1 AND deleted_at IS NULL",
    )
    .bind(id.0)
    .bind(hash.to_owned())
    .bind(now.0)
    .bind(i64::from(must_change))
    .execute(conn)
    .await?;
    Ok(())
}

/// Replaces a password's hash by one of the same password with newer parameters, unless the
/// password was changed or rehashed meanwhile: that is told by `false`.
///
/// # Errors
/// What the database says.
pub async fn rehash(conn: &mut Conn, id: UserId, old: &str, new: &str) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE user_account SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
    )
    .bind(id.0)
    .bind(old.to_owned())
    .bind(new.to_owned())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Replaces the roles that a user holds.
///
/// # Errors
/// What the database says.
pub async fn set_roles(conn: &mut Conn, id: UserId, roles: &[RoleId]) -> Result<()> {
    sqlx::query("DELETE FROM user_role WHERE user_id = $1")
        .bind(id.0)
        .execute(&mut *conn)
        .await?;
    for role in roles {
        sqlx::query("INSERT INTO user_role (user_id, role_id) VALUES ($1, $2)")
            .bind(id.0)
            .bind(role.0)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// How many active users hold the role `role`, leaving `without` out.
///
/// # Errors
/// What the database says.
pub async fn active_holders(conn: &mut Conn, role: RoleId, without: Option<UserId>) -> Result<i64> {
    let (n,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM user_account u JOIN user_role ur ON ur.user_id = u.id
         WHERE ur.role_id = $1 AND u.status = '0' AND u.deleted_at IS NULL AND u.id <> $2",
    )
    .bind(role.0)
    .bind(without.map_or(0, |u| u.0))
    .fetch_one(conn)
    .await?;
    Ok(n)
}

/// How many users there are in `sight` of `viewer`, and how many of them are disabled.
///
/// # Errors
/// What the database says.
pub async fn count(conn: &mut Conn, viewer: UserId, sight: &Sight) -> Result<(i64, i64)> {
    let w = conditions(viewer, sight, &UserFilter::default());
    let sql = format!(
        "SELECT COUNT(*), COUNT(CASE WHEN u.status = '1' THEN 1 END) FROM user_account u{}",
        w.clause()
    );
    Ok(w.bind(sqlx::query_as(AssertSqlSafe(sql)))
        .fetch_one(conn)
        .await?)
}
