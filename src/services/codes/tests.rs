use super::*;
use crate::Settings;
use crate::settings::CaptchaMode;
use crate::testing::{Bench, Phones, fields};

const PHONE: &str = "15578906770";

async fn send(bench: &Bench, ip: &str, phone: &str) -> Result<()> {
    let client = bench.from(ip);
    let codes = &bench.services.codes;
    codes.send_for_sign_in(&client, phone, None, None).await
}

async fn check(bench: &Bench, phone: &str, code: &str) -> Option<String> {
    let codes = &bench.services.codes;
    let checked = codes.check(Purpose::SignIn, phone, code).await;
    checked.expect("checked")
}

fn wait(error: &Error) -> u64 {
    match error.kind {
        Kind::TooMany { retry_after } => retry_after,
        ref other => panic!("not too many: {other:?}"),
    }
}

fn never(s: &mut Settings) {
    s.captcha.mode = CaptchaMode::Never;
}

/// Another code than `code`.
fn wrong(code: &str) -> String {
    let n: u32 = code.parse().expect("digits");
    format!("{:06}", (n + 1) % 1_000_000)
}

#[tokio::test]
async fn req18_a_code_has_six_digits_and_is_kept_hashed() {
    let (bench, phones) = Bench::with_phones(never).await;
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
    let code = phones.last(PHONE);
    assert_eq!(code.len(), 6);
    assert!(code.bytes().all(|b| b.is_ascii_digit()));
    let mut conn = bench.db.read().await.expect("conn");
    let (purpose, target, hash, span): (String, Vec<u8>, Vec<u8>, i64) = sqlx::query_as(
        "SELECT purpose, target_hash, code_hash, expires_at - created_at FROM one_time_code",
    )
    .fetch_one(&mut *conn)
    .await
    .expect("a row");
    assert_eq!(purpose, "sms_login");
    assert_eq!((target.len(), hash.len()), (32, 32));
    assert_eq!(span, 300_000_000, "five minutes");
    let plain = crate::secrets::sha256(code.as_bytes());
    assert_ne!(hash, plain, "a plain hash of six digits is no secret");
    drop(conn);
    let audit = bench.whole_audit().await;
    assert!(!audit.contains(&code), "{audit}");
}

#[tokio::test]
async fn req18_a_code_is_for_its_number_alone_and_good_once() {
    let (bench, phones) = Bench::with_phones(never).await;
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
    send(&bench, "192.0.2.1", "15578906771")
        .await
        .expect("sent");
    let code = phones.last(PHONE);
    assert_eq!(check(&bench, "15578906771", &code).await, None);
    assert_eq!(check(&bench, "15578906772", &code).await, None);
    let id = check(&bench, PHONE, &format!(" {code} ")).await;
    let id = id.expect("good");
    let mut tx = bench.db.begin().await.expect("begin");
    let codes = &bench.services.codes;
    assert!(codes.spend(&mut tx, &id).await.expect("spent"));
    assert!(!codes.spend(&mut tx, &id).await.expect("spent"));
    tx.commit().await.expect("commit");
    assert_eq!(check(&bench, PHONE, &code).await, None);
}

#[tokio::test]
async fn req18_a_code_is_good_for_five_minutes() {
    let (bench, phones) = Bench::with_phones(never).await;
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
    let code = phones.last(PHONE);
    bench.clock.forward(Duration::from_secs(299));
    assert!(check(&bench, PHONE, &code).await.is_some());
    bench.clock.forward(Duration::from_secs(1));
    assert_eq!(check(&bench, PHONE, &code).await, None);
}

#[tokio::test]
async fn req18_a_code_is_good_for_five_tries() {
    let (bench, phones) = Bench::with_phones(never).await;
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
    let code = phones.last(PHONE);
    for _ in 0..4 {
        assert_eq!(check(&bench, PHONE, &wrong(&code)).await, None);
    }
    assert!(check(&bench, PHONE, &code).await.is_some(), "the fifth");
    assert_eq!(check(&bench, PHONE, &code).await, None, "the sixth");
}

async fn parallel_guesses(bench: &Bench, phones: &Phones) {
    send(bench, "192.0.2.1", PHONE).await.expect("sent");
    let code = phones.last(PHONE);
    let guesses: Vec<_> = (0..20)
        .map(|_| {
            let (codes, code) = (bench.services.codes.clone(), code.clone());
            tokio::spawn(async move { codes.check(Purpose::SignIn, PHONE, &code).await })
        })
        .collect();
    let mut looked_at = 0;
    for guess in guesses {
        let found = guess.await.expect("ran").expect("checked");
        looked_at += usize::from(found.is_some());
    }
    assert_eq!(looked_at, 5, "no more than the tries there are");
}

#[tokio::test]
async fn req15_parallel_guesses_cant_pass_the_counter() {
    let (bench, phones) = Bench::with_phones(never).await;
    parallel_guesses(&bench, &phones).await;
}

#[tokio::test]
async fn req15_nor_on_postgres() {
    let phones = Arc::new(Phones::default());
    let outside = crate::Outside {
        sms: Some(phones.clone()),
        ..crate::Outside::default()
    };
    let bench = Bench::postgres_with(outside, never).await;
    parallel_guesses(&bench, &phones).await;
    // Nor are two sent at once.
    let other = "15578906799";
    let sends: Vec<_> = (0..5)
        .map(|_| {
            let (codes, client) = (bench.services.codes.clone(), bench.client());
            tokio::spawn(async move { codes.send_for_sign_in(&client, other, None, None).await })
        })
        .collect();
    let mut sent = 0;
    for one in sends {
        sent += usize::from(one.await.expect("ran").is_ok());
    }
    assert_eq!(sent, 1);
    bench.drop_database().await;
}

#[tokio::test]
async fn a_new_code_takes_the_place_of_the_one_before() {
    let (bench, phones) = Bench::with_phones(never).await;
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
    let first = phones.last(PHONE);
    bench.clock.forward(Duration::from_secs(60));
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
    let second = phones.last(PHONE);
    if first != second {
        assert_eq!(check(&bench, PHONE, &first).await, None);
    }
    assert!(check(&bench, PHONE, &second).await.is_some());
}

#[tokio::test]
async fn req19_a_number_is_sent_one_a_minute_and_ten_a_day() {
    let (bench, phones) = Bench::with_phones(never).await;
    for n in 0..10 {
        // Other spellings and other addresses are the same number.
        let spelling = ["15578906770", "+8615578906770", "008615578906770"][n % 3];
        send(&bench, &format!("192.0.2.{n}"), spelling)
            .await
            .expect("sent");
        let again = send(&bench, "192.0.2.77", PHONE).await;
        assert_eq!(wait(&again.expect_err("within the minute")), 60);
        bench.clock.forward(Duration::from_secs(60));
    }
    assert_eq!(phones.count(), 10);
    let eleventh = send(&bench, "192.0.2.78", PHONE).await;
    let left = wait(&eleventh.expect_err("the eleventh of the day"));
    assert_eq!(left, 24 * 3600 - 600);
    bench.clock.forward(Duration::from_secs(left));
    send(&bench, "192.0.2.79", PHONE)
        .await
        .expect("the next day");
}

#[tokio::test]
async fn req19_an_address_asks_for_twenty_an_hour() {
    let (bench, phones) = Bench::with_phones(never).await;
    for n in 0..20 {
        send(&bench, "192.0.2.1", &format!("155789{n:02}000"))
            .await
            .expect("sent");
    }
    let refused = send(&bench, "192.0.2.1", "15500000000").await;
    wait(&refused.expect_err("the twenty-first"));
    assert_eq!(phones.count(), 20);
    // The number was not used up by that.
    send(&bench, "192.0.2.2", "15500000000")
        .await
        .expect("sent");
    bench.clock.forward(Duration::from_secs(3600));
    send(&bench, "192.0.2.1", "15500000001")
        .await
        .expect("sent");
}

#[tokio::test]
async fn req19_numbers_alike_and_all_numbers_have_a_limit() {
    let (bench, _) = Bench::with_phones(|s| {
        never(s);
        s.limits.sms_prefix_per_hour = 3;
        s.limits.sms_per_day = 5;
    })
    .await;
    let from = |n: usize| format!("192.0.2.{n}");
    for n in 0..3 {
        send(&bench, &from(n), &format!("1557890000{n}"))
            .await
            .expect("sent");
    }
    let alike = send(&bench, &from(3), "15578909999").await;
    assert!(wait(&alike.expect_err("alike")) <= 3600);
    for n in 0..2 {
        send(&bench, &from(n), &format!("1661234000{n}"))
            .await
            .expect("sent");
    }
    let all = send(&bench, &from(5), "17700000000").await;
    assert!(wait(&all.expect_err("of the day")) > 3600);
    let reasons: Vec<_> = bench
        .audit("sms_code")
        .await
        .iter()
        .filter(|e| e.success == 0)
        .map(|e| e.detail()["reason"].clone())
        .collect();
    assert_eq!(reasons, ["prefix", "day"]);
}

#[tokio::test]
async fn req14_a_captcha_is_due_after_the_first_refusals() {
    let (bench, phones) = Bench::with_phones(|_| {}).await;
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
    for _ in 0..3 {
        wait(&send(&bench, "192.0.2.1", PHONE).await.expect_err("refused"));
    }
    // For the address, and for the number from anywhere.
    for (ip, phone) in [("192.0.2.1", "15500000000"), ("192.0.2.2", PHONE)] {
        let refused = send(&bench, ip, phone).await.expect_err("refused");
        assert_eq!(refused.kind, Kind::CaptchaRequired);
    }
    send(&bench, "192.0.2.2", "15500000001")
        .await
        .expect("others");
    let solved = bench.solved("", "").await;
    let (key, code) = (
        solved.captcha_key.as_deref(),
        solved.captcha_code.as_deref(),
    );
    let codes = &bench.services.codes;
    let client = bench.from("192.0.2.1");
    codes
        .send_for_sign_in(&client, "15500000000", key, code)
        .await
        .expect("sent");
    let used = codes
        .send_for_sign_in(&client, "15500000002", key, code)
        .await;
    assert_eq!(used.expect_err("spent").kind, Kind::Captcha);
    assert_eq!(phones.count(), 3);
    bench.clock.forward(Duration::from_mins(16));
    send(&bench, "192.0.2.1", PHONE).await.expect("forgotten");
}

#[tokio::test]
async fn captchas_are_always_due_by_setting() {
    let (bench, _) = Bench::with_phones(|s| s.captcha.mode = CaptchaMode::Always).await;
    let refused = send(&bench, "192.0.2.1", PHONE).await.expect_err("refused");
    assert_eq!(refused.kind, Kind::CaptchaRequired);
}

#[tokio::test]
async fn req13_the_answer_is_the_same_for_unknown_numbers() {
    let (bench, phones) = Bench::with_phones(|s| {
        never(s);
        s.registration.mode = crate::settings::RegistrationMode::Closed;
    })
    .await;
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
    assert_eq!(phones.count(), 1, "at the same cost");
}

#[tokio::test]
async fn what_is_no_number_is_refused() {
    let (bench, phones) = Bench::with_phones(never).await;
    for bad in [
        "",
        " ",
        "abc",
        "12-34",
        "1234",
        "1\u{0}23456",
        "１５５７８９０６７７０",
    ] {
        let error = send(&bench, "192.0.2.1", bad).await.expect_err("no number");
        assert_eq!(fields(&error), ["phone"], "{bad:?}");
    }
    assert_eq!(phones.count(), 0);
    let bench = Bench::with(never).await;
    let error = send(&bench, "192.0.2.1", PHONE)
        .await
        .expect_err("not set up");
    assert_eq!(error.kind, Kind::Invalid);
    assert!(error.text.en.contains("sms"), "{error}");
}

#[tokio::test]
async fn req53_a_gateway_that_fails_is_told() {
    let (bench, phones) = Bench::with_phones(never).await;
    phones.fail(true);
    let error = send(&bench, "192.0.2.1", PHONE).await.expect_err("failed");
    assert_eq!(error.kind, Kind::Upstream);
    phones.fail(false);
    bench.clock.forward(Duration::from_secs(60));
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
}

#[tokio::test]
async fn housekeeping_drops_codes_that_are_over() {
    let (bench, phones) = Bench::with_phones(never).await;
    send(&bench, "192.0.2.1", PHONE).await.expect("sent");
    bench.services.sweep().await.expect("sweep");
    let count = async || {
        let mut conn = bench.db.read().await.expect("conn");
        let (n,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM one_time_code")
            .fetch_one(&mut *conn)
            .await
            .expect("count");
        n
    };
    assert_eq!(count().await, 1);
    assert!(check(&bench, PHONE, &phones.last(PHONE)).await.is_some());
    bench.clock.forward(Duration::from_secs(300));
    bench.services.sweep().await.expect("sweep");
    assert_eq!(count().await, 0);
}
