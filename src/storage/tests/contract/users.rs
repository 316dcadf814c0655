//! Users.

use crate::access::add_depts;
use crate::site::{NOW, Site, account, add, add_user, later, run};
use menshen_domain::ids::ADMIN_ROLE;
use menshen_domain::role::{NewRole, Status};
use menshen_domain::scope::{DataScope, Sight};
use menshen_domain::user::{UserFilter, UserSort};
use menshen_domain::{DeptId, PageRequest, RoleId, UserId};
use menshen_storage::users::Account;
use menshen_storage::{Db, StorageError, roles, second_factors, users};

const ALL: Sight = Sight {
    scope: DataScope::All,
    depts: Vec::new(),
};

fn full(username: &str) -> Account {
    Account {
        username: username.into(),
        user_code: format!("code-{username}"),
        nickname: "林薇".into(),
        avatar: "/files/1.png".into(),
        phone: Some("+8613800000000".into()),
        phone_verified: true,
        email: Some("Lin.Wei@Example.com".into()),
        email_verified: true,
        sex: "1".into(),
        status: Status::Disabled,
        dept_id: None,
        remark: Some("二楼；'quotes' and \\".into()),
    }
}

async fn add_role(db: &Db, key: &str, sort: i64) -> RoleId {
    let mut tx = db.begin().await.expect("begin");
    let role = NewRole {
        name: format!("Role {key}"),
        key: key.into(),
        sort,
        ..NewRole::default()
    };
    let id = roles::insert(&mut tx, &role, None, NOW)
        .await
        .expect("insert");
    tx.commit().await.expect("commit");
    id
}

async fn give(db: &Db, user: UserId, held: &[RoleId]) {
    let mut tx = db.begin().await.expect("begin");
    users::set_roles(&mut tx, user, held).await.expect("roles");
    tx.commit().await.expect("commit");
}

pub(crate) async fn an_account_is_held_by_one_at_a_time(site: &Site) {
    let id = add_user(&site.db, "lin").await;
    let mut first = site.db.begin().await.expect("begin");
    let held = users::hold(&mut first, id).await.expect("query");
    let read = users::login_row(&mut first, id).await.expect("query");
    let (held, read) = (held.expect("there"), read.expect("there"));
    assert_eq!(format!("{held:?}"), format!("{read:?}"));
    assert_eq!(held.password_hash, read.password_hash);
    let none = users::hold(&mut first, UserId(999)).await.expect("query");
    assert!(none.is_none());
    let db = site.db.clone();
    let second = tokio::spawn(async move {
        let mut tx = db.begin().await.expect("begin");
        let held = users::hold(&mut tx, id).await.expect("query");
        held.expect("there").password_hash
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!second.is_finished(), "it waits");
    users::set_password(&mut first, id, "new", false, NOW)
        .await
        .expect("set");
    first.commit().await.expect("commit");
    assert_eq!(second.await.expect("held").as_deref(), Some("new"));
    let mut tx = site.db.begin().await.expect("begin");
    users::soft_delete(&mut tx, id, None, NOW)
        .await
        .expect("deleted");
    let none = users::hold(&mut tx, id).await.expect("query");
    assert!(none.is_none(), "who is deleted is held no more");
}

/// The names that a list of `filter` holds, in its order.
async fn names(db: &Db, filter: &UserFilter) -> Vec<String> {
    names_seen(db, UserId(0), &ALL, filter).await
}

async fn names_seen(db: &Db, viewer: UserId, sight: &Sight, filter: &UserFilter) -> Vec<String> {
    let mut conn = db.read().await.expect("conn");
    let page = PageRequest::bounded(None, Some(200));
    let page = users::list(&mut conn, viewer, sight, filter, page)
        .await
        .expect("list");
    assert_eq!(page.total, i64::try_from(page.list.len()).expect("few"));
    page.list.into_iter().map(|u| u.username).collect()
}

async fn refused(db: &Db, account: &Account) -> StorageError {
    let mut tx = db.begin().await.expect("begin");
    users::insert(&mut tx, account, None, false, None, NOW)
        .await
        .expect_err("a clash")
}

pub(crate) async fn a_user_comes_back_as_it_was_kept(site: &Site) {
    let maker = add_user(&site.db, "maker").await;
    let dept = add_depts(&site.db).await[1];
    let kept = Account {
        dept_id: Some(dept),
        ..full("Lin.Wei")
    };
    let mut tx = site.db.begin().await.expect("begin");
    let id = users::insert(&mut tx, &kept, Some("hash"), true, Some(maker), NOW)
        .await
        .expect("insert");
    tx.commit().await.expect("commit");
    let mut conn = site.db.read().await.expect("conn");
    let user = users::find(&mut conn, id)
        .await
        .expect("find")
        .expect("there");
    assert_eq!(format!("{:?}", Account::from(&user)), format!("{kept:?}"));
    assert_eq!(user.id, id);
    assert_eq!(user.dept_name.as_deref(), Some("研发"));
    assert!(user.must_change_password);
    assert_eq!(user.password_changed_at, Some(NOW));
    assert_eq!(user.created_by, Some(maker));
    assert_eq!(user.created_at, NOW);
    assert_eq!((user.updated_by, user.updated_at), (None, None));
    assert_eq!((user.login_ip, user.login_at), (None, None));
    assert!(user.roles.is_empty());

    let plain = users::find(&mut conn, maker)
        .await
        .expect("find")
        .expect("there");
    assert_eq!((plain.phone, plain.email, plain.remark), (None, None, None));
    assert_eq!((plain.dept_id, plain.dept_name), (None, None));
    assert_eq!(plain.created_by, None);
    assert!(!plain.must_change_password);
    let nobody = users::find(&mut conn, UserId(987_654)).await.expect("find");
    assert_eq!(nobody, None);
}

pub(crate) async fn names_are_unique_in_any_letter_case(site: &Site) {
    add_user(&site.db, "Lin.Wei").await;
    add_user(&site.db, "ÄRZTIN").await;
    add_user(&site.db, "林薇").await;
    for (n, taken) in ["lin.wei", "LIN.WEI", "ärztin", "林薇"]
        .into_iter()
        .enumerate()
    {
        let other = Account {
            user_code: format!("other-{n}"),
            ..account(taken)
        };
        let error = refused(&site.db, &other).await;
        assert!(error.is_unique("username"), "{taken}: {error}");
        assert!(!error.is_unique("phone") && !error.is_unique("email"));
    }
    let renamed = add_user(&site.db, "wanda").await;
    let mut tx = site.db.begin().await.expect("begin");
    let error = users::update(&mut tx, renamed, &account("lin.WEI"), None, NOW)
        .await
        .expect_err("a clash");
    assert!(error.is_unique("username"), "{error}");
}

pub(crate) async fn a_deleted_users_name_can_be_used_again(site: &Site) {
    let first = add(&site.db, &full("lin.wei")).await;
    let mut tx = site.db.begin().await.expect("begin");
    users::soft_delete(&mut tx, first, None, NOW)
        .await
        .expect("delete");
    tx.commit().await.expect("commit");
    let again = Account {
        user_code: "another".into(),
        ..full("LIN.wei")
    };
    let second = add(&site.db, &again).await;
    assert_ne!(first, second);
    let mut conn = site.db.read().await.expect("conn");
    let found = users::find_by_name(&mut conn, "lin.wei")
        .await
        .expect("find");
    assert_eq!(found.map(|u| u.id), Some(second));
}

pub(crate) async fn user_codes_are_never_used_again(site: &Site) {
    let first = add_user(&site.db, "first").await;
    let mut tx = site.db.begin().await.expect("begin");
    users::soft_delete(&mut tx, first, None, NOW)
        .await
        .expect("delete");
    tx.commit().await.expect("commit");
    let copy = Account {
        user_code: "code-first".into(),
        ..account("second")
    };
    let error = refused(&site.db, &copy).await;
    assert!(error.is_unique("user_code"), "{error}");
}

pub(crate) async fn verified_phones_and_mails_are_unique(site: &Site) {
    add(&site.db, &full("first")).await;
    let phone = Account {
        phone: Some("+8613800000000".into()),
        phone_verified: true,
        ..account("second")
    };
    let error = refused(&site.db, &phone).await;
    assert!(error.is_unique("phone"), "{error}");
    assert!(!error.is_unique("username") && !error.is_unique("email"));
    let email = Account {
        email: Some("LIN.WEI@example.COM".into()),
        email_verified: true,
        ..account("second")
    };
    let error = refused(&site.db, &email).await;
    assert!(error.is_unique("email"), "{error}");
    assert!(!error.is_unique("username") && !error.is_unique("phone"));
}

pub(crate) async fn unverified_phones_and_mails_are_not(site: &Site) {
    add(&site.db, &full("first")).await;
    for name in ["second", "third"] {
        let claim = Account {
            phone_verified: false,
            email_verified: false,
            ..full(name)
        };
        add(&site.db, &claim).await;
    }
    // Nor are those of nobody.
    for name in ["fourth", "fifth"] {
        let none = Account {
            phone: None,
            phone_verified: true,
            email: None,
            email_verified: true,
            ..full(name)
        };
        add(&site.db, &none).await;
    }
}

pub(crate) async fn an_update_writes_every_column(site: &Site) {
    let maker = add_user(&site.db, "maker").await;
    let id = add_user(&site.db, "before").await;
    let dept = add_depts(&site.db).await[0];
    let after = Account {
        dept_id: Some(dept),
        user_code: "code-before".into(),
        ..full("After")
    };
    for (round, change) in [after, account("before")].into_iter().enumerate() {
        let mut tx = site.db.begin().await.expect("begin");
        users::update(&mut tx, id, &change, Some(maker), later(60))
            .await
            .expect("update");
        let user = users::find(&mut tx, id)
            .await
            .expect("find")
            .expect("there");
        tx.commit().await.expect("commit");
        assert_eq!(
            format!("{:?}", Account::from(&user)),
            format!("{change:?}"),
            "round {round}"
        );
        assert_eq!(user.updated_by, Some(maker));
        assert_eq!(user.updated_at, Some(later(60)));
        assert_eq!(user.created_at, NOW);
    }
    let mut conn = site.db.read().await.expect("conn");
    let other = users::find(&mut conn, maker).await.expect("find");
    assert_eq!(
        other.expect("there").updated_at,
        None,
        "nobody else is touched"
    );
}

pub(crate) async fn a_deleted_user_is_gone_but_kept(site: &Site) {
    let id = add_user(&site.db, "gone").await;
    let by = add_user(&site.db, "maker").await;
    give(&site.db, id, &[ADMIN_ROLE]).await;
    for at in [later(5), later(9)] {
        let mut tx = site.db.begin().await.expect("begin");
        users::soft_delete(&mut tx, id, Some(by), at)
            .await
            .expect("delete");
        tx.commit().await.expect("commit");
    }
    let mut conn = site.db.read().await.expect("conn");
    assert_eq!(users::find(&mut conn, id).await.expect("find"), None);
    let by_name = users::find_by_name(&mut conn, "gone").await.expect("find");
    assert_eq!(by_name, None);
    assert!(
        users::for_login(&mut conn, "gone")
            .await
            .expect("query")
            .is_none()
    );
    assert!(
        users::login_row(&mut conn, id)
            .await
            .expect("query")
            .is_none()
    );
    drop(conn);
    assert_eq!(names(&site.db, &UserFilter::default()).await, ["maker"]);
    let mut conn = site.db.read().await.expect("conn");
    let holders = users::active_holders(&mut conn, ADMIN_ROLE, None).await;
    assert_eq!(holders.expect("count"), 0);
    let (deleted_at, by_whom): (i64, i64) =
        sqlx::query_as("SELECT deleted_at, updated_by FROM user_account WHERE username = 'gone'")
            .fetch_one(&mut *conn)
            .await
            .expect("the row stays");
    assert_eq!(
        (deleted_at, by_whom),
        (later(5).0, by.0),
        "of the first time"
    );
    drop(conn);

    // What is deleted is not changed any more.
    let mut tx = site.db.begin().await.expect("begin");
    users::update(&mut tx, id, &account("back"), None, NOW)
        .await
        .expect("no clash");
    users::set_password(&mut tx, id, "new", false, NOW)
        .await
        .expect("no error");
    let (username, hash): (String, String) = sqlx::query_as(
        "SELECT username, password_hash FROM user_account WHERE deleted_at IS NOT NULL",
    )
    .fetch_one(&mut *tx)
    .await
    .expect("the row");
    assert_eq!((username.as_str(), hash.as_str()), ("gone", "hash"));
}

pub(crate) async fn logins_go_by_name_in_any_case(site: &Site) {
    let id = add(&site.db, &full("Ärztin.Lin")).await;
    let mut conn = site.db.read().await.expect("conn");
    for name in ["Ärztin.Lin", "ÄRZTIN.LIN", " ärztin.lin "] {
        let row = users::for_login(&mut conn, name)
            .await
            .expect("query")
            .expect(name);
        assert_eq!(row.id, id.0);
        assert_eq!(row.username, "Ärztin.Lin");
        assert_eq!(row.password_hash.as_deref(), Some("hash"));
        assert_eq!(row.status, "1");
        assert_eq!(row.must_change_password, 0);
        let user = users::find_by_name(&mut conn, name).await.expect("query");
        assert_eq!(user.map(|u| u.id), Some(id));
    }
    for name in ["Ärztin", "%", "", "code-Ärztin.Lin"] {
        let row = users::for_login(&mut conn, name).await.expect("query");
        assert!(row.is_none(), "{name}");
    }
    let row = users::login_row(&mut conn, id).await.expect("query");
    assert_eq!(row.map(|r| r.username).as_deref(), Some("Ärztin.Lin"));
    let row = users::login_row(&mut conn, UserId(0)).await.expect("query");
    assert!(row.is_none());
}

pub(crate) async fn a_login_is_noted(site: &Site) {
    let id = add_user(&site.db, "lin").await;
    let other = add_user(&site.db, "other").await;
    let mut tx = site.db.begin().await.expect("begin");
    users::note_login(&mut tx, id, "2001:db8::1", later(3))
        .await
        .expect("note");
    let user = users::find(&mut tx, id).await.expect("find");
    let user = user.expect("there");
    assert_eq!(user.login_ip.as_deref(), Some("2001:db8::1"));
    assert_eq!(user.login_at, Some(later(3)));
    assert_eq!(user.updated_at, None, "that is no change of the record");
    let other = users::find(&mut tx, other).await.expect("find");
    assert_eq!(other.expect("there").login_at, None);
}

pub(crate) async fn a_password_is_set(site: &Site) {
    let id = add_user(&site.db, "lin").await;
    let mut tx = site.db.begin().await.expect("begin");
    for due in [true, false] {
        users::set_password(&mut tx, id, "new", due, later(8))
            .await
            .expect("set");
        let row = users::login_row(&mut tx, id).await.expect("query");
        let row = row.expect("there");
        assert_eq!(row.password_hash.as_deref(), Some("new"));
        assert_eq!(row.must_change_password != 0, due);
    }
    let user = users::find(&mut tx, id).await.expect("find");
    assert_eq!(
        user.expect("there").password_changed_at,
        Some(later(8)),
        "and when"
    );
}

pub(crate) async fn a_rehash_gives_way_to_a_change(site: &Site) {
    let id = add_user(&site.db, "lin").await;
    let mut tx = site.db.begin().await.expect("begin");
    let done = users::rehash(&mut tx, id, "hash", "rehashed").await;
    assert!(done.expect("rehash"));
    let done = users::rehash(&mut tx, id, "hash", "too late").await;
    assert!(!done.expect("no rehash"));
    let row = users::login_row(&mut tx, id).await.expect("query");
    let hash = row.and_then(|r| r.password_hash);
    assert_eq!(hash.as_deref(), Some("rehashed"));
    let user = users::find(&mut tx, id).await.expect("find");
    assert_eq!(
        user.expect("there").password_changed_at,
        Some(NOW),
        "it is the same password"
    );
}

pub(crate) async fn held_roles_are_replaced(site: &Site) {
    let id = add_user(&site.db, "lin").await;
    let other = add_user(&site.db, "other").await;
    let late = add_role(&site.db, "late", 9).await;
    let early = add_role(&site.db, "early", 0).await;
    give(&site.db, other, &[late]).await;
    for (held, keys) in [
        (
            vec![late, ADMIN_ROLE, early],
            vec!["early", "admin", "late"],
        ),
        (vec![late], vec!["late"]),
        (vec![], vec![]),
    ] {
        give(&site.db, id, &held).await;
        let mut conn = site.db.read().await.expect("conn");
        let user = users::find(&mut conn, id).await.expect("find");
        let user = user.expect("there");
        let shown: Vec<_> = user.roles.iter().map(|r| r.key.as_str()).collect();
        assert_eq!(shown, keys, "by sort");
        let other = users::find(&mut conn, other).await.expect("find");
        assert_eq!(other.expect("there").roles[0].name, "Role late");
    }
    let mut tx = site.db.begin().await.expect("begin");
    users::set_roles(&mut tx, id, &[RoleId(4711)])
        .await
        .expect_err("no such role");
}

pub(crate) async fn lists_are_paged(site: &Site) {
    for i in 1..=7 {
        add_user(&site.db, &format!("user{i}")).await;
    }
    let role = add_role(&site.db, "reader", 1).await;
    let mut conn = site.db.read().await.expect("conn");
    let third = users::find_by_name(&mut conn, "user3").await.expect("find");
    drop(conn);
    give(&site.db, third.expect("there").id, &[role]).await;
    let mut conn = site.db.read().await.expect("conn");
    let mut pages = Vec::new();
    for number in 1..=4 {
        let page = PageRequest {
            page_num: number,
            page_size: 3,
        };
        let page = users::list(&mut conn, UserId(0), &ALL, &UserFilter::default(), page)
            .await
            .expect("list");
        assert_eq!(page.total, 7);
        for user in &page.list {
            assert_eq!(user.roles.len(), usize::from(user.username == "user3"));
        }
        pages.push(
            page.list
                .into_iter()
                .map(|u| u.username)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(pages[0], ["user1", "user2", "user3"]);
    assert_eq!(pages[1], ["user4", "user5", "user6"]);
    assert_eq!(pages[2], ["user7"]);
    assert!(pages[3].is_empty());
    let far = PageRequest::bounded(Some(i64::MAX), Some(200));
    let page = users::list(&mut conn, UserId(0), &ALL, &UserFilter::default(), far)
        .await
        .expect("no overflow");
    assert_eq!((page.total, page.list.len()), (7, 0));
}

pub(crate) async fn lists_are_sorted_with_missing_last(site: &Site) {
    let mut ids = Vec::new();
    for (name, at) in [("Beta", 30), ("alpha", 10), ("delta", 20), ("Gamma", 20)] {
        let mut tx = site.db.begin().await.expect("begin");
        let id = users::insert(&mut tx, &account(name), None, false, None, later(at))
            .await
            .expect("insert");
        tx.commit().await.expect("commit");
        ids.push(id);
    }
    let mut tx = site.db.begin().await.expect("begin");
    for (id, at) in [(ids[0], 200), (ids[1], 100)] {
        users::note_login(&mut tx, id, "::1", later(at))
            .await
            .expect("note");
    }
    tx.commit().await.expect("commit");
    for (sort, upward, downward) in [
        (
            UserSort::Id,
            ["Beta", "alpha", "delta", "Gamma"],
            ["Gamma", "delta", "alpha", "Beta"],
        ),
        (
            UserSort::Username,
            ["alpha", "Beta", "delta", "Gamma"],
            ["Gamma", "delta", "Beta", "alpha"],
        ),
        (
            UserSort::LoginDate,
            ["alpha", "Beta", "delta", "Gamma"],
            ["Beta", "alpha", "Gamma", "delta"],
        ),
        (
            UserSort::CreateTime,
            ["alpha", "delta", "Gamma", "Beta"],
            ["Beta", "Gamma", "delta", "alpha"],
        ),
    ] {
        for (descending, order) in [(false, upward), (true, downward)] {
            let filter = UserFilter {
                sort,
                descending,
                ..UserFilter::default()
            };
            assert_eq!(
                names(&site.db, &filter).await,
                order,
                "{sort:?}, descending: {descending}"
            );
        }
    }
}

pub(crate) async fn lists_are_filtered(site: &Site) {
    let lin = Account {
        nickname: "林薇".into(),
        phone: Some("13800138000".into()),
        email: Some("Wei.Lin@Example.com".into()),
        ..account("lin.wei")
    };
    let li = Account {
        nickname: "Leo".into(),
        status: Status::Disabled,
        email: Some("leo@example.org".into()),
        ..account("Li.Lei")
    };
    let lin = add(&site.db, &lin).await;
    add(&site.db, &li).await;
    add_user(&site.db, "han").await;
    let role = add_role(&site.db, "reader", 1).await;
    give(&site.db, lin, &[role]).await;
    let mut tx = site.db.begin().await.expect("begin");
    let noted = users::note_login(&mut tx, lin, "::1", later(60)).await;
    noted.expect("note");
    let proposed = second_factors::propose(&mut tx, lin, b"sealed", NOW).await;
    proposed.expect("propose");
    let factor = second_factors::proposed(&mut tx, lin).await.expect("query");
    let factor = factor.expect("there").id;
    let confirmed = second_factors::confirm(&mut tx, lin, factor, 1, NOW).await;
    confirmed.expect("confirm");
    let due = users::set_password(&mut tx, lin, "hash", true, NOW).await;
    due.expect("due");
    tx.commit().await.expect("commit");

    let some = |t: &str| Some(t.to_owned());
    let none = UserFilter::default();
    #[rustfmt::skip]
    let cases: Vec<(UserFilter, Vec<&str>)> = vec![
        (none.clone(), vec!["lin.wei", "Li.Lei", "han"]),
        (UserFilter { signed_in_since: Some(later(60)), ..none.clone() }, vec!["lin.wei"]),
        (UserFilter { signed_in_since: Some(later(61)), ..none.clone() }, vec![]),
        (UserFilter { no_second_factor: true, ..none.clone() }, vec!["Li.Lei", "han"]),
        (UserFilter { password_due: true, ..none.clone() }, vec!["lin.wei"]),
        (UserFilter { password_due: true, status: Some(Status::Disabled), ..none.clone() }, vec![]),
        (UserFilter { no_second_factor: true, text: some("le"), ..none.clone() }, vec!["Li.Lei"]),
        (UserFilter { text: some("LI"), ..none.clone() }, vec!["lin.wei", "Li.Lei"]),
        (UserFilter { text: some("薇"), ..none.clone() }, vec!["lin.wei"]),
        (UserFilter { text: some("0138"), ..none.clone() }, vec!["lin.wei"]),
        (UserFilter { text: some("EXAMPLE.org"), ..none.clone() }, vec!["Li.Lei"]),
        (UserFilter { text: some("leo"), ..none.clone() }, vec!["Li.Lei"]),
        (UserFilter { text: some("  "), ..none.clone() }, vec!["lin.wei", "Li.Lei", "han"]),
        (UserFilter { text: some("nobody"), ..none.clone() }, vec![]),
        (UserFilter { username: some("lei"), ..none.clone() }, vec!["Li.Lei"]),
        (UserFilter { username: some("薇"), ..none.clone() }, vec![]),
        (UserFilter { nickname: some("LEO"), ..none.clone() }, vec!["Li.Lei"]),
        (UserFilter { nickname: some("林"), ..none.clone() }, vec!["lin.wei"]),
        (UserFilter { phone: some("138"), ..none.clone() }, vec!["lin.wei"]),
        (UserFilter { email: some("WEI.lin"), ..none.clone() }, vec!["lin.wei"]),
        (UserFilter { status: Some(Status::Disabled), ..none.clone() }, vec!["Li.Lei"]),
        (UserFilter { status: Some(Status::Active), ..none.clone() }, vec!["lin.wei", "han"]),
        (UserFilter { role_id: Some(role), ..none.clone() }, vec!["lin.wei"]),
        (UserFilter { role_id: Some(RoleId(99)), ..none.clone() }, vec![]),
        (UserFilter { dept_id: Some(DeptId(99)), ..none.clone() }, vec![]),
        (UserFilter { username: some("l"), status: Some(Status::Active), role_id: Some(role), ..none.clone() }, vec!["lin.wei"]),
        (UserFilter { username: some("l"), status: Some(Status::Disabled), role_id: Some(role), ..none }, vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(names(&site.db, &filter).await, expected, "{filter:?}");
    }
}

pub(crate) async fn searched_text_is_taken_literally(site: &Site) {
    for name in ["100%", "a_b", "wow!", "a\\b", "o'neil", "axb", "100"] {
        add_user(&site.db, name).await;
    }
    for (text, expected) in [
        ("%", vec!["100%"]),
        ("_", vec!["a_b"]),
        ("!", vec!["wow!"]),
        ("\\", vec!["a\\b"]),
        ("'", vec!["o'neil"]),
        ("a_b", vec!["a_b"]),
        ("0%", vec!["100%"]),
        ("!_", vec![]),
        ("%%", vec![]),
    ] {
        for filter in [
            UserFilter {
                text: Some(text.into()),
                ..UserFilter::default()
            },
            UserFilter {
                username: Some(text.into()),
                ..UserFilter::default()
            },
        ] {
            assert_eq!(names(&site.db, &filter).await, expected, "{text}");
        }
    }
}

/// Whoever types a text as it is written finds it, in every script. (Whether other scripts' letter
/// case counts depends on the database.)
pub(crate) async fn searches_know_every_script(site: &Site) {
    for (name, nickname) in [
        ("u1", "Администратор"),
        ("u2", "ÄRZTIN Übel"),
        ("u3", "林薇（工程师）"),
        ("u4", "Ελένη"),
        ("Ünal", ""),
    ] {
        let user = Account {
            nickname: nickname.into(),
            ..account(name)
        };
        add(&site.db, &user).await;
    }
    for (text, expected) in [
        ("Админ", "u1"),
        ("ÄRZTIN", "u2"),
        ("Übel", "u2"),
        ("（工程师", "u3"),
        ("Ελένη", "u4"),
        ("ünal", "Ünal"),
        ("ÜNAL", "Ünal"),
    ] {
        let by_text = UserFilter {
            text: Some(text.into()),
            ..UserFilter::default()
        };
        assert_eq!(names(&site.db, &by_text).await, [expected], "{text}");
        if expected.starts_with('u') {
            let by_nickname = UserFilter {
                nickname: Some(text.into()),
                ..UserFilter::default()
            };
            assert_eq!(names(&site.db, &by_nickname).await, [expected], "{text}");
        }
    }
}

async fn add_in(db: &Db, name: &str, dept: DeptId) -> UserId {
    let user = Account {
        dept_id: Some(dept),
        ..account(name)
    };
    add(db, &user).await
}

pub(crate) async fn a_department_filter_takes_in_what_is_below(site: &Site) {
    let depts = add_depts(&site.db).await;
    for (i, dept) in depts.iter().enumerate() {
        add_in(&site.db, &format!("user{i}"), *dept).await;
    }
    add_user(&site.db, "nowhere").await;
    for (dept, expected) in [
        (0, vec!["user0", "user1", "user2", "user3"]),
        (1, vec!["user1", "user2"]),
        (2, vec!["user2"]),
        (3, vec!["user3"]),
    ] {
        let filter = UserFilter {
            dept_id: Some(depts[dept]),
            ..UserFilter::default()
        };
        assert_eq!(
            names(&site.db, &filter).await,
            expected,
            "department {dept}"
        );
    }
}

pub(crate) async fn sight_limits_lists(site: &Site) {
    let depts = add_depts(&site.db).await;
    let viewer = add_in(&site.db, "viewer", depts[3]).await;
    for (i, dept) in depts.iter().enumerate() {
        add_in(&site.db, &format!("user{i}"), *dept).await;
    }
    let outside = add_user(&site.db, "outside").await;
    let none = UserFilter::default();
    let of = |scope, depts: &[DeptId]| Sight {
        scope,
        depts: depts.to_vec(),
    };
    let everybody = ["viewer", "user0", "user1", "user2", "user3", "outside"];
    assert_eq!(names_seen(&site.db, viewer, &ALL, &none).await, everybody);
    let some = of(DataScope::Custom, &[depts[1], depts[2]]);
    assert_eq!(
        names_seen(&site.db, viewer, &some, &none).await,
        ["viewer", "user1", "user2"],
        "oneself too"
    );
    let own = of(DataScope::OwnDept, &[depts[3]]);
    assert_eq!(
        names_seen(&site.db, viewer, &own, &none).await,
        ["viewer", "user3"]
    );
    let nothing = Sight::own();
    assert_eq!(
        names_seen(&site.db, viewer, &nothing, &none).await,
        ["viewer"]
    );
    assert_eq!(
        names_seen(&site.db, outside, &nothing, &none).await,
        ["outside"]
    );
    let filter = UserFilter {
        text: Some("user".into()),
        ..none
    };
    assert_eq!(
        names_seen(&site.db, viewer, &some, &filter).await,
        ["user1", "user2"],
        "a filter narrows sight and never widens it"
    );
}

pub(crate) async fn active_holders_are_counted(site: &Site) {
    let mut ids = Vec::new();
    for name in ["one", "two", "three"] {
        let id = add_user(&site.db, name).await;
        give(&site.db, id, &[ADMIN_ROLE]).await;
        ids.push(id);
    }
    add_user(&site.db, "none").await;
    let mut tx = site.db.begin().await.expect("begin");
    let disabled = Account {
        status: Status::Disabled,
        ..account("two")
    };
    users::update(&mut tx, ids[1], &disabled, None, NOW)
        .await
        .expect("disable");
    let all = users::active_holders(&mut tx, ADMIN_ROLE, None).await;
    assert_eq!(all.expect("count"), 2);
    let others = users::active_holders(&mut tx, ADMIN_ROLE, Some(ids[0])).await;
    assert_eq!(others.expect("count"), 1);
    run(
        &mut tx,
        "UPDATE user_account SET deleted_at = 1 WHERE username = 'three'",
    )
    .await;
    let others = users::active_holders(&mut tx, ADMIN_ROLE, Some(ids[0])).await;
    assert_eq!(others.expect("count"), 0);
}

pub(crate) async fn users_are_counted(site: &Site) {
    let mut conn = site.db.read().await.expect("conn");
    let none = users::count(&mut conn, UserId(0), &ALL).await;
    assert_eq!(none.expect("count"), (0, 0));
    drop(conn);
    let disabled = add(&site.db, &full("disabled")).await;
    let active = add_user(&site.db, "active").await;
    let gone = add_user(&site.db, "gone").await;
    let mut tx = site.db.begin().await.expect("begin");
    users::soft_delete(&mut tx, gone, None, NOW)
        .await
        .expect("delete");
    for (viewer, sight, expected) in [
        (active, &ALL, (2, 1)),
        (active, &Sight::own(), (1, 0)),
        (disabled, &Sight::own(), (1, 1)),
        (gone, &Sight::own(), (0, 0)),
    ] {
        let counted = users::count(&mut tx, viewer, sight).await;
        assert_eq!(counted.expect("count"), expected, "{viewer}");
    }
}

pub(crate) async fn ids_come_in_the_order_of_the_list(site: &Site) {
    let depts = add_depts(&site.db).await;
    let viewer = add_in(&site.db, "viewer", depts[0]).await;
    let second = add_in(&site.db, "b", depts[1]).await;
    let first = add_in(&site.db, "a", depts[1]).await;
    let role = add_role(&site.db, "reader", 1).await;
    give(&site.db, first, &[role]).await;
    let filter = UserFilter {
        sort: UserSort::Username,
        ..UserFilter::default()
    };
    let sight = Sight {
        scope: DataScope::Custom,
        depts: vec![depts[1]],
    };
    let mut conn = site.db.read().await.expect("conn");
    let all = users::ids(&mut conn, viewer, &ALL, &filter).await;
    assert_eq!(all.expect("ids"), [first, second, viewer]);
    let seen = users::ids(&mut conn, UserId(0), &sight, &filter).await;
    assert_eq!(seen.expect("ids"), [first, second]);
    drop(conn);
    let mut tx = site.db.begin().await.expect("begin");
    users::soft_delete(&mut tx, viewer, None, NOW)
        .await
        .expect("delete");
    let wanted = [second, viewer, first, UserId(4711)];
    let found = users::by_ids(&mut tx, &wanted).await.expect("users");
    let shown: Vec<_> = found
        .iter()
        .map(|u| (u.id, u.dept_id, u.roles.len()))
        .collect();
    let dept = Some(depts[1]);
    assert_eq!(shown, [(second, dept, 0), (first, dept, 1)]);
    let none = users::by_ids(&mut tx, &[]).await.expect("users");
    assert!(none.is_empty());
}

pub(crate) async fn taken_names_are_told(site: &Site) {
    add_user(&site.db, "Lin").await;
    let gone = add_user(&site.db, "gone").await;
    let mut tx = site.db.begin().await.expect("begin");
    users::soft_delete(&mut tx, gone, None, NOW)
        .await
        .expect("delete");
    let mut keys: Vec<String> = (0..1200).map(|n| format!("user{n}")).collect();
    keys.extend(["lin".to_owned(), "gone".to_owned()]);
    let taken = users::taken(&mut tx, &keys).await.expect("query");
    assert_eq!(taken.into_iter().collect::<Vec<_>>(), ["lin"]);
    let none = users::taken(&mut tx, &[]).await.expect("query");
    assert!(none.is_empty());
}
