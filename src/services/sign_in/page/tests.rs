use super::*;
use crate::Outside;
use crate::outside::{Asking, IdentityProvider, OutsideIdentity};
use crate::testing::{Bench, PASSWORD, fields};
use menshen_storage::users;
use std::sync::Arc;

const PHONE: &str = "15578906770";

/// A vendor with a page, whose one good code is `good`.
#[derive(Debug)]
struct WithPage;

impl IdentityProvider for WithPage {
    fn identify<'a>(&'a self, code: &'a str, _: Option<&'a str>) -> Asking<'a, OutsideIdentity> {
        let told = if code == "good" {
            Ok(OutsideIdentity {
                app_id: "app".into(),
                subject: "lin".into(),
                ..OutsideIdentity::default()
            })
        } else {
            Err(Error::new(
                Kind::Credentials,
                "登录码无效",
                "The code is no good",
            ))
        };
        Box::pin(std::future::ready(told))
    }

    fn probe(&self) -> Asking<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn page(&self, redirect: &str, state: &str) -> Option<String> {
        Some(format!(
            "https://vendor.example/?to={redirect}&state={state}"
        ))
    }
}

async fn bench() -> Bench {
    let outside = Outside {
        wechat_scan: Some(Arc::new(WithPage)),
        wecom: Some(Arc::new(WithPage)),
        public_url: Some("https://id.example.com/".into()),
        ..Outside::default()
    };
    Bench::with_outside(outside, |_| {}).await
}

fn state(departure: &Departure) -> String {
    let (_, state) = departure.url.rsplit_once("state=").expect("a state");
    state.to_owned()
}

#[tokio::test]
async fn only_ways_that_are_set_up_are_offered() {
    let bench = bench().await;
    let ways = bench.services.sign_in.ways();
    assert_eq!((ways.sms, ways.wechat, ways.wecom), (false, true, true));
    // Without an address of our own nobody could come back.
    let nowhere = Outside {
        wecom: Some(Arc::new(WithPage)),
        ..Outside::default()
    };
    let bench = Bench::with_outside(nowhere, |_| {}).await;
    assert_eq!(bench.services.sign_in.ways(), Ways::default());
    let refused = bench.services.sign_in.leave_for(Vendor::Wecom, "/admin");
    assert_eq!(refused.expect_err("no page").kind, Kind::NotFound);
    let (bench, _) = Bench::with_phones(|_| {}).await;
    assert!(bench.services.sign_in.ways().sms);
}

#[tokio::test]
async fn who_left_comes_back_and_in() {
    let bench = bench().await;
    let sign_in = &bench.services.sign_in;
    let left = sign_in.leave_for(Vendor::WechatScan, "/admin/users?q=1");
    let left = left.expect("left");
    assert!(left.url.starts_with(
        "https://vendor.example/?to=https://id.example.com/admin/login/callback/wechat&"
    ));
    let trip = sign_in.welcome_back(Vendor::WechatScan, &state(&left), &left.keepsake);
    let trip = trip.expect("back");
    assert_eq!(trip.next, "/admin/users?q=1");
    let client = bench.client();
    let silent = sign_in.by_vendor_page(&client, &trip, "").await;
    assert_eq!(silent.expect_err("no consent").kind, Kind::Invalid);
    let bad = sign_in.by_vendor_page(&client, &trip, "bad").await;
    assert_eq!(bad.expect_err("refused").kind, Kind::Credentials);
    let first = sign_in.by_vendor_page(&client, &trip, "good").await;
    first.expect("a new account");
    let again = sign_in.by_vendor_page(&client, &trip, "good").await;
    assert!(!again.expect("the same account").must_change_password);
}

#[tokio::test]
async fn another_browser_state_vendor_or_day_does_not() {
    let bench = bench().await;
    let sign_in = &bench.services.sign_in;
    let leave = || sign_in.leave_for(Vendor::Wecom, "/admin").expect("left");
    let (one, other) = (leave(), leave());
    assert_ne!(state(&one), state(&other));
    let kept = one.keepsake.as_str();
    for (vendor, state, keepsake) in [
        (Vendor::Wecom, state(&other), kept),
        (Vendor::WechatScan, state(&one), kept),
        (Vendor::Wecom, state(&one), ""),
        (Vendor::Wecom, state(&one), "%"),
        (Vendor::Wecom, String::new(), kept),
        (Vendor::Wecom, state(&one), &kept[1..]),
    ] {
        let refused = sign_in.welcome_back(vendor, &state, keepsake);
        assert_eq!(refused.expect_err("a stranger").kind, Kind::Invalid);
    }
    bench.clock.forward(AWAY);
    sign_in
        .welcome_back(Vendor::Wecom, &state(&one), &one.keepsake)
        .expect("just in time");
    bench.clock.forward(Duration::from_secs(1));
    let late = sign_in.welcome_back(Vendor::Wecom, &state(&one), &one.keepsake);
    assert_eq!(late.expect_err("late").kind, Kind::Invalid);
}

#[tokio::test]
async fn a_code_sent_from_the_page_opens_it() {
    let (bench, phones) = Bench::with_phones(|_| {}).await;
    let (client, services) = (bench.client(), &bench.services);
    // The page wants a captcha, by default always, and calls its field by its name.
    assert!(
        services
            .codes
            .captcha_on_page(&client, PHONE)
            .await
            .expect("due")
    );
    let refused = services
        .codes
        .send_for_page(&client, PHONE, None, None)
        .await;
    let refused = refused.expect_err("no captcha");
    assert_eq!(refused.kind, Kind::Captcha);
    assert_eq!(fields(&refused), ["captchaCode"]);
    let solved = bench.solved(PHONE, PASSWORD).await;
    services
        .codes
        .send_for_page(
            &client,
            PHONE,
            solved.captcha_key.as_deref(),
            solved.captcha_code.as_deref(),
        )
        .await
        .expect("sent");
    let wrong = services.sign_in.by_phone_page(&client, PHONE, "x").await;
    assert_eq!(wrong.expect_err("wrong").kind, Kind::Credentials);
    let code = phones.last(PHONE);
    let opened = services.sign_in.by_phone_page(&client, PHONE, &code).await;
    let session = opened.expect("in").session_id;
    let caller = services.access.by_session(&session, client.clone()).await;
    let mut conn = bench.db.read().await.expect("conn");
    let row = users::login_row(&mut conn, caller.expect("hers").id()).await;
    assert!(row.expect("query").expect("there").password_hash.is_none());
    drop(conn);
    let again = services.sign_in.by_phone_page(&client, PHONE, &code).await;
    assert_eq!(again.expect_err("spent").kind, Kind::Credentials);
}
