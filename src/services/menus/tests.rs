use super::*;
use crate::testing::{Bench, fields};
use menshen_domain::role::{NewRole, RoleChange, Status};
use menshen_domain::tree::Branch;

fn new(name: &str, parent: Option<MenuId>, kind: MenuKind) -> NewMenu {
    NewMenu {
        parent_id: parent,
        name_zh: name.into(),
        kind,
        ..NewMenu::default()
    }
}

fn to(parent: Option<MenuId>) -> MenuChange {
    MenuChange {
        parent_id: Some(parent),
        ..MenuChange::default()
    }
}

async fn add(bench: &Bench, admin: &Caller, new: NewMenu) -> MenuId {
    let made = bench.services.menus.create(admin, new).await;
    made.expect("made").id
}

/// 系统 { 用户 { 新增 }, 角色 }, 首页
async fn some(bench: &Bench, admin: &Caller) -> [MenuId; 5] {
    use MenuKind::{Button, Dir, Page};
    let system = add(bench, admin, new("系统", None, Dir)).await;
    let users = NewMenu {
        path: "/users".into(),
        permission: Some("system:user:list".into()),
        ..new("用户", Some(system), Page)
    };
    let users = add(bench, admin, users).await;
    let button = add(bench, admin, new("新增", Some(users), Button)).await;
    let roles = add(bench, admin, new("角色", Some(system), Page)).await;
    let home = add(bench, admin, new("首页", None, Page)).await;
    [system, users, button, roles, home]
}

fn spelled(branches: &[Branch<Menu>]) -> String {
    let one = |b: &Branch<Menu>| match b.children.is_empty() {
        true => b.node.name.zh.to_string(),
        false => format!("{}({})", b.node.name.zh, spelled(&b.children)),
    };
    branches.iter().map(one).collect::<Vec<_>>().join(" ")
}

async fn mine(bench: &Bench, name: &str) -> String {
    let caller = bench.caller(name).await;
    let tree = bench.services.menus.mine(&caller).await.expect("query");
    spelled(&tree.roots)
}

#[tokio::test]
async fn a_menu_is_made_changed_and_deleted() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let menus = &bench.services.menus;
    let [system, users, button, roles, home] = some(&bench, &admin).await;
    let tree = menus.tree(&admin).await.expect("tree");
    assert_eq!(spelled(&tree.roots), "系统(用户(新增) 角色) 首页");
    let change = MenuChange {
        name_en: Some("Users".into()),
        visible: Some(false),
        sort: Some(9),
        ..to(None)
    };
    let was = menus.get(&admin, users).await.expect("there");
    let changed = menus.change(&admin, users, change).await.expect("changed");
    assert_eq!(changed.before, was);
    let after = changed.after;
    assert_eq!(
        (after.name.zh.as_ref(), after.name.en.as_ref()),
        ("用户", "Users")
    );
    assert_eq!((after.path.as_str(), after.parent_id), ("/users", None));
    assert_eq!(menus.get(&admin, users).await.expect("there"), after);
    let tree = menus.tree(&admin).await.expect("tree");
    assert_eq!(spelled(&tree.roots), "系统(角色) 首页 用户(新增)");
    let filter = MenuFilter {
        kind: Some(MenuKind::Page),
        ..MenuFilter::default()
    };
    let pages = menus.list(&admin, &filter).await.expect("list");
    let ids: Vec<MenuId> = pages.iter().map(|m| m.id).collect();
    assert_eq!(ids, [roles, home, users]);

    let error = menus.delete(&admin, users).await.expect_err("a button");
    assert_eq!(error.kind, Kind::Conflict);
    assert!(error.text.en.contains(": 1"), "{error}");
    for id in [button, users, roles, system] {
        menus.delete(&admin, id).await.expect("deleted");
    }
    let error = menus.delete(&admin, users).await.expect_err("gone");
    assert_eq!(error.kind, Kind::NotFound);
    for (action, count) in [("menu.create", 5), ("menu.update", 1), ("menu.delete", 4)] {
        assert_eq!(bench.audit(action).await.len(), count, "{action}");
    }
    let entry = &bench.audit("menu.update").await[0];
    assert_eq!(entry.detail()["before"]["visible"], true);
    assert_eq!(entry.detail()["after"]["visible"], false);
}

#[tokio::test]
async fn a_menu_stands_where_it_can() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let menus = &bench.services.menus;
    let [system, users, button, ..] = some(&bench, &admin).await;
    for (id, below) in [(system, system), (system, users), (users, users)] {
        let error = menus.update(&admin, id, to(Some(below))).await;
        let error = error.expect_err("a ring");
        assert_eq!(
            (error.kind.clone(), fields(&error)),
            (Kind::Conflict, vec!["parentId"])
        );
    }
    for parent in [button, MenuId(99)] {
        let error = menus
            .create(&admin, new("x", Some(parent), MenuKind::Button))
            .await;
        assert_eq!(fields(&error.expect_err("no place")), ["parentId"]);
        let error = menus.update(&admin, system, to(Some(parent))).await;
        assert_eq!(fields(&error.expect_err("no place")), ["parentId"]);
    }
    let change = MenuChange {
        kind: Some(MenuKind::Button),
        ..MenuChange::default()
    };
    let error = menus.update(&admin, users, change).await;
    assert_eq!(error.expect_err("has one below").kind, Kind::Conflict);
    let mut at = None;
    for level in 0..10 {
        let name = format!("L{level}");
        at = Some(add(&bench, &admin, new(&name, at, MenuKind::Dir)).await);
    }
    let error = menus.create(&admin, new("x", at, MenuKind::Page)).await;
    assert_eq!(error.expect_err("too deep").kind, Kind::Conflict);
}

#[tokio::test]
async fn a_menu_asks_for_a_known_permission() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let menus = &bench.services.menus;
    let asking = |permission: &str| NewMenu {
        permission: Some(permission.into()),
        ..new("x", None, MenuKind::Page)
    };
    for bad in ["shop:order:list", "shop:*:*", "nothing", "*"] {
        let error = menus.create(&admin, asking(bad)).await.expect_err(bad);
        assert_eq!(fields(&error), ["permission"]);
        assert!(error.text.en.contains(bad), "{error}");
    }
    for good in ["system:user:list", "system:*:list", "*:*:*", " "] {
        menus.create(&admin, asking(good)).await.expect(good);
    }
    let permissions = &bench.services.permissions;
    let about = menshen_domain::permission::About {
        name: Some("订单".into()),
        ..Default::default()
    };
    let code = "shop:order:list";
    permissions
        .create(&admin, code, &about)
        .await
        .expect("added");
    let made = menus.create(&admin, asking(code)).await.expect("known now");
    permissions
        .delete(&admin, code, false)
        .await
        .expect("removed");
    // What is gone since keeps nobody from changing the rest.
    let change = MenuChange {
        icon: Some("cart".into()),
        permission: Some(Some(code.into())),
        ..MenuChange::default()
    };
    menus
        .update(&admin, made.id, change)
        .await
        .expect("changed");
    let change = MenuChange {
        permission: Some(Some("shop:order:add".into())),
        ..MenuChange::default()
    };
    let error = menus.update(&admin, made.id, change).await;
    assert_eq!(fields(&error.expect_err("unknown")), ["permission"]);
}

#[tokio::test]
async fn everybody_is_shown_her_own_menus() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [system, users, button, roles, home] = some(&bench, &admin).await;
    bench.user("lin").await;
    assert_eq!(mine(&bench, "lin").await, "");
    assert_eq!(mine(&bench, "root").await, "系统(用户(新增) 角色) 首页");
    let role = NewRole {
        name: "r".into(),
        key: "r".into(),
        menu_ids: vec![system, users, button, roles],
        ..NewRole::default()
    };
    let services = &bench.services;
    let role = services.roles.create(&admin, role).await.expect("role").id;
    let other = NewRole {
        name: "h".into(),
        key: "h".into(),
        permissions: vec!["system:user:list".into()],
        menu_ids: vec![home],
        ..NewRole::default()
    };
    let other = services.roles.create(&admin, other).await.expect("role").id;
    let lin = bench.caller("lin").await.id();
    services
        .users
        .bind(&admin, lin, vec![role])
        .await
        .expect("bound");
    // 用户 asks for a permission that she lacks.
    assert_eq!(mine(&bench, "lin").await, "系统(角色)");
    let both = vec![role, other];
    services.users.bind(&admin, lin, both).await.expect("bound");
    assert_eq!(mine(&bench, "lin").await, "系统(用户(新增) 角色) 首页");
    let asleep = RoleChange {
        status: Some(Status::Disabled),
        ..RoleChange::default()
    };
    services
        .roles
        .update(&admin, other, asleep)
        .await
        .expect("asleep");
    assert_eq!(mine(&bench, "lin").await, "系统(角色)");
    services.menus.delete(&admin, roles).await.expect("deleted");
    assert_eq!(mine(&bench, "lin").await, "");
    let left = services.roles.get(&admin, role).await.expect("there");
    assert_eq!(left.menu_ids, [system, users, button]);
}

#[tokio::test]
async fn a_menu_is_put_among_others() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [system, users, button, roles, home] = some(&bench, &admin).await;
    let menus = &bench.services.menus;
    let all = async || {
        let tree = menus.tree(&admin).await.expect("query");
        spelled(&tree.roots)
    };
    let before_users = Position::Before(users.0);
    menus
        .place(&admin, roles, Some(system), before_users)
        .await
        .expect("put");
    assert_eq!(all().await, "系统(角色 用户(新增)) 首页");
    menus
        .place(&admin, home, None, Position::First)
        .await
        .expect("put");
    assert_eq!(all().await, "首页 系统(角色 用户(新增))");
    menus
        .place(&admin, roles, None, Position::Last)
        .await
        .expect("put");
    assert_eq!(all().await, "首页 系统(用户(新增)) 角色");
    let below_button = menus.place(&admin, home, Some(button), Position::Last);
    let error = below_button.await.expect_err("a button");
    assert_eq!(fields(&error), ["parentId"]);
    let ring = menus.place(&admin, system, Some(users), Position::Last);
    assert_eq!(ring.await.expect_err("a ring").kind, Kind::Conflict);
}

#[tokio::test]
async fn what_a_role_shows_is_told_to_who_may_see_the_role() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [_, users, button, ..] = some(&bench, &admin).await;
    let role = NewRole {
        name: "clerk".into(),
        key: "clerk".into(),
        permissions: vec!["system:user:list".into()],
        menu_ids: vec![users, button],
        ..NewRole::default()
    };
    let role = bench.services.roles.create(&admin, role).await;
    let role = role.expect("role").id;
    let menus = &bench.services.menus;
    let shown = menus.shown_by(&admin, role).await.expect("query");
    assert_eq!(spelled(&shown.roots), "系统(用户(新增))");
    let change = RoleChange {
        status: Some(Status::Disabled),
        ..RoleChange::default()
    };
    let disabled = bench.services.roles.update(&admin, role, change).await;
    disabled.expect("disabled");
    let shown = menus.shown_by(&admin, role).await.expect("query");
    assert!(shown.roots.is_empty());
    let error = menus.shown_by(&admin, RoleId(99)).await;
    assert_eq!(error.expect_err("no role").kind, Kind::NotFound);
    let blind = bench
        .with_permissions(&admin, "blind", &["system:menu:*"])
        .await;
    let error = menus.shown_by(&blind, role).await.expect_err("may not");
    assert!(matches!(error.kind, Kind::Forbidden { .. }), "{error}");
}
