//! Who is asking, how soon a change acts, and what it costs.

use super::*;
use crate::Issued;
use crate::Services;
use crate::testing::{Bench, PASSWORD, in_a_second, missing};
use menshen_domain::role::{NewRole, RoleChange};
use menshen_domain::user::UserChange;
use menshen_storage::Db;

const LIST: &str = catalogue::ROLE_LIST;

async fn kind_of(done: Result<Caller>) -> Option<Kind> {
    done.err().map(|e| e.kind)
}

async fn status(services: &Services, admin: &Caller, role: RoleId, status: Status) {
    let change = RoleChange {
        status: Some(status),
        ..RoleChange::default()
    };
    let done = services.roles.update(admin, role, change).await;
    done.expect("status");
}

/// A user with a role that grants [`LIST`], signed in, and the administrator.
struct Story {
    bench: Bench,
    admin: Caller,
    role: RoleId,
    issued: Issued,
}

impl Story {
    async fn on(bench: Bench) -> Self {
        let admin = bench.admin().await;
        let role = bench.role(&admin, "auditor", &[LIST]).await;
        let user = bench.user("lin").await;
        let bound = bench.services.users.bind(&admin, user, vec![role]).await;
        bound.expect("bind");
        let issued = bench.sign_in("lin").await;
        Self {
            bench,
            admin,
            role,
            issued,
        }
    }

    async fn sqlite() -> Self {
        Self::on(Bench::sqlite().await).await
    }

    async fn caller(&self) -> Result<Caller> {
        self.bench.by_token(&self.issued).await
    }

    async fn may(&self, services: &Services) -> bool {
        let token = &self.issued.access.token;
        let caller = services.access.by_token(token, self.bench.client()).await;
        caller.expect("caller").may(LIST)
    }
}

#[tokio::test]
async fn a_caller_is_who_she_is() {
    let story = Story::sqlite().await;
    let caller = story.caller().await.expect("caller");
    assert_eq!(caller.id(), story.issued.user_id);
    assert_eq!(caller.username(), "lin");
    assert_eq!(caller.session_id(), &story.issued.session_id);
    assert!(!caller.is_browser());
    assert_eq!(caller.role_keys(), ["auditor"]);
    assert!(caller.may(LIST));
    caller.require(LIST).expect("granted");
    assert!(!caller.may(catalogue::ROLE_ADD));
    let error = caller
        .require(catalogue::ROLE_ADD)
        .expect_err("not granted");
    assert_eq!(missing(&error), [catalogue::ROLE_ADD]);
    assert!(error.text.en.contains(catalogue::ROLE_ADD));
    assert!(error.text.zh.contains(catalogue::ROLE_ADD));
    let me = caller.me();
    assert_eq!(me.permissions, [LIST]);
    assert_eq!(me.nickname, "lin", "the name stands in for a nickname");
    assert!(story.admin.may("anything:at:all"));
    assert_eq!(story.admin.me().nickname, "管理员");
    assert!(story.admin.me().may(catalogue::USER_REMOVE));
}

#[tokio::test]
async fn req33_a_role_acts_at_the_very_next_request() {
    let story = Story::sqlite().await;
    let services = &story.bench.services;
    for _ in 0..5 {
        assert!(story.may(services).await);
        status(services, &story.admin, story.role, Status::Disabled).await;
        assert!(!story.may(services).await, "disabled");
        let caller = story.caller().await.expect("caller");
        assert!(caller.role_keys().is_empty());
        assert!(caller.grants().is_empty());
        status(services, &story.admin, story.role, Status::Active).await;
        assert!(story.may(services).await, "enabled");
        let none = RoleChange {
            permissions: Some(Vec::new()),
            ..RoleChange::default()
        };
        let done = services.roles.update(&story.admin, story.role, none).await;
        done.expect("change");
        assert!(!story.may(services).await, "permissions taken away");
        let again = RoleChange {
            permissions: Some(vec!["system:role:*".into()]),
            ..RoleChange::default()
        };
        let done = services.roles.update(&story.admin, story.role, again).await;
        done.expect("change");
        assert!(story.may(services).await, "and given back");
        let id = story.issued.user_id;
        let users = &services.users;
        let done = users.bind(&story.admin, id, Vec::new()).await;
        done.expect("unbind");
        assert!(!story.may(services).await, "unbound");
        let done = users.bind(&story.admin, id, vec![story.role]).await;
        done.expect("bind");
    }
    let done = services.roles.delete(&story.admin, story.role, true).await;
    done.expect("delete");
    assert!(!story.may(services).await, "deleted");
}

/// Waits for as long as the contract allows, see [`in_a_second`].
async fn soon(what: &str, good: impl AsyncFn() -> bool) {
    let wait = async {
        while !good().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let done = tokio::time::timeout(in_a_second(), wait).await;
    assert!(done.is_ok(), "not in time: {what}");
}

async fn another_node_hears(bench: Bench) -> Bench {
    let story = Story::on(bench).await;
    let (other, db): (Services, Db) = story.bench.twin(|_| {}).await;
    let listening = tokio::spawn(db.clone().listen());
    soon("it listens", async || db.hears_changes()).await;
    assert!(story.may(&other).await, "held by the other node now");
    let here = &story.bench.services;
    status(here, &story.admin, story.role, Status::Disabled).await;
    soon("the role is disabled", async || !story.may(&other).await).await;
    status(here, &story.admin, story.role, Status::Active).await;
    soon("the role is enabled", async || story.may(&other).await).await;
    let users = &here.users;
    let id = story.issued.user_id;
    let done = users.bind(&story.admin, id, Vec::new()).await;
    done.expect("unbind");
    soon("the role is taken away", async || !story.may(&other).await).await;

    let token = &story.issued.access.token;
    let client = story.bench.client();
    let gone = async || other.access.by_token(token, client.clone()).await.is_err();
    assert!(!gone().await);
    let done = here.sessions.end_by(Some(token), None, &client).await;
    done.expect("log out");
    soon("the session has ended", gone).await;

    let again = story.bench.sign_in("lin").await;
    let token = &again.access.token;
    let gone = async || other.access.by_token(token, client.clone()).await.is_err();
    assert!(!gone().await);
    let disable = UserChange {
        status: Some(Status::Disabled),
        ..UserChange::default()
    };
    let done = users.update(&story.admin, id, disable).await;
    done.expect("disable");
    soon("the user is disabled", gone).await;
    listening.abort();
    db.close().await;
    story.bench
}

#[tokio::test]
async fn req33_another_process_on_the_same_file_hears_of_it() {
    another_node_hears(Bench::sqlite().await).await;
}

#[tokio::test]
async fn req33_another_node_hears_of_it() {
    let bench = another_node_hears(Bench::postgres(|_| {}).await).await;
    bench.drop_database().await;
}

/// While PostgreSQL tells a node nothing, it reads every request from the database.
#[tokio::test]
async fn req33_a_node_that_hears_nothing_trusts_nothing() {
    let story = Story::on(Bench::postgres(|_| {}).await).await;
    let (other, db) = story.bench.twin(|_| {}).await;
    assert!(!db.hears_changes());
    let here = &story.bench.services;
    for _ in 0..3 {
        assert!(story.may(&other).await);
        status(here, &story.admin, story.role, Status::Disabled).await;
        assert!(!story.may(&other).await, "at once");
        status(here, &story.admin, story.role, Status::Active).await;
    }
    db.close().await;
    story.bench.drop_database().await;
}

#[tokio::test]
async fn a_checked_token_costs_no_database_read() {
    let story = Story::sqlite().await;
    story.caller().await.expect("caller");
    story.bench.db.close().await;
    for _ in 0..100 {
        let caller = story.caller().await.expect("from memory");
        caller.require(LIST).expect("granted");
    }
    story.bench.clock.forward(Duration::from_secs(59));
    story.caller().await.expect("from memory");
}

#[tokio::test]
async fn the_use_of_new_tokens_is_noted_once() {
    let story = Story::sqlite().await;
    let client = story.bench.client();
    let sessions = &story.bench.services.sessions;
    let renewed = sessions.renew(&story.issued.refresh, &client).await;
    let renewed = renewed.expect("renewed");
    story.bench.by_token(&renewed).await.expect("first use");
    story.bench.db.close().await;
    for _ in 0..10 {
        story.bench.by_token(&renewed).await.expect("from memory");
        story.caller().await.expect("the older one too");
    }
}

#[tokio::test]
async fn req53_a_database_that_is_gone_opens_nothing() {
    let story = Story::sqlite().await;
    let never_seen = story.bench.sign_in("lin").await;
    story.bench.db.close().await;
    let error = story.bench.by_token(&never_seen).await.expect_err("closed");
    assert_eq!(error.kind, Kind::Internal, "it is not the token's fault");
    assert!(!error.text.en.contains("pool"), "and nothing of it is told");
    let client = story.bench.client();
    let services = &story.bench.services;
    let renewed = services.sessions.renew(&never_seen.refresh, &client).await;
    assert_eq!(renewed.expect_err("closed").kind, Kind::Internal);
    let right = story.bench.credentials("lin", PASSWORD);
    let opened = services.sign_in.by_api(&client, right).await;
    assert_eq!(opened.expect_err("closed").kind, Kind::Internal);
    services.ready().await.expect_err("not ready");
}

#[tokio::test]
async fn a_token_of_a_session_that_never_was_is_no_good() {
    let story = Story::sqlite().await;
    let tokens = &story.bench.services.tokens;
    let end = story.bench.services.now() + Duration::from_hours(1);
    let none = SessionId("0199-never".into());
    let forged = tokens
        .issue(story.issued.user_id, "lin", &none, 1, end)
        .await
        .expect("issue");
    let client = story.bench.client();
    let access = &story.bench.services.access;
    let done = access.by_token(&forged.token, client).await;
    assert_eq!(kind_of(done).await, Some(Kind::Token));
}

#[tokio::test]
async fn a_good_token_of_no_use_is_told_apart() {
    let story = Story::sqlite().await;
    let token = story.issued.access.token.clone();
    let services = &story.bench.services;
    let test = async || {
        let done = services.access.test(&token, story.bench.client()).await;
        kind_of(done).await
    };
    assert_eq!(test().await, None, "good");
    let bad = services.access.test("bad", story.bench.client()).await;
    assert_eq!(kind_of(bad).await, Some(Kind::Token));
    let id = story.issued.user_id;
    let change = async |status| {
        let change = UserChange {
            status: Some(status),
            ..UserChange::default()
        };
        let done = services.users.update(&story.admin, id, change).await;
        done.expect("status");
    };
    change(Status::Disabled).await;
    assert_eq!(test().await, Some(Kind::Locked), "disabled");
    let done = story.caller().await;
    assert_eq!(kind_of(done).await, Some(Kind::Token), "for anything else");
    change(Status::Active).await;
    assert_eq!(test().await, Some(Kind::Token), "its session has ended");
    story.bench.clock.forward(Duration::from_mins(15));
    change(Status::Disabled).await;
    assert_eq!(test().await, Some(Kind::Token), "expired");

    let issued = story.bench.user("han").await;
    let signed_in = story.bench.sign_in("han").await;
    let done = services.users.delete(&story.admin, issued).await;
    done.expect("delete");
    let gone = services
        .access
        .test(&signed_in.access.token, story.bench.client())
        .await;
    assert_eq!(kind_of(gone).await, Some(Kind::Token), "deleted");
}

async fn browser(bench: &Bench, name: &str) -> SessionId {
    let credentials = bench.solved(name, PASSWORD).await;
    let opened = bench
        .services
        .sign_in
        .by_page(&bench.client(), credentials)
        .await;
    opened.expect("sign in").session_id
}

async fn is_open(bench: &Bench, session: &SessionId) -> bool {
    let access = &bench.services.access;
    match access.by_session(session, bench.client()).await {
        Ok(caller) => {
            assert!(caller.is_browser());
            true
        }
        Err(error) => {
            assert_eq!(error.kind, Kind::Token);
            false
        }
    }
}

#[tokio::test]
async fn req41_a_browsers_session_ends_when_idle() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let session = browser(&bench, "lin").await;
    for _ in 0..4 {
        bench.clock.forward(Duration::from_mins(30));
        assert!(is_open(&bench, &session).await, "used every half hour");
    }
    bench.clock.forward(Duration::from_mins(31));
    assert!(!is_open(&bench, &session).await, "idle");
    assert!(!is_open(&bench, &session).await, "and not woken by asking");

    let bench = Bench::with(|s| s.session.page_idle_seconds = 300).await;
    bench.user("lin").await;
    let session = browser(&bench, "lin").await;
    bench.clock.forward(Duration::from_mins(5));
    assert!(is_open(&bench, &session).await);
    bench.clock.forward(Duration::from_mins(6));
    assert!(!is_open(&bench, &session).await, "by setting");
}

#[tokio::test]
async fn req41_a_browsers_session_ends_for_good_after_its_hours() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let session = browser(&bench, "lin").await;
    for _ in 0..(12 * 60 / 20 - 1) {
        bench.clock.forward(Duration::from_mins(20));
        assert!(is_open(&bench, &session).await);
    }
    bench.clock.forward(Duration::from_mins(20));
    assert!(!is_open(&bench, &session).await, "after twelve hours");

    let bench = Bench::with(|s| s.session.page_max_seconds = 600).await;
    bench.user("lin").await;
    let session = browser(&bench, "lin").await;
    bench.clock.forward(Duration::from_secs(599));
    assert!(is_open(&bench, &session).await);
    bench.clock.forward(Duration::from_secs(1));
    assert!(!is_open(&bench, &session).await, "by setting");
}

/// Two nodes behind one address: that the other one saw the browser counts.
#[tokio::test]
async fn req55_use_on_another_node_keeps_a_session_open() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let session = browser(&bench, "lin").await;
    let (other, _db) = bench.twin(|_| {}).await;
    assert!(is_open(&bench, &session).await, "held here");
    for _ in 0..4 {
        bench.clock.forward(Duration::from_mins(25));
        let there = other.access.by_session(&session, bench.client()).await;
        there.expect("used there");
    }
    assert!(is_open(&bench, &session).await, "and open here");
}

#[tokio::test]
async fn an_api_session_is_no_browsers() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let issued = bench.sign_in("lin").await;
    let access = &bench.services.access;
    let done = access.by_session(&issued.session_id, bench.client()).await;
    assert_eq!(kind_of(done).await, Some(Kind::Token));
    let none = SessionId("none".into());
    let done = access.by_session(&none, bench.client()).await;
    assert_eq!(kind_of(done).await, Some(Kind::Token));
}

#[tokio::test]
async fn an_api_session_is_never_idle() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let issued = bench.sign_in("lin").await;
    bench.by_token(&issued).await.expect("held");
    bench.clock.forward(Duration::from_hours(24 * 6));
    let renewed = bench
        .services
        .sessions
        .renew(&issued.refresh, &bench.client())
        .await;
    bench
        .by_token(&renewed.expect("renewed"))
        .await
        .expect("good");
}

#[tokio::test]
async fn use_is_noted_to_the_minute() {
    let story = Story::sqlite().await;
    let seen = async || {
        let mut conn = story.bench.db.read().await.expect("conn");
        let id = &story.issued.session_id;
        let row = sessions::find(&mut conn, id).await.expect("query");
        Timestamp(row.expect("there").last_seen_at)
    };
    let opened = story.bench.services.now();
    story.caller().await.expect("caller");
    story.bench.clock.forward(Duration::from_secs(59));
    story.caller().await.expect("caller");
    assert_eq!(seen().await, opened);
    story.bench.clock.forward(Duration::from_secs(1));
    story.caller().await.expect("caller");
    assert_eq!(seen().await, story.bench.services.now());
}

/// A role's scope, its departments and its status.
type Scoped = (DataScope, &'static [i64], Status);

/// What somebody sees with roles of these scopes.
async fn sight_of(roles: &[Scoped], dept: Option<i64>) -> Sight {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.departments().await;
    let user = bench.user("lin").await;
    let mut held = Vec::new();
    for (n, (scope, depts, status)) in roles.iter().enumerate() {
        let new = NewRole {
            name: format!("Role {n}"),
            key: format!("role{n}"),
            data_scope: *scope,
            dept_ids: depts.iter().copied().map(DeptId).collect(),
            status: *status,
            ..NewRole::default()
        };
        let role = bench.services.roles.create(&admin, new).await;
        held.push(role.expect("role").id);
    }
    let users = &bench.services.users;
    users.bind(&admin, user, held).await.expect("bind");
    let change = UserChange {
        dept_id: Some(dept.map(DeptId)),
        ..UserChange::default()
    };
    let done = users.update(&admin, user, change).await;
    done.expect("department");
    let caller = bench.caller("lin").await;
    caller.sight().clone()
}

#[tokio::test]
async fn sight_is_the_widest_scope_and_all_roles_departments() {
    use DataScope::{All, Custom, OwnAndBelow, OwnDept, SelfOnly};
    const ACTIVE: Status = Status::Active;
    let depts = |ids: &[i64]| ids.iter().copied().map(DeptId).collect::<Vec<_>>();
    #[rustfmt::skip]
    let cases: Vec<(Vec<Scoped>, _, _, Vec<i64>)> = vec![
        (vec![], Some(4), SelfOnly, vec![]),
        (vec![(SelfOnly, &[], ACTIVE)], Some(4), SelfOnly, vec![]),
        (vec![(OwnDept, &[], ACTIVE)], Some(4), OwnDept, vec![4]),
        (vec![(OwnDept, &[], ACTIVE)], None, OwnDept, vec![]),
        (vec![(OwnAndBelow, &[], ACTIVE)], Some(4), OwnAndBelow, vec![4, 40]),
        (vec![(OwnAndBelow, &[], ACTIVE)], Some(1), OwnAndBelow, vec![1, 4, 40, 41]),
        (vec![(OwnAndBelow, &[], ACTIVE)], None, OwnAndBelow, vec![]),
        (vec![(Custom, &[40, 41], ACTIVE)], Some(4), Custom, vec![40, 41]),
        (vec![(Custom, &[41], ACTIVE), (OwnDept, &[], ACTIVE)], Some(4), Custom, vec![4, 41]),
        (vec![(All, &[], ACTIVE), (SelfOnly, &[], ACTIVE)], None, All, vec![1, 4, 40, 41]),
        (vec![(All, &[], Status::Disabled), (OwnDept, &[], ACTIVE)], Some(4), OwnDept, vec![4]),
        (vec![(All, &[], Status::Disabled)], Some(4), SelfOnly, vec![]),
        // Departments listed with a scope that does not go by a list are not in sight.
        (vec![(OwnDept, &[41], ACTIVE)], Some(4), OwnDept, vec![4]),
    ];
    for (roles, dept, scope, seen) in cases {
        let sight = sight_of(&roles, dept).await;
        assert_eq!(
            sight,
            Sight {
                scope,
                depts: depts(&seen)
            },
            "{roles:?} in {dept:?}"
        );
    }
}

/// A cookie's SHA-256.
const COOKIE: [u8; 32] = [7; 32];

#[tokio::test]
async fn a_browsers_cookie_costs_no_database_read_once_it_is_known() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let page = bench.solved("lin", crate::testing::PASSWORD).await;
    let opened = bench.services.sign_in.by_page(&bench.client(), page).await;
    let session = opened.expect("opened").session_id;
    let sessions = &bench.services.sessions;
    sessions
        .set_cookie(&session, &COOKIE, "{}")
        .await
        .expect("set");
    let access = &bench.services.access;
    let caller = access.by_cookie(&COOKIE, bench.client()).await;
    assert_eq!(caller.expect("known").username(), "lin");
    bench.db.close().await;
    let caller = access.by_cookie(&COOKIE, bench.client()).await;
    assert_eq!(caller.expect("remembered").username(), "lin");
    let other = access.by_cookie(&[8; 32], bench.client()).await;
    assert_eq!(other.expect_err("unknown").kind, Kind::Internal);
}

#[tokio::test]
async fn req39_a_cookie_that_was_replaced_opens_nothing() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let page = bench.solved("lin", crate::testing::PASSWORD).await;
    let opened = bench.services.sign_in.by_page(&bench.client(), page).await;
    let session = opened.expect("opened").session_id;
    let sessions = &bench.services.sessions;
    let access = &bench.services.access;
    let good = async |cookie: &[u8; 32]| match access.by_cookie(cookie, bench.client()).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind, Kind::Token);
            false
        }
    };
    let next = [9; 32];
    sessions
        .set_cookie(&session, &COOKIE, "{}")
        .await
        .expect("set");
    assert!(good(&COOKIE).await && !good(&next).await);
    sessions
        .set_cookie(&session, &next, "{}")
        .await
        .expect("set");
    assert!(!good(&COOKIE).await && good(&next).await);
    sessions.drop_cookie(&next).await.expect("dropped");
    assert!(!good(&next).await);
    sessions
        .set_cookie(&session, &next, "{}")
        .await
        .expect("set");
    assert!(good(&next).await);
    let caller = access
        .by_cookie(&next, bench.client())
        .await
        .expect("caller");
    sessions.end(&caller).await.expect("ended");
    assert!(!good(&next).await);
}
