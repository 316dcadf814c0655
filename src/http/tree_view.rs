//! Departments and menus as clients see them: field names and times in document C's style.

use crate::Api;
use crate::view::Times;
use menshen_domain::dept::{Dept, Shown};
use menshen_domain::menu::Menu;
use menshen_domain::tree::{Branch, Tree};
use schemars::JsonSchema;
use serde::Serialize;

/// A department.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeptView {
    dept_id: i64,
    /// The department above it; 0 at the top.
    parent_id: i64,
    dept_name: String,
    /// The ids from the root department down, as in `0,1`.
    dept_path: String,
    /// The same as `deptPath`.
    path: String,
    /// Where it stands among its siblings; small numbers first.
    order_num: i64,
    leader: String,
    phone: String,
    email: String,
    /// `0` active, `1` disabled: it can't be chosen for users.
    status: String,
    /// How many users are in it, not counting those of departments below.
    user_count: i64,
    /// `false` for one out of the caller's data scope that leads to one in it: it shows its name,
    /// its place and its status alone, and all else is empty.
    in_scope: bool,
    create_time: String,
    update_time: String,
    /// What is right below it; in trees alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<Vec<DeptView>>,
}

/// A department on its own.
pub(crate) fn dept(api: &Api, dept: Dept) -> DeptView {
    let times = Times(&api.zone);
    DeptView {
        dept_id: dept.id.0,
        parent_id: dept.parent_id.map_or(0, |p| p.0),
        dept_name: dept.name,
        dept_path: dept.path.clone(),
        path: dept.path,
        order_num: dept.sort,
        leader: dept.leader.unwrap_or_default(),
        phone: dept.phone.unwrap_or_default(),
        email: dept.email.unwrap_or_default(),
        status: dept.status.code().to_owned(),
        user_count: dept.users,
        in_scope: true,
        create_time: times.plain(dept.created_at),
        update_time: dept.updated_at.map(|t| times.plain(t)).unwrap_or_default(),
        children: None,
    }
}

/// Departments with those below them.
pub(crate) fn dept_tree(api: &Api, tree: Tree<Shown>) -> Vec<DeptView> {
    dept_branches(api, tree.roots)
}

fn dept_branches(api: &Api, branches: Vec<Branch<Shown>>) -> Vec<DeptView> {
    branches
        .into_iter()
        .map(|branch| {
            let mut view = dept(api, branch.node.dept);
            view.children = Some(dept_branches(api, branch.children));
            if !branch.node.in_scope {
                view.in_scope = false;
                view.create_time.clear();
            }
            view
        })
        .collect()
}

/// A menu.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MenuView {
    menu_id: i64,
    /// The menu above it; 0 at the top.
    parent_id: i64,
    /// The Chinese name.
    menu_name: String,
    /// The English name.
    name_en: String,
    /// `dir`, `page` or `button`.
    menu_type: String,
    path: String,
    component: String,
    icon: String,
    /// The permission, or a pattern, without which it is not shown; empty for none.
    permission: String,
    /// Where it stands among its siblings; small numbers first.
    order_num: i64,
    visible: bool,
    /// `0` active, `1` disabled.
    status: String,
    create_time: String,
    update_time: String,
    /// What is right below it; in trees alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<Vec<MenuView>>,
}

/// A menu on its own.
pub(crate) fn menu(api: &Api, menu: Menu) -> MenuView {
    let times = Times(&api.zone);
    MenuView {
        menu_id: menu.id.0,
        parent_id: menu.parent_id.map_or(0, |p| p.0),
        menu_name: menu.name.zh.into_owned(),
        name_en: menu.name.en.into_owned(),
        menu_type: menu.kind.code().to_owned(),
        path: menu.path,
        component: menu.component,
        icon: menu.icon,
        permission: menu.permission.unwrap_or_default(),
        order_num: menu.sort,
        visible: menu.visible,
        status: menu.status.code().to_owned(),
        create_time: times.plain(menu.created_at),
        update_time: menu.updated_at.map(|t| times.plain(t)).unwrap_or_default(),
        children: None,
    }
}

/// Menus with those below them.
pub(crate) fn menu_tree(api: &Api, tree: Tree<Menu>) -> Vec<MenuView> {
    menu_branches(api, tree.roots)
}

fn menu_branches(api: &Api, branches: Vec<Branch<Menu>>) -> Vec<MenuView> {
    branches
        .into_iter()
        .map(|branch| MenuView {
            children: Some(menu_branches(api, branch.children)),
            ..menu(api, branch.node)
        })
        .collect()
}
