//! Codes sent to phones, identities elsewhere, and the names that open an account.

use crate::site::{NOW, Site, later};
use menshen_domain::UserId;
use menshen_storage::identities::{self, Identity};
use menshen_storage::sms_codes::{self, NewCode};
use menshen_storage::users::{self, Account, Claim};
use menshen_storage::{Conn, StorageError};
use tokio::task::JoinSet;

fn code(id: &str, target: &[u8]) -> NewCode {
    NewCode {
        id: id.to_owned(),
        purpose: "sms_login".to_owned(),
        target_hash: target.to_vec(),
        code_hash: vec![0, 1, 255],
        ip: "192.0.2.1".to_owned(),
        created_at: NOW,
        expires_at: later(300),
    }
}

async fn try_once(conn: &mut Conn, target: &[u8], seconds: i64) -> Option<String> {
    sms_codes::try_once(conn, "sms_login", target, 5, later(seconds))
        .await
        .expect("tried")
        .map(|(id, hash)| {
            assert_eq!(hash, [0, 1, 255]);
            id
        })
}

pub(crate) async fn a_code_is_replaced_and_swept(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    for new in [code("a", b"one"), code("b", b"two"), code("c", b"one")] {
        sms_codes::replace(&mut tx, &new).await.expect("kept");
    }
    assert_eq!(try_once(&mut tx, b"one", 0).await.as_deref(), Some("c"));
    assert_eq!(try_once(&mut tx, b"two", 0).await.as_deref(), Some("b"));
    assert_eq!(try_once(&mut tx, b"three", 0).await, None);
    let other = sms_codes::try_once(&mut tx, "other", b"one", 5, NOW).await;
    assert_eq!(other.expect("tried"), None, "for another purpose");
    assert_eq!(try_once(&mut tx, b"one", 300).await, None, "expired");
    sms_codes::sweep(&mut tx, later(299)).await.expect("swept");
    assert!(try_once(&mut tx, b"one", 0).await.is_some());
    sms_codes::sweep(&mut tx, later(300)).await.expect("swept");
    assert_eq!(try_once(&mut tx, b"one", 0).await, None);
}

pub(crate) async fn tries_of_a_code_are_counted_in_parallel(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    sms_codes::replace(&mut tx, &code("a", b"one"))
        .await
        .expect("kept");
    tx.commit().await.expect("commit");
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let db = site.db.clone();
        tasks.spawn(async move {
            let mut tx = db.begin().await.expect("begin");
            let tried = try_once(&mut tx, b"one", 0).await;
            tx.commit().await.expect("commit");
            usize::from(tried.is_some())
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), 5);
}

pub(crate) async fn a_code_is_spent_once(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    sms_codes::replace(&mut tx, &code("a", b"one"))
        .await
        .expect("kept");
    assert!(sms_codes::spend(&mut tx, "a", NOW).await.expect("spent"));
    assert!(!sms_codes::spend(&mut tx, "a", NOW).await.expect("spent"));
    assert!(!sms_codes::spend(&mut tx, "z", NOW).await.expect("spent"));
    assert_eq!(try_once(&mut tx, b"one", 0).await, None);
}

async fn account(conn: &mut Conn, account: Account) -> UserId {
    let account = Account {
        sex: "2".to_owned(),
        ..account
    };
    users::insert(conn, &account, None, false, None, NOW)
        .await
        .expect("inserted")
}

fn named(username: &str) -> Account {
    Account {
        username: username.to_owned(),
        user_code: format!("u{username}"),
        ..Account::default()
    }
}

pub(crate) async fn an_identity_is_bound_once(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    let lin = account(&mut tx, named("lin")).await;
    let identity = Identity {
        provider: "wecom".to_owned(),
        app_id: "corp".to_owned(),
        subject: "lin".to_owned(),
        ..Identity::default()
    };
    let find = async |conn: &mut Conn, identity: &Identity| {
        identities::find(conn, identity).await.expect("asked")
    };
    assert_eq!(find(&mut tx, &identity).await, None);
    identities::bind(&mut tx, &identity, lin, NOW)
        .await
        .expect("bound");
    let bound = find(&mut tx, &identity).await.expect("there");
    assert_eq!(bound.user_id, lin.0);
    for other in [
        Identity {
            provider: "wechat_mini".to_owned(),
            ..identity.clone()
        },
        Identity {
            app_id: "other".to_owned(),
            ..identity.clone()
        },
        Identity {
            subject: "han".to_owned(),
            ..identity.clone()
        },
    ] {
        assert_eq!(find(&mut tx, &other).await, None, "{other:?}");
    }
    let told = Identity {
        union_id: Some("union".to_owned()),
        display_name: "林".to_owned(),
        ..identity.clone()
    };
    identities::note_use(&mut tx, bound.id, &told, later(1))
        .await
        .expect("noted");
    // What is not told again is kept.
    identities::note_use(&mut tx, bound.id, &identity, later(2))
        .await
        .expect("noted");
    let (union, used): (String, i64) =
        sqlx::query_as("SELECT union_id, last_used_at FROM external_identity")
            .fetch_one(&mut *tx)
            .await
            .expect("a row");
    assert_eq!((union.as_str(), used), ("union", later(2).0));
    tx.commit().await.expect("commit");
    let mut tx = site.db.begin().await.expect("begin");
    let again = identities::bind(&mut tx, &identity, lin, NOW).await;
    assert!(matches!(again, Err(e @ StorageError::Unique(_)) if e.is_unique("subject")));
    drop(tx);
    let mut tx = site.db.begin().await.expect("begin");
    identities::unbind(&mut tx, bound.id).await.expect("let go");
    assert_eq!(find(&mut tx, &identity).await, None);
}

const SPELLINGS: [&str; 4] = [
    "13800000000",
    "+8613800000000",
    "008613800000000",
    "8613800000000",
];

pub(crate) async fn the_strongest_claim_comes_first(site: &Site) {
    let spellings = SPELLINGS.map(str::to_owned);
    let mut tx = site.db.begin().await.expect("begin");
    let told = account(
        &mut tx,
        Account {
            phone: Some(SPELLINGS[1].to_owned()),
            ..named("told")
        },
    );
    let told = told.await;
    let name = account(&mut tx, named(SPELLINGS[0])).await;
    let by_code = Account {
        user_code: SPELLINGS[0].to_owned(),
        ..named("code")
    };
    let by_code = account(&mut tx, by_code).await;
    let proved = Account {
        phone: Some(SPELLINGS[2].to_owned()),
        phone_verified: true,
        ..named("proved")
    };
    let proved = account(&mut tx, proved).await;
    let claims = async |conn: &mut Conn, typed: &str, phones: &[String; 4]| {
        let found = users::for_login_code(conn, typed, phones).await;
        let found = found.expect("asked").into_iter();
        found
            .map(|(claim, row)| (claim, UserId(row.id)))
            .collect::<Vec<_>>()
    };
    let found = claims(&mut tx, SPELLINGS[0], &spellings).await;
    assert_eq!(
        found,
        [
            (Claim::Proved, proved),
            (Claim::UserCode, by_code),
            (Claim::Username, name)
        ]
    );
    for id in [proved, by_code, name] {
        users::soft_delete(&mut tx, id, None, NOW)
            .await
            .expect("deleted");
    }
    let found = claims(&mut tx, SPELLINGS[0], &spellings).await;
    assert_eq!(found, [(Claim::Told, told)]);
    // Mail, in any letter case.
    let mail = Account {
        email: Some("Lin@Example.com".to_owned()),
        ..named("mail")
    };
    let mail = account(&mut tx, mail).await;
    let none = ["x", "x", "x", "x"].map(str::to_owned);
    let found = claims(&mut tx, " lin@example.COM", &none).await;
    assert_eq!(found, [(Claim::Told, mail)]);
    assert!(claims(&mut tx, "nobody", &none).await.is_empty());
    assert_eq!(
        users::type_of(&mut tx, mail)
            .await
            .expect("asked")
            .as_deref(),
        Some("user")
    );
    assert_eq!(users::type_of(&mut tx, name).await.expect("asked"), None);
}

pub(crate) async fn of_what_was_told_the_first_counts(site: &Site) {
    let spellings = SPELLINGS.map(str::to_owned);
    let mut tx = site.db.begin().await.expect("begin");
    let telling = |name: &str, phone: &str| Account {
        phone: Some(phone.to_owned()),
        email: Some(format!("{phone}@example.com")),
        ..named(name)
    };
    let insert = async |conn: &mut Conn, account: Account, by, seconds| {
        let account = Account {
            sex: "2".to_owned(),
            ..account
        };
        let made = users::insert(conn, &account, None, false, by, later(seconds)).await;
        made.expect("inserted")
    };
    let old = insert(&mut tx, named("old"), None, 0).await;
    let vera = insert(&mut tx, telling("vera", SPELLINGS[0]), None, 1).await;
    let mallory = insert(&mut tx, named(SPELLINGS[0]), None, 2).await;
    let tell = async |conn: &mut Conn, name: &str, phone: &str, id, seconds| {
        let account = Account {
            sex: "2".to_owned(),
            ..telling(name, phone)
        };
        let done = users::update(conn, id, &account, None, later(seconds)).await;
        done.expect("told");
    };
    let first = async |conn: &mut Conn| {
        let found = users::for_login_code(conn, SPELLINGS[0], &spellings).await;
        let found = found.expect("asked");
        found.first().map(|(_, row)| UserId(row.id))
    };
    tell(&mut tx, "old", SPELLINGS[1], old, 3).await;
    assert_eq!(first(&mut tx).await, Some(vera));
    // What is written back as it was is told no later.
    tell(&mut tx, "vera", SPELLINGS[0], vera, 4).await;
    assert_eq!(first(&mut tx).await, Some(vera));
    tell(&mut tx, "vera", "13900000000", vera, 5).await;
    assert_eq!(first(&mut tx).await, Some(mallory));
    users::soft_delete(&mut tx, mallory, None, NOW)
        .await
        .expect("deleted");
    tell(&mut tx, "vera", SPELLINGS[0], vera, 6).await;
    assert_eq!(first(&mut tx).await, Some(old));
    // A name that an administrator gave is its owner's, whoever told the number before.
    let given = Account {
        user_code: "ugiven".to_owned(),
        ..named(SPELLINGS[0])
    };
    let given = insert(&mut tx, given, Some(old), 7).await;
    assert_eq!(first(&mut tx).await, Some(given));
    // Mail likewise.
    let mail = format!("{}@example.com", SPELLINGS[0]);
    let none = ["x", "x", "x", "x"].map(str::to_owned);
    let late = insert(&mut tx, telling("late", SPELLINGS[0]), None, 8).await;
    let found = users::for_login_code(&mut tx, &mail, &none).await;
    let found: Vec<UserId> = found
        .expect("asked")
        .iter()
        .map(|(_, row)| UserId(row.id))
        .collect();
    assert_eq!(found, [vera, late]);
}

pub(crate) async fn a_proved_number_is_found_and_taken_from_others(site: &Site) {
    let spellings = SPELLINGS.map(str::to_owned);
    let mut tx = site.db.begin().await.expect("begin");
    let with = |name: &str, phone: &str, verified| Account {
        phone: Some(phone.to_owned()),
        phone_verified: verified,
        ..named(name)
    };
    let a = account(&mut tx, with("a", SPELLINGS[0], false)).await;
    let b = account(&mut tx, with("b", SPELLINGS[3], false)).await;
    let other = account(&mut tx, with("c", "13800000001", false)).await;
    assert!(
        users::holder_of_phone(&mut tx, &spellings)
            .await
            .expect("asked")
            .is_none()
    );
    let holder = account(&mut tx, with("d", SPELLINGS[1], true)).await;
    let found = users::holder_of_phone(&mut tx, &spellings)
        .await
        .expect("asked");
    assert_eq!(found.map(|row| row.id), Some(holder.0));
    let mut lapsed = users::lapse_phone(&mut tx, &spellings, holder)
        .await
        .expect("done");
    lapsed.sort_unstable();
    assert_eq!(lapsed, [a, b]);
    for (id, phone) in [
        (a, None),
        (b, None),
        (other, Some("13800000001")),
        (holder, Some(SPELLINGS[1])),
    ] {
        let user = users::find(&mut tx, id)
            .await
            .expect("asked")
            .expect("there");
        assert_eq!(user.phone.as_deref(), phone);
    }
}
