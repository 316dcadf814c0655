use super::*;
use crate::testing::{Bench, fields, missing};
use menshen_domain::RoleId;
use menshen_domain::role::{NewRole, Status};
use menshen_domain::tree::Branch;
use menshen_domain::user::UserChange;
use proptest::prelude::*;
use std::collections::BTreeMap;

const ALL_OF_DEPT: &str = "system:dept:*";

fn new(name: &str, parent: Option<DeptId>) -> NewDept {
    NewDept {
        parent_id: parent,
        name: name.into(),
        ..NewDept::default()
    }
}

fn to(parent: Option<DeptId>) -> DeptChange {
    DeptChange {
        parent_id: Some(parent),
        ..DeptChange::default()
    }
}

/// Somebody in department `dept` who may do everything with departments, in this scope.
async fn clerk(
    bench: &Bench,
    admin: &Caller,
    name: &str,
    scope: DataScope,
    custom: &[DeptId],
    dept: Option<DeptId>,
) -> Caller {
    let role = NewRole {
        name: name.into(),
        key: format!("only-{name}"),
        permissions: vec![ALL_OF_DEPT.into(), "system:user:*".into()],
        data_scope: scope,
        dept_ids: custom.to_vec(),
        ..NewRole::default()
    };
    let role: RoleId = bench
        .services
        .roles
        .create(admin, role)
        .await
        .expect("role")
        .id;
    let user = bench.user(name).await;
    let users = &bench.services.users;
    users.bind(admin, user, vec![role]).await.expect("bind");
    put_in(bench, admin, user, dept).await.expect("in it");
    bench.caller(name).await
}

async fn put_in(
    bench: &Bench,
    by: &Caller,
    user: menshen_domain::UserId,
    dept: Option<DeptId>,
) -> Result<()> {
    let change = UserChange {
        dept_id: Some(dept),
        ..UserChange::default()
    };
    let done = bench.services.users.update(by, user, change).await;
    done.map(drop)
}

/// `1(4 40)` and so on, ids out of scope in brackets.
fn spelled(branches: &[Branch<Shown>]) -> String {
    let one = |b: &Branch<Shown>| {
        let id = match b.node.in_scope {
            true => b.node.dept.id.to_string(),
            false => format!("[{}]", b.node.dept.id),
        };
        match b.children.is_empty() {
            true => id,
            false => format!("{id}({})", spelled(&b.children)),
        }
    };
    branches.iter().map(one).collect::<Vec<_>>().join(" ")
}

async fn tree(bench: &Bench, caller: &Caller) -> String {
    let tree = bench.services.depts.tree(caller).await.expect("tree");
    spelled(&tree.roots)
}

async fn paths(bench: &Bench) -> BTreeMap<i64, String> {
    let mut conn = bench.db.read().await.expect("conn");
    let all = depts::list(&mut conn).await.expect("query");
    all.into_iter().map(|d| (d.id.0, d.path)).collect()
}

#[tokio::test]
async fn a_department_is_made_where_it_is_put() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let depts = &bench.services.depts;
    let top = depts
        .create(&admin, new(" 总公司 ", None))
        .await
        .expect("made");
    assert_eq!((top.name.as_str(), top.parent_id), ("总公司", None));
    assert_eq!(top.path, format!("0,{}", top.id));
    let below = NewDept {
        sort: 2,
        leader: Some("林薇".into()),
        phone: Some("13800000000".into()),
        email: Some("dev@example.com".into()),
        ..new("研发部", Some(top.id))
    };
    let below = depts.create(&admin, below).await.expect("made");
    assert_eq!(below.path, format!("0,{},{}", top.id, below.id));
    assert_eq!(below.created_by, Some(admin.id()));
    assert_eq!(depts.get(&admin, below.id).await.expect("there"), below);
    let entries = bench.audit("dept.create").await;
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1].detail()["after"]["path"], below.path.as_str());
    assert_eq!(entries[1].target_id, Some(below.id.to_string()));

    let error = depts.create(&admin, new("", Some(DeptId(99)))).await;
    assert_eq!(fields(&error.expect_err("no name")), ["deptName"]);
    let error = depts.create(&admin, new("x", Some(DeptId(99)))).await;
    let error = error.expect_err("no parent");
    assert_eq!(fields(&error), ["parentId"]);
    assert!(error.text.en.contains("99"), "{error}");
}

#[tokio::test]
async fn siblings_are_told_apart_by_name() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [company, dev, front, sales] = bench.departments().await;
    let depts = &bench.services.depts;
    let taken = |result: Result<Dept>| {
        let error = result.expect_err("taken");
        assert_eq!(error.kind, Kind::Conflict);
        assert_eq!(fields(&error), ["deptName"]);
    };
    taken(depts.create(&admin, new("研发", Some(company))).await);
    taken(depts.create(&admin, new("总公司", None)).await);
    let web = depts.create(&admin, new("Web", Some(dev))).await;
    let web = web.expect("made").id;
    taken(depts.create(&admin, new(" wEB", Some(dev))).await);
    depts
        .create(&admin, new("Web", Some(front)))
        .await
        .expect("elsewhere");
    let rename = |name: &str| DeptChange {
        name: Some(name.into()),
        ..DeptChange::default()
    };
    taken(depts.update(&admin, web, rename("前端")).await);
    depts
        .update(&admin, web, rename("WEB"))
        .await
        .expect("her own");
    // By a move too.
    taken(depts.update(&admin, web, to(Some(front))).await);
    depts
        .update(&admin, web, to(Some(sales)))
        .await
        .expect("moved");
}

#[tokio::test]
async fn a_move_takes_the_branch_along() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [company, dev, front, sales] = bench.departments().await;
    let depts = &bench.services.depts;
    let moved = depts
        .update(&admin, dev, to(Some(sales)))
        .await
        .expect("moved");
    assert_eq!(moved.path, "0,1,41,4");
    assert_eq!(moved.updated_by, Some(admin.id()));
    let all = [
        (1, "0,1"),
        (4, "0,1,41,4"),
        (40, "0,1,41,4,40"),
        (41, "0,1,41"),
    ];
    let expected = all.map(|(id, path)| (id, path.to_owned())).into();
    assert_eq!(paths(&bench).await, expected);
    let moved = depts
        .update(&admin, dev, to(None))
        .await
        .expect("to the top");
    assert_eq!((moved.parent_id, moved.path.as_str()), (None, "0,4"));
    let all = [(1, "0,1"), (4, "0,4"), (40, "0,4,40"), (41, "0,1,41")];
    let expected = all.map(|(id, path)| (id, path.to_owned())).into();
    assert_eq!(paths(&bench).await, expected);
    let entries = bench.audit("dept.update").await;
    assert_eq!(entries[1].detail()["before"]["path"], "0,1,41,4");
    assert_eq!(entries[1].detail()["after"]["path"], "0,4");

    depts
        .update(&admin, company, to(Some(front)))
        .await
        .expect("upside down");
    for (id, below) in [(dev, dev), (dev, front), (dev, sales), (front, company)] {
        let error = depts.update(&admin, id, to(Some(below))).await;
        let error = error.expect_err("a ring");
        assert_eq!(error.kind, Kind::Conflict, "{id} below {below}");
        assert_eq!(fields(&error), ["parentId"]);
    }
    assert_eq!(tree(&bench, &admin).await, "4(40(1(41)))");
}

#[tokio::test]
async fn a_tree_has_ten_levels_at_most() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let depts = &bench.services.depts;
    let mut at = None;
    let mut ids = Vec::new();
    for level in 1..=10 {
        let made = depts.create(&admin, new(&format!("L{level}"), at)).await;
        at = Some(made.expect("made").id);
        ids.extend(at);
    }
    let error = depts
        .create(&admin, new("L11", at))
        .await
        .expect_err("eleven");
    assert_eq!(error.kind, Kind::Conflict);
    let side = depts
        .create(&admin, new("side", None))
        .await
        .expect("made")
        .id;
    let two = depts.create(&admin, new("two", Some(side))).await;
    two.expect("made");
    let error = depts.update(&admin, side, to(Some(ids[8]))).await;
    assert_eq!(error.expect_err("eleven").kind, Kind::Conflict);
    let moved = depts.update(&admin, side, to(Some(ids[7]))).await;
    moved.expect("ten");
}

#[tokio::test]
async fn a_change_touches_only_what_is_sent() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [_, dev, ..] = bench.departments().await;
    let depts = &bench.services.depts;
    let change = DeptChange {
        leader: Some("林".into()),
        status: Some(Status::Disabled),
        ..DeptChange::default()
    };
    let was = depts.get(&admin, dev).await.expect("there");
    let changed = depts.change(&admin, dev, change).await.expect("changed");
    assert_eq!(changed.before, was);
    let after = changed.after;
    assert_eq!((after.name.as_str(), after.sort), ("研发", 1));
    assert_eq!(after.leader.as_deref(), Some("林"));
    assert_eq!(
        (after.status, after.path.as_str()),
        (Status::Disabled, "0,1,4")
    );
    let error = depts
        .update(&admin, DeptId(99), DeptChange::default())
        .await;
    assert_eq!(error.expect_err("missing").kind, Kind::NotFound);
}

#[tokio::test]
async fn a_department_in_use_is_not_deleted() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [company, dev, front, sales] = bench.departments().await;
    let depts = &bench.services.depts;
    let refused = |result: Result<()>, counts: [&str; 2]| {
        let error = result.expect_err("in use");
        assert_eq!(error.kind, Kind::Conflict);
        for count in counts {
            assert!(error.text.en.contains(count), "{error}: {count}");
        }
    };
    let below_and_in = ["below it: 2;", "in it: 0"];
    refused(depts.delete(&admin, company).await, below_and_in);
    let lin = bench.user("lin").await;
    let han = bench.user("han").await;
    for user in [lin, han] {
        put_in(&bench, &admin, user, Some(front))
            .await
            .expect("in it");
    }
    refused(
        depts.delete(&admin, front).await,
        ["below it: 0;", "in it: 2"],
    );
    put_in(&bench, &admin, lin, None).await.expect("out");
    refused(
        depts.delete(&admin, front).await,
        ["below it: 0;", "in it: 1"],
    );
    // Whoever is deleted is in nobody's way.
    bench
        .services
        .users
        .delete(&admin, han)
        .await
        .expect("gone");
    depts.delete(&admin, front).await.expect("deleted");
    depts.delete(&admin, dev).await.expect("deleted");
    let error = depts.delete(&admin, dev).await.expect_err("gone");
    assert_eq!(error.kind, Kind::NotFound);
    assert_eq!(bench.audit("dept.delete").await.len(), 2);
    // A role whose data scope named it names it no more.
    let clerk = clerk(&bench, &admin, "clerk", DataScope::Custom, &[sales], None).await;
    assert_eq!(clerk.sight().depts, [sales]);
    depts.delete(&admin, sales).await.expect("deleted");
    assert!(bench.caller("clerk").await.sight().depts.is_empty());
}

#[tokio::test]
async fn one_sees_what_is_in_ones_scope_and_the_way_there() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [_, dev, front, sales] = bench.departments().await;
    use DataScope::{All, Custom, OwnAndBelow, OwnDept, SelfOnly};
    for (name, scope, custom, own, expected) in [
        ("all", All, vec![], None, "1(4(40) 41)"),
        ("custom", Custom, vec![front], None, "[1]([4](40))"),
        ("two", Custom, vec![dev, sales], None, "[1](4 41)"),
        ("own", OwnDept, vec![], Some(dev), "[1](4)"),
        ("below", OwnAndBelow, vec![], Some(dev), "[1](4(40))"),
        ("homeless", OwnAndBelow, vec![], None, ""),
        ("self", SelfOnly, vec![], Some(dev), ""),
    ] {
        let caller = clerk(&bench, &admin, name, scope, &custom, own).await;
        assert_eq!(tree(&bench, &caller).await, expected, "{name}");
        let depts = &bench.services.depts;
        let list = depts.list(&caller, &DeptFilter::default()).await;
        let list: Vec<DeptId> = list.expect("list").iter().map(|d| d.id).collect();
        for id in [DeptId(1), dev, front, sales] {
            let sees = caller.sight().sees(Some(id));
            assert_eq!(depts.get(&caller, id).await.is_ok(), sees, "{name} {id}");
            assert_eq!(list.contains(&id), sees, "{name} {id}");
            if !sees {
                let change = depts.update(&caller, id, DeptChange::default()).await;
                assert_eq!(change.expect_err("unseen").kind, Kind::NotFound);
                let gone = depts.delete(&caller, id).await;
                assert_eq!(gone.expect_err("unseen").kind, Kind::NotFound);
            }
        }
    }
}

#[tokio::test]
async fn what_leads_to_a_department_tells_nobody_to_call() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [company, dev, ..] = bench.departments().await;
    let depts = &bench.services.depts;
    let change = DeptChange {
        leader: Some("董事长".into()),
        phone: Some("13800000000".into()),
        ..DeptChange::default()
    };
    depts
        .update(&admin, company, change)
        .await
        .expect("changed");
    let caller = clerk(&bench, &admin, "cc", DataScope::OwnDept, &[], Some(dev)).await;
    let tree = depts.tree(&caller).await.expect("tree");
    let top = &tree.roots[0].node.dept;
    assert_eq!(top.name, "总公司");
    assert_eq!((top.leader.as_deref(), top.phone.as_deref()), (None, None));
}

#[tokio::test]
async fn req46_nobody_reaches_out_of_ones_scope() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [company, dev, front, sales] = bench.departments().await;
    let depts = &bench.services.depts;
    let below = clerk(&bench, &admin, "bb", DataScope::OwnAndBelow, &[], Some(dev)).await;
    let error = depts.create(&below, new("x", None)).await.expect_err("top");
    assert_eq!(missing(&error), ["dataScope=1"]);
    for parent in [company, sales] {
        let error = depts.create(&below, new("x", Some(parent))).await;
        assert_eq!(fields(&error.expect_err("unseen")), ["parentId"]);
        let error = depts.update(&below, front, to(Some(parent))).await;
        assert_eq!(fields(&error.expect_err("unseen")), ["parentId"]);
    }
    let error = depts.update(&below, dev, to(None)).await.expect_err("top");
    assert_eq!(missing(&error), ["dataScope=1"]);
    // What stays where it is may be changed, though its parent is out of sight.
    let same = depts.update(&below, dev, to(Some(company))).await;
    same.expect("not moved");
    let made = depts
        .create(&below, new("后端", Some(dev)))
        .await
        .expect("made");
    let again = bench.caller("bb").await;
    depts.get(&again, made.id).await.expect("in sight at once");
}

/// Whoever is above a branch sees all of it; so nobody may draw departments that she does not see
/// below her own along with one that she sees.
#[tokio::test]
async fn req46_a_move_shows_nobody_more() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [_, dev, front, sales] = bench.departments().await;
    let depts = &bench.services.depts;
    let roles = &bench.services.roles;
    let clerk = clerk(
        &bench,
        &admin,
        "cc",
        DataScope::OwnAndBelow,
        &[],
        Some(sales),
    )
    .await;
    let custom = NewRole {
        name: "x".into(),
        key: "also-dev".into(),
        data_scope: DataScope::Custom,
        dept_ids: vec![dev],
        ..NewRole::default()
    };
    let custom = roles.create(&admin, custom).await.expect("role").id;
    let users = &bench.services.users;
    let held = users.get(&admin, clerk.id()).await.expect("there").roles;
    let both = vec![held[0].id, custom];
    users.bind(&admin, clerk.id(), both).await.expect("bound");
    let clerk = bench.caller("cc").await;
    assert_eq!(clerk.sight().depts, [dev, sales]);
    let error = depts.update(&clerk, dev, to(Some(sales))).await;
    let error = error.expect_err("front is out of sight");
    assert!(missing(&error).is_empty());
    assert!(!bench.caller("cc").await.sight().sees(Some(front)));
    // Without anything hidden below it, it may go.
    depts.update(&admin, front, to(None)).await.expect("away");
    depts
        .update(&clerk, dev, to(Some(sales)))
        .await
        .expect("moved");
}

#[tokio::test]
async fn req33_a_move_changes_sight_at_once() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [company, dev, front, sales] = bench.departments().await;
    let depts = &bench.services.depts;
    clerk(
        &bench,
        &admin,
        "cc",
        DataScope::OwnAndBelow,
        &[],
        Some(sales),
    )
    .await;
    let issued = bench.sign_in("cc").await;
    let sight = async || {
        let caller = bench.by_token(&issued).await.expect("caller");
        caller.sight().depts.clone()
    };
    assert_eq!(sight().await, [sales]);
    depts
        .update(&admin, dev, to(Some(sales)))
        .await
        .expect("moved");
    assert_eq!(sight().await, [dev, front, sales]);
    let made = depts
        .create(&admin, new("x", Some(front)))
        .await
        .expect("made");
    assert_eq!(sight().await, [dev, front, sales, made.id]);
    depts.delete(&admin, made.id).await.expect("deleted");
    depts
        .update(&admin, dev, to(Some(company)))
        .await
        .expect("back");
    assert_eq!(sight().await, [sales]);
}

#[tokio::test]
async fn a_disabled_department_is_chosen_for_nobody() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [_, dev, ..] = bench.departments().await;
    let lin = bench.user("lin").await;
    let han = bench.user("han").await;
    put_in(&bench, &admin, lin, Some(dev)).await.expect("in it");
    let disable = DeptChange {
        status: Some(Status::Disabled),
        ..DeptChange::default()
    };
    let depts = &bench.services.depts;
    depts.update(&admin, dev, disable).await.expect("disabled");
    let error = put_in(&bench, &admin, han, Some(dev)).await;
    assert_eq!(fields(&error.expect_err("disabled")), ["deptId"]);
    // Whoever is in it stays there and signs in.
    bench.sign_in("lin").await;
    let change = UserChange {
        dept_id: Some(Some(dev)),
        nickname: Some("林".into()),
        ..UserChange::default()
    };
    let users = &bench.services.users;
    users.update(&admin, lin, change).await.expect("as she was");
}

#[tokio::test]
async fn a_list_is_filtered_and_in_order_of_the_tree() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [company, dev, front, sales] = bench.departments().await;
    let depts = &bench.services.depts;
    let first = NewDept {
        sort: 0,
        status: Status::Disabled,
        ..new("Audit", Some(company))
    };
    let first = depts.create(&admin, first).await.expect("made").id;
    for (name, status, expected) in [
        (None, None, vec![company, first, dev, front, sales]),
        (Some("AUD"), None, vec![first]),
        (None, Some(Status::Disabled), vec![first]),
        (Some("端"), Some(Status::Active), vec![front]),
        (Some("%"), None, vec![]),
    ] {
        let filter = DeptFilter {
            name: name.map(str::to_owned),
            status,
        };
        let found = depts.list(&admin, &filter).await.expect("list");
        let ids: Vec<DeptId> = found.iter().map(|d| d.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
}

/// Paths and parents never drift apart, whatever is moved where by several at once.
#[test]
fn paths_follow_parents_whatever_is_moved() {
    let run = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let moves = proptest::collection::vec((1_i64..9, 0_i64..9), 1..25);
    let config = ProptestConfig::with_cases(12);
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let done = runner.run(&moves, |moves| {
        run.block_on(async {
            let bench = Bench::sqlite().await;
            let admin = bench.admin().await;
            let depts = &bench.services.depts;
            for n in 1..9 {
                let made = depts.create(&admin, new(&format!("d{n}"), None)).await;
                made.expect("made");
            }
            let mut tasks = tokio::task::JoinSet::new();
            for (id, parent) in moves {
                let (depts, admin) = (depts.clone(), admin.clone());
                let parent = (parent != 0).then_some(DeptId(parent));
                tasks.spawn(async move { depts.update(&admin, DeptId(id), to(parent)).await });
            }
            while let Some(done) = tasks.join_next().await {
                if let Err(error) = done.expect("no panic") {
                    assert_eq!(error.kind, Kind::Conflict, "{error}");
                }
            }
            let mut conn = bench.db.read().await.expect("conn");
            let all = menshen_storage::depts::list(&mut conn)
                .await
                .expect("query");
            let by_id: BTreeMap<DeptId, &Dept> = all.iter().map(|d| (d.id, d)).collect();
            for d in &all {
                let above = d.parent_id.map(|p| by_id[&p].path.as_str());
                assert_eq!(d.path, dept::path(above, d.id));
            }
        });
        Ok(())
    });
    done.expect("paths follow parents");
}

/// The names right below `parent`, in order.
async fn below(bench: &Bench, caller: &Caller, parent: Option<DeptId>) -> Vec<String> {
    let every = DeptFilter::default();
    let all = bench.services.depts.list(caller, &every).await;
    let all = all.expect("query");
    let inside = all.into_iter().filter(|d| d.parent_id == parent);
    inside.map(|d| d.name).collect()
}

#[tokio::test]
async fn a_department_is_put_among_others() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let depts = &bench.services.depts;
    let top = depts.create(&admin, new("top", None)).await.expect("made");
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let made = depts.create(&admin, new(name, Some(top.id))).await;
        ids.push(made.expect("made").id);
    }
    let [a, b, c] = ids[..] else { panic!("three") };
    let (at_top, inside) = (None, Some(top.id));
    let before_b = Position::Before(b.0);
    depts.place(&admin, c, inside, before_b).await.expect("put");
    assert_eq!(below(&bench, &admin, inside).await, ["a", "c", "b"]);
    depts
        .place(&admin, a, inside, Position::Last)
        .await
        .expect("put");
    assert_eq!(below(&bench, &admin, inside).await, ["c", "b", "a"]);
    let moved = depts.place(&admin, b, at_top, Position::First).await;
    assert_eq!(moved.expect("put").path, format!("0,{b}"));
    assert_eq!(below(&bench, &admin, None).await, ["b", "top"]);
    depts
        .place(&admin, a, Some(c), Position::First)
        .await
        .expect("put");
    assert_eq!(paths(&bench).await[&a.0], format!("0,{},{c},{a}", top.id));

    let error = depts.place(&admin, c, at_top, Position::Before(a.0)).await;
    assert_eq!(fields(&error.expect_err("elsewhere")), ["position"]);
    let error = depts.place(&admin, c, Some(a), Position::Last).await;
    assert_eq!(error.expect_err("below itself").kind, Kind::Conflict);
    let error = depts
        .place(&admin, DeptId(99), None, Position::Last)
        .await
        .expect_err("nobody");
    assert_eq!(error.kind, Kind::NotFound);
}

#[tokio::test]
async fn numbers_out_of_sight_are_left_alone() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let depts = &bench.services.depts;
    let top = depts.create(&admin, new("top", None)).await.expect("made");
    let mut ids = Vec::new();
    for name in ["hidden", "mine", "too"] {
        let made = depts.create(&admin, new(name, Some(top.id))).await;
        ids.push(made.expect("made").id);
    }
    let seen = &ids[1..];
    let clerk = clerk(&bench, &admin, "clerk", DataScope::Custom, seen, None).await;
    let to_the_front = depts.place(&clerk, ids[2], Some(top.id), Position::First);
    let error = to_the_front.await.expect_err("no room but by renumbering");
    assert_eq!(error.kind, Kind::Forbidden { missing: vec![] });
    assert_eq!(
        below(&bench, &admin, Some(top.id)).await,
        ["hidden", "mine", "too"]
    );
}
