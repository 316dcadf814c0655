//! Users from a file: every line is looked at before one is made, and those that are made are
//! made together.

use super::departments::{self, Finder, Named, Unfound};
use super::{Creation, Users, insert_unasked, shown};
use crate::access::Caller;
use crate::audit::Record;
use crate::core::Core;
use crate::passwords;
use crate::roles::may_show;
use crate::spreadsheet::{self, Row, Sheet};
use menshen_domain::people::{BadCell, BadLine, ImportReport, OneTimePassword};
use menshen_domain::role::Status;
use menshen_domain::user::NewUser;
use menshen_domain::{
    DeptId, Error, FieldError, Kind, Result, RoleId, Text, UserId, catalogue, validate,
};
use menshen_storage::{Conn, Tx, depts, roles, users};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The most lines that one file may hold: hashing their passwords takes a while.
const MAX_LINES: usize = 1000;

/// What whoever imports users must hold.
const MAY_IMPORT: [&str; 2] = [catalogue::USER_IMPORT, catalogue::USER_ADD];

/// A column of a file of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Username,
    Password,
    Nickname,
    Phone,
    Email,
    Sex,
    Status,
    DeptId,
    DeptPath,
    DeptName,
    Roles,
    Remark,
    /// An export has it; it is nobody's to set.
    ReadOnly,
}

/// What the columns are called.
const COLUMNS: [(&str, Column); 15] = [
    ("username", Column::Username),
    ("password", Column::Password),
    ("nickname", Column::Nickname),
    ("phone", Column::Phone),
    ("email", Column::Email),
    ("sex", Column::Sex),
    ("status", Column::Status),
    ("deptId", Column::DeptId),
    ("deptPath", Column::DeptPath),
    ("deptName", Column::DeptName),
    ("roles", Column::Roles),
    ("remark", Column::Remark),
    ("createTime", Column::ReadOnly),
    ("loginDate", Column::ReadOnly),
    ("loginIp", Column::ReadOnly),
];

/// How an import is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// Only say what would come of it.
    pub dry_run: bool,
    /// Make the users of the good lines, though others are bad.
    pub partial: bool,
}

/// A line under way.
struct Line {
    number: usize,
    new: NewUser,
    one_time: bool,
    dept: Option<Named>,
    role_keys: Vec<String>,
    /// Good fields, ready to be kept.
    creation: Option<Creation>,
    errors: Vec<FieldError>,
    /// What stands in its cells, by column; secrets are left out.
    cells: Vec<(&'static str, String)>,
    role_ids: Vec<RoleId>,
    hash: Option<String>,
}

impl Line {
    /// A line that is bad, as its writer is told of it.
    fn told(self) -> BadLine {
        let cells = self.cells;
        let value = |field: &str| {
            let cell = cells.iter().find(|(column, _)| *column == field);
            cell.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let errors = self.errors.into_iter().map(|error| BadCell {
            value: value(&error.field),
            error,
        });
        BadLine {
            line: self.number,
            username: shortened(&self.new.username),
            errors: errors.collect(),
        }
    }

    fn is_good(&self) -> bool {
        self.errors.is_empty()
    }

    fn key(&self) -> String {
        validate::name_key(&self.new.username)
    }
}

fn problem(field: &'static str, text: Text) -> FieldError {
    FieldError {
        field: field.into(),
        text,
    }
}

impl Users {
    /// Makes the users of a CSV file, whose columns may come in any order. Unless all lines are
    /// good, or `partial` is wanted, nothing is made.
    ///
    /// Each new user must choose a password at the first sign-in: whoever wrote the file knows
    /// the one that it gives, and one that it does not give is made up and told once.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Forbidden`] without `system:user:import` and `system:user:add`;
    /// [`menshen_domain::Kind::Invalid`] when it is no such file; what is wrong with its lines
    /// is in the report.
    pub async fn import(
        &self,
        caller: &Caller,
        file: Vec<u8>,
        options: ImportOptions,
    ) -> Result<ImportReport> {
        for code in MAY_IMPORT {
            caller.require(code)?;
        }
        let core = self.core.clone();
        // To judge a thousand passwords takes seconds of a processor.
        let mut lines = tokio::task::spawn_blocking(move || lines(&core, &file))
            .await
            .map_err(Error::internal)??;
        let mut conn = self.core.db.read().await?;
        look(&mut conn, caller, lines.iter_mut().collect()).await?;
        drop(conn);
        if options.dry_run || !goes_on(&lines, options) {
            return Ok(report(lines, options, 0));
        }
        self.hash(&mut lines).await?;
        // Hashing took a while: also a name may be taken by now, a role may grant more.
        let (mut tx, caller) = self.begin_again(caller, &MAY_IMPORT).await?;
        let caller = &caller;
        let good = lines.iter_mut().filter(|l| l.is_good());
        look(&mut tx, caller, good.collect()).await?;
        if !goes_on(&lines, options) {
            return Ok(report(lines, options, 0));
        }
        let mut created = 0;
        for line in lines.iter().filter(|l| l.is_good()) {
            self.make(&mut tx, caller, line).await?;
            created += 1;
        }
        Record::operation("user.import", caller)
            .detail(&json!({ "total": lines.len(), "created": created }))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(report(lines, options, created))
    }

    /// One at a time: sign-ins take their turns in between.
    async fn hash(&self, lines: &mut [Line]) -> Result<()> {
        for line in lines.iter_mut().filter(|l| l.is_good()) {
            let digest = passwords::digest(&line.new.password);
            line.hash = Some(self.core.hasher.hash(digest).await?);
        }
        Ok(())
    }

    async fn make(&self, tx: &mut Tx, caller: &Caller, line: &Line) -> Result<UserId> {
        let (Some(creation), Some(hash)) = (&line.creation, &line.hash) else {
            return Err(Error::internal("a good line without its hash"));
        };
        let by = Some(caller.id());
        let id = insert_unasked(&self.core, tx, creation, hash, by).await?;
        if !line.role_ids.is_empty() {
            users::set_roles(tx, id, &line.role_ids).await?;
            super::sees_no_more(tx, caller, id, creation.account.dept_id).await?;
        }
        let user = super::find(tx, id).await?;
        Record::operation("user.create", caller)
            .target("user", id, &user.username)
            .change(&Value::Null, &shown(&user))
            .write(&self.core, tx)
            .await?;
        Ok(id)
    }
}

/// Whether anything is to be made.
fn goes_on(lines: &[Line], options: ImportOptions) -> bool {
    let good = lines.iter().filter(|l| l.is_good()).count();
    good > 0 && (options.partial || good == lines.len())
}

fn report(lines: Vec<Line>, options: ImportOptions, created: usize) -> ImportReport {
    let total = lines.len();
    let (good, bad): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(Line::is_good);
    let told = if created > 0 { good.len() } else { 0 };
    let passwords = good.iter().filter(|l| l.one_time).map(|l| OneTimePassword {
        username: l.new.username.trim().to_owned(),
        password: l.new.password.clone(),
    });
    ImportReport {
        total,
        good: good.len(),
        bad: bad.len(),
        created,
        dry_run: options.dry_run,
        passwords: passwords.take(told).collect(),
        lines: bad.into_iter().map(Line::told).collect(),
    }
}

/// No more of a cell than one needs to find it.
fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

/// What stands in the cells of a line, by column, but for secrets.
fn cells(columns: &[Column], row: &Row) -> Vec<(&'static str, String)> {
    let named = columns.iter().zip(&row.cells).filter_map(|(column, cell)| {
        let (name, _) = COLUMNS.iter().find(|(_, c)| c == column)?;
        Some((*name, shortened(cell)))
    });
    named.filter(|(name, _)| *name != "password").collect()
}

/// The lines of a file, with what is wrong with each whatever the database holds.
fn lines(core: &Arc<Core>, file: &[u8]) -> Result<Vec<Line>> {
    let Sheet { header, rows } = spreadsheet::read(file, MAX_LINES)?;
    let columns = columns(&header)?;
    let mut first_of: HashMap<String, usize> = HashMap::new();
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut line = line(core, &columns, row);
        let key = line.key();
        if let Some(first) = first_of.get(&key) {
            line.errors.push(problem(
                "username",
                Text::new(
                    format!("与第 {first} 行重复"),
                    format!("is the same as in line {first}"),
                ),
            ));
        } else if !key.is_empty() {
            first_of.insert(key, line.number);
        }
        lines.push(line);
    }
    Ok(lines)
}

/// What each column holds, by the header.
fn columns(header: &[String]) -> Result<Vec<Column>> {
    let plain = |name: &str| name.trim().replace('_', "").to_lowercase();
    let mut errors = Vec::new();
    let mut columns = Vec::new();
    let mut names = BTreeSet::new();
    for name in header {
        let known = COLUMNS.iter().find(|(n, _)| plain(n) == plain(name));
        let shown: String = name.trim().chars().take(50).collect();
        let Some((known, column)) = known else {
            let list = COLUMNS.map(|(n, _)| n).join(", ");
            errors.push(FieldError {
                field: shown.into(),
                text: Text::new(
                    format!("没有这一列；可用的列：{list}"),
                    format!("is no column; there are: {list}"),
                ),
            });
            continue;
        };
        if !names.insert(*known) {
            errors.push(problem(
                known,
                Text::fixed("这一列出现了两次", "is there twice"),
            ));
        }
        columns.push(*column);
    }
    if errors.is_empty() && !names.contains("username") {
        errors.push(problem(
            "username",
            Text::fixed("缺少这一列", "this column is missing"),
        ));
    }
    if errors.is_empty() {
        Ok(columns)
    } else {
        Err(Error::fields(errors))
    }
}

fn line(core: &Arc<Core>, columns: &[Column], row: &Row) -> Line {
    let cell = |wanted: Column| {
        let at = columns.iter().position(|c| *c == wanted);
        at.and_then(|at| row.cells.get(at)).map(String::as_str)
    };
    let trimmed = |wanted| cell(wanted).map(str::trim).filter(|c| !c.is_empty());
    let text = |wanted| trimmed(wanted).map(str::to_owned);
    let mut errors = Vec::new();
    let (have, due) = (row.cells.len(), columns.len());
    if have != due {
        errors.push(problem(
            "line",
            Text::new(
                format!("有 {have} 格，而列名有 {due} 个"),
                format!("has {have} cells, and the header {due}"),
            ),
        ));
    }
    let password = cell(Column::Password).filter(|p| !p.is_empty());
    let mut new = NewUser {
        username: cell(Column::Username).unwrap_or_default().to_owned(),
        password: password.map_or_else(|| core.one_time_password(), str::to_owned),
        nickname: text(Column::Nickname),
        phone: text(Column::Phone),
        email: text(Column::Email),
        sex: text(Column::Sex),
        remark: text(Column::Remark),
        must_change_password: true,
        ..NewUser::default()
    };
    match trimmed(Column::Status).map(Status::parse) {
        Some(Ok(status)) => new.status = status,
        Some(Err(error)) => errors.extend(error.fields),
        None => {}
    }
    let creation = Creation::checked(core, &new).map_err(|error| errors.extend(error.fields));
    let dept = dept(&trimmed).map_err(|error| errors.push(error));
    let keys = trimmed(Column::Roles).unwrap_or_default().split(';');
    let mut role_keys: Vec<String> = Vec::new();
    for key in keys.map(str::trim).filter(|k| !k.is_empty()) {
        if !role_keys.iter().any(|k| k == key) {
            role_keys.push(key.to_owned());
        }
    }
    Line {
        number: row.line,
        one_time: password.is_none(),
        new,
        dept: dept.unwrap_or_default(),
        role_keys,
        creation: creation.ok(),
        errors,
        cells: cells(columns, row),
        role_ids: Vec::new(),
        hash: None,
    }
}

/// What a line says of the department: its id, its path or its name, the first that is given.
fn dept<'a>(cell: &impl Fn(Column) -> Option<&'a str>) -> Result<Option<Named>, FieldError> {
    if let Some(id) = cell(Column::DeptId) {
        return id
            .parse()
            .map(Named::Id)
            .map(Some)
            .map_err(|_| problem("deptId", Text::fixed("应为整数", "must be a whole number")));
    }
    let path = cell(Column::DeptPath).map(|p| Named::Path(p.to_owned()));
    Ok(path.or_else(|| cell(Column::DeptName).map(|n| Named::Name(n.to_owned()))))
}

impl Named {
    fn column(&self) -> &'static str {
        match self {
            Self::Id(_) => "deptId",
            Self::Path(_) => "deptPath",
            Self::Name(_) => "deptName",
        }
    }
}

/// Finds what the lines name in the database, and notes what clashes with it.
async fn look(conn: &mut Conn, caller: &Caller, lines: Vec<&mut Line>) -> Result<()> {
    let named: Vec<String> = lines
        .iter()
        .filter(|l| l.creation.is_some())
        .map(|l| l.key())
        .collect();
    let taken = users::taken(conn, &named).await?;
    let finder = Finder::of(&depts::all(conn).await?);
    let disabled: BTreeSet<i64> = depts::list(conn)
        .await?
        .into_iter()
        .filter(|d| d.status == Status::Disabled)
        .map(|d| d.id.0)
        .collect();
    let keys: BTreeSet<String> = lines.iter().flat_map(|l| l.role_keys.clone()).collect();
    let known = known_roles(conn, caller, &keys).await?;
    let unnamed = unnamed_dept(conn, caller, &disabled).await?;
    for line in lines {
        line.role_ids.clear();
        if taken.contains(&line.key()) {
            let error = super::taken("username");
            line.errors.extend(error.fields);
        }
        let dept = match &line.dept {
            Some(named) => found_dept(&finder, &disabled, caller, named).map(Some),
            None => unnamed.clone(),
        };
        match (dept, &mut line.creation) {
            (Ok(dept), Some(creation)) => creation.account.dept_id = dept,
            (Ok(_), None) => {}
            (Err(error), _) => line.errors.push(error),
        }
        for key in &line.role_keys {
            match known.get(key) {
                Some(Ok(id)) => line.role_ids.push(*id),
                Some(Err(text)) => line.errors.push(problem("roles", text.clone())),
                None => line.errors.push(problem("roles", unknown_role(key))),
            }
        }
    }
    Ok(())
}

/// The department of the lines that name none, or why they must name one.
async fn unnamed_dept(
    conn: &mut Conn,
    caller: &Caller,
    disabled: &BTreeSet<i64>,
) -> Result<Result<Option<DeptId>, FieldError>> {
    match departments::unnamed(conn, caller).await {
        Ok(Some(own)) if disabled.contains(&own.0) => Ok(Err(problem("deptId", disabled_dept()))),
        Ok(dept) => Ok(Ok(dept)),
        Err(error) if matches!(error.kind, Kind::Forbidden { .. }) => {
            Ok(Err(problem("deptId", error.text)))
        }
        Err(error) => Err(error),
    }
}

fn disabled_dept() -> Text {
    Text::fixed("该部门已停用", "is a department that is disabled")
}

fn unknown_role(key: &str) -> Text {
    let key: String = key.chars().take(50).collect();
    Text::new(
        format!("没有角色“{key}”"),
        format!("there is no role “{key}”"),
    )
}

fn found_dept(
    finder: &Finder,
    disabled: &BTreeSet<i64>,
    caller: &Caller,
    named: &Named,
) -> Result<DeptId, FieldError> {
    let text = match finder.find(named) {
        Ok(id) if !caller.sight().sees(Some(DeptId(id))) => {
            Text::fixed("不在你的数据范围内", "is outside your data scope")
        }
        Ok(id) if disabled.contains(&id) => disabled_dept(),
        Ok(id) => return Ok(DeptId(id)),
        Err(Unfound::None) => Text::fixed("没有这个部门", "there is no such department"),
        Err(Unfound::Several) => Text::fixed(
            "有几个部门叫这个名字，请用 deptPath 或 deptId",
            "several departments are called so; name it by deptPath or deptId",
        ),
    };
    Err(problem(named.column(), text))
}

/// The roles of these keys: their ids, or why the caller can't give them. Nobody grants what
/// they do not hold.
async fn known_roles(
    conn: &mut Conn,
    caller: &Caller,
    keys: &BTreeSet<String>,
) -> Result<BTreeMap<String, Result<RoleId, Text>>> {
    let mut known = BTreeMap::new();
    if keys.is_empty() {
        return Ok(known);
    }
    for option in roles::options(conn).await? {
        if keys.contains(&option.key) {
            let may = may_give(conn, caller, option.id, &option.key).await?;
            known.insert(option.key, may.map(|()| option.id));
        }
    }
    Ok(known)
}

async fn may_give(
    conn: &mut Conn,
    caller: &Caller,
    id: RoleId,
    key: &str,
) -> Result<Result<(), Text>> {
    let patterns = roles::patterns_of(conn, &[id]).await?;
    let lacking = caller.grants().missing(patterns.iter().map(String::as_str));
    let shown = match roles::find(conn, id).await? {
        Some(role) => may_show(caller, role.data_scope, &role.dept_ids),
        None => Ok(()),
    };
    let may = caller
        .require(catalogue::USER_BIND)
        .and_then(|()| {
            if lacking.is_empty() {
                Ok(())
            } else {
                Err(Error::forbidden(lacking))
            }
        })
        .and(shown);
    Ok(may.map_err(|error| {
        Text::new(
            format!("{key}：{}", error.text.zh),
            format!("{key}: {}", error.text.en),
        )
    }))
}

#[cfg(test)]
mod tests;
