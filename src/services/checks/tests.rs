use super::Verdict;
use crate::Caller;
use crate::testing::{Bench, fields, missing};
use menshen_domain::role::{RoleChange, Status};
use menshen_domain::user::UserChange;
use menshen_domain::{Kind, Lang};

async fn ask(bench: &Bench, caller: &Caller, who: Option<&str>, code: &str) -> Verdict {
    let checks = &bench.services.checks;
    let found = checks.ask(caller, who, &[code.to_owned()]).await;
    let mut found = found.expect("answered");
    assert_eq!(found.len(), 1);
    let one = found.remove(0);
    assert_eq!(one.permission, code);
    one
}

#[tokio::test]
async fn the_answer_names_roles_and_patterns() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    let one = bench.role(&admin, "readers", &["system:user:*"]).await;
    let two = bench
        .role(&admin, "writers", &["system:user:list", "system:role:list"])
        .await;
    let users = &bench.services.users;
    users
        .bind(&admin, lin, vec![one, two])
        .await
        .expect("bound");
    let caller = bench.caller("lin").await;
    let both = ask(&bench, &caller, None, "system:user:list").await;
    assert!(both.allowed);
    let english = both.because.get(Lang::En);
    assert!(english.contains("(readers, system:user:*)"), "{english}");
    assert!(english.contains("(writers, system:user:list)"), "{english}");
    assert!(
        both.because
            .get(Lang::Zh)
            .contains("readers，system:user:*")
    );
    let none = ask(&bench, &caller, None, "system:dept:list").await;
    assert!(!none.allowed);
    assert!(none.because.get(Lang::En).contains("No role"));
    // Codes of other services are asked for like ours.
    assert!(
        !ask(&bench, &caller, None, "shop:order:refund")
            .await
            .allowed
    );
    assert!(ask(&bench, &admin, None, "shop:order:refund").await.allowed);
    for (code, allowed) in [("system:user:add", true), ("system:role:list", true)] {
        assert_eq!(caller.may(code), allowed);
        assert_eq!(ask(&bench, &caller, None, code).await.allowed, allowed);
    }
    let off = RoleChange {
        status: Some(Status::Disabled),
        ..RoleChange::default()
    };
    bench
        .services
        .roles
        .update(&admin, two, off)
        .await
        .expect("disabled");
    let off = ask(&bench, &caller, None, "system:role:list").await;
    assert!(!off.allowed);
    assert!(off.because.get(Lang::En).contains("disabled"), "{off:?}");
    assert!(off.because.get(Lang::En).contains("writers"), "{off:?}");
}

#[tokio::test]
async fn req46_others_are_asked_for_by_permission_and_in_sight() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    let caller = bench.caller("lin").await;
    let checks = &bench.services.checks;
    let codes = ["system:user:list".to_owned()];
    let refused = checks.ask(&caller, Some("root"), &codes).await;
    assert_eq!(
        missing(&refused.expect_err("refused")),
        ["system:user:query"]
    );
    assert!(!ask(&bench, &caller, Some("LIN"), &codes[0]).await.allowed);
    let unknown = checks.ask(&admin, Some("nobody"), &codes).await;
    assert_eq!(unknown.expect_err("unknown").kind, Kind::NotFound);
    let helper = bench
        .with_permissions(&admin, "helper", &["system:user:query"])
        .await;
    assert!(ask(&bench, &helper, Some("root"), &codes[0]).await.allowed);
    bench.narrow_role(&admin, "only-helper", "5").await;
    let helper = bench.caller("helper").await;
    let hidden = checks.ask(&helper, Some("root"), &codes).await;
    assert_eq!(hidden.expect_err("out of sight").kind, Kind::NotFound);
    // Somebody who can't sign in may do nothing.
    let role = bench.role(&admin, "readers", &["system:user:list"]).await;
    let users = &bench.services.users;
    users.bind(&admin, lin, vec![role]).await.expect("bound");
    assert!(ask(&bench, &admin, Some("lin"), &codes[0]).await.allowed);
    users.reset_password(&admin, lin).await.expect("reset");
    let due = ask(&bench, &admin, Some("lin"), &codes[0]).await;
    assert!(!due.allowed && due.because.get(Lang::En).contains("password"));
    let off = UserChange {
        status: Some(Status::Disabled),
        ..UserChange::default()
    };
    users.update(&admin, lin, off).await.expect("disabled");
    let off = ask(&bench, &admin, Some("lin"), &codes[0]).await;
    assert!(!off.allowed && off.because.get(Lang::En).contains("disabled"));
}

#[tokio::test]
async fn what_is_asked_for_must_be_a_code() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let checks = &bench.services.checks;
    for wrong in [
        "",
        "system:user",
        "system:*:list",
        "*:*:*",
        "a:b:c:d",
        "A:b:c",
    ] {
        let refused = checks.ask(&admin, None, &[wrong.to_owned()]).await;
        let refused = refused.expect_err("no code");
        assert_eq!(refused.kind, Kind::Invalid);
        assert_eq!(fields(&refused), ["permission"]);
    }
    assert!(checks.ask(&admin, None, &[]).await.is_err());
    let many = vec!["a:b:c".to_owned(); 201];
    assert!(checks.ask(&admin, None, &many).await.is_err());
    let several = checks
        .ask(&admin, None, &many[..200])
        .await
        .expect("answered");
    assert_eq!(several.len(), 200);
}

#[tokio::test]
async fn every_permission_names_the_roles_that_grant_it() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let wide = bench.role(&admin, "wide", &["system:role:*"]).await;
    let exact = bench.role(&admin, "exact", &["system:role:list"]).await;
    let asleep = bench.role(&admin, "asleep", &["system:user:list"]).await;
    let off = menshen_domain::role::RoleChange {
        status: Some(Status::Disabled),
        ..Default::default()
    };
    let lin = bench.user("lin").await;
    let services = &bench.services;
    let bound = services.users.bind(&admin, lin, vec![wide, exact, asleep]);
    bound.await.expect("bound");
    services
        .roles
        .update(&admin, asleep, off)
        .await
        .expect("off");

    let all = services.checks.granted(&admin, lin).await.expect("granted");
    let of = |code: &str| {
        let one = all.iter().find(|g| g.code == code).expect(code);
        let by = one
            .by
            .iter()
            .map(|by| (by.role.key.as_str(), by.pattern.as_str()));
        (one.counts(), by.collect::<Vec<_>>())
    };
    let both = vec![("wide", "system:role:*"), ("exact", "system:role:list")];
    assert_eq!(of("system:role:list"), (true, both));
    assert_eq!(
        of("system:role:add"),
        (true, vec![("wide", "system:role:*")])
    );
    assert_eq!(
        of("system:user:list"),
        (false, vec![("asleep", "system:user:list")])
    );
    assert!(!all.iter().any(|g| g.code == "system:user:add"));

    let stranger = bench.with_permissions(&admin, "stranger", &[]).await;
    services
        .checks
        .granted(&stranger, stranger.id())
        .await
        .expect("her own");
    let refused = services.checks.granted(&stranger, lin).await;
    refused.expect_err("somebody else's");
}
