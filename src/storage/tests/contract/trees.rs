//! Departments, menus and added permissions, as they are written.

use crate::access::add_depts;
use crate::site::{NOW, Site, account, add, add_user, later, run};
use menshen_domain::dept::{Dept, NewDept};
use menshen_domain::menu::{Menu, MenuKind, NewMenu};
use menshen_domain::permission::Described;
use menshen_domain::role::{NewRole, Status};
use menshen_domain::{DeptId, MenuId, RoleId, Text, UserId};
use menshen_storage::users::Account;
use menshen_storage::{Conn, depts, menus, permissions, roles, users};

async fn dept(conn: &mut Conn, id: DeptId) -> Dept {
    depts::get(conn, id).await.expect("query").expect("there")
}

async fn menu(conn: &mut Conn, id: MenuId) -> Menu {
    menus::find(conn, id).await.expect("query").expect("there")
}

pub(crate) async fn a_department_comes_back_as_it_was_kept(site: &Site) {
    let by = add_user(&site.db, "maker").await;
    let mut tx = site.db.begin().await.expect("begin");
    let top = NewDept {
        name: "总公司".into(),
        ..NewDept::default()
    };
    let top = depts::insert(&mut tx, &top, None, None, NOW).await;
    let top = top.expect("insert");
    let new = NewDept {
        parent_id: Some(top),
        name: "研发'\n\"部\"".into(),
        sort: 7,
        leader: Some("林薇".into()),
        phone: Some("13800000000".into()),
        email: Some("dev@example.com".into()),
        status: Status::Disabled,
    };
    let path = dept(&mut tx, top).await.path;
    assert_eq!(path, format!("0,{top}"));
    let id = depts::insert(&mut tx, &new, Some(&path), Some(by), NOW).await;
    let id = id.expect("insert");
    tx.commit().await.expect("commit");
    let mut conn = site.db.read().await.expect("conn");
    let expected = Dept {
        id,
        parent_id: Some(top),
        path: format!("0,{top},{id}"),
        name: new.name,
        sort: 7,
        leader: new.leader,
        phone: new.phone,
        email: new.email,
        status: Status::Disabled,
        created_by: Some(by),
        created_at: NOW,
        updated_by: None,
        updated_at: None,
        users: 0,
    };
    assert_eq!(dept(&mut conn, id).await, expected);
    let missing = depts::get(&mut conn, DeptId(99)).await.expect("query");
    assert_eq!(missing, None);
}

pub(crate) async fn an_update_writes_every_department_column_but_the_path(site: &Site) {
    let by = add_user(&site.db, "maker").await;
    add_depts(&site.db).await;
    let mut tx = site.db.begin().await.expect("begin");
    let before = dept(&mut tx, DeptId(41)).await;
    let after = Dept {
        parent_id: Some(DeptId(10)),
        name: "市场".into(),
        sort: 5,
        leader: Some("韩".into()),
        phone: Some("12345".into()),
        email: Some("a@b.cn".into()),
        status: Status::Disabled,
        updated_by: Some(by),
        updated_at: Some(later(60)),
        ..before.clone()
    };
    let written = Dept {
        path: "not written".into(),
        ..after.clone()
    };
    let done = depts::update(&mut tx, &written, Some(by), later(60)).await;
    done.expect("update");
    assert_eq!(dept(&mut tx, DeptId(41)).await, after);
    let back = Dept {
        updated_at: Some(later(61)),
        ..before
    };
    depts::update(&mut tx, &back, None, later(61))
        .await
        .expect("update");
    assert_eq!(dept(&mut tx, DeptId(41)).await, back);
    assert_eq!(dept(&mut tx, DeptId(4)).await.updated_at, None);
}

pub(crate) async fn departments_come_whole_by_sort(site: &Site) {
    add_depts(&site.db).await;
    let mut conn = site.db.read().await.expect("conn");
    let all = depts::list(&mut conn).await.expect("query");
    let ids: Vec<i64> = all.iter().map(|d| d.id.0).collect();
    assert_eq!(ids, [1, 4, 10, 40, 41]);
    let parents: Vec<Option<DeptId>> = all.iter().map(|d| d.parent_id).collect();
    let one = |id| Some(DeptId(id));
    assert_eq!(parents, [None, one(1), None, one(4), one(1)]);
}

pub(crate) async fn paths_are_rewritten_with_all_below(site: &Site) {
    add_depts(&site.db).await;
    let mut tx = site.db.begin().await.expect("begin");
    // 4 and 40 move, 41 looks alike and stays.
    depts::rewrite_paths(&mut tx, "0,1,4", "0,10,4")
        .await
        .expect("rewritten");
    let paths = async |conn: &mut Conn| {
        let all = depts::list(conn).await.expect("query");
        let mut all: Vec<_> = all.into_iter().map(|d| (d.id.0, d.path)).collect();
        all.sort_unstable();
        all.into_iter().map(|p| p.1).collect::<Vec<_>>()
    };
    let moved = ["0,1", "0,10,4", "0,10", "0,10,4,40", "0,1,41"];
    assert_eq!(paths(&mut tx).await, moved);
    depts::rewrite_paths(&mut tx, "0,10", "0,1,41,10")
        .await
        .expect("rewritten");
    let moved = [
        "0,1",
        "0,1,41,10,4",
        "0,1,41,10",
        "0,1,41,10,4,40",
        "0,1,41",
    ];
    assert_eq!(paths(&mut tx).await, moved);
    assert_eq!(
        depts::with_below(&mut tx, 41).await.expect("query"),
        [4, 10, 40, 41]
    );
}

pub(crate) async fn users_of_a_department_are_counted(site: &Site) {
    add_depts(&site.db).await;
    let within = |name: &str, id| Account {
        dept_id: Some(DeptId(id)),
        ..account(name)
    };
    for (name, id) in [("a1", 4), ("a2", 4), ("a3", 40), ("gone", 4)] {
        add(&site.db, &within(name, id)).await;
    }
    let mut tx = site.db.begin().await.expect("begin");
    let gone = users::find_by_name(&mut tx, "gone").await.expect("query");
    let gone: UserId = gone.expect("there").id;
    users::soft_delete(&mut tx, gone, None, NOW)
        .await
        .expect("deleted");
    for (id, count) in [(1, 0), (4, 2), (40, 1)] {
        assert_eq!(dept(&mut tx, DeptId(id)).await.users, count, "{id}");
    }
}

pub(crate) async fn a_deleted_department_is_named_by_nobody(site: &Site) {
    add_depts(&site.db).await;
    let gone = Account {
        dept_id: Some(DeptId(40)),
        ..account("gone")
    };
    let gone = add(&site.db, &gone).await;
    let mut tx = site.db.begin().await.expect("begin");
    users::soft_delete(&mut tx, gone, None, NOW)
        .await
        .expect("deleted");
    let role = NewRole {
        name: "r".into(),
        key: "r".into(),
        dept_ids: vec![DeptId(40), DeptId(41)],
        ..NewRole::default()
    };
    let role: RoleId = roles::insert(&mut tx, &role, None, NOW)
        .await
        .expect("insert");
    depts::delete(&mut tx, DeptId(40)).await.expect("deleted");
    tx.commit().await.expect("commit");
    let mut conn = site.db.read().await.expect("conn");
    assert!(
        depts::get(&mut conn, DeptId(40))
            .await
            .expect("query")
            .is_none()
    );
    assert_eq!(roles::depts_of(&mut conn, role).await.expect("query"), [41]);
    drop(conn);
    // One that is in use is kept by the database itself.
    for id in [1, 4] {
        let user = Account {
            dept_id: Some(DeptId(4)),
            ..account(&format!("in-{id}"))
        };
        add(&site.db, &user).await;
        let mut tx = site.db.begin().await.expect("begin");
        depts::delete(&mut tx, DeptId(id))
            .await
            .expect_err("in use");
    }
}

pub(crate) async fn a_menu_comes_back_as_it_was_kept(site: &Site) {
    let by = add_user(&site.db, "maker").await;
    let mut tx = site.db.begin().await.expect("begin");
    let top = NewMenu {
        name_zh: "系统".into(),
        name_en: "System".into(),
        kind: MenuKind::Dir,
        ..NewMenu::default()
    };
    let top = menus::insert(&mut tx, &top, None, NOW)
        .await
        .expect("insert");
    let new = NewMenu {
        parent_id: Some(top),
        name_zh: "用户".into(),
        name_en: "Users".into(),
        kind: MenuKind::Page,
        path: "/users".into(),
        component: "users/index".into(),
        icon: "user".into(),
        permission: Some("system:user:list".into()),
        sort: 3,
        visible: false,
        status: Status::Disabled,
    };
    let id = menus::insert(&mut tx, &new, Some(by), NOW).await;
    let id = id.expect("insert");
    let expected = Menu {
        id,
        parent_id: Some(top),
        name: Text::fixed("用户", "Users"),
        kind: MenuKind::Page,
        path: new.path,
        component: new.component,
        icon: new.icon,
        permission: new.permission,
        sort: 3,
        visible: false,
        status: Status::Disabled,
        created_by: Some(by),
        created_at: NOW,
        updated_by: None,
        updated_at: None,
    };
    assert_eq!(menu(&mut tx, id).await, expected);
    let first = menu(&mut tx, top).await;
    assert_eq!((first.kind, first.visible), (MenuKind::Dir, true));
    let after = Menu {
        parent_id: None,
        name: Text::fixed("新增", "Add"),
        kind: MenuKind::Button,
        path: String::new(),
        component: String::new(),
        icon: "plus".into(),
        permission: None,
        sort: 0,
        visible: true,
        status: Status::Active,
        updated_by: Some(by),
        updated_at: Some(later(60)),
        ..expected
    };
    menus::update(&mut tx, &after, Some(by), later(60))
        .await
        .expect("update");
    assert_eq!(menu(&mut tx, id).await, after);
    assert_eq!(menu(&mut tx, top).await, first);
    let all = menus::list(&mut tx).await.expect("query");
    assert_eq!(all, [first, after]);
    let missing = menus::find(&mut tx, MenuId(99)).await.expect("query");
    assert_eq!(missing, None);
}

pub(crate) async fn menus_are_linked_through_active_roles(site: &Site) {
    let lin = add_user(&site.db, "lin").await;
    let mut tx = site.db.begin().await.expect("begin");
    run(
        &mut tx,
        "INSERT INTO menu (id, parent_id, name_zh, name_en, created_at) VALUES
         (11, NULL, '一', 'a', 1), (12, 11, '二', 'b', 1), (13, NULL, '三', 'c', 1)",
    )
    .await;
    let role = |key: &str, status, menus: &[i64]| NewRole {
        name: key.into(),
        key: key.into(),
        status,
        menu_ids: menus.iter().map(|m| MenuId(*m)).collect(),
        ..NewRole::default()
    };
    let mut held = Vec::new();
    for role in [
        role("one", Status::Active, &[12, 11]),
        role("two", Status::Active, &[12]),
        role("asleep", Status::Disabled, &[13]),
    ] {
        held.push(
            roles::insert(&mut tx, &role, None, NOW)
                .await
                .expect("insert"),
        );
    }
    let other = role("not-hers", Status::Active, &[13]);
    roles::insert(&mut tx, &other, None, NOW)
        .await
        .expect("insert");
    users::set_roles(&mut tx, lin, &held).await.expect("held");
    let linked = menus::linked_to(&mut tx, lin).await.expect("query");
    assert_eq!(linked, [MenuId(11), MenuId(12)]);
    menus::delete(&mut tx, MenuId(12)).await.expect("deleted");
    let linked = menus::linked_to(&mut tx, lin).await.expect("query");
    assert_eq!(linked, [MenuId(11)]);
    let left = roles::find(&mut tx, held[1]).await.expect("query");
    assert!(left.expect("there").menu_ids.is_empty());
    let nobody = menus::linked_to(&mut tx, UserId(99)).await.expect("query");
    assert!(nobody.is_empty());
}

pub(crate) async fn added_permissions_are_written(site: &Site) {
    let by = add_user(&site.db, "maker").await;
    let code = "shop:order:list";
    let about = |name: &str| Described {
        name: name.into(),
        name_en: format!("{name} en"),
        description: "of the shop".into(),
    };
    let mut tx = site.db.begin().await.expect("begin");
    let done = permissions::insert(&mut tx, code, &about("订单"), Some(by), NOW).await;
    done.expect("insert");
    let done = permissions::insert(&mut tx, "shop:item:list", &about("x"), None, NOW).await;
    done.expect("insert");
    permissions::update(&mut tx, code, &about("单"), None, later(60))
        .await
        .expect("update");
    let found = permissions::find(&mut tx, code).await.expect("query");
    let found = found.expect("there");
    assert_eq!(
        (found.name_zh.as_str(), found.name_en.as_str()),
        ("单", "单 en")
    );
    assert_eq!(found.description, "of the shop");
    let role = |key: &str, pattern: &str| NewRole {
        name: key.into(),
        key: key.into(),
        permissions: vec![pattern.into(), "system:user:list".into()],
        ..NewRole::default()
    };
    let exact = role("exact", code);
    let exact = roles::insert(&mut tx, &exact, None, NOW)
        .await
        .expect("insert");
    let wide = role("wide", "shop:*:*");
    let wide = roles::insert(&mut tx, &wide, None, NOW)
        .await
        .expect("insert");
    assert_eq!(
        permissions::granted_by(&mut tx, code).await.expect("query"),
        [exact]
    );
    let held = permissions::patterns(&mut tx).await.expect("query");
    let of = |id| held.iter().filter(move |(role, _)| role.id == id);
    let wide_ones: Vec<&str> = of(wide).map(|(_, p)| p.as_str()).collect();
    assert_eq!(wide_ones, ["shop:*:*", "system:user:list"]);
    assert!(of(exact).all(|(role, _)| role.key == "exact"));
    permissions::delete(&mut tx, code).await.expect("deleted");
    assert!(
        permissions::find(&mut tx, code)
            .await
            .expect("query")
            .is_none()
    );
    let left = permissions::all(&mut tx).await.expect("query");
    assert_eq!(left.len(), 1);
    for (id, expected) in [
        (exact, vec!["system:user:list"]),
        (wide, vec!["shop:*:*", "system:user:list"]),
    ] {
        let role = roles::find(&mut tx, id)
            .await
            .expect("query")
            .expect("there");
        assert_eq!(role.permissions, expected);
    }
}

pub(crate) async fn an_added_permission_is_unique(site: &Site) {
    let about = Described::default();
    let mut tx = site.db.begin().await.expect("begin");
    permissions::insert(&mut tx, "a:b:c", &about, None, NOW)
        .await
        .expect("insert");
    let error = permissions::insert(&mut tx, "a:b:c", &about, None, NOW).await;
    let error = error.expect_err("a clash");
    assert!(
        matches!(error, menshen_storage::StorageError::Unique(_)),
        "{error}"
    );
}
