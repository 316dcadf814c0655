use super::Active;
use crate::Issued;
use crate::testing::Bench;
use secrecy::SecretString;
use std::time::Duration;

async fn of(bench: &Bench, token: &str) -> Option<Active> {
    let found = bench
        .services
        .introspection
        .of(token, &bench.client())
        .await;
    found.expect("answered")
}

async fn both(bench: &Bench, issued: &Issued) -> (bool, bool) {
    (
        of(bench, &issued.access.token).await.is_some(),
        of(bench, &issued.refresh).await.is_some(),
    )
}

#[tokio::test]
async fn tokens_of_ours_are_told() {
    let bench = Bench::sqlite().await;
    let lin = bench.user("lin").await;
    let issued = bench.sign_in("lin").await;
    match of(&bench, &issued.access.token).await {
        Some(Active::Access(claims, caller)) => {
            assert_eq!(*claims, issued.access.claims);
            assert_eq!(caller.id(), lin);
        }
        other => panic!("{other:?}"),
    }
    match of(&bench, &issued.refresh).await {
        Some(Active::Refresh(token)) => {
            assert_eq!((token.user_id, token.username.as_str()), (lin, "lin"));
            assert_eq!(token.session_id, issued.session_id);
            assert_eq!(token.expires_at, issued.refresh_expires_at);
        }
        other => panic!("{other:?}"),
    }
    for token in ["", "x", "a.b.c", "\0", &"x".repeat(5000)] {
        assert!(of(&bench, token).await.is_none(), "{token}");
    }
}

#[tokio::test]
async fn req33_what_was_revoked_is_inactive_at_once() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    let issued = bench.sign_in("lin").await;
    assert_eq!(both(&bench, &issued).await, (true, true));
    let caller = bench.by_token(&issued).await.expect("caller");
    bench.services.sessions.end(&caller).await.expect("ended");
    assert_eq!(both(&bench, &issued).await, (false, false));
    let again = bench.sign_in("lin").await;
    assert_eq!(both(&bench, &again).await, (true, true));
    // Whoever must choose a new password can use neither for anything else.
    let users = &bench.services.users;
    users.reset_password(&admin, lin).await.expect("reset");
    assert_eq!(both(&bench, &again).await, (false, false));
    users.delete(&admin, lin).await.expect("deleted");
    assert_eq!(both(&bench, &again).await, (false, false));
}

#[tokio::test]
async fn expired_and_replaced_tokens_are_inactive() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let first = bench.sign_in("lin").await;
    let (sessions, client) = (&bench.services.sessions, bench.client());
    let renewed = sessions.renew(&first.refresh, &client).await;
    let second = renewed.expect("renewed");
    // The answer may have been lost on its way.
    assert_eq!(both(&bench, &first).await, (true, true));
    assert_eq!(both(&bench, &second).await, (true, true));
    assert!(of(&bench, &first.refresh).await.is_none(), "replaced");
    bench.clock.forward(Duration::from_mins(16));
    assert_eq!(both(&bench, &second).await, (false, true));
    bench.clock.forward(Duration::from_hours(24 * 7));
    assert_eq!(both(&bench, &second).await, (false, false));
}

#[tokio::test]
async fn clients_are_known_by_their_secrets() {
    let bench = Bench::with(|s| {
        let clients = &mut s.introspection.clients;
        clients.insert(
            "gateway".into(),
            SecretString::from("a secret of some length"),
        );
        clients.insert("empty".into(), SecretString::from(""));
    })
    .await;
    let knows = |id, secret| bench.services.introspection.knows_client(id, secret);
    assert!(knows("gateway", "a secret of some length"));
    for (id, secret) in [
        ("gateway", ""),
        ("gateway", "a secret of some lengtH"),
        ("Gateway", "a secret of some length"),
        ("empty", ""),
        ("nobody", ""),
        ("", ""),
    ] {
        assert!(!knows(id, secret), "{id} {secret}");
    }
}
