//! Second factors, recovery codes and tickets.

use crate::site::{NOW, Site, add_user, later};
use menshen_domain::{PasskeyId, UserId};
use menshen_storage::StorageError;
use menshen_storage::passkeys::{self, Ceremony, NewPasskey, Ticket};
use menshen_storage::tickets::{self, TicketRow};
use menshen_storage::{Conn, second_factors};
use tokio::task::JoinSet;

async fn confirmed(conn: &mut Conn, user: UserId, sealed: &[u8]) -> i64 {
    second_factors::propose(conn, user, sealed, NOW)
        .await
        .expect("propose");
    let row = second_factors::proposed(conn, user).await.expect("query");
    let id = row.expect("a proposal").id;
    second_factors::confirm(conn, user, id, 100, NOW)
        .await
        .expect("confirm");
    id
}

pub(crate) async fn a_factor_counts_once_confirmed(site: &Site) {
    let (lin, han) = (
        add_user(&site.db, "lin").await,
        add_user(&site.db, "han").await,
    );
    let mut tx = site.db.begin().await.expect("begin");
    let on = async |tx: &mut Conn, user| second_factors::is_on(tx, user).await.expect("query");
    second_factors::propose(&mut tx, lin, &[0, 1, 255], NOW)
        .await
        .expect("propose");
    assert!(!on(&mut tx, lin).await);
    let none = second_factors::confirmed(&mut tx, lin).await;
    assert!(none.expect("query").is_none());
    let id = confirmed(&mut tx, lin, &[0, 2, 255]).await;
    assert!(on(&mut tx, lin).await && !on(&mut tx, han).await);
    let row = second_factors::confirmed(&mut tx, lin).await;
    let row = row.expect("query").expect("there");
    assert_eq!((row.id, row.secret_sealed), (id, vec![0, 2, 255]));
    assert_eq!((row.created_at, row.confirmed_at), (NOW.0, Some(NOW.0)));
    let second = confirmed(&mut tx, lin, b"new").await;
    let row = second_factors::confirmed(&mut tx, lin).await;
    assert_eq!(row.expect("query").expect("there").id, second);

    second_factors::propose(&mut tx, han, b"x", NOW)
        .await
        .expect("propose");
    second_factors::sweep(&mut tx, NOW).await.expect("sweep");
    let kept = second_factors::proposed(&mut tx, han).await;
    assert!(kept.expect("query").is_some());
    second_factors::sweep(&mut tx, later(1))
        .await
        .expect("sweep");
    let gone = second_factors::proposed(&mut tx, han).await;
    assert!(gone.expect("query").is_none());
    assert!(on(&mut tx, lin).await, "what is in force is not swept");

    let removed = second_factors::remove(&mut tx, lin).await;
    assert!(removed.expect("remove") && !on(&mut tx, lin).await);
    let removed = second_factors::remove(&mut tx, lin).await;
    assert!(!removed.expect("remove"), "only once");
}

pub(crate) async fn a_step_is_accepted_once_and_none_before_it(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    let mut tx = site.db.begin().await.expect("begin");
    let id = confirmed(&mut tx, user, b"x").await;
    for (step, good) in [
        (99, false),
        (100, false),
        (101, true),
        (101, false),
        (103, true),
        (102, false),
    ] {
        let done = second_factors::accept_step(&mut tx, id, step, NOW).await;
        assert_eq!(done.expect("query"), good, "step {step}");
    }
    tx.commit().await.expect("commit");
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let db = site.db.clone();
        tasks.spawn(async move {
            let mut tx = db.begin().await.expect("begin");
            let done = second_factors::accept_step(&mut tx, id, 104, NOW).await;
            tx.commit().await.expect("commit");
            usize::from(done.expect("query"))
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), 1);
}

pub(crate) async fn recovery_codes_are_spent_once(site: &Site) {
    let (lin, han) = (
        add_user(&site.db, "lin").await,
        add_user(&site.db, "han").await,
    );
    let mut tx = site.db.begin().await.expect("begin");
    let hashes = [vec![0, 1], vec![255, 0]];
    for user in [lin, han] {
        second_factors::set_recovery(&mut tx, user, &hashes, NOW)
            .await
            .expect("set");
    }
    let left =
        async |tx: &mut Conn, user| second_factors::recovery_left(tx, user).await.expect("n");
    for good in [true, false] {
        let done = second_factors::spend_recovery(&mut tx, lin, &hashes[0], later(1)).await;
        assert_eq!(done.expect("query"), good);
    }
    let unknown = second_factors::spend_recovery(&mut tx, lin, &[9], NOW).await;
    assert!(!unknown.expect("query"));
    assert_eq!((left(&mut tx, lin).await, left(&mut tx, han).await), (1, 2));
    second_factors::set_recovery(&mut tx, lin, &[vec![7]], NOW)
        .await
        .expect("set");
    assert_eq!(left(&mut tx, lin).await, 1);
    let old = second_factors::spend_recovery(&mut tx, lin, &hashes[1], NOW).await;
    assert!(!old.expect("query"), "void");
    second_factors::remove(&mut tx, lin).await.expect("remove");
    assert_eq!((left(&mut tx, lin).await, left(&mut tx, han).await), (0, 2));
}

fn ticket(id: &str, user: UserId) -> TicketRow {
    TicketRow {
        id: id.to_owned(),
        code_hash: vec![0, 1, 255],
        target_hash: vec![2],
        user_id: user.0,
        data: "{}".to_owned(),
        ip: "::1".to_owned(),
        created_at: NOW.0,
        expires_at: later(300).0,
    }
}

pub(crate) async fn a_ticket_has_its_tries_and_its_end(site: &Site) {
    let user = add_user(&site.db, "lin").await;
    let mut tx = site.db.begin().await.expect("begin");
    for id in ["a", "b", "c"] {
        tickets::insert(&mut tx, &ticket(id, user))
            .await
            .expect("insert");
    }
    let tries =
        async |tx: &mut Conn, id: &str, at| tickets::take_try(tx, id, 2, at).await.expect("query");
    let row = tries(&mut tx, "a", NOW).await.expect("good");
    assert_eq!((row.user_id, row.ip.as_str()), (user.0, "::1"));
    assert_eq!((row.code_hash, row.target_hash), (vec![0, 1, 255], vec![2]));
    assert_eq!((row.data.as_str(), row.expires_at), ("{}", later(300).0));
    assert!(tries(&mut tx, "a", later(299)).await.is_some());
    assert!(tries(&mut tx, "a", NOW).await.is_none(), "used up");
    assert!(tries(&mut tx, "b", later(300)).await.is_none(), "expired");
    assert!(tries(&mut tx, "x", NOW).await.is_none(), "unknown");
    for (id, whose) in [("a", Some(user)), ("x", None)] {
        let owner = tickets::owner(&mut tx, id).await.expect("query");
        assert_eq!(owner, whose, "{id}, used up or not");
    }
    tickets::spend(&mut tx, "b", NOW).await.expect("spend");
    assert!(tries(&mut tx, "b", NOW).await.is_none(), "spent");
    tickets::sweep(&mut tx, later(299)).await.expect("sweep");
    assert!(tries(&mut tx, "c", NOW).await.is_some());
    tickets::drop_all(&mut tx, user).await.expect("drop");
    assert!(tries(&mut tx, "c", NOW).await.is_none());
    tickets::insert(&mut tx, &ticket("d", user))
        .await
        .expect("insert");
    tickets::sweep(&mut tx, later(300)).await.expect("sweep");
    assert!(tries(&mut tx, "d", NOW).await.is_none());
}

fn passkey(user: UserId, hash: &[u8]) -> NewPasskey<'_> {
    NewPasskey {
        user,
        credential_hash: hash,
        name: "手机",
        credential_sealed: &[0, 1, 255],
    }
}

pub(crate) async fn a_passkey_comes_back_as_it_was_kept(site: &Site) {
    let (lin, han) = (
        add_user(&site.db, "lin").await,
        add_user(&site.db, "han").await,
    );
    let mut tx = site.db.begin().await.expect("begin");
    let id = passkeys::insert(&mut tx, &passkey(lin, b"one"), NOW).await;
    let id = id.expect("insert");
    let second = passkeys::insert(&mut tx, &passkey(lin, b"two"), NOW).await;
    let second = second.expect("insert");
    passkeys::insert(&mut tx, &passkey(han, b"three"), NOW)
        .await
        .expect("insert");
    let found = async |tx: &mut Conn, user, id| {
        let found = passkeys::find(tx, user, id).await;
        found.expect("query")
    };
    let row = found(&mut tx, lin, id).await.expect("there");
    assert_eq!((row.id, row.user_id), (id.0, lin.0));
    assert_eq!(row.name, "手机");
    assert_eq!(row.credential_sealed, [0, 1, 255]);
    assert_eq!((row.created_at, row.last_used_at), (NOW.0, None));
    assert!(found(&mut tx, han, id).await.is_none(), "it is lin's");
    assert!(found(&mut tx, lin, PasskeyId(999)).await.is_none());
    let by_credential = passkeys::by_credential(&mut tx, b"two").await;
    let by_credential = by_credential.expect("query").expect("there");
    assert_eq!(by_credential.id, second.0);
    let none = passkeys::by_credential(&mut tx, b"four").await;
    assert!(none.expect("query").is_none());

    passkeys::rename(&mut tx, id, "Key").await.expect("rename");
    passkeys::note_use(&mut tx, id, b"counted on", later(1))
        .await
        .expect("note");
    let row = found(&mut tx, lin, id).await.expect("there");
    assert_eq!(row.name, "Key");
    assert_eq!(row.credential_sealed, b"counted on");
    assert_eq!(row.last_used_at, Some(later(1).0));
    let ids = async |tx: &mut Conn, user| -> Vec<i64> {
        let rows = passkeys::list(tx, user).await.expect("list");
        rows.into_iter().map(|r| r.id).collect()
    };
    assert_eq!(ids(&mut tx, lin).await, [id.0, second.0]);
    passkeys::remove(&mut tx, id).await.expect("remove");
    assert_eq!(ids(&mut tx, lin).await, [second.0]);
    let gone = passkeys::remove_all(&mut tx, lin).await.expect("remove");
    assert_eq!((gone, ids(&mut tx, lin).await.len()), (1, 0));
    assert_eq!(ids(&mut tx, han).await.len(), 1);
    let taken = passkeys::insert(&mut tx, &passkey(lin, b"three"), NOW).await;
    assert!(matches!(taken, Err(StorageError::Unique(_))), "{taken:?}");
}

pub(crate) async fn users_without_any_factor_are_counted(site: &Site) {
    let (lin, han) = (
        add_user(&site.db, "lin").await,
        add_user(&site.db, "han").await,
    );
    add_user(&site.db, "mei").await;
    let mut tx = site.db.begin().await.expect("begin");
    let count = async |tx: &mut Conn| {
        let count = passkeys::users_without_factor(tx).await;
        count.expect("count")
    };
    assert_eq!(count(&mut tx).await, 3);
    second_factors::propose(&mut tx, han, b"x", NOW)
        .await
        .expect("propose");
    assert_eq!(count(&mut tx).await, 3, "not in force yet");
    confirmed(&mut tx, han, b"x").await;
    passkeys::insert(&mut tx, &passkey(lin, b"one"), NOW)
        .await
        .expect("insert");
    assert_eq!(count(&mut tx).await, 1);
}

pub(crate) async fn a_passkeys_ticket_is_taken_once_by_its_holder(site: &Site) {
    let lin = add_user(&site.db, "lin").await;
    let mut tx = site.db.begin().await.expect("begin");
    let ticket = |ceremony, user| Ticket {
        ceremony,
        hash: vec![0, 1, 255],
        holder_hash: vec![2],
        state: "state".to_owned(),
        user,
        ip: "192.0.2.1".to_owned(),
    };
    let enrolment = ticket(Ceremony::Enrolment, Some(lin));
    let sign_in = ticket(Ceremony::SignIn, None);
    for (id, ticket) in [("a", &enrolment), ("b", &sign_in), ("c", &sign_in)] {
        passkeys::insert_ticket(&mut tx, id, ticket, NOW, later(5))
            .await
            .expect("insert");
    }
    let take = async |tx: &mut Conn, ceremony, id: &str, hash: &[u8], holder: &[u8], at| {
        let taken = passkeys::take_ticket(tx, ceremony, id, hash, holder, at).await;
        taken.expect("query")
    };
    let (hash, holder) = ([0, 1, 255], [2]);
    for (ceremony, id, hash, holder, at) in [
        (Ceremony::SignIn, "a", &hash[..], &holder[..], NOW),
        (Ceremony::Enrolment, "z", &hash, &holder, NOW),
        (Ceremony::Enrolment, "a", &[9], &holder, NOW),
        (Ceremony::Enrolment, "a", &hash, &[9], NOW),
        (Ceremony::Enrolment, "a", &hash, &holder, later(5)),
    ] {
        let taken = take(&mut tx, ceremony, id, hash, holder, at).await;
        assert_eq!(taken, None);
    }
    let taken = take(&mut tx, Ceremony::Enrolment, "a", &hash, &holder, later(4)).await;
    assert_eq!(taken.as_deref(), Some("state"));
    let again = take(&mut tx, Ceremony::Enrolment, "a", &hash, &holder, NOW).await;
    assert_eq!(again, None, "only once");
    passkeys::sweep(&mut tx, later(4)).await.expect("sweep");
    let kept = take(&mut tx, Ceremony::SignIn, "b", &hash, &holder, NOW).await;
    assert_eq!(kept.as_deref(), Some("state"));
    passkeys::sweep(&mut tx, later(5)).await.expect("sweep");
    let swept = take(&mut tx, Ceremony::SignIn, "c", &hash, &holder, NOW).await;
    assert_eq!(swept, None);
}
