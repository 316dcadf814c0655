//! Departments.

#[cfg(feature = "ssr")]
use super::forms::{self, above, number};
#[cfg(feature = "ssr")]
use super::one;
use super::{Done, Given};
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::Tree;
use menshen_domain::dept::{Dept, Shown};

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_depts", run::<ListDepts>),
    ("get_dept", run::<GetDept>),
];

#[cfg(feature = "ssr")]
const PAGE: &str = "/admin/departments";

/// The departments in the caller's sight, and those that lead there. `system:dept:list`.
#[server(prefix = "/admin/fn", endpoint = "list_depts")]
pub(crate) async fn list_depts() -> Result<Tree<Shown>, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::DEPT_LIST)?;
    Ok(guard::services()?.depts.tree(&caller).await?)
}

/// One department. `system:dept:list`.
#[server(prefix = "/admin/fn", endpoint = "get_dept")]
pub(crate) async fn get_dept(#[server(default)] id: i64) -> Result<Dept, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::DEPT_LIST)?;
    Ok(guard::services()?.depts.get(&caller, id.into()).await?)
}

/// Creates a department. `system:dept:add`.
#[server(prefix = "/admin/fn", endpoint = "create_dept")]
pub(crate) async fn create_dept(
    #[server(default)] parent: String,
    #[server(default)] name: String,
    #[server(default)] sort: String,
    #[server(default)] leader: String,
    #[server(default)] phone: String,
    #[server(default)] email: String,
    #[server(default)] disabled: bool,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::dept::NewDept;
    let caller = guard::require(menshen_domain::catalogue::DEPT_ADD)?;
    let new = NewDept {
        parent_id: above(&parent)?.map(Into::into),
        name,
        sort: number(&sort)?,
        leader: Some(leader),
        phone: Some(phone),
        email: Some(email),
        status: forms::starting(disabled),
    };
    let dept = guard::services()?.depts.create(&caller, new).await?;
    answer::done(PAGE, |t| t.dept_created(&dept.name));
    Ok(Done::name(dept.name))
}

/// Changes what is said of a department. `system:dept:alter`.
#[server(prefix = "/admin/fn", endpoint = "update_dept")]
pub(crate) async fn update_dept(
    #[server(default)] id: i64,
    #[server(default)] name: Given,
    #[server(default)] sort: Given,
    #[server(default)] leader: Given,
    #[server(default)] phone: Given,
    #[server(default)] email: Given,
) -> Result<Done, AppError> {
    use crate::server::guard;
    use menshen_domain::dept::DeptChange;
    let caller = guard::require(menshen_domain::catalogue::DEPT_ALTER)?;
    let change = DeptChange {
        name: name.0,
        sort: sort.filled().map(number).transpose()?,
        leader: leader.0,
        phone: phone.0,
        email: email.0,
        ..DeptChange::default()
    };
    let changed = guard::services()?
        .depts
        .change(&caller, id.into(), change)
        .await?;
    let both = [fields(&changed.before), fields(&changed.after)];
    let name = changed.after.name;
    Ok(forms::saved(PAGE, "update_dept", one(id), name, both))
}

/// Enables (`0`) or disables (`1`) a department. `system:dept:alter`.
#[server(prefix = "/admin/fn", endpoint = "set_dept_status")]
pub(crate) async fn set_dept_status(
    #[server(default)] id: i64,
    #[server(default)] status: String,
) -> Result<Done, AppError> {
    use crate::server::guard;
    use menshen_domain::dept::DeptChange;
    use menshen_domain::role::Status;
    let caller = guard::require(menshen_domain::catalogue::DEPT_ALTER)?;
    let change = DeptChange {
        status: Some(Status::parse(&status)?),
        ..DeptChange::default()
    };
    let changed = guard::services()?
        .depts
        .change(&caller, id.into(), change)
        .await?;
    let (before, dept) = (changed.before, changed.after);
    let both = (before.status, dept.status);
    Ok(forms::switched(
        "set_dept_status",
        id,
        dept.name,
        both,
        |t, status, name| t.dept_status(status, name),
    ))
}

/// Puts a department below another (`0` or nothing: at the top), in this place among those there:
/// `first`, `last`, or the id of the one to stand before. With the place that it comes from, it is
/// told how to take the move back. `system:dept:alter`.
#[server(prefix = "/admin/fn", endpoint = "move_dept")]
pub(crate) async fn move_dept(
    #[server(default)] id: i64,
    #[server(default)] parent: String,
    #[server(default)] position: String,
    #[server(default)] from_parent: String,
    #[server(default)] from_position: String,
) -> Result<Done, AppError> {
    use crate::server::guard;
    use menshen_domain::tree::Position;
    let caller = guard::require(menshen_domain::catalogue::DEPT_ALTER)?;
    let undo = forms::place_back("move_dept", id, &from_parent, &from_position);
    let parent = above(&parent)?.map(Into::into);
    let position = Position::parse(&position)?;
    let dept = guard::services()?
        .depts
        .place(&caller, id.into(), parent, position)
        .await?;
    Ok(forms::moved(dept.name, undo))
}

/// Deletes a department. `system:dept:remove`.
#[server(prefix = "/admin/fn", endpoint = "delete_dept")]
pub(crate) async fn delete_dept(
    #[server(default)] id: i64,
    #[server(default)] name: String,
) -> Result<Done, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::DEPT_REMOVE)?;
    guard::services()?.depts.delete(&caller, id.into()).await?;
    Ok(forms::deleted(name))
}

/// What a form says of a department.
pub(crate) fn fields(dept: &Dept) -> [(&'static str, String); 5] {
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        ("name", dept.name.clone()),
        ("sort", dept.sort.to_string()),
        ("leader", given(&dept.leader)),
        ("phone", given(&dept.phone)),
        ("email", given(&dept.email)),
    ]
}
