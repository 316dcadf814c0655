//! What roles grant, and who may grant it.

use super::*;
use crate::testing::{Bench, fields, missing};
use menshen_domain::Timestamp;
use menshen_domain::ids::ADMIN_ROLE;

fn new(key: &str) -> NewRole {
    NewRole {
        name: format!("Role {key}"),
        key: key.into(),
        ..NewRole::default()
    }
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|t| (*t).to_owned()).collect()
}

async fn add_menus(bench: &Bench) {
    let mut tx = bench.db.begin().await.expect("begin");
    sqlx::query(
        "INSERT INTO menu (id, name_zh, name_en, created_at) VALUES (1, '一', 'a', 1), (2, '二', 'b', 1)",
    )
    .execute(&mut *tx)
    .await
    .expect("insert");
    tx.commit().await.expect("commit");
}

/// Somebody with these permissions and this data scope, in 研发 (4).
async fn scoped(
    bench: &Bench,
    admin: &Caller,
    name: &str,
    permissions: &[&str],
    scope: DataScope,
    depts: &[DeptId],
) -> Caller {
    let role = NewRole {
        data_scope: scope,
        dept_ids: depts.to_vec(),
        permissions: texts(permissions),
        ..new(&format!("scoped-{name}"))
    };
    let role = bench.services.roles.create(admin, role).await;
    let user = menshen_domain::user::NewUser {
        username: name.into(),
        password: crate::testing::PASSWORD.into(),
        dept_id: Some(DeptId(4)),
        role_ids: vec![role.expect("role").id],
        ..Default::default()
    };
    let user = bench.services.users.create(admin, user).await;
    user.expect("user");
    bench.caller(name).await
}

#[tokio::test]
async fn a_role_is_made_as_it_was_asked_for() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.departments().await;
    add_menus(&bench).await;
    let wanted = NewRole {
        name: " 审计员 ".into(),
        key: " auditor ".into(),
        sort: 7,
        status: Status::Disabled,
        data_scope: DataScope::Custom,
        remark: Some(" reads ".into()),
        permissions: texts(&["monitor:*:*", " system:user:list ", "", "monitor:*:*"]),
        menu_ids: vec![MenuId(2), MenuId(1), MenuId(2)],
        dept_ids: vec![DeptId(41), DeptId(4), DeptId(4)],
    };
    let roles = &bench.services.roles;
    let role = roles.create(&admin, wanted).await.expect("made");
    assert_eq!(
        (role.name.as_str(), role.key.as_str()),
        ("审计员", "auditor")
    );
    assert_eq!(role.remark.as_deref(), Some("reads"));
    assert_eq!(role.permissions, ["monitor:*:*", "system:user:list"]);
    assert_eq!(role.menu_ids, [MenuId(1), MenuId(2)]);
    assert_eq!(role.dept_ids, [DeptId(4), DeptId(41)]);
    assert_eq!(role.created_by, Some(admin.id()));
    assert!(!role.builtin);
    assert_eq!(roles.get(&admin, role.id).await.expect("there"), role);
    let entries = bench.audit("role.create").await;
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!((entry.kind.as_str(), entry.success), ("operation", 1));
    assert_eq!(entry.actor_id, Some(admin.id().0));
    assert_eq!(entry.target_kind.as_deref(), Some("role"));
    assert_eq!(entry.target_id, Some(role.id.to_string()));
    assert_eq!(entry.detail()["before"], Value::Null);
    assert_eq!(entry.detail()["after"], shown(&role));
}

#[tokio::test]
async fn wrong_fields_are_named_and_nothing_is_made() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let roles = &bench.services.roles;
    let all = NewRole {
        name: " ".into(),
        key: "1 x".into(),
        sort: -1,
        remark: Some("r".repeat(501)),
        ..NewRole::default()
    };
    let error = roles.create(&admin, all).await.expect_err("wrong");
    assert_eq!(error.kind, Kind::Invalid);
    assert_eq!(
        fields(&error),
        ["roleName", "roleKey", "roleSort", "remark"]
    );
    #[rustfmt::skip]
    let cases = [
        (NewRole { permissions: texts(&["system:user:list", "a:b:c", "x"]), ..new("r") }, "permissions", "a:b:c, x"),
        (NewRole { permissions: texts(&["shop:*:*"]), ..new("r") }, "permissions", "shop:*:*"),
        (NewRole { permissions: texts(&["*"]), ..new("r") }, "permissions", "*"),
        (NewRole { menu_ids: vec![MenuId(7), MenuId(6)], ..new("r") }, "menuIds", "6, 7"),
        (NewRole { dept_ids: vec![DeptId(7)], ..new("r") }, "deptIds", "7"),
    ];
    for (wanted, field, named) in cases {
        let error = roles.create(&admin, wanted).await.expect_err(field);
        assert_eq!(error.kind, Kind::Invalid);
        assert_eq!(fields(&error), [field]);
        assert!(error.text.en.ends_with(named), "{}", error.text.en);
        assert!(error.text.zh.ends_with(named), "{}", error.text.zh);
    }
    assert_eq!(roles.options().await.expect("query").len(), 1);
    assert!(bench.audit("role.create").await.is_empty());
}

#[tokio::test]
async fn keys_are_unique() {
    for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
        let admin = bench.admin().await;
        let roles = &bench.services.roles;
        roles.create(&admin, new("reader")).await.expect("made");
        let other = roles.create(&admin, new("writer")).await.expect("made");
        let rename = RoleChange {
            key: Some("reader".into()),
            ..RoleChange::default()
        };
        for error in [
            roles.create(&admin, new(" reader ")).await,
            roles.create(&admin, new("admin")).await,
            roles.update(&admin, other.id, rename).await,
        ] {
            let error = error.expect_err("taken");
            assert_eq!(error.kind, Kind::Conflict);
            assert_eq!(fields(&error), ["roleKey"]);
        }
        let same = RoleChange {
            key: Some("writer".into()),
            ..RoleChange::default()
        };
        let done = roles.update(&admin, other.id, same).await;
        done.expect("its own key");
        if bench.db.backend() == menshen_storage::Backend::Postgres {
            bench.drop_database().await;
        }
    }
}

#[tokio::test]
async fn what_is_left_out_of_a_change_stays() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.departments().await;
    add_menus(&bench).await;
    let wanted = NewRole {
        sort: 3,
        remark: Some("note".into()),
        permissions: texts(&["system:user:list"]),
        menu_ids: vec![MenuId(1)],
        dept_ids: vec![DeptId(4)],
        ..new("reader")
    };
    let roles = &bench.services.roles;
    let mut role = roles.create(&admin, wanted).await.expect("made");
    bench.clock.forward(std::time::Duration::from_secs(5));
    role.updated_by = Some(admin.id());
    role.updated_at = Some(bench.services.now());
    let change = |change: RoleChange| roles.update(&admin, role.id, change);
    let kept = change(RoleChange::default()).await.expect("nothing");
    assert_eq!(kept, role);
    type Effect = fn(&mut Role);
    #[rustfmt::skip]
    let steps: Vec<(RoleChange, Effect)> = vec![
        (RoleChange { name: Some(" New ".into()), ..RoleChange::default() }, |r| r.name = "New".into()),
        (RoleChange { key: Some("new".into()), ..RoleChange::default() }, |r| r.key = "new".into()),
        (RoleChange { sort: Some(0), ..RoleChange::default() }, |r| r.sort = 0),
        (RoleChange { status: Some(Status::Disabled), ..RoleChange::default() }, |r| r.status = Status::Disabled),
        (RoleChange { data_scope: Some(DataScope::SelfOnly), ..RoleChange::default() }, |r| r.data_scope = DataScope::SelfOnly),
        (RoleChange { remark: Some(Some("other".into())), ..RoleChange::default() }, |r| r.remark = Some("other".into())),
        (RoleChange { remark: Some(None), ..RoleChange::default() }, |r| r.remark = None),
        (RoleChange { permissions: Some(texts(&["system:*:list"])), ..RoleChange::default() }, |r| r.permissions = texts(&["system:*:list"])),
        (RoleChange { permissions: Some(vec![]), ..RoleChange::default() }, |r| r.permissions.clear()),
        (RoleChange { menu_ids: Some(vec![MenuId(2)]), ..RoleChange::default() }, |r| r.menu_ids = vec![MenuId(2)]),
        (RoleChange { menu_ids: Some(vec![]), ..RoleChange::default() }, |r| r.menu_ids.clear()),
        (RoleChange { dept_ids: Some(vec![DeptId(40), DeptId(1)]), ..RoleChange::default() }, |r| r.dept_ids = vec![DeptId(1), DeptId(40)]),
        (RoleChange { dept_ids: Some(vec![]), ..RoleChange::default() }, |r| r.dept_ids.clear()),
    ];
    let mut expected = role.clone();
    for (number, (wanted, effect)) in steps.into_iter().enumerate() {
        effect(&mut expected);
        let done = change(wanted).await.expect("changed");
        assert_eq!(done, expected, "step {number}");
    }
    let entries = bench.audit("role.update").await;
    assert_eq!(entries.len(), 14);
    assert_eq!(entries[1].detail()["before"]["name"], "Role reader");
    assert_eq!(entries[1].detail()["after"]["name"], "New");
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_not_undone_unseen() {
    for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
        let admin = bench.admin().await;
        let lin = bench
            .with_permissions(&admin, "lin.wei", &["system:*:*"])
            .await;
        let roles = &bench.services.roles;
        let id = bench.role(&admin, "desk", &["system:user:list"]).await;
        let (seen, changer) = roles.get_with_changer(&admin, id).await.expect("there");
        assert_eq!(changer.as_deref(), Some(admin.username()), "she made it");
        let saved = |seen: Option<Timestamp>, permissions: &[&str]| RoleChange {
            permissions: Some(texts(permissions)),
            seen,
            ..RoleChange::default()
        };

        bench.clock.forward(std::time::Duration::from_secs(5));
        let taken = saved(Some(seen.changed_at()), &[]);
        let taken = roles.update(&lin, id, taken).await.expect("as she saw it");
        let late = saved(
            Some(seen.changed_at()),
            &["system:user:list", "system:user:add"],
        );
        let error = roles.update(&admin, id, late).await.expect_err("late");
        assert_eq!(error.kind, Kind::Conflict);
        assert!(error.fields.is_empty());
        for text in [&error.text.zh, &error.text.en] {
            assert!(text.contains("lin.wei"), "{text}");
            assert!(text.contains(" +00:00"), "{text}");
        }
        let (now, changer) = roles.get_with_changer(&admin, id).await.expect("there");
        assert_eq!((&now, changer.as_deref()), (&taken, Some("lin.wei")));
        assert_eq!(bench.audit("role.update").await.len(), 1);

        let again = saved(Some(now.changed_at()), &["system:user:add"]);
        roles.update(&admin, id, again).await.expect("seen");
        let partial = saved(None, &["system:user:list"]);
        roles.update(&lin, id, partial).await.expect("unasked");
        if bench.db.backend() == menshen_storage::Backend::Postgres {
            bench.drop_database().await;
        }
    }
}

#[tokio::test]
async fn a_bad_change_changes_nothing() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let roles = &bench.services.roles;
    let role = bench.role(&admin, "reader", &["system:user:list"]).await;
    let before = roles.get(&admin, role).await.expect("there");
    #[rustfmt::skip]
    let cases = [
        (RoleChange { name: Some("".into()), sort: Some(9), ..RoleChange::default() }, "roleName"),
        (RoleChange { key: Some("a b".into()), sort: Some(9), ..RoleChange::default() }, "roleKey"),
        (RoleChange { sort: Some(-9), ..RoleChange::default() }, "roleSort"),
        (RoleChange { remark: Some(Some("r".repeat(501))), sort: Some(9), ..RoleChange::default() }, "remark"),
        (RoleChange { permissions: Some(texts(&["system:user:list", "a:b:c"])), sort: Some(9), ..RoleChange::default() }, "permissions"),
        (RoleChange { menu_ids: Some(vec![MenuId(9)]), sort: Some(9), ..RoleChange::default() }, "menuIds"),
        (RoleChange { dept_ids: Some(vec![DeptId(9)]), sort: Some(9), ..RoleChange::default() }, "deptIds"),
    ];
    for (wanted, field) in cases {
        let error = roles.update(&admin, role, wanted).await.expect_err(field);
        assert_eq!(error.kind, Kind::Invalid);
        assert_eq!(fields(&error), [field]);
    }
    assert_eq!(roles.get(&admin, role).await.expect("there"), before);
    assert!(bench.audit("role.update").await.is_empty());
    for id in [RoleId(77), RoleId(0), RoleId(-1)] {
        let error = roles.get(&admin, id).await.expect_err("none");
        assert_eq!(error.kind, Kind::NotFound);
        let error = roles.update(&admin, id, RoleChange::default()).await;
        assert_eq!(error.expect_err("none").kind, Kind::NotFound);
        let error = roles.delete(&admin, id, true).await.expect_err("none");
        assert_eq!(error.kind, Kind::NotFound);
    }
}

#[tokio::test]
async fn the_built_in_role_keeps_what_it_is() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let roles = &bench.services.roles;
    let before = roles.get(&admin, ADMIN_ROLE).await.expect("there");
    #[rustfmt::skip]
    let protected = [
        RoleChange { key: Some("boss".into()), ..RoleChange::default() },
        RoleChange { status: Some(Status::Disabled), ..RoleChange::default() },
        RoleChange { permissions: Some(vec![]), ..RoleChange::default() },
        RoleChange { permissions: Some(texts(&["system:user:list"])), ..RoleChange::default() },
        RoleChange { data_scope: Some(DataScope::SelfOnly), ..RoleChange::default() },
    ];
    for change in protected {
        let error = roles.update(&admin, ADMIN_ROLE, change).await;
        let error = error.expect_err("protected");
        assert!(missing(&error).is_empty(), "no permission helps");
    }
    for force in [false, true] {
        let error = roles.delete(&admin, ADMIN_ROLE, force).await;
        let error = error.expect_err("protected");
        assert!(missing(&error).is_empty());
    }
    let kept = roles.get(&admin, ADMIN_ROLE).await.expect("there");
    assert_eq!(kept, before);
    let open = RoleChange {
        name: Some("Chief".into()),
        key: Some("admin".into()),
        sort: Some(0),
        status: Some(Status::Active),
        permissions: Some(texts(&["*:*:*"])),
        remark: Some(None),
        ..RoleChange::default()
    };
    let role = roles.update(&admin, ADMIN_ROLE, open).await.expect("open");
    assert_eq!((role.name.as_str(), role.sort), ("Chief", 0));
}

#[tokio::test]
async fn a_role_that_is_held_is_deleted_by_force_alone() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let role = bench.role(&admin, "reader", &["system:user:list"]).await;
    for name in ["lin", "han"] {
        let id = bench.user(name).await;
        let users = &bench.services.users;
        users.bind(&admin, id, vec![role]).await.expect("bind");
    }
    let roles = &bench.services.roles;
    let error = roles.delete(&admin, role, false).await.expect_err("held");
    assert_eq!(error.kind, Kind::Conflict);
    assert!(error.text.en.starts_with("2 users"), "{}", error.text.en);
    assert!(error.text.zh.contains(" 2 "), "{}", error.text.zh);
    roles.delete(&admin, role, true).await.expect("forced");
    roles.get(&admin, role).await.expect_err("gone");
    assert!(bench.caller("lin").await.role_keys().is_empty());
    let entries = bench.audit("role.delete").await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].detail()["before"]["key"], "reader");
    let free = bench.role(&admin, "reader", &[]).await;
    roles.delete(&admin, free, false).await.expect("nobody's");
}

#[tokio::test]
async fn nobody_grants_what_they_lack() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let clerk = bench
        .with_permissions(
            &admin,
            "clerk",
            &["system:role:*", "system:user:list", "system:user:add"],
        )
        .await;
    let roles = &bench.services.roles;
    let with = |key: &str, permissions: &[&str]| NewRole {
        permissions: texts(permissions),
        ..new(key)
    };
    let own = with("own", &["system:role:list", "system:user:add"]);
    let own = roles.create(&clerk, own).await.expect("what she holds").id;
    for (wanted, lacking) in [
        (vec!["system:user:*"], vec!["system:user:*"]),
        (
            vec!["system:user:list", "system:user:reset", "monitor:log:login"],
            vec!["monitor:log:login", "system:user:reset"],
        ),
        (vec!["*:*:*"], vec!["*:*:*"]),
        (vec!["system:*:list"], vec!["system:*:list"]),
    ] {
        let error = roles.create(&clerk, with("more", &wanted)).await;
        let error = error.expect_err("more than she holds");
        assert_eq!(missing(&error), lacking);
        let change = RoleChange {
            permissions: Some(texts(&wanted)),
            ..RoleChange::default()
        };
        let error = roles.update(&clerk, own, change).await;
        let error = error.expect_err("more than she holds");
        assert_eq!(missing(&error), lacking);
    }
    // What a role grants already may stay, and be taken away.
    let above = bench
        .role(&admin, "above", &["system:user:reset", "system:user:list"])
        .await;
    let change = |wanted: &[&str]| RoleChange {
        permissions: Some(texts(wanted)),
        sort: Some(4),
        ..RoleChange::default()
    };
    let kept = ["system:user:reset", "system:user:add"];
    let done = roles.update(&clerk, above, change(&kept)).await;
    assert_eq!(done.expect("kept").permissions.len(), 2);
    let done = roles.update(&clerk, above, change(&[])).await;
    assert!(done.expect("taken away").permissions.is_empty());
    let error = roles
        .update(&clerk, above, change(&["system:user:reset"]))
        .await;
    let error = error.expect_err("not given back");
    assert_eq!(missing(&error), ["system:user:reset"]);
}

#[tokio::test]
async fn a_change_tells_whether_it_can_be_taken_back() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let clerk = bench
        .with_permissions(&admin, "clerk", &["system:role:*"])
        .await;
    let roles = &bench.services.roles;
    let id = bench
        .role(&admin, "above", &["system:user:reset", "system:role:list"])
        .await;
    let less = |kept: &[&str]| RoleChange {
        permissions: Some(texts(kept)),
        name: Some("Less".into()),
        ..RoleChange::default()
    };
    let kept = ["system:user:reset"];
    let done = roles.change(&clerk, id, less(&kept)).await.expect("less");
    assert!(done.reversible, "she holds what she took away");
    assert_eq!(done.before.name, "Role above");
    assert_eq!(done.before.permissions.len(), 2);
    assert_eq!(
        (done.after.name.as_str(), done.after.permissions.len()),
        ("Less", 1)
    );
    let done = roles.change(&clerk, id, less(&[])).await.expect("none");
    assert!(!done.reversible, "she could not give it");
    let status = |status| RoleChange {
        status: Some(status),
        ..RoleChange::default()
    };
    let wide = bench.role(&admin, "wide", &["system:user:reset"]).await;
    let off = status(Status::Disabled);
    let done = roles.change(&clerk, wide, off.clone()).await;
    assert!(!done.expect("asleep").reversible);
    let on = roles.update(&admin, wide, status(Status::Active)).await;
    on.expect("awake");
    let done = roles.change(&admin, wide, off).await;
    assert!(done.expect("asleep").reversible);
}

#[tokio::test]
async fn waking_a_role_grants_it() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let clerk = bench
        .with_permissions(&admin, "clerk", &["system:role:*"])
        .await;
    let roles = &bench.services.roles;
    let status = |status| RoleChange {
        status: Some(status),
        ..RoleChange::default()
    };
    let above = bench.role(&admin, "above", &["system:user:reset"]).await;
    let done = roles.update(&clerk, above, status(Status::Disabled)).await;
    done.expect("taking away is no grant");
    let error = roles.update(&clerk, above, status(Status::Active)).await;
    let error = error.expect_err("waking is");
    assert_eq!(missing(&error), ["system:user:reset"]);
    // Not by a detour either: an asleep role can't be filled.
    let fill = RoleChange {
        permissions: Some(texts(&["system:user:reset", "system:user:add"])),
        ..RoleChange::default()
    };
    let error = roles.update(&clerk, above, fill).await;
    let error = error.expect_err("filling is");
    assert_eq!(missing(&error), ["system:user:add"]);
    let done = roles.update(&admin, above, status(Status::Active)).await;
    done.expect("by one who holds it");
}

#[tokio::test]
async fn nobody_shows_more_than_they_see() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let depts = bench.departments().await;
    let roles = &bench.services.roles;
    let custom = scoped(
        &bench,
        &admin,
        "custom",
        &["system:role:*"],
        DataScope::Custom,
        &[depts[1], depts[3]],
    )
    .await;
    let own = scoped(
        &bench,
        &admin,
        "own",
        &["system:role:*"],
        DataScope::OwnDept,
        &[],
    )
    .await;
    let self_only = scoped(
        &bench,
        &admin,
        "self",
        &["system:role:*"],
        DataScope::SelfOnly,
        &[],
    )
    .await;
    use DataScope::{All, Custom, OwnAndBelow, OwnDept, SelfOnly};
    let mut number = 0;
    for (caller, scope, list, good) in [
        (&admin, All, vec![], true),
        (&admin, Custom, vec![depts[0]], true),
        (&custom, All, vec![], false),
        (&custom, Custom, vec![depts[1]], true),
        (&custom, Custom, vec![depts[1], depts[0]], false),
        (&custom, OwnDept, vec![], false),
        (&custom, SelfOnly, vec![], true),
        (&own, All, vec![], false),
        (&own, OwnAndBelow, vec![], false),
        (&own, Custom, vec![depts[1]], true),
        (&own, Custom, vec![depts[2]], false),
        (&own, OwnDept, vec![], true),
        (&self_only, OwnDept, vec![], false),
        (&self_only, Custom, vec![depts[1]], false),
        (&self_only, Custom, vec![], true),
        (&self_only, SelfOnly, vec![], true),
    ] {
        number += 1;
        let what = format!("{} shows {scope:?} {list:?}", caller.username());
        let wanted = NewRole {
            data_scope: scope,
            dept_ids: list.clone(),
            ..new(&format!("made{number}"))
        };
        let made = roles.create(caller, wanted).await.map(drop);
        let plain = NewRole {
            data_scope: SelfOnly,
            ..new(&format!("plain{number}"))
        };
        let plain = roles.create(&admin, plain).await.expect("made").id;
        let change = RoleChange {
            data_scope: Some(scope),
            dept_ids: Some(list),
            ..RoleChange::default()
        };
        let changed = roles.update(caller, plain, change).await.map(drop);
        for done in [made, changed] {
            match done {
                Ok(()) => assert!(good, "{what}"),
                Err(error) => {
                    assert!(!good, "{what}: {error}");
                    let expected = format!("dataScope={}", scope.code());
                    assert_eq!(missing(&error), [expected], "{what}");
                }
            }
        }
    }
    // A role that shows more than the caller sees may be renamed, not woken.
    let wide = roles.create(&admin, new("wide")).await.expect("made").id;
    let rename = RoleChange {
        name: Some("Wide".into()),
        ..RoleChange::default()
    };
    roles.update(&own, wide, rename).await.expect("renamed");
    let status = |status| RoleChange {
        status: Some(status),
        ..RoleChange::default()
    };
    let done = roles.update(&own, wide, status(Status::Disabled)).await;
    done.expect("put to sleep");
    let error = roles.update(&own, wide, status(Status::Active)).await;
    assert_eq!(missing(&error.expect_err("woken")), ["dataScope=1"]);
}

#[tokio::test]
async fn lists_and_options() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let roles = &bench.services.roles;
    for (key, sort) in [("writer", 5), ("reader", 0)] {
        let role = NewRole { sort, ..new(key) };
        roles.create(&admin, role).await.expect("made");
    }
    let options = roles.options().await.expect("options");
    let keys: Vec<_> = options.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["reader", "admin", "writer"]);
    let filter = RoleFilter {
        text: Some("ROLE".into()),
        ..RoleFilter::default()
    };
    let page = PageRequest::bounded(Some(2), Some(1));
    let page = roles.list(&admin, filter, page).await.expect("list");
    assert_eq!(page.total, 2);
    assert_eq!(page.list[0].key, "writer");
    let catalogue = roles.permissions().catalogue().await.expect("catalogue");
    assert!(!catalogue.is_empty());
}

mod the_catalogue {
    use super::*;
    use crate::permissions::PermissionFilter;
    use menshen_domain::catalogue::CATALOGUE;

    async fn add_permission(bench: &Bench) {
        let mut tx = bench.db.begin().await.expect("begin");
        sqlx::query(
            "INSERT INTO permission (code, name_zh, name_en, description, created_at)
             VALUES ('shop:order:list', '订单列表', 'List orders', 'Of the Shop', 1)",
        )
        .execute(&mut *tx)
        .await
        .expect("insert");
        tx.commit().await.expect("commit");
    }

    #[tokio::test]
    async fn holds_the_built_in_codes_and_the_added_ones() {
        let bench = Bench::sqlite().await;
        let permissions = &bench.services.permissions;
        let built_in = permissions.catalogue().await.expect("query");
        assert!(
            built_in
                .iter()
                .map(|i| i.code.as_str())
                .eq(CATALOGUE.iter().map(|e| e.code))
        );
        add_permission(&bench).await;
        let all = permissions.catalogue().await.expect("query");
        assert_eq!(all.len(), built_in.len() + 1);
        let last = all.last().expect("there");
        assert_eq!(last.code, "shop:order:list");
        assert_eq!(last.name.zh, "订单列表");
        assert_eq!(last.description, "Of the Shop");
    }

    #[tokio::test]
    async fn is_filtered_by_any_part() {
        let bench = Bench::sqlite().await;
        add_permission(&bench).await;
        let some = |t: &str| Some(t.to_owned());
        let none = PermissionFilter::default();
        #[rustfmt::skip]
        let cases: Vec<(PermissionFilter, Option<&[&str]>)> = vec![
            (PermissionFilter { code: some("SHOP"), ..none.clone() }, Some(&["shop:order:list"])),
            (PermissionFilter { name: some("订单"), ..none.clone() }, Some(&["shop:order:list"])),
            (PermissionFilter { name: some(" list ORDERS "), ..none.clone() }, Some(&["shop:order:list"])),
            (PermissionFilter { description: some("of the shop"), ..none.clone() }, Some(&["shop:order:list"])),
            (PermissionFilter { description: some("GET /role/list"), ..none.clone() }, Some(&["system:role:list"])),
            (PermissionFilter { code: some("role:list"), name: some("角色"), ..none.clone() }, Some(&["system:role:list"])),
            (PermissionFilter { code: some("shop"), name: some("角色"), ..none.clone() }, Some(&[])),
            (PermissionFilter { code: some("%"), ..none.clone() }, Some(&[])),
            (PermissionFilter { code: some(""), name: some(" "), ..none.clone() }, None),
            (none, None),
        ];
        for (filter, expected) in cases {
            let found = bench.services.permissions.list(&filter).await;
            let found = found.expect("query");
            let codes: Vec<_> = found.iter().map(|i| i.code.as_str()).collect();
            match expected {
                Some(expected) => assert_eq!(codes, expected, "{filter:?}"),
                None => assert_eq!(codes.len(), CATALOGUE.len() + 1, "{filter:?}"),
            }
        }
    }

    #[tokio::test]
    async fn is_what_can_be_granted() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let roles = &bench.services.roles;
        let with = |key: &str, permissions: &[&str]| NewRole {
            permissions: texts(permissions),
            ..new(key)
        };
        let shop = with("shop", &["shop:order:list", "shop:*:*", "*:order:*"]);
        let error = roles.create(&admin, shop.clone()).await;
        let error = error.expect_err("not known yet");
        for unknown in ["shop:order:list", "shop:*:*", "*:order:*"] {
            assert!(error.text.en.contains(unknown), "{unknown} is named");
        }
        add_permission(&bench).await;
        roles.create(&admin, shop).await.expect("known now");
        for wild in ["*:*:*", "system:*:*", "*:user:*", "*:*:list"] {
            let key = format!("wild-{}", wild.replace(['*', ':'], "x"));
            let role = roles.create(&admin, with(&key, &[wild])).await;
            role.expect("matches some");
        }
    }
}

mod the_overview {
    use super::*;
    use crate::settings::CaptchaMode;
    use menshen_domain::catalogue::{LOG_LOGIN, ROLE_LIST, SESSION_LIST, USER_LIST};
    use menshen_domain::session::Compared;

    #[tokio::test]
    async fn shows_what_the_viewer_may_see() {
        let bench = Bench::with(|s| s.captcha.mode = CaptchaMode::Never).await;
        let admin = bench.admin().await;
        let gone = bench.user("gone").await;
        let users = &bench.services.users;
        let disable = menshen_domain::user::UserChange {
            status: Some(Status::Disabled),
            ..Default::default()
        };
        users.update(&admin, gone, disable).await.expect("disable");
        bench.guess(&bench.client(), "gone").await;
        let all = bench.services.overview(&admin).await.expect("query");
        assert_eq!(all.users, Some(2));
        assert_eq!(all.disabled_users, Some(1));
        assert_eq!(all.roles, Some(1));
        assert_eq!(all.sessions, Some(1));
        let today = |c: Option<Compared>| c.map(|c| c.today);
        assert_eq!(today(all.sign_ins), Some(1));
        assert_eq!(today(all.failures), Some(1));
        let last = all.last.expect("shown");
        assert_eq!(last.len(), 2);
        assert_eq!(
            (last[0].username.as_str(), last[0].success),
            ("gone", false)
        );
        bench.clock.forward(std::time::Duration::from_hours(25));
        let later = bench.services.overview(&admin).await.expect("query");
        assert_eq!(today(later.sign_ins), Some(0));
        assert_eq!(today(later.failures), Some(0));
        assert_eq!(later.last.map(|l| l.len()), Some(2), "the last ones still");

        for (name, permission) in [
            ("none", "system:setting:query"),
            ("users", USER_LIST),
            ("roles", ROLE_LIST),
            ("sessions", SESSION_LIST),
            ("log", LOG_LOGIN),
        ] {
            let viewer = bench.with_permissions(&admin, name, &[permission]).await;
            let seen = bench.services.overview(&viewer).await.expect("query");
            let is = |wanted: &str| permission == wanted;
            assert_eq!(seen.users.is_some(), is(USER_LIST), "{name}");
            assert_eq!(seen.disabled_users.is_some(), is(USER_LIST), "{name}");
            assert_eq!(seen.roles.is_some(), is(ROLE_LIST), "{name}");
            assert_eq!(seen.sessions.is_some(), is(SESSION_LIST), "{name}");
            assert_eq!(seen.sign_ins.is_some(), is(LOG_LOGIN), "{name}");
            assert_eq!(seen.failures.is_some(), is(LOG_LOGIN), "{name}");
            assert_eq!(seen.last.is_some(), is(LOG_LOGIN), "{name}");
        }
    }
}

#[tokio::test]
async fn what_a_change_would_do_to_the_holders_is_told_before() {
    for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
        let admin = bench.admin().await;
        let roles = &bench.services.roles;
        let make = |key: &'static str, permissions: &'static [&'static str]| NewRole {
            permissions: texts(permissions),
            ..new(key)
        };
        let desk = make("desk", &["system:user:list", "system:user:query"]);
        let desk = roles.create(&admin, desk).await.expect("made");
        let wide = roles.create(&admin, make("wide", &["system:user:*"])).await;
        let wide = wide.expect("made");
        let off = NewRole {
            status: Status::Disabled,
            ..make("off", &["system:role:*"])
        };
        let off = roles.create(&admin, off).await.expect("made");
        let of = |name: &str, ids: &[RoleId]| menshen_domain::user::NewUser {
            username: name.into(),
            password: crate::testing::PASSWORD.into(),
            role_ids: ids.to_vec(),
            ..Default::default()
        };
        for user in [
            of("only", &[desk.id]),
            of("both", &[desk.id, wide.id]),
            of("idle", &[desk.id, off.id]),
            of("else", &[wide.id]),
        ] {
            bench
                .services
                .users
                .create(&admin, user)
                .await
                .expect("made");
        }
        let none = roles.effect(&admin, desk.id, &desk.permissions).await;
        let none = none.expect("told");
        assert_eq!((none.active, none.total), (true, 0));
        assert!(none.codes.is_empty());

        let wanted = texts(&[
            "system:user:list",
            "system:user:add",
            "system:role:list",
            "no",
            "",
        ]);
        let effect = roles.effect(&admin, desk.id, &wanted).await.expect("told");
        let told: Vec<_> = effect
            .codes
            .iter()
            .map(|c| {
                (
                    c.code.as_str(),
                    c.gained,
                    c.people,
                    c.spared,
                    c.through.join("+"),
                )
            })
            .collect();
        let through = || "Role wide".to_owned();
        let mut expected = vec![
            ("system:role:list", true, 3, 0, String::new()),
            ("system:user:add", true, 2, 1, through()),
            ("system:user:query", false, 2, 1, through()),
        ];
        let mut sorted = told;
        sorted.sort();
        expected.sort();
        assert_eq!(sorted, expected);

        // A wildcard is what it covers; only the first codes are looked at one by one.
        let all = roles.effect(&admin, desk.id, &texts(&["*:*:*"])).await;
        let all = all.expect("told");
        assert_eq!(all.codes.len(), menshen_domain::role::Effect::MOST);
        assert!(all.total > all.codes.len());
        assert!(all.codes.iter().all(|c| c.gained));

        let idle = roles.effect(&admin, off.id, &[]).await.expect("told");
        assert!(!idle.active);
        let gone = roles.effect(&admin, RoleId(999), &[]).await;
        assert_eq!(gone.expect_err("none").kind, Kind::NotFound);
    }
}
