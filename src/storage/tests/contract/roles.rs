//! Roles.

use crate::access::add_depts;
use crate::site::{NOW, Site, add_user, later, run};
use menshen_domain::ids::ADMIN_ROLE;
use menshen_domain::role::{NewRole, Role, RoleFilter, Status};
use menshen_domain::scope::DataScope;
use menshen_domain::{DeptId, MenuId, PageRequest, RoleId, UserId};
use menshen_storage::{Conn, Db, depts, menus, roles, users};

fn plain(key: &str) -> NewRole {
    NewRole {
        name: format!("Role {key}"),
        key: key.into(),
        ..NewRole::default()
    }
}

async fn add(db: &Db, role: &NewRole) -> RoleId {
    let mut tx = db.begin().await.expect("begin");
    let id = roles::insert(&mut tx, role, None, NOW)
        .await
        .expect("insert");
    tx.commit().await.expect("commit");
    id
}

async fn find(conn: &mut Conn, id: RoleId) -> Role {
    roles::find(conn, id).await.expect("query").expect("there")
}

async fn add_menus(db: &Db) {
    let mut tx = db.begin().await.expect("begin");
    run(
        &mut tx,
        "INSERT INTO menu (id, name_zh, name_en, created_at) VALUES (2, '二', 'b', 1), (1, '一', 'a', 1)",
    )
    .await;
    tx.commit().await.expect("commit");
}

fn full() -> NewRole {
    NewRole {
        name: "审计员".into(),
        key: "auditor".into(),
        sort: 7,
        status: Status::Disabled,
        data_scope: DataScope::Custom,
        remark: Some("reads'\n\"all\"".into()),
        permissions: vec!["system:user:list".into(), "monitor:*:*".into()],
        menu_ids: vec![MenuId(2), MenuId(1)],
        dept_ids: vec![DeptId(41), DeptId(4)],
    }
}

pub(crate) async fn a_role_comes_back_as_it_was_kept(site: &Site) {
    let maker = add_user(&site.db, "maker").await;
    add_depts(&site.db).await;
    add_menus(&site.db).await;
    let mut tx = site.db.begin().await.expect("begin");
    let id = roles::insert(&mut tx, &full(), Some(maker), NOW)
        .await
        .expect("insert");
    tx.commit().await.expect("commit");
    let mut conn = site.db.read().await.expect("conn");
    let expected = Role {
        id,
        name: "审计员".into(),
        key: "auditor".into(),
        sort: 7,
        status: Status::Disabled,
        data_scope: DataScope::Custom,
        builtin: false,
        remark: Some("reads'\n\"all\"".into()),
        created_by: Some(maker),
        created_at: NOW,
        updated_by: None,
        updated_at: None,
        permissions: vec!["monitor:*:*".into(), "system:user:list".into()],
        menu_ids: vec![MenuId(1), MenuId(2)],
        dept_ids: vec![DeptId(4), DeptId(41)],
        holders: 0,
    };
    assert_eq!(find(&mut conn, id).await, expected);
    let nothing = roles::find(&mut conn, RoleId(99)).await.expect("query");
    assert_eq!(nothing, None);
}

pub(crate) async fn keys_are_unique(site: &Site) {
    add(&site.db, &plain("reader")).await;
    let other = add(&site.db, &plain("writer")).await;
    let mut tx = site.db.begin().await.expect("begin");
    let error = roles::insert(&mut tx, &plain("reader"), None, NOW)
        .await
        .expect_err("a clash");
    assert!(error.is_unique("role_key"), "{error}");
    drop(tx);
    let mut tx = site.db.begin().await.expect("begin");
    let mut role = find(&mut tx, other).await;
    role.key = "admin".into();
    let error = roles::update(&mut tx, &role, None, NOW)
        .await
        .expect_err("a clash");
    assert!(error.is_unique("role_key"), "{error}");
}

pub(crate) async fn an_update_writes_every_role_column(site: &Site) {
    let by = add_user(&site.db, "maker").await;
    let id = add(&site.db, &plain("reader")).await;
    let mut tx = site.db.begin().await.expect("begin");
    let before = find(&mut tx, id).await;
    let after = Role {
        name: "审计员".into(),
        key: "auditor".into(),
        sort: 5,
        status: Status::Disabled,
        data_scope: DataScope::OwnAndBelow,
        remark: Some("note".into()),
        updated_by: Some(by),
        updated_at: Some(later(60)),
        ..before.clone()
    };
    roles::update(&mut tx, &after, Some(by), later(60))
        .await
        .expect("update");
    assert_eq!(find(&mut tx, id).await, after);
    let back = Role {
        updated_by: None,
        updated_at: Some(later(61)),
        ..before
    };
    roles::update(&mut tx, &back, None, later(61))
        .await
        .expect("update");
    assert_eq!(find(&mut tx, id).await, back);
    assert_eq!(find(&mut tx, ADMIN_ROLE).await.updated_at, None);
}

pub(crate) async fn a_deleted_role_is_held_by_nobody(site: &Site) {
    add_depts(&site.db).await;
    add_menus(&site.db).await;
    let id = add(&site.db, &full()).await;
    let user = add_user(&site.db, "lin").await;
    let mut tx = site.db.begin().await.expect("begin");
    users::set_roles(&mut tx, user, &[id, ADMIN_ROLE])
        .await
        .expect("roles");
    assert_eq!(find(&mut tx, id).await.holders, 1);
    roles::delete(&mut tx, id).await.expect("delete");
    roles::delete(&mut tx, id).await.expect("nothing to do");
    assert!(roles::find(&mut tx, id).await.expect("query").is_none());
    let user = users::find(&mut tx, user).await.expect("query");
    let held: Vec<_> = user.expect("stays").roles.iter().map(|r| r.id).collect();
    assert_eq!(held, [ADMIN_ROLE]);
    for table in [
        "SELECT COUNT(*) FROM role_permission",
        "SELECT COUNT(*) FROM user_role",
    ] {
        let (n,): (i64,) = sqlx::query_as(table)
            .fetch_one(&mut *tx)
            .await
            .expect("count");
        assert_eq!(n, 1, "{table}: the administrator's alone");
    }
    for table in [
        "SELECT COUNT(*) FROM role_menu",
        "SELECT COUNT(*) FROM role_dept",
    ] {
        let (n,): (i64,) = sqlx::query_as(table)
            .fetch_one(&mut *tx)
            .await
            .expect("count");
        assert_eq!(n, 0, "{table}");
    }
}

pub(crate) async fn links_are_replaced(site: &Site) {
    add_depts(&site.db).await;
    add_menus(&site.db).await;
    let id = add(&site.db, &full()).await;
    let other = NewRole {
        key: "other".into(),
        ..full()
    };
    let other = add(&site.db, &other).await;
    let mut tx = site.db.begin().await.expect("begin");
    roles::set_permissions(&mut tx, id, &["a:b:c".into()])
        .await
        .expect("permissions");
    roles::set_menus(&mut tx, id, &[MenuId(2)])
        .await
        .expect("menus");
    roles::set_depts(&mut tx, id, &[DeptId(40)])
        .await
        .expect("departments");
    let role = find(&mut tx, id).await;
    assert_eq!(role.permissions, ["a:b:c"]);
    assert_eq!(role.menu_ids, [MenuId(2)]);
    assert_eq!(role.dept_ids, [DeptId(40)]);
    let depts = roles::depts_of(&mut tx, id).await.expect("departments");
    assert_eq!(depts, [40]);
    roles::set_permissions(&mut tx, id, &[])
        .await
        .expect("none");
    roles::set_menus(&mut tx, id, &[]).await.expect("none");
    roles::set_depts(&mut tx, id, &[]).await.expect("none");
    let role = find(&mut tx, id).await;
    assert!(role.permissions.is_empty());
    assert!(role.menu_ids.is_empty());
    assert!(role.dept_ids.is_empty());
    let untouched = find(&mut tx, other).await;
    assert_eq!(untouched.permissions.len(), 2);
    let depts = roles::depts_of(&mut tx, other).await.expect("departments");
    assert_eq!(depts, [4, 41]);
}

async fn keys(db: &Db, filter: &RoleFilter) -> Vec<String> {
    let mut conn = db.read().await.expect("conn");
    let page = roles::list(&mut conn, filter, PageRequest::default())
        .await
        .expect("list");
    assert_eq!(page.total, i64::try_from(page.list.len()).expect("few"));
    page.list.into_iter().map(|r| r.key).collect()
}

pub(crate) async fn role_lists_are_filtered_and_paged(site: &Site) {
    add_depts(&site.db).await;
    add_menus(&site.db).await;
    add(&site.db, &full()).await;
    for (key, sort) in [("Reader", 3), ("writer", 0), ("late", 7)] {
        let role = NewRole { sort, ..plain(key) };
        add(&site.db, &role).await;
    }
    let some = |t: &str| Some(t.to_owned());
    let none = RoleFilter::default();
    #[rustfmt::skip]
    let cases: Vec<(RoleFilter, Vec<&str>)> = vec![
        (none.clone(), vec!["writer", "admin", "Reader", "auditor", "late"]),
        (RoleFilter { name: some("审计"), ..none.clone() }, vec!["auditor"]),
        (RoleFilter { name: some("ROLE r"), ..none.clone() }, vec!["Reader"]),
        (RoleFilter { key: some("READ"), ..none.clone() }, vec!["Reader"]),
        (RoleFilter { key: some("审计"), ..none.clone() }, vec![]),
        (RoleFilter { text: some("审计"), ..none.clone() }, vec!["auditor"]),
        (RoleFilter { text: some("IT"), ..none.clone() }, vec!["writer", "auditor"]),
        (RoleFilter { text: some(" "), ..none.clone() }, vec!["writer", "admin", "Reader", "auditor", "late"]),
        (RoleFilter { status: Some(Status::Disabled), ..none.clone() }, vec!["auditor"]),
        (RoleFilter { status: Some(Status::Active), name: some("role"), ..none.clone() }, vec!["writer", "Reader", "late"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(keys(&site.db, &filter).await, expected, "{filter:?}");
    }
    let mut conn = site.db.read().await.expect("conn");
    let page = PageRequest {
        page_num: 2,
        page_size: 2,
    };
    let page = roles::list(&mut conn, &none, page).await.expect("list");
    assert_eq!(page.total, 5);
    let shown: Vec<_> = page.list.iter().map(|r| r.key.as_str()).collect();
    assert_eq!(shown, ["Reader", "auditor"]);
    assert!(page.list[0].permissions.is_empty());
    assert_eq!(page.list[1].permissions.len(), 2, "whole roles");
    assert_eq!(page.list[1].menu_ids.len(), 2);
    assert_eq!(page.list[1].dept_ids.len(), 2);
}

pub(crate) async fn role_names_are_told_by_id(site: &Site) {
    let ids: Vec<i64> = [
        add(&site.db, &plain("one")).await,
        add(&site.db, &plain("two")).await,
    ]
    .iter()
    .map(|id| id.0)
    .collect();
    add_depts(&site.db).await;
    add_menus(&site.db).await;
    let mut conn = site.db.read().await.expect("conn");
    // More than one query holds, most of them of nothing.
    let wanted: Vec<i64> = ids.iter().copied().chain(10_000..11_000).collect();
    let mut named = roles::names(&mut conn, &wanted).await.expect("query");
    named.sort();
    let expected = [
        (ids[0], "Role one".to_owned()),
        (ids[1], "Role two".to_owned()),
    ];
    assert_eq!(named, expected);
    let none = roles::names(&mut conn, &[]).await.expect("query");
    assert!(none.is_empty());
    let depts = depts::names(&mut conn, &[4, 999]).await.expect("query");
    assert_eq!(depts.len(), 1);
    let menus = menus::names(&mut conn, &[1, 999]).await.expect("query");
    assert_eq!(menus.len(), 1);
}

pub(crate) async fn searched_role_text_is_taken_literally(site: &Site) {
    for (key, name) in [
        ("a_b", "100%"),
        ("axb", "100"),
        ("c", "wow!"),
        ("d", "Администратор"),
    ] {
        let role = NewRole {
            name: name.into(),
            ..plain(key)
        };
        add(&site.db, &role).await;
    }
    for (text, expected) in [
        ("%", vec!["a_b"]),
        ("_", vec!["a_b"]),
        ("!", vec!["c"]),
        ("a_b", vec!["a_b"]),
        ("Админ", vec!["d"]),
    ] {
        let filter = RoleFilter {
            text: Some(text.into()),
            ..RoleFilter::default()
        };
        assert_eq!(keys(&site.db, &filter).await, expected, "{text}");
    }
    let filter = RoleFilter {
        name: Some("Админ".into()),
        ..RoleFilter::default()
    };
    assert_eq!(keys(&site.db, &filter).await, ["d"]);
}

pub(crate) async fn options_come_by_sort(site: &Site) {
    for (key, sort) in [("z", 2), ("a", 2), ("first", 0)] {
        let role = NewRole { sort, ..plain(key) };
        add(&site.db, &role).await;
    }
    let mut conn = site.db.read().await.expect("conn");
    let options = roles::options(&mut conn).await.expect("query");
    let shown: Vec<_> = options.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(shown, ["first", "admin", "z", "a"]);
    assert_eq!(options[1].id, ADMIN_ROLE);
    assert_eq!(options[2].name, "Role z");
}

pub(crate) async fn unknown_ids_are_told(site: &Site) {
    add_depts(&site.db).await;
    add_menus(&site.db).await;
    let mut conn = site.db.read().await.expect("conn");
    let unknown = roles::unknown_roles(&mut conn, &[7, 1, -3]).await;
    assert_eq!(unknown.expect("query"), [7, -3]);
    let unknown = roles::unknown_menus(&mut conn, &[1, 2, 3]).await;
    assert_eq!(unknown.expect("query"), [3]);
    let unknown = roles::unknown_depts(&mut conn, &[i64::MAX, 4]).await;
    assert_eq!(unknown.expect("query"), [i64::MAX]);
    let unknown = roles::unknown_roles(&mut conn, &[]).await;
    assert_eq!(unknown.expect("query"), [0_i64; 0]);
}

pub(crate) async fn patterns_of_several_roles_are_joined(site: &Site) {
    let with = |key: &str, patterns: &[&str]| NewRole {
        permissions: patterns.iter().map(|p| (*p).to_owned()).collect(),
        ..plain(key)
    };
    let one = add(&site.db, &with("one", &["a:b:c", "a:b:d"])).await;
    let two = add(&site.db, &with("two", &["a:b:d", "a:a:*"])).await;
    let mut conn = site.db.read().await.expect("conn");
    let joined = roles::patterns_of(&mut conn, &[one, two]).await;
    assert_eq!(joined.expect("query"), ["a:a:*", "a:b:c", "a:b:d"]);
    let none = roles::patterns_of(&mut conn, &[]).await;
    assert!(none.expect("query").is_empty());
}

pub(crate) async fn active_roles_come_by_sort(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    let late = NewRole {
        sort: 9,
        data_scope: DataScope::SelfOnly,
        ..plain("late")
    };
    let late = add(&site.db, &late).await;
    let asleep = NewRole {
        status: Status::Disabled,
        ..plain("asleep")
    };
    let asleep = add(&site.db, &asleep).await;
    let mut tx = site.db.begin().await.expect("begin");
    users::set_roles(&mut tx, user, &[late, asleep, ADMIN_ROLE])
        .await
        .expect("roles");
    let active = roles::active_of(&mut tx, user).await.expect("query");
    let shown: Vec<_> = active
        .iter()
        .map(|r| (RoleId(r.id), r.role_key.as_str(), r.data_scope.as_str()))
        .collect();
    assert_eq!(shown, [(ADMIN_ROLE, "admin", "1"), (late, "late", "5")]);
    let nobodys = roles::active_of(&mut tx, UserId(99)).await.expect("query");
    assert!(nobodys.is_empty());
}

pub(crate) async fn roles_are_counted(site: &Site) {
    add(&site.db, &plain("one")).await;
    let mut conn = site.db.read().await.expect("conn");
    assert_eq!(roles::count(&mut conn).await.expect("count"), 2);
}
