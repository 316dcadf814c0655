//! Who may make, see, change and delete whom.

use super::*;
use crate::settings::CaptchaMode;
use crate::testing::{Bench, OTHER_PASSWORD, PASSWORD, fields, missing};
use menshen_domain::role::{NewRole, RoleChange};
use menshen_domain::scope::DataScope;

fn quiet(s: &mut crate::Settings) {
    s.captcha.mode = CaptchaMode::Never;
}

pub(super) fn new(name: &str) -> NewUser {
    NewUser {
        username: name.into(),
        password: PASSWORD.into(),
        ..NewUser::default()
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Signs in again, to hold what was granted since.
async fn again(bench: &Bench, caller: &Caller) -> Caller {
    bench.caller(caller.username()).await
}

async fn record(bench: &Bench, id: UserId) -> User {
    let mut conn = bench.db.read().await.expect("conn");
    find(&mut conn, id).await.expect("there")
}

async fn count(bench: &Bench) -> i64 {
    let mut conn = bench.db.read().await.expect("conn");
    let counted = users::count(&mut conn, UserId(0), &Sight::everybody()).await;
    counted.expect("count").0
}

/// A user with these permissions whose sight is `scope`, in the department `dept`.
pub(super) async fn scoped(
    bench: &Bench,
    admin: &Caller,
    name: &str,
    permissions: &[&str],
    scope: DataScope,
    dept: Option<i64>,
) -> Caller {
    let role = NewRole {
        name: name.into(),
        key: format!("scoped-{name}"),
        data_scope: scope,
        permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
        ..NewRole::default()
    };
    let role = bench.services.roles.create(admin, role).await;
    let user = NewUser {
        dept_id: dept.map(DeptId),
        role_ids: vec![role.expect("role").id],
        ..new(name)
    };
    let user = bench.services.users.create(admin, user).await;
    user.expect("user");
    bench.caller(name).await
}

#[tokio::test]
async fn a_password_that_is_made_up_lasts_for_one_sign_in() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let wanted = NewUser {
        password: String::new(),
        ..new("lin")
    };
    let users = &bench.services.users;
    let (user, password) = users
        .create_with_one_time(&admin, wanted)
        .await
        .expect("made");
    assert!(user.must_change_password);
    let client = bench.client();
    let credentials = bench.credentials("lin", &password);
    let signed_in = bench.services.sign_in.by_api(&client, credentials).await;
    signed_in.expect("signed in");
    assert!(!bench.whole_audit().await.contains(&password));
}

mod signing_up {
    use super::*;

    #[tokio::test]
    async fn a_stranger_makes_an_account_without_any_right() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let role = bench.role(&admin, "reader", &["system:user:list"]).await;
        bench.departments().await;
        let wanted = NewUser {
            nickname: some(" 林薇 "),
            avatar: some("https://example.com/a.png"),
            phone: some("13800138000"),
            email: some("lin@example.com"),
            sex: some("1"),
            status: Status::Disabled,
            dept_id: Some(DeptId(1)),
            remark: some("made by hand"),
            must_change_password: true,
            role_ids: vec![ADMIN_ROLE, role],
            ..new(" Lin.Wei ")
        };
        let users = &bench.services.users;
        let user = users.sign_up(&bench.client(), wanted).await;
        let user = user.expect("signed up");
        assert_eq!(user.username, "Lin.Wei");
        assert_eq!(user.nickname, "林薇");
        assert_eq!(user.phone.as_deref(), Some("13800138000"));
        assert_eq!(user.email.as_deref(), Some("lin@example.com"));
        assert!(!user.phone_verified && !user.email_verified, "claims alone");
        assert_eq!(user.sex, "1");
        assert_eq!(user.created_by, None);
        // req46: what only an administrator may set is not taken.
        assert!(user.roles.is_empty());
        assert_eq!(user.status, Status::Active);
        assert_eq!(user.dept_id, None);
        assert_eq!(user.remark, None);
        assert_eq!(user.avatar, "");
        assert!(!user.must_change_password);
        let caller = bench.caller("lin.wei").await;
        assert!(caller.grants().is_empty());
        let entries = bench.audit("user.sign_up").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].kind, "operation");
        assert_eq!(entries[0].actor_id, Some(user.id.0));
        assert_eq!(entries[0].target_id, Some(user.id.to_string()));
        assert_eq!(entries[0].detail()["after"]["nickname"], "林薇");
        let mut conn = bench.db.read().await.expect("conn");
        let row = users::login_row(&mut conn, user.id).await.expect("query");
        let hash = row.expect("there").password_hash.expect("a hash");
        assert!(hash.starts_with("$argon2id$"), "and no password");
    }

    #[tokio::test]
    async fn what_is_left_out_is_empty() {
        let bench = Bench::sqlite().await;
        let id = bench.user("lin").await;
        let user = record(&bench, id).await;
        assert_eq!((user.nickname.as_str(), user.avatar.as_str()), ("", ""));
        assert_eq!((user.phone, user.email, user.remark), (None, None, None));
        assert_eq!(user.sex, "2");
        let second = bench.user("han").await;
        let second = record(&bench, second).await;
        assert_ne!(user.user_code, second.user_code);
        assert!(user.user_code.starts_with('u'));
    }

    #[tokio::test]
    async fn it_can_be_closed() {
        let bench = Bench::with(|s| s.registration.mode = RegistrationMode::Closed).await;
        let users = &bench.services.users;
        let error = users.sign_up(&bench.client(), new("lin")).await;
        let error = error.expect_err("closed");
        assert!(missing(&error).is_empty());
        assert!(error.text.zh.contains("注册已关闭"), "{error}");
        assert_eq!(count(&bench).await, 0);
    }

    #[tokio::test]
    async fn every_field_at_fault_is_named() {
        let bench = Bench::sqlite().await;
        let wrong = NewUser {
            username: "a b".into(),
            password: "short".into(),
            nickname: some(&"n".repeat(51)),
            phone: some("12-34"),
            email: some("a@b"),
            sex: some("3"),
            ..NewUser::default()
        };
        let users = &bench.services.users;
        let error = users.sign_up(&bench.client(), wrong).await;
        let error = error.expect_err("all wrong");
        assert_eq!(error.kind, Kind::Invalid);
        assert_eq!(
            fields(&error),
            ["username", "nickname", "phone", "email", "sex", "password"]
        );
        assert_eq!(count(&bench).await, 0);
    }

    #[tokio::test]
    async fn req5_weak_and_personal_passwords_are_refused() {
        let bench = Bench::sqlite().await;
        for weak in ["", "password", "linwei.marketing", "菜单菜单菜单"] {
            let user = NewUser {
                password: weak.into(),
                ..new("linwei.marketing")
            };
            let users = &bench.services.users;
            let error = users.sign_up(&bench.client(), user).await;
            let error = error.expect_err(weak);
            assert_eq!(fields(&error), ["password"], "{weak}");
        }
    }

    #[tokio::test]
    async fn a_taken_name_is_refused_in_any_letter_case() {
        let bench = Bench::sqlite().await;
        bench.user("Lin.Wei").await;
        let users = &bench.services.users;
        for taken in ["lin.wei", " LIN.WEI "] {
            let error = users.sign_up(&bench.client(), new(taken)).await;
            let error = error.expect_err(taken);
            assert_eq!(error.kind, Kind::Invalid);
            assert_eq!(fields(&error), ["username"]);
        }
        assert_eq!(count(&bench).await, 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_name_is_given_once_in_parallel() {
        for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
            let mut running = tokio::task::JoinSet::new();
            for n in 0..10 {
                let services = bench.services.clone();
                let client = bench.from(&format!("192.0.2.{n}"));
                let wanted = new(if n % 2 == 0 { "lin" } else { "LIN" });
                running.spawn(async move { services.users.sign_up(&client, wanted).await });
            }
            let mut made = 0;
            for done in running.join_all().await {
                match done {
                    Ok(_) => made += 1,
                    Err(error) => assert_eq!(fields(&error), ["username"], "{error}"),
                }
            }
            assert_eq!(made, 1);
            if bench.db.backend() == menshen_storage::Backend::Postgres {
                bench.drop_database().await;
            }
        }
    }

    #[tokio::test]
    async fn req14_an_address_makes_so_many_an_hour() {
        let bench = Bench::with(|s| s.registration.per_hour = 3).await;
        let users = &bench.services.users;
        let here = bench.client();
        let try_one = async |name: String| {
            let made = users.sign_up(&here, new(&name)).await;
            made.map(drop).map_err(|e| e.kind)
        };
        for n in 0..3 {
            try_one(format!("user{n}")).await.expect("within");
        }
        bench.clock.forward(Duration::from_mins(20));
        let Err(Kind::TooMany { retry_after }) = try_one("late".into()).await else {
            panic!("over the limit");
        };
        assert_eq!(retry_after, 40 * 60);
        let there = bench.from("198.51.100.4");
        let made = users.sign_up(&there, new("there")).await;
        made.expect("another address");
        // Asking in vain does not put the end off.
        for _ in 0..4 {
            bench.clock.forward(Duration::from_mins(10));
            drop(try_one("late".into()).await);
        }
        try_one("later".into()).await.expect("after an hour");
        // Bad input costs nothing.
        for _ in 0..10 {
            let kind = try_one("x".into()).await.expect_err("too short");
            assert_eq!(kind, Kind::Invalid);
        }
    }
}

mod creating {
    use super::*;

    #[tokio::test]
    async fn an_administrator_sets_everything() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.departments().await;
        let role = bench.role(&admin, "reader", &["system:user:list"]).await;
        let wanted = NewUser {
            nickname: some("林薇"),
            avatar: some("/files/1.png"),
            phone: some("+8613800138000"),
            email: some("lin@example.com"),
            sex: some("0"),
            status: Status::Disabled,
            dept_id: Some(DeptId(4)),
            remark: some(" from 研发 "),
            must_change_password: true,
            role_ids: vec![role, ADMIN_ROLE, role],
            ..new("lin")
        };
        let user = bench.services.users.create(&admin, wanted).await;
        let user = user.expect("made");
        assert_eq!(user.avatar, "/files/1.png");
        assert_eq!(user.sex, "0");
        assert_eq!(user.status, Status::Disabled);
        assert_eq!(user.dept_name.as_deref(), Some("研发"));
        assert_eq!(user.remark.as_deref(), Some("from 研发"));
        assert!(user.must_change_password);
        assert_eq!(user.created_by, Some(admin.id()));
        let held: Vec<_> = user.roles.iter().map(|r| r.key.as_str()).collect();
        assert_eq!(held, ["reader", "admin"]);
        let entries = bench.audit("user.create").await;
        assert_eq!(entries.len(), 1);
        let entry = &entries[0];
        assert_eq!(entry.actor_id, Some(admin.id().0));
        assert_eq!(entry.session_id.as_ref(), Some(&admin.session_id().0));
        assert_eq!(entry.target_kind.as_deref(), Some("user"));
        assert_eq!(entry.target_id, Some(user.id.to_string()));
        assert_eq!(entry.detail()["before"], Value::Null);
        assert_eq!(entry.detail()["after"]["username"], "lin");
        assert!(!bench.whole_audit().await.contains(PASSWORD));
    }

    #[tokio::test]
    async fn what_is_not_there_is_named_and_nothing_is_made() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let role = bench.role(&admin, "reader", &[]).await;
        for (wanted, field) in [
            (
                NewUser {
                    role_ids: vec![role, RoleId(77), RoleId(78)],
                    ..new("lin")
                },
                "roleIds",
            ),
            (
                NewUser {
                    dept_id: Some(DeptId(77)),
                    ..new("lin")
                },
                "deptId",
            ),
            (new("ROOT"), "username"),
            (
                NewUser {
                    avatar: some("javascript:alert(1)"),
                    ..new("lin")
                },
                "avatar",
            ),
            (
                NewUser {
                    remark: some(&"r".repeat(501)),
                    ..new("lin")
                },
                "remark",
            ),
        ] {
            let error = bench.services.users.create(&admin, wanted).await;
            let error = error.expect_err(field);
            assert_eq!(error.kind, Kind::Invalid);
            assert_eq!(fields(&error), [field]);
            if field == "roleIds" {
                assert!(error.text.en.contains("77, 78"), "{}", error.text.en);
            }
        }
        assert_eq!(count(&bench).await, 1);
        assert!(bench.audit("user.create").await.is_empty());
    }

    #[tokio::test]
    async fn nobody_grants_what_they_lack() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let mine = bench.role(&admin, "reader", &["system:user:list"]).await;
        let more = bench
            .role(&admin, "more", &["system:user:list", "system:role:*"])
            .await;
        let clerk = bench
            .with_permissions(&admin, "clerk", &["system:user:add"])
            .await;
        let users = &bench.services.users;
        let user = users.create(&clerk, new("plain")).await;
        user.expect("without roles");
        let with = |name: &str, role| NewUser {
            role_ids: vec![role],
            ..new(name)
        };
        let error = users.create(&clerk, with("lin", mine)).await;
        let error = error.expect_err("she may not give roles");
        assert_eq!(missing(&error), [catalogue::USER_BIND]);
        let binder = bench
            .with_permissions(
                &admin,
                "binder",
                &["system:user:add", "system:user:bind", "system:user:list"],
            )
            .await;
        users
            .create(&binder, with("lin", mine))
            .await
            .expect("what she holds");
        for role in [more, ADMIN_ROLE] {
            let error = users.create(&binder, with("han", role)).await;
            let error = error.expect_err("more than she holds");
            let expected = if role == more {
                "system:role:*"
            } else {
                "*:*:*"
            };
            assert_eq!(missing(&error), [expected]);
        }
        let mut conn = bench.db.read().await.expect("conn");
        let none = users::find_by_name(&mut conn, "han").await.expect("query");
        assert!(none.is_none(), "nothing was made");
    }

    #[tokio::test]
    async fn a_department_must_be_in_sight() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.departments().await;
        let clerk = scoped(
            &bench,
            &admin,
            "clerk",
            &["system:user:add"],
            DataScope::OwnAndBelow,
            Some(4),
        )
        .await;
        let users = &bench.services.users;
        for (dept, good) in [(4, true), (40, true), (41, false), (1, false)] {
            let wanted = NewUser {
                dept_id: Some(DeptId(dept)),
                ..new(&format!("user{dept}"))
            };
            match users.create(&clerk, wanted).await {
                Ok(user) => assert!(good, "{}", user.username),
                Err(error) => {
                    assert!(!good, "{error}");
                    assert_eq!(fields(&error), ["deptId"]);
                }
            }
        }
    }
}

mod within_sight {
    use super::*;

    const ADD: [&str; 1] = [catalogue::USER_ADD];

    #[tokio::test]
    async fn whom_somebody_makes_she_sees() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.departments().await;
        let users = &bench.services.users;
        for (name, scope) in [
            ("own", DataScope::OwnDept),
            ("below", DataScope::OwnAndBelow),
        ] {
            let clerk = scoped(&bench, &admin, name, &ADD, scope, Some(4)).await;
            let made = users.create(&clerk, new(&format!("{name}-new"))).await;
            let made = made.expect("made");
            assert_eq!(made.dept_id, Some(DeptId(4)), "{name}");
            assert!(clerk.sight().sees(made.dept_id));
        }
        let entry = bench.audit("user.create").await.pop().expect("an entry");
        assert_eq!(entry.detail()["after"]["deptId"], 4);
        let made = users.create(&admin, new("free")).await.expect("made");
        assert_eq!(made.dept_id, None, "whoever sees all may leave it open");
    }

    #[tokio::test]
    async fn without_a_department_in_sight_one_must_be_named() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.departments().await;
        let users = &bench.services.users;
        let role = NewRole {
            name: "custom".into(),
            key: "custom".into(),
            data_scope: DataScope::Custom,
            dept_ids: vec![DeptId(41)],
            permissions: vec![catalogue::USER_ADD.to_owned()],
            ..NewRole::default()
        };
        let role = bench.services.roles.create(&admin, role).await;
        let elsewhere = NewUser {
            dept_id: Some(DeptId(4)),
            role_ids: vec![role.expect("role").id],
            ..new("elsewhere")
        };
        users.create(&admin, elsewhere).await.expect("made");
        let elsewhere = bench.caller("elsewhere").await;
        let alone = scoped(&bench, &admin, "alone", &ADD, DataScope::SelfOnly, Some(4)).await;
        let homeless = scoped(&bench, &admin, "homeless", &ADD, DataScope::OwnDept, None).await;
        for clerk in [&elsewhere, &alone, &homeless] {
            let refused = users.create(clerk, new("han")).await.expect_err("unseen");
            assert!(missing(&refused).is_empty());
            assert!(refused.text.en.contains("department"), "{refused}");
        }
        let named = NewUser {
            dept_id: Some(DeptId(41)),
            ..new("han")
        };
        users.create(&elsewhere, named).await.expect("in her sight");
    }

    #[tokio::test]
    async fn ones_own_department_may_be_disabled() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.departments().await;
        let clerk = scoped(&bench, &admin, "clerk", &ADD, DataScope::OwnDept, Some(4)).await;
        let mut tx = bench.db.begin().await.expect("begin");
        sqlx::query("UPDATE dept SET status = '1' WHERE id = 4")
            .execute(&mut *tx)
            .await
            .expect("disabled");
        tx.commit().await.expect("commit");
        let refused = bench.services.users.create(&clerk, new("han")).await;
        assert_eq!(fields(&refused.expect_err("disabled")), ["deptId"]);
    }

    #[tokio::test]
    async fn nobody_is_moved_out_of_the_movers_sight() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.departments().await;
        let codes = ["system:user:*"];
        let clerk = scoped(&bench, &admin, "clerk", &codes, DataScope::OwnDept, Some(4)).await;
        let users = &bench.services.users;
        let here = users.create(&clerk, new("here")).await.expect("made").id;
        let away = UserChange {
            dept_id: Some(None),
            ..UserChange::default()
        };
        for id in [here, clerk.id()] {
            let refused = users.update(&clerk, id, away.clone()).await;
            assert!(missing(&refused.expect_err("out of sight")).is_empty());
        }
        let moved = users.update(&admin, here, away.clone()).await;
        assert_eq!(moved.expect("moved").dept_id, None);
        // What stays as it was is no move.
        let lin = bench.user("lin").await;
        let own = bench.caller("lin").await;
        users.update(&own, lin, away).await.expect("no change");
    }
}

mod seeing {
    use super::*;

    async fn office(bench: &Bench, admin: &Caller) -> Vec<UserId> {
        bench.departments().await;
        let mut ids = Vec::new();
        for dept in [1, 4, 40, 41] {
            let user = NewUser {
                dept_id: Some(DeptId(dept)),
                ..new(&format!("user{dept}"))
            };
            let user = bench.services.users.create(admin, user).await;
            ids.push(user.expect("made").id);
        }
        ids
    }

    #[tokio::test]
    async fn oneself_is_always_in_sight() {
        let bench = Bench::sqlite().await;
        let id = bench.user("lin").await;
        let caller = bench.caller("lin").await;
        let users = &bench.services.users;
        let user = users.get(&caller, id).await.expect("oneself");
        assert_eq!(user.username, "lin");
        for name in [None, Some("lin"), Some(" LIN ")] {
            let info = users.info(&caller, name).await.expect("oneself");
            assert_eq!(info.user.id, id);
            assert!(info.permissions.is_empty() && info.role_keys.is_empty());
            assert_eq!(info.sight, Sight::own());
            assert_eq!(info.dept_path, "");
        }
        let other = bench.user("han").await;
        let error = users.get(&caller, other).await.expect_err("others");
        assert_eq!(missing(&error), [catalogue::USER_QUERY]);
        for name in ["han", "nobody"] {
            let error = users.info(&caller, Some(name)).await;
            let error = error.expect_err("others");
            assert_eq!(missing(&error), [catalogue::USER_QUERY], "{name}");
        }
    }

    #[tokio::test]
    async fn others_are_seen_as_far_as_sight_goes() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let ids = office(&bench, &admin).await;
        let clerk = scoped(
            &bench,
            &admin,
            "clerk",
            &["system:user:query", "system:user:list"],
            DataScope::OwnAndBelow,
            Some(4),
        )
        .await;
        let users = &bench.services.users;
        for (id, seen) in ids.iter().zip([false, true, true, false]) {
            let name = record(&bench, *id).await.username;
            match users.get(&clerk, *id).await {
                Ok(_) => assert!(seen, "{name}"),
                Err(error) => {
                    assert!(!seen, "{name}");
                    assert_eq!(error.kind, Kind::NotFound, "as if there were none");
                }
            }
            let info = users.info(&clerk, Some(&name)).await;
            assert_eq!(info.is_ok(), seen, "{name}");
        }
        let none = users.get(&clerk, UserId(4711)).await.expect_err("none");
        assert_eq!(none.kind, Kind::NotFound);
        let none = users.info(&clerk, Some("nobody")).await.expect_err("none");
        assert_eq!(none.kind, Kind::NotFound);
        let list = async |caller: &Caller, filter: UserFilter| {
            let page = PageRequest::default();
            let page = users.list(caller, filter, page).await.expect("list");
            page.list
                .into_iter()
                .map(|u| u.username)
                .collect::<Vec<_>>()
        };
        let all = UserFilter::default();
        assert_eq!(
            list(&clerk, all.clone()).await,
            ["user4", "user40", "clerk"]
        );
        assert_eq!(list(&admin, all).await.len(), 6);
        let sales = UserFilter {
            dept_id: Some(DeptId(41)),
            ..UserFilter::default()
        };
        assert!(list(&clerk, sales.clone()).await.is_empty());
        assert_eq!(list(&admin, sales).await, ["user41"]);
    }

    #[tokio::test]
    async fn info_tells_everything() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        office(&bench, &admin).await;
        let clerk = scoped(
            &bench,
            &admin,
            "clerk",
            &["system:user:*"],
            DataScope::OwnAndBelow,
            Some(4),
        )
        .await;
        let info = bench.services.users.info(&admin, Some("CLERK")).await;
        let info = info.expect("info");
        assert_eq!(info.user.id, clerk.id());
        assert_eq!(info.dept_path, "0,1,4");
        assert_eq!(info.role_keys, ["scoped-clerk"]);
        assert_eq!(info.sight.scope, DataScope::OwnAndBelow);
        assert_eq!(info.sight.depts, [DeptId(4), DeptId(40)]);
        assert!(info.permissions.contains(&"system:user:*".to_owned()));
        assert!(info.permissions.contains(&"system:user:reset".to_owned()));
        assert!(!info.permissions.contains(&"system:role:list".to_owned()));
    }
}

mod changing {
    use super::*;

    async fn change(bench: &Bench, caller: &Caller, id: UserId, to: UserChange) -> Result<User> {
        bench.services.users.update(caller, id, to).await
    }

    #[tokio::test]
    async fn ones_own_record_in_part() {
        let bench = Bench::with(quiet).await;
        let id = bench.user("lin").await;
        let caller = bench.caller("lin").await;
        let own = UserChange {
            nickname: some("林薇"),
            avatar: some("/files/2.png"),
            phone: some("13800138000"),
            email: some("Lin@Example.com"),
            sex: some("1"),
            // The same as before is no change.
            username: some("lin"),
            status: Some(Status::Active),
            dept_id: Some(None),
            remark: some(""),
            password: some(""),
        };
        let user = change(&bench, &caller, id, own).await.expect("own");
        assert_eq!(user.nickname, "林薇");
        assert_eq!(user.avatar, "/files/2.png");
        assert_eq!(user.phone.as_deref(), Some("13800138000"));
        assert_eq!(user.email.as_deref(), Some("Lin@Example.com"));
        assert_eq!(user.sex, "1");
        assert_eq!(user.updated_by, Some(id));
        let kept = change(&bench, &caller, id, UserChange::default()).await;
        assert_eq!(kept.expect("nothing").nickname, "林薇");
        let cleared = UserChange {
            nickname: some(""),
            avatar: some(""),
            phone: some(" "),
            email: some(""),
            sex: some(""),
            ..UserChange::default()
        };
        let user = change(&bench, &caller, id, cleared).await.expect("cleared");
        assert_eq!((user.nickname.as_str(), user.avatar.as_str()), ("", ""));
        assert_eq!((user.phone, user.email), (None, None));
        assert_eq!(user.sex, "1", "there is no clearing it");
        let caller = again(&bench, &caller).await;
        assert_eq!(caller.me().nickname, "lin");

        bench.departments().await;
        for privileged in [
            UserChange {
                username: some("boss"),
                ..UserChange::default()
            },
            UserChange {
                status: Some(Status::Disabled),
                ..UserChange::default()
            },
            UserChange {
                dept_id: Some(Some(DeptId(1))),
                ..UserChange::default()
            },
            UserChange {
                remark: some("trustworthy"),
                ..UserChange::default()
            },
        ] {
            let error = change(&bench, &caller, id, privileged).await;
            let error = error.expect_err("not by oneself");
            assert_eq!(missing(&error), [catalogue::USER_ALTER]);
        }
        let password = UserChange {
            password: some(OTHER_PASSWORD),
            ..UserChange::default()
        };
        let error = change(&bench, &caller, id, password.clone()).await;
        assert_eq!(fields(&error.expect_err("not this way")), ["password"]);
        let admin = bench.admin().await;
        let error = change(&bench, &admin, admin.id(), password).await;
        assert_eq!(fields(&error.expect_err("nor she")), ["password"]);
        bench.sign_in("lin").await;
    }

    #[tokio::test]
    async fn others_need_the_permission() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.departments().await;
        let id = bench.user("lin").await;
        bench.user("han").await;
        let nobody = bench.caller("han").await;
        let nickname = UserChange {
            nickname: some("x"),
            ..UserChange::default()
        };
        let error = change(&bench, &nobody, id, nickname.clone()).await;
        assert_eq!(missing(&error.expect_err("no")), [catalogue::USER_ALTER]);

        let clerk = bench
            .with_permissions(&admin, "clerk", &["system:user:alter"])
            .await;
        let all = UserChange {
            username: some("Wei"),
            nickname: some("W"),
            dept_id: Some(Some(DeptId(4))),
            remark: some("note"),
            ..UserChange::default()
        };
        let user = change(&bench, &clerk, id, all).await.expect("others");
        assert_eq!(user.username, "Wei");
        assert_eq!(user.dept_id, Some(DeptId(4)));
        assert_eq!(user.remark.as_deref(), Some("note"));
        assert_eq!(user.updated_by, Some(clerk.id()));
        let cleared = UserChange {
            dept_id: Some(None),
            remark: some(" "),
            ..UserChange::default()
        };
        let user = change(&bench, &clerk, id, cleared).await.expect("cleared");
        assert_eq!((user.dept_id, user.remark), (None, None));
        assert_eq!(user.username, "Wei", "what is left out stays");

        let error = change(&bench, &clerk, UserId(4711), nickname).await;
        assert_eq!(error.expect_err("none").kind, Kind::NotFound);
        let entries = bench.audit("user.update").await;
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].actor_name, "clerk");
        assert_eq!(entries[0].detail()["before"]["username"], "lin");
        assert_eq!(entries[0].detail()["after"]["username"], "Wei");
    }

    #[tokio::test]
    async fn wrong_fields_are_named_and_nothing_is_changed() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let id = bench.user("lin").await;
        bench.user("han").await;
        let wrong = UserChange {
            username: some("x"),
            nickname: some(&"n".repeat(51)),
            avatar: some("data:x"),
            phone: some("x"),
            email: some("x"),
            sex: some("9"),
            remark: some(&"r".repeat(501)),
            ..UserChange::default()
        };
        let error = change(&bench, &admin, id, wrong).await.expect_err("wrong");
        assert_eq!(
            fields(&error),
            [
                "username", "nickname", "avatar", "phone", "email", "sex", "remark"
            ]
        );
        for (wrong, field) in [
            (
                UserChange {
                    username: some("HAN"),
                    nickname: some("new"),
                    ..UserChange::default()
                },
                "username",
            ),
            (
                UserChange {
                    dept_id: Some(Some(DeptId(77))),
                    nickname: some("new"),
                    ..UserChange::default()
                },
                "deptId",
            ),
            (
                UserChange {
                    password: some("weak"),
                    nickname: some("new"),
                    ..UserChange::default()
                },
                "password",
            ),
        ] {
            let error = change(&bench, &admin, id, wrong).await.expect_err(field);
            assert_eq!(error.kind, Kind::Invalid);
            assert_eq!(fields(&error), [field]);
        }
        assert_eq!(record(&bench, id).await.nickname, "");
        let recased = UserChange {
            username: some("LIN"),
            ..UserChange::default()
        };
        let user = change(&bench, &admin, id, recased).await;
        assert_eq!(user.expect("her own name").username, "LIN");
    }

    #[tokio::test]
    async fn a_changed_phone_or_mail_is_not_verified_any_more() {
        let bench = Bench::sqlite().await;
        let id = bench.user("lin").await;
        let caller = bench.caller("lin").await;
        let contact = |phone: &str, email: &str| UserChange {
            phone: some(phone),
            email: some(email),
            ..UserChange::default()
        };
        let first = contact("13800138000", "a@example.com");
        change(&bench, &caller, id, first.clone())
            .await
            .expect("set");
        let mut tx = bench.db.begin().await.expect("begin");
        let user = find(&mut tx, id).await.expect("there");
        let verified = Account {
            phone_verified: true,
            email_verified: true,
            ..Account::from(&user)
        };
        users::update(&mut tx, id, &verified, None, bench.services.now())
            .await
            .expect("verified");
        tx.commit().await.expect("commit");
        let user = change(&bench, &caller, id, first).await.expect("the same");
        assert!(user.phone_verified && user.email_verified);
        let user = change(&bench, &caller, id, contact("13800138001", "a@example.com"))
            .await
            .expect("another phone");
        assert!(!user.phone_verified && user.email_verified);
        let user = change(&bench, &caller, id, contact("13800138001", ""))
            .await
            .expect("no mail");
        assert!(!user.email_verified);
        // A number that somebody proved to be hers can be claimed, but not proved.
        let other = bench.user("han").await;
        let han = bench.caller("han").await;
        let claim = contact("13800138001", "");
        let claimed = change(&bench, &han, other, claim).await.expect("a claim");
        assert!(!claimed.phone_verified);
    }

    #[tokio::test]
    async fn req8_an_administrators_password_lasts_for_one_sign_in() {
        let bench = Bench::with(quiet).await;
        let admin = bench.admin().await;
        let id = bench.user("lin").await;
        let issued = bench.sign_in("lin").await;
        bench.by_token(&issued).await.expect("open");
        let to = UserChange {
            password: some(OTHER_PASSWORD),
            ..UserChange::default()
        };
        let clerk = bench
            .with_permissions(&admin, "clerk", &["system:user:alter"])
            .await;
        let error = change(&bench, &clerk, id, to.clone()).await;
        let error = error.expect_err("she may not reset");
        assert_eq!(missing(&error), [catalogue::USER_RESET]);
        let user = change(&bench, &admin, id, to).await.expect("reset");
        assert!(user.must_change_password);
        bench.by_token(&issued).await.expect_err("ended");
        let done = bench.tries(&bench.client(), "lin", OTHER_PASSWORD).await;
        let caller = bench.by_token(&done.expect("opens")).await.expect("caller");
        assert!(caller.must_change_password());
        let entries = bench.audit("user.update").await;
        assert_eq!(entries[0].detail()["after"]["password"], "changed");
        let all = bench.whole_audit().await;
        assert!(!all.contains(OTHER_PASSWORD));
        assert!(!all.contains("argon2"));
    }

    #[tokio::test]
    async fn whoever_holds_more_is_out_of_reach() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let all = ["system:user:*"];
        let clerk = bench.with_permissions(&admin, "clerk", &all).await;
        let equal = bench.with_permissions(&admin, "equal", &all).await.id();
        let above = bench
            .with_permissions(&admin, "above", &["system:user:*", "system:role:list"])
            .await
            .id();
        let asleep = bench.user("asleep").await;
        let role = bench.role(&admin, "asleep", &["system:role:add"]).await;
        let users = &bench.services.users;
        users.bind(&admin, asleep, vec![role]).await.expect("bind");
        let disable = RoleChange {
            status: Some(Status::Disabled),
            ..RoleChange::default()
        };
        let done = bench.services.roles.update(&admin, role, disable).await;
        done.expect("disabled");
        let nickname = UserChange {
            nickname: some("x"),
            ..UserChange::default()
        };
        for (id, lacking) in [
            (admin.id(), "*:*:*"),
            (above, "system:role:list"),
            (asleep, "system:role:add"),
        ] {
            let refused = [
                change(&bench, &clerk, id, nickname.clone()).await.map(drop),
                users.delete(&clerk, id).await,
                users.reset_password(&clerk, id).await.map(drop),
                users.bind(&clerk, id, Vec::new()).await.map(drop),
            ];
            for done in refused {
                let error = done.expect_err("above her");
                // The last administrator is told first, which is a conflict.
                if id != admin.id() || error.kind != Kind::Conflict {
                    assert_eq!(missing(&error), [lacking]);
                }
            }
        }
        let done = change(&bench, &clerk, equal, nickname).await;
        done.expect("her equal");
        users.reset_password(&clerk, equal).await.expect("reset");
        users.bind(&clerk, equal, Vec::new()).await.expect("unbind");
        users.delete(&clerk, equal).await.expect("delete");
    }

    #[tokio::test]
    async fn out_of_sight_is_out_of_reach() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.departments().await;
        let there = NewUser {
            dept_id: Some(DeptId(41)),
            ..new("there")
        };
        let users = &bench.services.users;
        let there = users.create(&admin, there).await.expect("made").id;
        let nowhere = bench.user("nowhere").await;
        let clerk = scoped(
            &bench,
            &admin,
            "clerk",
            &["system:user:*"],
            DataScope::OwnDept,
            Some(4),
        )
        .await;
        for id in [there, nowhere] {
            let nickname = UserChange {
                nickname: some("x"),
                ..UserChange::default()
            };
            let password = UserChange {
                password: some(OTHER_PASSWORD),
                ..UserChange::default()
            };
            for done in [
                change(&bench, &clerk, id, nickname).await.map(drop),
                change(&bench, &clerk, id, password).await.map(drop),
                users.delete(&clerk, id).await,
                users.reset_password(&clerk, id).await.map(drop),
                users.bind(&clerk, id, Vec::new()).await.map(drop),
            ] {
                assert_eq!(done.expect_err("unseen").kind, Kind::NotFound);
            }
        }
        // Nor can she move somebody to where she does not see, herself included.
        let here = NewUser {
            dept_id: Some(DeptId(4)),
            ..new("here")
        };
        let here = users.create(&admin, here).await.expect("made").id;
        let away = UserChange {
            dept_id: Some(Some(DeptId(41))),
            ..UserChange::default()
        };
        for id in [here, clerk.id()] {
            let error = change(&bench, &clerk, id, away.clone()).await;
            assert_eq!(fields(&error.expect_err("outside")), ["deptId"]);
        }
    }

    #[tokio::test]
    async fn nobody_disables_herself() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let second = bench.user("second").await;
        let users = &bench.services.users;
        let bound = users.bind(&admin, second, vec![ADMIN_ROLE]).await;
        bound.expect("there is another administrator");
        let disable = UserChange {
            status: Some(Status::Disabled),
            ..UserChange::default()
        };
        let error = change(&bench, &admin, admin.id(), disable).await;
        assert_eq!(error.expect_err("herself").kind, Kind::Conflict);
    }
}

mod the_last_administrator {
    use super::*;

    #[tokio::test]
    async fn stays() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        // Holds everything, but not by the administrator's role.
        let rival = bench.with_permissions(&admin, "rival", &["*:*:*"]).await;
        let users = &bench.services.users;
        let disable = UserChange {
            status: Some(Status::Disabled),
            ..UserChange::default()
        };
        let conflict = async |done: Result<()>| {
            assert_eq!(done.expect_err("the last").kind, Kind::Conflict);
        };
        let id = admin.id();
        conflict(users.delete(&rival, id).await).await;
        conflict(users.update(&rival, id, disable.clone()).await.map(drop)).await;
        conflict(users.bind(&rival, id, Vec::new()).await.map(drop)).await;
        conflict(users.bind(&admin, id, Vec::new()).await.map(drop)).await;
        conflict(users.delete(&admin, id).await).await;
        assert_eq!(record(&bench, id).await.status, Status::Active);
        assert_eq!(record(&bench, id).await.roles.len(), 1);

        // A disabled second one does not count.
        let second = bench.user("second").await;
        users
            .bind(&admin, second, vec![ADMIN_ROLE])
            .await
            .expect("bind");
        let done = users.update(&admin, second, disable.clone()).await;
        done.expect("there is another");
        conflict(users.delete(&rival, id).await).await;
        let enable = UserChange {
            status: Some(Status::Active),
            ..UserChange::default()
        };
        let done = users.update(&admin, second, enable).await;
        done.expect("enabled");
        users
            .update(&rival, id, disable)
            .await
            .expect("now there are two");
        conflict(users.delete(&rival, second).await).await;
        users.delete(&rival, id).await.expect("a disabled one");
    }

    /// Two administrators who unmake each other at the same moment.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn stays_in_parallel_too() {
        for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
            let admin = bench.admin().await;
            let users = &bench.services.users;
            for round in 0..5 {
                let name = format!("second{round}");
                let other = bench.user(&name).await;
                users
                    .bind(&admin, other, vec![ADMIN_ROLE])
                    .await
                    .expect("bind");
                let other = bench.caller(&name).await;
                let (here, there) = tokio::join!(
                    users.bind(&admin, other.id(), Vec::new()),
                    users.bind(&other, admin.id(), Vec::new())
                );
                let mut conn = bench.db.read().await.expect("conn");
                let left = users::active_holders(&mut conn, ADMIN_ROLE, None).await;
                assert!(left.expect("count") >= 1, "{here:?} {there:?}");
                drop(conn);
                // Whoever is left makes both administrators again.
                let held = record(&bench, admin.id()).await.roles.len();
                if held == 0 {
                    users
                        .bind(&other, admin.id(), vec![ADMIN_ROLE])
                        .await
                        .expect("bind");
                }
            }
            if bench.db.backend() == menshen_storage::Backend::Postgres {
                bench.drop_database().await;
            }
        }
    }
}

mod deleting {
    use super::*;

    #[tokio::test]
    async fn a_deleted_user_is_gone_with_her_sessions() {
        let bench = Bench::with(quiet).await;
        let admin = bench.admin().await;
        let id = bench.user("lin").await;
        let role = bench.role(&admin, "reader", &["system:user:list"]).await;
        let users = &bench.services.users;
        users.bind(&admin, id, vec![role]).await.expect("bind");
        let issued = bench.sign_in("lin").await;
        users.delete(&admin, id).await.expect("delete");
        bench.by_token(&issued).await.expect_err("ended");
        let error = users.get(&admin, id).await.expect_err("gone");
        assert_eq!(error.kind, Kind::NotFound);
        let error = users.delete(&admin, id).await.expect_err("gone");
        assert_eq!(error.kind, Kind::NotFound);
        let reader = bench.services.roles.get(&admin, role).await.expect("role");
        assert_eq!(reader.holders, 0);
        let entries = bench.audit("user.delete").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].target_id, Some(id.to_string()));
        assert_eq!(entries[0].detail()["before"]["username"], "lin");
        assert_eq!(entries[0].detail()["after"], Value::Null);
        let next = bench.user("LIN").await;
        assert_ne!(next, id, "the name is free");
        bench.sign_in("lin").await;
        bench.by_token(&issued).await.expect_err("and no way back");
    }
}

mod binding {
    use super::*;

    #[tokio::test]
    async fn replaces_the_roles() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let one = bench.role(&admin, "one", &["system:user:list"]).await;
        let two = bench.role(&admin, "two", &["system:role:list"]).await;
        let id = bench.user("lin").await;
        let users = &bench.services.users;
        for (wanted, held) in [
            (vec![one, two, one], vec![one, two]),
            (vec![two], vec![two]),
            (vec![], vec![]),
        ] {
            let was = record(&bench, id).await.roles;
            let changed = users.bind(&admin, id, wanted).await.expect("bind");
            let roles = record(&bench, id).await.roles;
            let shown: Vec<_> = roles.iter().map(|r| r.id).collect();
            assert_eq!(shown, held);
            assert_eq!((changed.before.roles, changed.after.roles), (was, roles));
        }
        users.bind(&admin, id, vec![one]).await.expect("bind");
        let error = users
            .bind(&admin, id, vec![two, RoleId(77), RoleId(-1)])
            .await
            .expect_err("unknown");
        assert_eq!(error.kind, Kind::Invalid);
        assert_eq!(fields(&error), ["roleIds"]);
        assert!(error.text.en.contains("-1, 77"), "{}", error.text.en);
        let roles = record(&bench, id).await.roles;
        assert_eq!(roles[0].id, one, "nothing changed");
        let error = users.bind(&admin, UserId(77), vec![one]).await;
        assert_eq!(error.expect_err("nobody").kind, Kind::NotFound);
        let entries = bench.audit("user.bind").await;
        assert_eq!(entries.len(), 4);
        assert_eq!(entries[0].detail()["before"]["roleIds"], json!([]));
        assert_eq!(entries[0].detail()["after"]["roleIds"], json!([one, two]));
    }

    #[tokio::test]
    async fn nobody_grants_what_they_lack() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let held = bench.role(&admin, "held", &["system:user:list"]).await;
        let part = bench
            .role(&admin, "part", &["system:user:list", "system:role:add"])
            .await;
        let wide = bench.role(&admin, "wide", &["system:*:list"]).await;
        let asleep = bench.role(&admin, "asleep", &["monitor:log:login"]).await;
        let disable = RoleChange {
            status: Some(Status::Disabled),
            ..RoleChange::default()
        };
        let done = bench.services.roles.update(&admin, asleep, disable).await;
        done.expect("disabled");
        let binder = bench
            .with_permissions(
                &admin,
                "binder",
                &["system:user:bind", "system:user:list", "system:role:list"],
            )
            .await;
        let id = bench.user("lin").await;
        let users = &bench.services.users;
        users
            .bind(&binder, id, vec![held])
            .await
            .expect("what she holds");
        for (role, lacking) in [
            (part, "system:role:add"),
            (wide, "system:*:list"),
            (asleep, "monitor:log:login"),
            (ADMIN_ROLE, "*:*:*"),
        ] {
            for whom in [id, binder.id()] {
                let error = users.bind(&binder, whom, vec![held, role]).await;
                let error = error.expect_err("more than she holds");
                assert_eq!(missing(&error), [lacking]);
            }
        }
        let own = record(&bench, binder.id()).await.roles[0].id;
        users
            .bind(&binder, binder.id(), vec![own, held])
            .await
            .expect("herself, what she holds");
        // What somebody holds already is not granted anew.
        let above = bench.user("above").await;
        users.bind(&admin, above, vec![part]).await.expect("bind");
        let error = users.bind(&binder, above, vec![part, held]).await;
        let error = error.expect_err("above her");
        assert_eq!(missing(&error), ["system:role:add"]);
    }

    #[tokio::test]
    async fn nobody_shows_more_than_they_see() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.departments().await;
        let wide = bench.role(&admin, "wide", &[]).await;
        let binder = scoped(
            &bench,
            &admin,
            "binder",
            &["system:user:*"],
            DataScope::OwnDept,
            Some(4),
        )
        .await;
        let user = NewUser {
            dept_id: Some(DeptId(4)),
            ..new("lin")
        };
        let users = &bench.services.users;
        let id = users.create(&admin, user).await.expect("made").id;
        let error = users.bind(&binder, id, vec![wide]).await;
        let error = error.expect_err("everybody's records");
        assert_eq!(missing(&error), ["dataScope=1"]);
        let own = record(&bench, binder.id()).await.roles[0].id;
        users.bind(&binder, id, vec![own]).await.expect("her own");
    }
}

mod resetting {
    use super::*;

    #[tokio::test]
    async fn req7_the_password_is_random_and_must_be_changed() {
        let bench = Bench::with(quiet).await;
        let admin = bench.admin().await;
        let id = bench.user("lin").await;
        let issued = bench.sign_in("lin").await;
        let users = &bench.services.users;
        let one = users.reset_password(&admin, id).await.expect("reset");
        let two = users.reset_password(&admin, id).await.expect("reset");
        assert_ne!(one, two);
        assert_eq!(two.len(), 19);
        bench.by_token(&issued).await.expect_err("ended");
        let old = bench.tries(&bench.client(), "lin", &one).await;
        assert_eq!(old.expect_err("replaced"), Kind::Credentials);
        let done = bench.tries(&bench.client(), "lin", &two).await;
        let caller = bench.by_token(&done.expect("opens")).await.expect("caller");
        assert!(caller.must_change_password());
        let error = users.reset_password(&admin, admin.id()).await;
        assert_eq!(error.expect_err("her own").kind, Kind::Conflict);
        let error = users.reset_password(&admin, UserId(77)).await;
        assert_eq!(error.expect_err("nobody").kind, Kind::NotFound);
        let entries = bench.audit("user.reset_password").await;
        assert_eq!(entries.len(), 2);
        let all = bench.whole_audit().await;
        assert!(!all.contains(&one) && !all.contains(&two));
    }
}

mod giving_a_password {
    use super::*;

    #[tokio::test]
    async fn req8_it_lasts_for_one_sign_in() {
        let bench = Bench::with(quiet).await;
        let admin = bench.admin().await;
        let id = bench.user("lin").await;
        let issued = bench.sign_in("lin").await;
        let users = &bench.services.users;
        for weak in ["", "short", "password1234"] {
            let error = users.set_password(&admin, id, weak).await;
            assert_eq!(fields(&error.expect_err("weak")), ["password"]);
        }
        bench.by_token(&issued).await.expect("as before");
        users
            .set_password(&admin, id, OTHER_PASSWORD)
            .await
            .expect("set");
        bench.by_token(&issued).await.expect_err("ended");
        let done = bench.tries(&bench.client(), "lin", OTHER_PASSWORD).await;
        let caller = bench.by_token(&done.expect("opens")).await.expect("caller");
        assert!(caller.must_change_password());
        let error = users.set_password(&admin, admin.id(), OTHER_PASSWORD).await;
        assert_eq!(error.expect_err("her own").kind, Kind::Conflict);
        let error = users.set_password(&admin, UserId(77), OTHER_PASSWORD).await;
        assert_eq!(error.expect_err("nobody").kind, Kind::NotFound);
        assert!(!bench.whole_audit().await.contains(OTHER_PASSWORD));
    }

    #[tokio::test]
    async fn req46_to_whoever_holds_no_more_and_is_in_sight() {
        let bench = Bench::with(quiet).await;
        let admin = bench.admin().await;
        bench.departments().await;
        let codes = [catalogue::USER_RESET];
        let (scope, dept) = (DataScope::OwnDept, Some(4));
        let resetter = scoped(&bench, &admin, "resetter", &codes, scope, dept).await;
        let log = ["monitor:log:login"];
        let rich = scoped(&bench, &admin, "rich", &log, scope, dept).await;
        let far = scoped(&bench, &admin, "far", &codes, scope, Some(41)).await;
        let users = &bench.services.users;
        let error = users.set_password(&resetter, rich.id(), OTHER_PASSWORD);
        assert_eq!(missing(&error.await.expect_err("more")), log);
        let error = users.set_password(&resetter, far.id(), OTHER_PASSWORD);
        assert_eq!(error.await.expect_err("unseen").kind, Kind::NotFound);
        let error = users.set_password(&rich, resetter.id(), OTHER_PASSWORD);
        assert_eq!(missing(&error.await.expect_err("may not")), codes);
    }
}

mod while_a_password_is_hashed {
    use super::*;

    const WAYS: [&str; 4] = ["create", "reset", "set", "change"];

    /// Does what hashes a password in one of [`WAYS`], for a user called `mole` or for `id`.
    async fn go(users: &Users, caller: &Caller, way: &str, id: UserId) -> Result<()> {
        match way {
            "create" => {
                let wanted = NewUser {
                    role_ids: caller_roles(users, caller).await,
                    ..new("mole")
                };
                users.create(caller, wanted).await.map(drop)
            }
            "reset" => users.reset_password(caller, id).await.map(drop),
            "set" => users.set_password(caller, id, OTHER_PASSWORD).await,
            _ => {
                let password = UserChange {
                    password: some(OTHER_PASSWORD),
                    ..UserChange::default()
                };
                users.update(caller, id, password).await.map(drop)
            }
        }
    }

    /// The roles that the caller holds, to be given on.
    async fn caller_roles(users: &Users, caller: &Caller) -> Vec<RoleId> {
        let (user, _) = users.own(caller).await.expect("there");
        user.roles.iter().map(|r| r.id).collect()
    }

    async fn nothing_came_of_it(bench: &Bench) {
        assert!(bench.audit("user.create").await.is_empty());
        assert!(bench.audit("user.reset_password").await.is_empty());
        let mut conn = bench.db.read().await.expect("conn");
        let mole = users::find_by_name(&mut conn, "mole").await.expect("query");
        assert!(mole.is_none());
        drop(conn);
        bench.sign_in("lin").await;
    }

    #[tokio::test]
    async fn req46_who_is_signed_out_does_nothing_more() {
        let bench = Bench::with(quiet).await;
        let admin = bench.admin().await;
        let lin = bench.user("lin").await;
        let users = &bench.services.users;
        let hasher = &bench.services.core.hasher;
        for way in WAYS {
            for gone in ["disabled", "deleted"] {
                let name = format!("{way}-{gone}");
                let id = bench.user(&name).await;
                let bound = users.bind(&admin, id, vec![ADMIN_ROLE]).await;
                bound.expect("an administrator");
                let second = bench.caller(&name).await;
                let meanwhile = async {
                    let disable = UserChange {
                        status: Some(Status::Disabled),
                        ..UserChange::default()
                    };
                    let done = match gone {
                        "disabled" => users.update(&admin, id, disable).await.map(drop),
                        _ => users.delete(&admin, id).await,
                    };
                    done.expect("gone");
                };
                let done = hasher.hold_up(go(users, &second, way, lin), meanwhile);
                let refused = done.await.expect_err("too late");
                assert_eq!(refused.kind, Kind::Token, "{name}");
            }
        }
        nothing_came_of_it(&bench).await;
    }

    #[tokio::test]
    async fn req46_who_holds_less_by_then_does_no_more() {
        let bench = Bench::with(quiet).await;
        let admin = bench.admin().await;
        let lin = bench.user("lin").await;
        let users = &bench.services.users;
        let hasher = &bench.services.core.hasher;
        let few = bench.role(&admin, "few", &["system:user:add"]).await;
        let codes = [
            "system:user:bind",
            "system:user:alter",
            "system:user:reset",
            "system:user:list",
        ];
        let more = bench.role(&admin, "more", &codes).await;
        for (way, left, lacking) in [
            ("create", vec![], catalogue::USER_ADD),
            // She may still make users, and give no more roles.
            ("create", vec![few], catalogue::USER_BIND),
            ("reset", vec![few], catalogue::USER_RESET),
            ("set", vec![few], catalogue::USER_RESET),
            ("change", vec![few], catalogue::USER_ALTER),
        ] {
            let name = format!("{way}-{}", left.len());
            let id = bench.user(&name).await;
            let bound = users.bind(&admin, id, vec![few, more]).await;
            bound.expect("bound");
            let clerk = bench.caller(&name).await;
            let meanwhile = async {
                let bound = users.bind(&admin, id, left).await;
                bound.expect("taken from her");
            };
            let done = hasher.hold_up(go(users, &clerk, way, lin), meanwhile);
            let refused = done.await.expect_err("too late");
            assert_eq!(missing(&refused), [lacking], "{name}");
        }
        nothing_came_of_it(&bench).await;
    }
}

mod the_first_administrator {
    use super::*;

    async fn first(bench: &Bench, name: Option<&str>, password: Option<&str>) -> Option<String> {
        let users = &bench.services.users;
        let made = users.first_administrator(name, password).await;
        made.expect("made or there")
            .map(|(name, password)| format!("{name} {}", password.unwrap_or_default()))
    }

    #[tokio::test]
    async fn req7_is_made_once_with_a_random_password() {
        let bench = Bench::with(quiet).await;
        let made = first(&bench, None, None).await.expect("made");
        let (name, password) = made.split_once(' ').expect("both");
        assert_eq!(name, "admin");
        assert_eq!(password.len(), 19);
        for (name, password) in [
            (None, None),
            (Some("other"), None),
            (Some("other"), Some(OTHER_PASSWORD)),
        ] {
            assert_eq!(first(&bench, name, password).await, None);
        }
        assert_eq!(count(&bench).await, 1);
        let done = bench.tries(&bench.client(), "admin", password).await;
        let caller = bench.by_token(&done.expect("opens")).await.expect("caller");
        assert!(caller.must_change_password());
        assert_eq!(caller.role_keys(), ["admin"]);
        assert_eq!(bench.audit("user.first_administrator").await.len(), 1);
        assert!(!bench.whole_audit().await.contains(password));
    }

    #[tokio::test]
    async fn with_a_given_name_and_password() {
        let bench = Bench::sqlite().await;
        let users = &bench.services.users;
        for (name, password, field) in [("root", "weak", "password"), ("r", PASSWORD, "username")] {
            let error = users.first_administrator(Some(name), Some(password)).await;
            assert_eq!(fields(&error.expect_err("not good")), [field]);
        }
        bench.user("taken").await;
        let error = users
            .first_administrator(Some("taken"), Some(PASSWORD))
            .await;
        assert_eq!(fields(&error.expect_err("taken")), ["username"]);
        let made = first(&bench, Some("root"), Some(PASSWORD)).await;
        assert_eq!(made.as_deref(), Some("root "));
        let caller = bench.caller("root").await;
        caller.require("any:thing:else").expect("everything");
        assert!(!caller.must_change_password());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn by_several_nodes_at_once() {
        for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
            let mut running = tokio::task::JoinSet::new();
            for n in 0..6 {
                let services = bench.services.clone();
                running.spawn(async move {
                    let name = format!("admin{n}");
                    let users = &services.users;
                    users.first_administrator(Some(&name), None).await
                });
            }
            let made = running.join_all().await;
            let made = made.into_iter().filter_map(|m| m.expect("no error"));
            assert_eq!(made.count(), 1);
            assert_eq!(count(&bench).await, 1);
            if bench.db.backend() == menshen_storage::Backend::Postgres {
                bench.drop_database().await;
            }
        }
    }
}

mod operating {
    use super::*;
    use crate::operator::NewAccount;

    fn account(name: &str) -> NewAccount {
        NewAccount {
            username: name.into(),
            ..NewAccount::default()
        }
    }

    #[tokio::test]
    async fn makes_lists_resets_and_disables() {
        let bench = Bench::with(quiet).await;
        let admin = bench.admin().await;
        bench.role(&admin, "reader", &["system:user:list"]).await;
        bench.role(&admin, "reader-of-all", &["system:*:*"]).await;
        let operator = &bench.services.operator;
        let (name, one_time) = operator
            .create_user(NewAccount {
                nickname: some("林薇"),
                role_keys: vec!["reader".into()],
                ..account("Lin")
            })
            .await
            .expect("made");
        assert_eq!(name, "Lin");
        let one_time = one_time.expect("a random one");
        let done = bench.tries(&bench.client(), "lin", &one_time).await;
        let issued = done.expect("opens");
        let caller = bench.by_token(&issued).await.expect("caller");
        assert!(caller.must_change_password());
        assert_eq!(caller.role_keys(), ["reader"]);

        let given = NewAccount {
            password: some(PASSWORD),
            ..account("han")
        };
        let (_, shown) = operator.create_user(given).await.expect("made");
        assert_eq!(shown, None, "it is known");
        let han = bench.caller("han").await;
        assert!(!han.must_change_password());

        let page = operator
            .list_users(&UserFilter::default(), PageRequest::default())
            .await
            .expect("list");
        assert_eq!(page.total, 3);

        let reset = operator.reset_password("HAN").await.expect("reset");
        let access = &bench.services.access;
        let gone = access.by_session(han.session_id(), bench.client()).await;
        gone.expect_err("ended");
        let done = bench.tries(&bench.client(), "han", &reset).await;
        done.expect("opens");
        operator.disable_user("lin").await.expect("disabled");
        bench.by_token(&issued).await.expect_err("ended");
        let done = bench.tries(&bench.client(), "lin", &one_time).await;
        assert_eq!(done.expect_err("disabled"), Kind::Credentials);

        let all = bench.whole_audit().await;
        for action in ["user.create", "user.reset_password", "user.disable"] {
            assert!(all.contains(action), "{action}");
        }
        for secret in [&one_time, &reset, PASSWORD] {
            assert!(!all.contains(secret));
        }
    }

    #[tokio::test]
    async fn says_what_is_wrong() {
        let bench = Bench::sqlite().await;
        bench.admin().await;
        let operator = &bench.services.operator;
        let error = operator.create_user(account("root")).await;
        assert_eq!(fields(&error.expect_err("taken")), ["username"]);
        let weak = NewAccount {
            password: some("weak"),
            ..account("lin")
        };
        let error = operator.create_user(weak).await;
        assert_eq!(fields(&error.expect_err("weak")), ["password"]);
        for key in ["adm", "ADMIN", ""] {
            let unknown = NewAccount {
                role_keys: vec!["admin".into(), key.into()],
                ..account("lin")
            };
            let error = operator.create_user(unknown).await;
            error.expect_err("no such role");
        }
        assert_eq!(count(&bench).await, 1, "nothing was made");
        for name in ["lin", "%", ""] {
            let error = operator.reset_password(name).await;
            assert_eq!(error.expect_err("nobody").kind, Kind::NotFound);
            let error = operator.disable_user(name).await;
            assert_eq!(error.expect_err("nobody").kind, Kind::NotFound);
        }
        let error = operator.disable_user("root").await;
        assert_eq!(error.expect_err("the last").kind, Kind::Conflict);
    }
}
