//! Roles and the permission catalogue.

use super::{Done, Given};
#[cfg(feature = "ssr")]
use super::{forms, one, undo};
#[cfg(feature = "ssr")]
use crate::boot::Undo;
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use crate::i18n::Texts;
use leptos::prelude::*;
use menshen_domain::role::{Effect, Role};
use menshen_domain::session::RoleOption;
use menshen_domain::{Page, Text};
#[cfg(feature = "ssr")]
use menshen_services::roles::ChangedRole;
use serde::{Deserialize, Serialize};

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_roles", run::<ListRoles>),
    ("get_role", run::<GetRole>),
    ("role_options", run::<RoleOptions>),
    ("role_effect", run::<RoleEffect>),
];

/// Which roles are listed: exactly what the page's address says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RoleQuery {
    /// Part of a name or key.
    pub q: String,
    /// `0` or `1`; anything else for both.
    pub status: String,
    /// A [`menshen_domain::role::RoleSort`] code.
    pub sort: String,
    /// `desc`, or anything else.
    pub order: String,
    /// From 1.
    pub page: i64,
}

/// What is known of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub role: Role,
    /// The login name of who changed it last; empty when she is not known.
    pub changer: String,
}

/// Lists roles. `system:role:list`.
#[server(prefix = "/admin/fn", endpoint = "list_roles")]
pub(crate) async fn list_roles(
    #[server(default)] query: RoleQuery,
) -> Result<Page<Role>, AppError> {
    use super::users::PAGE_SIZE;
    use crate::server::guard;
    use menshen_domain::PageRequest;
    use menshen_domain::role::{RoleFilter, RoleSort, Status};
    let caller = guard::require(menshen_domain::catalogue::ROLE_LIST)?;
    let filter = RoleFilter {
        text: Some(query.q).filter(|text| !text.is_empty()),
        status: Status::parse(&query.status).ok(),
        sort: RoleSort::from_code(&query.sort).unwrap_or_default(),
        descending: query.order == "desc",
        ..RoleFilter::default()
    };
    let page = PageRequest::bounded(Some(query.page), Some(PAGE_SIZE));
    Ok(guard::services()?.roles.list(&caller, filter, page).await?)
}

/// One role, and who changed it last. `system:role:query`.
#[server(prefix = "/admin/fn", endpoint = "get_role")]
pub(crate) async fn get_role(#[server(default)] id: i64) -> Result<Known, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::ROLE_QUERY)?;
    let roles = guard::services()?.roles;
    let (role, changer) = roles.get_with_changer(&caller, id.into()).await?;
    let changer = changer.unwrap_or_default();
    Ok(Known { role, changer })
}

/// Creates a role. `system:role:add`.
#[server(prefix = "/admin/fn", endpoint = "create_role")]
pub(crate) async fn create_role(
    #[server(default)] name: String,
    #[server(default)] key: String,
    #[server(default)] sort: String,
    #[server(default)] disabled: bool,
    #[server(default)] data_scope: String,
    #[server(default)] remark: String,
    #[server(default)] permissions: Vec<String>,
    #[server(default)] more: String,
    #[server(default)] dept_ids: Vec<i64>,
    #[server(default)] menu_ids: Vec<i64>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::role::NewRole;
    let caller = guard::require(menshen_domain::catalogue::ROLE_ADD)?;
    let new = NewRole {
        name,
        key,
        sort: parse_sort(&sort)?,
        status: forms::starting(disabled),
        data_scope: parse_scope(&data_scope)?,
        remark: Some(remark).filter(|text| !text.is_empty()),
        permissions: all_patterns(permissions, &more),
        dept_ids: dept_ids.into_iter().map(Into::into).collect(),
        menu_ids: menu_ids.into_iter().map(Into::into).collect(),
    };
    let role = guard::services()?.roles.create(&caller, new).await?;
    answer::done("/admin/roles", |t| t.role_created(&role.name));
    Ok(Done::name(role.name))
}

/// Changes a role. With `seen`, when the role as the form shows it had been changed last, in
/// microseconds, it is refused if the role was changed since. `system:role:alter`.
#[server(prefix = "/admin/fn", endpoint = "update_role")]
pub(crate) async fn update_role(
    #[server(default)] id: i64,
    #[server(default)] name: Given,
    #[server(default)] key: Given,
    #[server(default)] sort: Given,
    #[server(default)] data_scope: Given,
    #[server(default)] remark: Given,
    #[server(default)] permissions: Vec<String>,
    #[server(default)] more: String,
    #[server(default)] tree: bool,
    #[server(default)] dept_ids: Vec<i64>,
    #[server(default)] depts: bool,
    #[server(default)] menu_ids: Vec<i64>,
    #[server(default)] menus: bool,
    seen: Option<i64>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::Timestamp;
    use menshen_domain::role::RoleChange;
    let caller = guard::require(menshen_domain::catalogue::ROLE_ALTER)?;
    let change = RoleChange {
        name: name.0,
        key: key.0,
        sort: sort.filled().map(parse_sort).transpose()?,
        data_scope: data_scope.filled().map(parse_scope).transpose()?,
        remark: remark
            .0
            .map(|text| Some(text).filter(|text| !text.is_empty())),
        // No box ticked means no permission, but only when the tree was on the form.
        permissions: tree.then(|| all_patterns(permissions, &more)),
        dept_ids: depts.then(|| dept_ids.into_iter().map(Into::into).collect()),
        menu_ids: menus.then(|| menu_ids.into_iter().map(Into::into).collect()),
        seen: seen.map(Timestamp),
        ..RoleChange::default()
    };
    let changed = guard::services()?
        .roles
        .change(&caller, id.into(), change)
        .await?;
    let done = what_changed(changed);
    answer::stay(|t| saved(t, &answer::say, &done), done.undo.as_ref());
    Ok(done)
}

/// Enables (`0`) or disables (`1`) a role. `system:role:alter`.
#[server(prefix = "/admin/fn", endpoint = "set_role_status")]
pub(crate) async fn set_role_status(
    #[server(default)] id: i64,
    #[server(default)] status: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::role::{RoleChange, Status};
    let caller = guard::require(menshen_domain::catalogue::ROLE_ALTER)?;
    let change = RoleChange {
        status: Some(Status::parse(&status)?),
        ..RoleChange::default()
    };
    let changed = guard::services()?
        .roles
        .change(&caller, id.into(), change)
        .await?;
    let (before, after) = (&changed.before, &changed.after);
    let undo = (changed.reversible && before.status != after.status).then(|| {
        let status = before.status.code().to_owned();
        undo("set_role_status", &[one(id), ("status".to_owned(), status)])
    });
    answer::stay(|t| t.role_status(after.status, &after.name), undo.as_ref());
    Ok(Done {
        undo,
        ..Done::name(changed.after.name)
    })
}

/// Deletes a role; one that is held only with `force`, once its key was typed.
/// `system:role:remove`.
#[server(prefix = "/admin/fn", endpoint = "delete_role")]
pub(crate) async fn delete_role(
    #[server(default)] id: i64,
    #[server(default)] name: String,
    #[server(default)] force: bool,
    #[server(default)] typed: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::ROLE_REMOVE)?;
    let roles = guard::services()?.roles;
    if force {
        let role = roles.get(&caller, id.into()).await?;
        forms::confirmed(&typed, &role.key)?;
    }
    roles.delete(&caller, id.into(), force).await?;
    answer::to_list("/admin/roles", |t| t.role_deleted(&name));
    Ok(Done::name(name))
}

/// Whom other permissions of a role would reach; they are separated by spaces.
/// `system:role:alter`.
#[server(prefix = "/admin/fn", endpoint = "role_effect")]
pub(crate) async fn role_effect(
    #[server(default)] id: i64,
    #[server(default)] permissions: String,
) -> Result<Effect, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::ROLE_ALTER)?;
    let wanted = all_patterns(Vec::new(), &permissions);
    Ok(guard::services()?
        .roles
        .effect(&caller, id.into(), &wanted)
        .await?)
}

/// The roles to choose from, for who gives roles or sees them: `system:user:bind` or
/// `system:role:list`.
#[server(prefix = "/admin/fn", endpoint = "role_options")]
pub(crate) async fn role_options() -> Result<Vec<RoleOption>, AppError> {
    use crate::server::guard;
    use menshen_domain::catalogue::{ROLE_LIST, USER_BIND};
    guard::require_any(&[USER_BIND, ROLE_LIST])?;
    Ok(guard::services()?.roles.options().await?)
}

/// What a form of a role holds beside the lists, by the names of its fields and of the log.
pub(crate) fn fields(role: &Role) -> [(&'static str, &'static str, String); 5] {
    [
        ("name", "name", role.name.clone()),
        ("key", "key", role.key.clone()),
        ("sort", "sort", role.sort.to_string()),
        ("data_scope", "dataScope", role.data_scope.code().to_owned()),
        ("remark", "remark", role.remark.clone().unwrap_or_default()),
    ]
}

/// The fields of a form that a change has altered, as they were.
#[cfg(feature = "ssr")]
fn altered(changed: &ChangedRole) -> impl Iterator<Item = (&'static str, &'static str, String)> {
    let both = fields(&changed.before)
        .into_iter()
        .zip(fields(&changed.after));
    both.filter(|(was, is)| was != is).map(|(was, _)| was)
}

/// What a change of a role came to.
#[cfg(feature = "ssr")]
fn what_changed(changed: ChangedRole) -> Done {
    let (before, after) = (&changed.before, &changed.after);
    let mut fields: Vec<String> = altered(&changed)
        .map(|(_, name, _)| name.to_owned())
        .collect();
    for (name, differs) in [
        ("permissions", before.permissions != after.permissions),
        ("deptIds", before.dept_ids != after.dept_ids),
        ("menuIds", before.menu_ids != after.menu_ids),
    ] {
        if differs {
            fields.push(name.to_owned());
        }
    }
    let beyond =
        |these: &[String], those: &[String]| these.iter().filter(|p| !those.contains(p)).count();
    Done {
        permissions: (
            beyond(&after.permissions, &before.permissions),
            beyond(&before.permissions, &after.permissions),
        ),
        fields,
        undo: back_to(&changed),
        ..Done::name(changed.after.name)
    }
}

/// That a role was saved, and what is other than it was; `say` says a text of the domain.
pub(crate) fn saved(t: &Texts, say: &dyn Fn(&Text) -> String, done: &Done) -> String {
    t.role_saved(&done.name, &super::changes(t, say, done))
}

/// The form that gives a role its earlier definition back, as far as it was changed: nothing else
/// that happened to it since is lost. A list is given back whole, and therefore only while nobody
/// else has changed the role. None for who may not.
#[cfg(feature = "ssr")]
fn back_to(changed: &ChangedRole) -> Option<Undo> {
    let (before, after) = (&changed.before, &changed.after);
    let owned = |name: &str, value: String| (name.to_owned(), value);
    let mut form: Vec<(String, String)> = altered(changed)
        .map(|(name, _, was)| owned(name, was))
        .collect();
    // A list is sent whole, with a field that says that it is.
    let mut list = |differs: bool, flag: &str, name: &str, items: Vec<String>| {
        if differs {
            form.push(owned(flag, "true".to_owned()));
            form.extend(items.into_iter().map(|item| owned(name, item)));
        }
    };
    let differs = before.permissions != after.permissions;
    list(differs, "tree", "permissions[]", before.permissions.clone());
    let ids = before.dept_ids.iter().map(ToString::to_string).collect();
    list(
        before.dept_ids != after.dept_ids,
        "depts",
        "dept_ids[]",
        ids,
    );
    let ids = before.menu_ids.iter().map(ToString::to_string).collect();
    list(
        before.menu_ids != after.menu_ids,
        "menus",
        "menu_ids[]",
        ids,
    );
    if form.is_empty() || !changed.reversible {
        return None;
    }
    let whole = |(name, _): &(String, String)| ["tree", "depts", "menus"].contains(&name.as_str());
    if form.iter().any(whole) {
        form.push(owned("seen", after.changed_at().0.to_string()));
    }
    form.push(one(before.id.0));
    Some(undo("update_role", &form))
}

#[cfg(feature = "ssr")]
fn parse_sort(text: &str) -> menshen_domain::Result<i64> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        menshen_domain::Error::field(
            "roleSort",
            menshen_domain::Text::fixed("应为整数", "must be a whole number"),
        )
    })
}

#[cfg(feature = "ssr")]
fn parse_scope(code: &str) -> menshen_domain::Result<menshen_domain::scope::DataScope> {
    use menshen_domain::scope::DataScope;
    if code.is_empty() {
        return Ok(DataScope::default());
    }
    DataScope::from_code(code).ok_or_else(|| {
        menshen_domain::Error::field(
            "dataScope",
            menshen_domain::Text::fixed("应为 1 到 5", "must be from 1 to 5"),
        )
    })
}

/// The ticked boxes, and the patterns written by hand, separated by spaces, commas or lines.
#[cfg(feature = "ssr")]
fn all_patterns(mut ticked: Vec<String>, more: &str) -> Vec<String> {
    ticked.extend(
        more.split(|c: char| c.is_whitespace() || c == ',' || c == '，')
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
    );
    ticked.sort();
    ticked.dedup();
    ticked
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::components::list::unform;
    use crate::i18n::texts;
    use menshen_domain::role::Status;
    use menshen_domain::scope::DataScope;
    use menshen_domain::{DeptId, Lang, MenuId, RoleId, Timestamp};

    fn role() -> Role {
        Role {
            id: RoleId(7),
            name: "Desk".to_owned(),
            key: "desk".to_owned(),
            sort: 3,
            status: Status::Active,
            data_scope: DataScope::All,
            builtin: false,
            remark: None,
            created_by: None,
            created_at: Timestamp(1),
            updated_by: None,
            updated_at: None,
            permissions: vec!["system:user:list".to_owned()],
            menu_ids: vec![MenuId(2), MenuId(5)],
            dept_ids: vec![DeptId(4)],
            holders: 0,
        }
    }

    fn changed(after: Role) -> ChangedRole {
        ChangedRole {
            before: role(),
            after,
            reversible: true,
        }
    }

    #[test]
    fn a_role_goes_back_as_far_as_it_was_changed() {
        let after = Role {
            name: "Front & desk".to_owned(),
            remark: Some("new".to_owned()),
            permissions: Vec::new(),
            menu_ids: vec![MenuId(5)],
            ..role()
        };
        let undo = back_to(&changed(after.clone())).expect("an undo");
        assert_eq!(undo.endpoint, "update_role");
        let form = unform(&undo.body);
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(
            form,
            [
                ("name", "Desk"),
                ("remark", ""),
                ("tree", "true"),
                ("permissions[]", "system:user:list"),
                ("menus", "true"),
                ("menu_ids[]", "2"),
                ("menu_ids[]", "5"),
                ("seen", "1"),
                ("id", "7"),
            ]
        );
        let fixed = ChangedRole {
            reversible: false,
            ..changed(after)
        };
        assert!(back_to(&fixed).is_none(), "she may not");
        assert!(back_to(&changed(role())).is_none(), "nothing to take back");
        let renamed = Role {
            name: "Front".to_owned(),
            ..role()
        };
        let undo = back_to(&changed(renamed)).expect("an undo");
        assert_eq!(undo.body, "name=Desk&id=7", "whatever else was changed");
    }

    #[test]
    fn what_was_changed_is_told() {
        let t = texts(Lang::Zh);
        let say = |text: &Text| text.get(Lang::Zh).to_owned();
        let after = Role {
            sort: 4,
            permissions: vec!["a:b:c".to_owned(), "a:b:d".to_owned()],
            dept_ids: Vec::new(),
            ..role()
        };
        let done = what_changed(changed(after));
        assert_eq!(
            saved(t, &say, &done),
            "已保存角色 Desk：排序、权限 +2 −1、数据范围的部门"
        );
        let done = what_changed(changed(role()));
        assert_eq!(saved(t, &say, &done), "已保存角色 Desk，没有变化");
    }
}
