use super::*;
use crate::testing::{Bench, fields, missing as lacking};
use menshen_domain::catalogue::PERM_ALTER;
use menshen_domain::role::NewRole;

const CODE: &str = "shop:order:list";

fn about(name: &str) -> About {
    About {
        name: Some(name.into()),
        ..About::default()
    }
}

fn with(key: &str, permissions: &[&str]) -> NewRole {
    NewRole {
        name: key.into(),
        key: key.into(),
        permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
        ..NewRole::default()
    }
}

#[tokio::test]
async fn a_code_is_added_changed_and_removed() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let permissions = &bench.services.permissions;
    let made = permissions.create(&admin, CODE, &about(" 订单 ")).await;
    let made = made.expect("added");
    assert_eq!(
        (made.name.zh.as_ref(), made.name.en.as_ref()),
        ("订单", "订单")
    );
    let all = permissions.catalogue().await.expect("query");
    assert_eq!(all.last(), Some(&made));
    let change = About {
        name: None,
        name_en: Some("Orders".into()),
        description: Some("of the shop".into()),
    };
    let changed = permissions.change(&admin, CODE, &change).await;
    let changed = changed.expect("changed");
    assert_eq!(changed.before, made);
    let changed = changed.after;
    assert_eq!(
        (changed.name.zh.as_ref(), changed.name.en.as_ref()),
        ("订单", "Orders")
    );
    assert_eq!(changed.description, "of the shop");
    permissions
        .delete(&admin, CODE, false)
        .await
        .expect("removed");
    assert_eq!(
        permissions.catalogue().await.expect("query").len(),
        all.len() - 1
    );
    for action in [
        "permission.create",
        "permission.update",
        "permission.delete",
    ] {
        let entries = bench.audit(action).await;
        assert_eq!(entries.len(), 1, "{action}");
        assert_eq!(entries[0].target_id.as_deref(), Some(CODE));
    }
    let entry = &bench.audit("permission.update").await[0];
    assert_eq!(entry.detail()["before"]["nameEn"], "订单");
    assert_eq!(entry.detail()["after"]["nameEn"], "Orders");
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let permissions = &bench.services.permissions;
    for bad in [
        "",
        "shop",
        "shop:*:list",
        "Shop:order:list",
        "a:b:c:d",
        "权:限:码",
    ] {
        let made = permissions.create(&admin, bad, &about("x")).await;
        assert_eq!(fields(&made.expect_err(bad)), ["code"]);
        let changed = permissions.update(&admin, bad, &about("x")).await;
        assert_eq!(fields(&changed.expect_err(bad)), ["code"]);
        let gone = permissions.delete(&admin, bad, true).await;
        assert_eq!(fields(&gone.expect_err(bad)), ["code"]);
    }
    for entry in catalogue::CATALOGUE {
        let made = permissions.create(&admin, entry.code, &about("x")).await;
        assert!(lacking(&made.expect_err("built in")).is_empty());
        let changed = permissions.update(&admin, entry.code, &about("x")).await;
        assert!(lacking(&changed.expect_err("built in")).is_empty());
        let gone = permissions.delete(&admin, entry.code, true).await;
        assert!(lacking(&gone.expect_err("built in")).is_empty());
    }
    let nameless = permissions.create(&admin, CODE, &About::default()).await;
    assert_eq!(fields(&nameless.expect_err("nameless")), ["name"]);
    let changed = permissions.update(&admin, CODE, &about("x")).await;
    assert_eq!(changed.expect_err("not there").kind, Kind::NotFound);
    let gone = permissions.delete(&admin, CODE, true).await;
    assert_eq!(gone.expect_err("not there").kind, Kind::NotFound);
    permissions
        .create(&admin, CODE, &about("x"))
        .await
        .expect("added");
    let again = permissions.create(&admin, CODE, &about("x")).await;
    assert_eq!(again.expect_err("there").kind, Kind::Conflict);
}

#[tokio::test]
async fn a_code_that_roles_grant_is_removed_only_by_force() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let services = &bench.services;
    services
        .permissions
        .create(&admin, CODE, &about("x"))
        .await
        .expect("added");
    let exact = services.roles.create(&admin, with("exact", &[CODE])).await;
    let exact = exact.expect("role").id;
    let wide = services
        .roles
        .create(&admin, with("wide", &["shop:*:*"]))
        .await;
    let wide = wide.expect("role").id;
    let lin = bench.user("lin").await;
    services
        .users
        .bind(&admin, lin, vec![exact])
        .await
        .expect("bound");
    let issued = bench.sign_in("lin").await;
    assert!(bench.by_token(&issued).await.expect("caller").may(CODE));
    let error = services.permissions.delete(&admin, CODE, false).await;
    let error = error.expect_err("granted");
    assert_eq!(error.kind, Kind::Conflict);
    assert!(
        error.text.en.starts_with("1 "),
        "the pattern does not count: {error}"
    );
    services
        .permissions
        .delete(&admin, CODE, true)
        .await
        .expect("forced");
    // At once, in memory too.
    assert!(!bench.by_token(&issued).await.expect("caller").may(CODE));
    let left = services.roles.get(&admin, exact).await.expect("there");
    assert!(left.permissions.is_empty());
    let kept = services.roles.get(&admin, wide).await.expect("there");
    assert_eq!(kept.permissions, ["shop:*:*"]);
    let entry = &bench.audit("permission.delete").await[0];
    assert_eq!(entry.detail()["before"]["roleIds"], json!([exact]));
}

/// Whoever writes the catalogue is given nothing by that, and can give nothing away.
#[tokio::test]
async fn req46_a_new_code_is_granted_by_nobody_who_lacks_it() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let services = &bench.services;
    let held = [PERM_ALTER, "system:role:*"];
    let clerk = bench.with_permissions(&admin, "clerk", &held).await;
    services
        .permissions
        .create(&clerk, CODE, &about("x"))
        .await
        .expect("added");
    for wanted in [CODE, "shop:order:*", "*:order:*"] {
        let error = services.roles.create(&clerk, with("r", &[wanted])).await;
        assert_eq!(lacking(&error.expect_err(wanted)), [wanted]);
    }
    assert!(!bench.caller("clerk").await.may(CODE));
    let made = services.roles.create(&admin, with("r", &[CODE])).await;
    made.expect("by one who holds everything");
    let info = services.users.info(&admin, None).await.expect("info");
    assert!(info.permissions.iter().any(|p| p == CODE));
}

#[tokio::test]
async fn the_catalogue_tells_what_hangs_on_a_code() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let permissions = &bench.services.permissions;
    permissions
        .create(&admin, CODE, &about("订单"))
        .await
        .expect("added");
    let roles = &bench.services.roles;
    for role in [with("exact", &[CODE]), with("wild", &["shop:*:*"])] {
        roles.create(&admin, role).await.expect("role");
    }
    let all = permissions.listed(&admin).await.expect("query");
    let find = |code: &str| all.iter().find(|l| l.code == code).expect("listed");
    let own = find(CODE);
    assert!(!own.builtin && own.guards.is_empty());
    assert_eq!(own.exact, 1);
    let granting = own.roles.as_ref().expect("shown");
    let told: Vec<(&str, &str)> = granting
        .iter()
        .map(|g| (g.role.key.as_str(), g.pattern.as_str()))
        .collect();
    assert_eq!(
        told,
        [("exact", CODE), ("wild", "shop:*:*"), ("admin", "*:*:*")]
    );
    let builtin = find(PERM_ALTER);
    assert!(builtin.builtin && builtin.description.is_empty());
    assert!(builtin.guards.contains(&"PUT /perm".to_owned()));
}
