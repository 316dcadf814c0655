use super::*;
use crate::outside::Asking;
use crate::settings::{CaptchaMode, RegistrationMode};
use crate::testing::{Bench, OTHER_PASSWORD, PASSWORD, fields};
use crate::{Outside, Settings};
use menshen_domain::role::Status;
use menshen_domain::user::{User, UserChange};
use menshen_storage::users::Account;
use std::collections::HashMap;
use std::sync::Mutex;
use tokio::sync::Notify;

const PHONE: &str = "15578906770";

fn never(s: &mut Settings) {
    s.captcha.mode = CaptchaMode::Never;
}

/// A vendor whose codes are written down beforehand.
#[derive(Debug, Default)]
struct Codes(Mutex<HashMap<String, Option<OutsideIdentity>>>);

impl Codes {
    fn good(&self, code: &str, identity: OutsideIdentity) {
        let mut codes = self.0.lock().expect("codes");
        codes.insert(code.to_owned(), Some(identity));
    }

    /// From now on the vendor fails for this code.
    fn broken(&self, code: &str) {
        self.0.lock().expect("codes").insert(code.to_owned(), None);
    }
}

impl IdentityProvider for Codes {
    fn identify<'a>(
        &'a self,
        code: &'a str,
        phone_code: Option<&'a str>,
    ) -> Asking<'a, OutsideIdentity> {
        let known = self.0.lock().expect("codes").get(code).cloned();
        let told = match known {
            Some(Some(identity)) => Ok(OutsideIdentity {
                // The vendor tells a number only for its own code.
                phone: identity.phone.filter(|_| phone_code.is_some()),
                ..identity
            }),
            Some(None) => Err(Error::new(Kind::Upstream, "微信故障", "WeChat failed")),
            None => Err(Error::new(
                Kind::Credentials,
                "登录码无效",
                "The code is no good",
            )),
        };
        Box::pin(std::future::ready(told))
    }

    fn probe(&self) -> Asking<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A vendor that answers when it is let.
#[derive(Debug, Default)]
struct Slow {
    asked: Notify,
    let_go: Notify,
}

impl IdentityProvider for Slow {
    fn identify<'a>(
        &'a self,
        code: &'a str,
        _phone_code: Option<&'a str>,
    ) -> Asking<'a, OutsideIdentity> {
        Box::pin(async move {
            self.asked.notify_one();
            self.let_go.notified().await;
            Ok(somebody(code))
        })
    }

    fn probe(&self) -> Asking<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

fn somebody(subject: &str) -> OutsideIdentity {
    OutsideIdentity {
        app_id: "app".into(),
        subject: subject.into(),
        name: "小林".into(),
        avatar: "https://example.com/a.png".into(),
        ..OutsideIdentity::default()
    }
}

async fn bench(change: impl FnOnce(&mut Settings)) -> (Bench, Arc<Codes>) {
    let codes = Arc::new(Codes::default());
    let outside = Outside {
        wechat_mini: Some(codes.clone()),
        wecom: Some(codes.clone()),
        ..Outside::default()
    };
    (Bench::with_outside(outside, change).await, codes)
}

fn shown(code: &str) -> VendorCode {
    VendorCode {
        code: code.into(),
        ..VendorCode::default()
    }
}

async fn enter(
    bench: &Bench,
    caller: Option<&Caller>,
    vendor: Vendor,
    shown: VendorCode,
) -> Result<UserId> {
    let sign_in = &bench.services.sign_in;
    let issued = sign_in
        .by_vendor(&bench.client(), caller, vendor, shown)
        .await?;
    Ok(issued.user_id)
}

async fn stored(bench: &Bench, id: UserId) -> User {
    let mut conn = bench.db.read().await.expect("conn");
    let user = users::find(&mut conn, id).await;
    user.expect("query").expect("there")
}

async fn set_phone(bench: &Bench, id: UserId, phone: &str, verified: bool) {
    let account = Account {
        phone: Some(phone.to_owned()),
        phone_verified: verified,
        ..Account::from(&stored(bench, id).await)
    };
    let mut tx = bench.db.begin().await.expect("begin");
    users::update(&mut tx, id, &account, None, bench.services.now())
        .await
        .expect("written");
    tx.commit().await.expect("commit");
}

async fn count(bench: &Bench, table: &'static str) -> i64 {
    let mut conn = bench.db.read().await.expect("conn");
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let (n,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .fetch_one(&mut *conn)
        .await
        .expect("count");
    n
}

#[tokio::test]
async fn an_identity_seen_for_the_first_time_makes_an_account() {
    let (bench, codes) = bench(never).await;
    codes.good("c1", somebody("openid-1"));
    let id = enter(&bench, None, Vendor::WechatMini, shown("c1"))
        .await
        .expect("in");
    let user = stored(&bench, id).await;
    assert_eq!(user.nickname, "小林");
    assert_eq!(user.avatar, "https://example.com/a.png");
    assert_eq!(user.username, user.user_code);
    assert_eq!(user.phone, None);
    let again = enter(&bench, None, Vendor::WechatMini, shown("c1"))
        .await
        .expect("in");
    assert_eq!(again, id);
    assert_eq!(count(&bench, "external_identity").await, 1);
    let bound = bench.audit("user.bind_identity").await;
    assert_eq!(bound.len(), 1);
    assert_eq!(bound[0].detail()["provider"], "wechat_mini");
    let audit = bench.whole_audit().await;
    assert!(
        !audit.contains("openid-1") && !audit.contains("c1 "),
        "{audit}"
    );
}

#[tokio::test]
async fn req26_the_key_is_provider_app_and_subject() {
    let (bench, codes) = bench(never).await;
    codes.good("c1", somebody("same"));
    codes.good(
        "c2",
        OutsideIdentity {
            app_id: "app2".into(),
            ..somebody("same")
        },
    );
    codes.good("c3", somebody("other"));
    let mut ids = std::collections::BTreeSet::new();
    for (vendor, code) in [
        (Vendor::WechatMini, "c1"),
        (Vendor::Wecom, "c1"),
        (Vendor::WechatMini, "c2"),
        (Vendor::WechatMini, "c3"),
    ] {
        ids.insert(enter(&bench, None, vendor, shown(code)).await.expect("in"));
    }
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn a_claimed_number_is_noted_and_opens_nothing() {
    let (bench, codes) = bench(never).await;
    let lin = bench.user("lin").await;
    set_phone(&bench, lin, PHONE, true).await;
    codes.good("c1", somebody("mallory"));
    let claim = VendorCode {
        phone: Some(PHONE.into()),
        ..shown("c1")
    };
    let id = enter(&bench, None, Vendor::WechatMini, claim)
        .await
        .expect("in");
    assert_ne!(id, lin);
    let user = stored(&bench, id).await;
    assert_eq!(
        (user.phone.as_deref(), user.phone_verified),
        (Some(PHONE), false)
    );
    assert!(stored(&bench, lin).await.phone_verified);
    // What is no number is left out.
    codes.good("c2", somebody("other"));
    let claim = VendorCode {
        phone: Some("手机号码".into()),
        ..shown("c2")
    };
    let id = enter(&bench, None, Vendor::WechatMini, claim)
        .await
        .expect("in");
    assert_eq!(stored(&bench, id).await.phone, None);
}

#[tokio::test]
async fn a_number_that_the_vendor_vouches_for_is_proof() {
    let (bench, codes) = bench(never).await;
    let (lin, mallory) = (bench.user("lin").await, bench.user("mallory").await);
    set_phone(&bench, lin, PHONE, true).await;
    set_phone(&bench, mallory, "15500000000", false).await;
    let with = |phone: &str| OutsideIdentity {
        phone: Some(phone.into()),
        ..somebody(phone)
    };
    codes.good("c1", with("+8615578906770"));
    codes.good("c2", with("15500000000"));
    let proof = |code: &str| VendorCode {
        phone_code: Some("p".into()),
        ..shown(code)
    };
    let id = enter(&bench, None, Vendor::WechatMini, proof("c1"))
        .await
        .expect("in");
    assert_eq!(id, lin, "who holds it proved");
    // Who only told it loses it to the newcomer who has proved it.
    let id = enter(&bench, None, Vendor::WechatMini, proof("c2"))
        .await
        .expect("in");
    assert_ne!(id, mallory);
    let user = stored(&bench, id).await;
    assert_eq!(
        (user.phone.as_deref(), user.phone_verified),
        (Some("15500000000"), true)
    );
    assert_eq!(stored(&bench, mallory).await.phone, None);
}

#[tokio::test]
async fn whoever_is_signed_in_binds_her_own() {
    let (bench, codes) = bench(never).await;
    let lin = bench.user("lin").await;
    let caller = bench.caller("lin").await;
    codes.good("c1", somebody("openid"));
    let id = enter(&bench, Some(&caller), Vendor::Wecom, shown("c1"))
        .await
        .expect("in");
    assert_eq!(id, lin);
    let id = enter(&bench, None, Vendor::Wecom, shown("c1"))
        .await
        .expect("in");
    assert_eq!(id, lin, "from now on without");
    // What is bound already stays where it is.
    bench.user("han").await;
    let han = bench.caller("han").await;
    let id = enter(&bench, Some(&han), Vendor::Wecom, shown("c1"))
        .await
        .expect("in");
    assert_eq!(id, lin);
    let bound = bench.audit("user.bind_identity").await;
    assert_eq!(bound.len(), 1);
    assert_eq!(bound[0].actor_id, Some(lin.0));
}

#[tokio::test]
async fn req33_a_session_that_ends_while_the_vendor_is_asked_binds_nothing() {
    let slow = Arc::new(Slow::default());
    let outside = Outside {
        wecom: Some(slow.clone()),
        ..Outside::default()
    };
    let bench = Bench::with_outside(outside, never).await;
    let admin = bench.admin().await;
    let services = &bench.services;
    for how in ["changed", "disabled", "deleted"] {
        let id = bench.user(how).await;
        let caller = bench.caller(how).await;
        let ended = async {
            slow.asked.notified().await;
            let disable = UserChange {
                status: Some(Status::Disabled),
                ..UserChange::default()
            };
            let (sign_in, users) = (&services.sign_in, &services.users);
            let done = match how {
                "changed" => {
                    let changing = sign_in.change_password(&caller, PASSWORD, OTHER_PASSWORD);
                    changing.await
                }
                "disabled" => users.update(&admin, id, disable).await.map(drop),
                _ => users.delete(&admin, id).await,
            };
            done.expect("her session has ended");
            slow.let_go.notify_one();
        };
        let entering = enter(&bench, Some(&caller), Vendor::Wecom, shown(how));
        let (done, ()) = tokio::join!(entering, ended);
        assert_eq!(done.expect_err("too late").kind, Kind::Token, "{how}");
    }
    assert_eq!(count(&bench, "external_identity").await, 0);
    assert_eq!(count(&bench, "user_account").await, 4, "nobody was made");
    assert!(bench.audit("user.bind_identity").await.is_empty());
}

#[tokio::test]
async fn req53_a_vendors_failure_leaves_nothing_half_made() {
    let (bench, codes) = bench(|_| {}).await;
    codes.broken("c1");
    for _ in 0..5 {
        let error = enter(&bench, None, Vendor::WechatMini, shown("c1")).await;
        let error = error.expect_err("broken");
        assert_eq!(error.kind, Kind::Upstream, "never held against the client");
    }
    assert_eq!(count(&bench, "user_account").await, 0);
    assert_eq!(count(&bench, "external_identity").await, 0);
    codes.good("c1", OutsideIdentity::default());
    let nobody = enter(&bench, None, Vendor::WechatMini, shown("c1")).await;
    assert_eq!(nobody.expect_err("no subject").kind, Kind::Internal);
    assert_eq!(count(&bench, "user_account").await, 0);
}

#[tokio::test]
async fn req14_refused_codes_are_counted() {
    let (bench, codes) = bench(|_| {}).await;
    codes.good("good", somebody("openid"));
    for n in 0..3 {
        let refused = enter(&bench, None, Vendor::WechatMini, shown(&format!("bad{n}"))).await;
        assert_eq!(refused.expect_err("refused").kind, Kind::Credentials);
    }
    let refused = enter(&bench, None, Vendor::WechatMini, shown("good")).await;
    assert_eq!(refused.expect_err("due").kind, Kind::CaptchaRequired);
    let solved = bench.solved("", "").await;
    let with_captcha = VendorCode {
        captcha_key: solved.captcha_key,
        captcha_code: solved.captcha_code,
        ..shown("good")
    };
    enter(&bench, None, Vendor::WechatMini, with_captcha)
        .await
        .expect("in");
    // The vendor's codes are kept nowhere.
    let mut conn = bench.db.read().await.expect("conn");
    let keys: Vec<(String,)> = sqlx::query_as("SELECT key FROM throttle")
        .fetch_all(&mut *conn)
        .await
        .expect("keys");
    assert!(
        keys.iter()
            .all(|k| !k.0.contains("bad") && !k.0.contains("good")),
        "{keys:?}"
    );
}

#[tokio::test]
async fn a_disabled_user_does_not_come_in_and_a_deleted_one_lets_go() {
    let (bench, codes) = bench(never).await;
    let admin = bench.admin().await;
    codes.good("c1", somebody("openid"));
    let id = enter(&bench, None, Vendor::Wecom, shown("c1"))
        .await
        .expect("in");
    let disabled = UserChange {
        status: Some(Status::Disabled),
        ..UserChange::default()
    };
    let users = &bench.services.users;
    users.update(&admin, id, disabled).await.expect("disabled");
    let refused = enter(&bench, None, Vendor::Wecom, shown("c1")).await;
    assert_eq!(refused.expect_err("disabled").kind, Kind::Credentials);
    users.delete(&admin, id).await.expect("deleted");
    let other = enter(&bench, None, Vendor::Wecom, shown("c1"))
        .await
        .expect("anew");
    assert_ne!(other, id);
    assert_eq!(count(&bench, "external_identity").await, 1);
}

#[tokio::test]
async fn closed_registration_lets_known_ones_in_alone() {
    let (bench, codes) = bench(|s| {
        never(s);
        s.registration.mode = RegistrationMode::Closed;
    })
    .await;
    let admin = bench.admin().await;
    codes.good("c1", somebody("known"));
    codes.good("c2", somebody("new"));
    enter(&bench, Some(&admin), Vendor::Wecom, shown("c1"))
        .await
        .expect("bound");
    enter(&bench, None, Vendor::Wecom, shown("c1"))
        .await
        .expect("in");
    let refused = enter(&bench, None, Vendor::Wecom, shown("c2")).await;
    assert!(matches!(
        refused.expect_err("closed").kind,
        Kind::Forbidden { .. }
    ));
    let last = bench.audit("sign_in").await.pop().expect("an entry");
    assert_eq!((last.success, last.actor_name.as_str()), (0, "wecom"));
    assert_eq!(last.detail()["reason"], "registration_closed");
    assert_eq!(count(&bench, "user_account").await, 1);
}

#[tokio::test]
async fn what_is_not_set_up_is_named() {
    let (bench, _) = bench(never).await;
    let error = enter(&bench, None, Vendor::WechatScan, shown("c1")).await;
    let error = error.expect_err("not set up");
    assert_eq!(fields(&error), ["loginType"]);
    assert!(error.text.zh.contains("wc"), "{error}");
}

#[tokio::test]
async fn odd_names_and_pictures_are_made_fit() {
    let (bench, codes) = bench(never).await;
    for (n, (name, avatar)) in [
        ("", "javascript:alert(1)"),
        ("a\0b\u{7}", "data:text/html,x"),
        (&*"长".repeat(80), ""),
    ]
    .into_iter()
    .enumerate()
    {
        let code = format!("c{n}");
        codes.good(
            &code,
            OutsideIdentity {
                name: name.into(),
                avatar: avatar.into(),
                ..somebody(&code)
            },
        );
        let id = enter(&bench, None, Vendor::WechatMini, shown(&code))
            .await
            .expect("in");
        let user = stored(&bench, id).await;
        assert!(user.nickname.starts_with("用户"), "{}", user.nickname);
        assert_eq!(user.avatar, "");
    }
    // A password opens none of them.
    let refused = bench.tries(&bench.client(), "u", PASSWORD).await;
    assert_eq!(refused.expect_err("nobody"), Kind::Credentials);
}
