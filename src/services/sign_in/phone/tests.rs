use crate::settings::{CaptchaMode, RegistrationMode};
use crate::testing::{Bench, PASSWORD, Phones, fields};
use crate::{Credentials, Form, Issued, Settings};
use menshen_domain::role::Status;
use menshen_domain::scope::{DataScope, Sight};
use menshen_domain::user::{NewUser, User, UserChange};
use menshen_domain::{Kind, Result, UserId};
use menshen_storage::users::{self, Account};
use std::time::Duration;

const PHONE: &str = "15578906770";

fn never(s: &mut Settings) {
    s.captcha.mode = CaptchaMode::Never;
}

async fn code(bench: &Bench, phones: &Phones, phone: &str) -> String {
    bench.clock.forward(Duration::from_secs(61));
    let codes = &bench.services.codes;
    codes
        .send_for_sign_in(&bench.from("192.0.2.9"), phone, None, None)
        .await
        .expect("sent");
    phones.last(phone)
}

async fn enter(bench: &Bench, phone: &str, code: &str) -> Result<Issued> {
    let credentials = bench.credentials(phone, code);
    bench
        .services
        .sign_in
        .by_phone(&bench.client(), credentials)
        .await
}

async fn stored(bench: &Bench, id: UserId) -> User {
    let mut conn = bench.db.read().await.expect("conn");
    let user = users::find(&mut conn, id).await;
    user.expect("query").expect("there")
}

/// Writes an account's phone and e-mail as they could have come to be.
async fn tell(bench: &Bench, id: UserId, phone: (&str, bool), email: (&str, bool)) {
    let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    let account = Account {
        phone: some(phone.0),
        phone_verified: phone.1,
        email: some(email.0),
        email_verified: email.1,
        ..Account::from(&stored(bench, id).await)
    };
    let mut tx = bench.db.begin().await.expect("begin");
    users::update(&mut tx, id, &account, None, bench.services.now())
        .await
        .expect("written");
    tx.commit().await.expect("commit");
}

#[tokio::test]
async fn a_new_number_makes_an_account() {
    let (bench, phones) = Bench::with_phones(never).await;
    let code = code(&bench, &phones, PHONE).await;
    let issued = enter(&bench, "+86 15578906770".replace(' ', "").as_str(), &code)
        .await
        .expect("in");
    let user = stored(&bench, issued.user_id).await;
    assert_eq!(user.phone.as_deref(), Some(PHONE));
    assert!(user.phone_verified);
    assert_eq!(user.username, user.user_code);
    assert_eq!(user.nickname, format!("用户{}", &user.user_code[1..]));
    assert!(user.roles.is_empty());
    // Without a password no password opens it.
    for password in ["", "x", &code] {
        let kind = bench.tries(&bench.client(), &user.username, password).await;
        assert_eq!(kind.expect_err("no password"), Kind::Credentials);
    }
    let made = bench.audit("user.sign_up").await;
    assert_eq!(made[0].actor_id, Some(issued.user_id.0));
    assert_eq!(bench.audit("sign_in").await[0].success, 1);
    // The second time it is the same one.
    let code = self::code(&bench, &phones, PHONE).await;
    let again = enter(&bench, PHONE, &code).await.expect("in");
    assert_eq!(again.user_id, issued.user_id);
}

#[tokio::test]
async fn req18_a_code_opens_once() {
    let (bench, phones) = Bench::with_phones(never).await;
    let code = code(&bench, &phones, PHONE).await;
    enter(&bench, PHONE, &code).await.expect("in");
    let again = enter(&bench, PHONE, &code).await.expect_err("spent");
    assert_eq!(again.kind, Kind::Credentials);
}

#[tokio::test]
async fn registering_with_a_strangers_number_gains_nothing() {
    let (bench, phones) = Bench::with_phones(never).await;
    // Mallory tells Vera's number, in two spellings, and waits.
    let mallory = bench.user("mallory").await;
    let other = bench.user("mallory2").await;
    tell(&bench, mallory, (PHONE, false), ("", false)).await;
    tell(&bench, other, ("+8615578906770", false), ("", false)).await;
    let code = code(&bench, &phones, PHONE).await;
    let vera = enter(&bench, PHONE, &code).await.expect("in").user_id;
    assert!(vera != mallory && vera != other);
    assert_eq!(stored(&bench, mallory).await.phone, None);
    assert_eq!(stored(&bench, other).await.phone, None);
    // Telling it again opens nothing either: by password it is Vera's now, who has none.
    tell(&bench, mallory, (PHONE, false), ("", false)).await;
    let typed = Credentials {
        form: Form::LoginCode,
        ..bench.credentials(PHONE, PASSWORD)
    };
    let refused = bench.services.sign_in.by_api(&bench.client(), typed).await;
    assert_eq!(refused.expect_err("Vera's").kind, Kind::Credentials);
    let detail = bench
        .audit("user.sign_up")
        .await
        .pop()
        .expect("one")
        .detail();
    assert_eq!(
        detail["after"]["phoneTakenFrom"],
        serde_json::json!([mallory.0, other.0])
    );
}

#[tokio::test]
async fn it_opens_the_account_that_holds_the_number_proved() {
    let (bench, phones) = Bench::with_phones(never).await;
    let lin = bench.user("lin").await;
    for spelling in [PHONE, "+8615578906770"] {
        tell(&bench, lin, (spelling, true), ("", false)).await;
        let code = code(&bench, &phones, PHONE).await;
        let issued = enter(&bench, PHONE, &code).await.expect("in");
        assert_eq!(issued.user_id, lin, "{spelling}");
    }
    // Changed by herself it is proved no more.
    let caller = bench.caller("lin").await;
    let change = UserChange {
        phone: Some("15500000000".into()),
        ..UserChange::default()
    };
    let users = &bench.services.users;
    users.update(&caller, lin, change).await.expect("changed");
    let code = code(&bench, &phones, "15500000000").await;
    let issued = enter(&bench, "15500000000", &code).await.expect("in");
    assert_ne!(issued.user_id, lin);
}

#[tokio::test]
async fn a_disabled_or_deleted_user_does_not_come_in() {
    let (bench, phones) = Bench::with_phones(never).await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    tell(&bench, lin, (PHONE, true), ("", false)).await;
    let disabled = UserChange {
        status: Some(Status::Disabled),
        ..UserChange::default()
    };
    let users = &bench.services.users;
    users.update(&admin, lin, disabled).await.expect("disabled");
    let first = code(&bench, &phones, PHONE).await;
    let refused = enter(&bench, PHONE, &first).await.expect_err("disabled");
    let wrong = enter(&bench, PHONE, "000000").await.expect_err("wrong");
    assert_eq!(refused.kind, Kind::Credentials);
    assert_eq!(refused.text, wrong.text, "one answer");
    let audit = bench.audit("sign_in").await;
    let reasons: Vec<_> = audit.iter().map(|e| e.detail()["reason"].clone()).collect();
    assert!(reasons.contains(&"disabled".into()), "{reasons:?}");
    users.delete(&admin, lin).await.expect("deleted");
    let second = code(&bench, &phones, PHONE).await;
    let issued = enter(&bench, PHONE, &second).await.expect("a new account");
    assert_ne!(issued.user_id, lin);
}

/// The last entry of the login log is a failure for this reason.
async fn is_logged(bench: &Bench, reason: &str) {
    let last = bench.audit("sign_in").await.pop().expect("an entry");
    assert_eq!((last.kind.as_str(), last.success), ("login", 0));
    assert_eq!(last.detail()["reason"], reason);
    assert_eq!(last.actor_id, None);
    assert_eq!(last.ip, "192.0.2.1");
}

#[tokio::test]
async fn closed_registration_makes_no_account() {
    let (bench, phones) = Bench::with_phones(|s| {
        never(s);
        s.registration.mode = RegistrationMode::Closed;
    })
    .await;
    let code = code(&bench, &phones, PHONE).await;
    let refused = enter(&bench, PHONE, &code).await.expect_err("closed");
    assert!(matches!(refused.kind, Kind::Forbidden { .. }));
    is_logged(&bench, "registration_closed").await;
    let again = enter(&bench, PHONE, &code).await.expect_err("spent");
    assert_eq!(again.kind, Kind::Credentials, "req18: it opens once");
    let mut conn = bench.db.read().await.expect("conn");
    let everybody = Sight {
        scope: DataScope::All,
        depts: Vec::new(),
    };
    let count = users::count(&mut conn, UserId(0), &everybody).await;
    assert_eq!(count.expect("count").0, 0);
}

#[tokio::test]
async fn req14_accounts_by_phone_count_as_sign_ups() {
    let (bench, phones) = Bench::with_phones(|s| {
        never(s);
        s.registration.per_hour = 1;
    })
    .await;
    let first = code(&bench, &phones, PHONE).await;
    enter(&bench, PHONE, &first).await.expect("in");
    let second = code(&bench, &phones, "15500000000").await;
    let refused = enter(&bench, "15500000000", &second)
        .await
        .expect_err("one an hour");
    assert!(matches!(refused.kind, Kind::TooMany { .. }));
    is_logged(&bench, "registration_limit").await;
    let again = enter(&bench, "15500000000", &second).await;
    assert_eq!(again.expect_err("spent").kind, Kind::Credentials);
    // Whoever has an account still comes in.
    let third = code(&bench, &phones, PHONE).await;
    enter(&bench, PHONE, &third).await.expect("in");
}

#[tokio::test]
async fn req14_guesses_count_as_at_any_door() {
    let (bench, phones) = Bench::with_phones(|_| {}).await;
    let code = code(&bench, &phones, PHONE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..3 {
        let kind = enter(&bench, PHONE, wrong).await.expect_err("wrong").kind;
        assert_eq!(kind, Kind::Credentials);
    }
    let kind = enter(&bench, PHONE, &code).await.expect_err("due").kind;
    assert_eq!(kind, Kind::CaptchaRequired);
    let solved = bench.solved(PHONE, &code).await;
    let sign_in = &bench.services.sign_in;
    sign_in.by_phone(&bench.client(), solved).await.expect("in");
}

#[tokio::test]
async fn what_is_no_number_or_not_set_up_is_told() {
    let (bench, _) = Bench::with_phones(never).await;
    let error = enter(&bench, "lin", "123456").await.expect_err("no number");
    assert_eq!(fields(&error), ["phone"]);
    let bench = Bench::with(never).await;
    let error = enter(&bench, PHONE, "123456")
        .await
        .expect_err("not set up");
    assert_eq!(error.kind, Kind::Invalid);
}

mod first_passwords {
    use super::*;
    use crate::access::Caller;
    use crate::testing::OTHER_PASSWORD;

    /// Somebody who has just come in with a phone, and her tokens.
    async fn newcomer(bench: &Bench, phones: &Phones) -> (Issued, Caller) {
        let code = code(bench, phones, PHONE).await;
        let issued = enter(bench, PHONE, &code).await.expect("in");
        let caller = bench.by_token(&issued).await.expect("caller");
        (issued, caller)
    }

    async fn choose(bench: &Bench, caller: &Caller, current: &str, new: &str) -> Result<()> {
        let sign_in = &bench.services.sign_in;
        sign_in.change_password(caller, current, new).await
    }

    async fn has_password(bench: &Bench, caller: &Caller) -> bool {
        let standing = bench.services.second_factor.standing(caller).await;
        standing.expect("standing").has_password
    }

    #[tokio::test]
    async fn whoever_has_none_gives_herself_one() {
        let (bench, phones) = Bench::with_phones(never).await;
        let (issued, caller) = newcomer(&bench, &phones).await;
        assert!(!has_password(&bench, &caller).await);
        // Nothing that asks for a password can be done before.
        let factors = &bench.services.second_factor;
        let early = factors.enroll(&caller, PASSWORD).await;
        let early = early.expect_err("there is none");
        assert_eq!(fields(&early), ["password"]);
        assert!(early.to_string().contains("/auth/password"), "{early}");

        bench.clock.forward(Duration::from_secs(599));
        choose(&bench, &caller, "", PASSWORD).await.expect("set");
        let over = bench.by_token(&issued).await.expect_err("as ever");
        assert_eq!(over.kind, Kind::Token);
        let entry = bench.audit("user.change_password").await.pop();
        let entry = entry.expect("an entry");
        assert_eq!((entry.success, entry.actor_id), (1, Some(caller.id().0)));
        assert_eq!(entry.detail()["first"], true);

        let caller = bench.caller(caller.username()).await;
        assert!(has_password(&bench, &caller).await);
        factors
            .enroll(&caller, PASSWORD)
            .await
            .expect("like others");
        // From now on the current one is asked for.
        let refused = choose(&bench, &caller, "", OTHER_PASSWORD).await;
        assert_eq!(fields(&refused.expect_err("asked")), ["currentPassword"]);
        let done = choose(&bench, &caller, PASSWORD, OTHER_PASSWORD).await;
        done.expect("changed");
        let entry = bench.audit("user.change_password").await.pop();
        assert_eq!(entry.expect("an entry").detail()["first"], false);
    }

    #[tokio::test]
    async fn req6_it_takes_a_fresh_sign_in() {
        let (bench, phones) = Bench::with_phones(never).await;
        let (issued, caller) = newcomer(&bench, &phones).await;
        bench.clock.forward(Duration::from_mins(10));
        let refused = choose(&bench, &caller, "", PASSWORD).await;
        let refused = refused.expect_err("too long ago");
        assert!(matches!(refused.kind, Kind::Forbidden { .. }));
        assert!(refused.text.en.contains("sign in again"), "{refused}");
        let entry = bench.audit("user.change_password").await.pop();
        let entry = entry.expect("an entry");
        assert_eq!(entry.success, 0);
        assert_eq!(entry.detail()["reason"], "sign_in_too_old");
        // A renewal does not make it younger; another sign-in does.
        let sessions = &bench.services.sessions;
        let renewed = sessions.renew(&issued.refresh, &bench.client()).await;
        let renewed = bench.by_token(&renewed.expect("renewed")).await;
        let refused = choose(&bench, &renewed.expect("caller"), "", PASSWORD).await;
        refused.expect_err("still too long ago");
        let (_, caller) = newcomer(&bench, &phones).await;
        choose(&bench, &caller, "", PASSWORD).await.expect("set");
    }

    #[tokio::test]
    async fn what_is_given_must_be_good_and_there_is_one_first() {
        let (bench, phones) = Bench::with_phones(never).await;
        let (_, caller) = newcomer(&bench, &phones).await;
        for weak in ["", "short", "password1234", caller.username()] {
            let refused = choose(&bench, &caller, "", weak).await.expect_err(weak);
            assert_eq!(fields(&refused), ["newPassword"], "{weak}");
        }
        let (one, two) = tokio::join!(
            choose(&bench, &caller, "", PASSWORD),
            choose(&bench, &caller, "", OTHER_PASSWORD),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        let over = choose(&bench, &caller, "", OTHER_PASSWORD).await;
        over.expect_err("the session is over");
    }
}

mod login_codes {
    use super::*;
    use crate::passwords;

    async fn typed(bench: &Bench, name: &str, password: &str) -> Result<UserId, Kind> {
        let typed = Credentials {
            form: Form::LoginCode,
            ..bench.credentials(name, password)
        };
        let done = bench.services.sign_in.by_api(&bench.client(), typed).await;
        done.map(|issued| issued.user_id).map_err(|e| e.kind)
    }

    #[tokio::test]
    async fn any_of_four_names_opens_the_account() {
        let bench = Bench::with(never).await;
        let lin = bench.user("Lin").await;
        tell(&bench, lin, (PHONE, true), ("Lin@Example.com", true)).await;
        let user_code = stored(&bench, lin).await.user_code;
        for name in [
            "lin",
            " LIN ",
            user_code.as_str(),
            PHONE,
            "+8615578906770",
            "lin@example.com",
            "LIN@EXAMPLE.COM",
        ] {
            assert_eq!(typed(&bench, name, PASSWORD).await, Ok(lin), "{name}");
            let wrong = typed(&bench, name, "not the password").await;
            assert_eq!(wrong, Err(Kind::Credentials), "{name}");
        }
        // Elsewhere the login name alone does.
        for name in [user_code.as_str(), PHONE, "lin@example.com"] {
            let refused = bench.tries(&bench.client(), name, PASSWORD).await;
            assert_eq!(refused.expect_err("a name only"), Kind::Credentials);
        }
    }

    #[tokio::test]
    async fn what_was_only_told_opens_while_nobody_has_proved_it() {
        let bench = Bench::with(never).await;
        let (lin, han) = (bench.user("lin").await, bench.user("han").await);
        let mail = "lin@example.com";
        tell(&bench, lin, (PHONE, false), (mail, false)).await;
        for name in [PHONE, mail] {
            assert_eq!(typed(&bench, name, PASSWORD).await, Ok(lin));
        }
        // Somebody else tells it later: it stays hers.
        bench.clock.forward(Duration::from_secs(1));
        tell(&bench, han, ("+8615578906770", false), (mail, false)).await;
        for name in [PHONE, mail] {
            assert_eq!(typed(&bench, name, PASSWORD).await, Ok(lin), "{name}");
        }
        // She tells another, and comes back to it: now she is the later one.
        tell(&bench, lin, ("15500000000", false), ("", false)).await;
        for name in [PHONE, mail] {
            assert_eq!(typed(&bench, name, PASSWORD).await, Ok(han), "{name}");
        }
        bench.clock.forward(Duration::from_secs(1));
        tell(&bench, lin, (PHONE, false), (mail, false)).await;
        for name in [PHONE, mail] {
            assert_eq!(typed(&bench, name, PASSWORD).await, Ok(han), "{name}");
        }
        // One has proved it: it is hers.
        tell(&bench, han, ("+8615578906770", true), (mail, true)).await;
        for name in [PHONE, mail] {
            assert_eq!(typed(&bench, name, PASSWORD).await, Ok(han), "{name}");
        }
    }

    #[tokio::test]
    async fn a_login_name_is_no_way_to_pass_for_another() {
        let bench = Bench::with(never).await;
        let lin = bench.user("lin").await;
        tell(&bench, lin, (PHONE, true), ("", false)).await;
        let user_code = stored(&bench, lin).await.user_code;
        // Mallory takes Lin's number and user code for names.
        for name in [PHONE, user_code.as_str()] {
            let mallory = bench.user(name).await;
            assert_eq!(typed(&bench, name, PASSWORD).await, Ok(lin), "{name}");
            assert_ne!(mallory, lin);
        }
        // Telling somebody's login name as a number takes nothing from her.
        let num = bench.user("13800000000").await;
        tell(&bench, lin, ("13800000000", false), ("", false)).await;
        assert_eq!(typed(&bench, "13800000000", PASSWORD).await, Ok(num));
    }

    #[tokio::test]
    async fn a_name_that_reads_as_a_number_cuts_nobody_off() {
        let bench = Bench::with(never).await;
        let users = &bench.services.users;
        let sign_up = async |name: &str, phone: &str| {
            bench.clock.forward(Duration::from_secs(1));
            let new = NewUser {
                username: name.into(),
                password: PASSWORD.into(),
                phone: Some(phone.into()).filter(|p: &String| !p.is_empty()),
                ..NewUser::default()
            };
            users.sign_up(&bench.client(), new).await.expect("made").id
        };
        let old = sign_up("old", "").await;
        let vera = sign_up("vera", PHONE).await;
        // Others take the number for a name, or tell it, with older accounts too.
        let mallory = sign_up(PHONE, PHONE).await;
        bench.clock.forward(Duration::from_secs(1));
        tell(&bench, old, ("+8615578906770", false), ("", false)).await;
        assert_eq!(typed(&bench, PHONE, PASSWORD).await, Ok(vera));
        assert_eq!(typed(&bench, "+8615578906770", PASSWORD).await, Ok(vera));
        // At the doors that know login names alone the name is its owner's.
        bench.sign_in(PHONE).await;
        // When Vera tells another number, it is whose came next.
        tell(&bench, vera, ("15500000000", false), ("", false)).await;
        assert_eq!(typed(&bench, PHONE, PASSWORD).await, Ok(mallory));
    }

    #[tokio::test]
    async fn the_sha256_of_the_password_will_do() {
        let bench = Bench::with(never).await;
        let lin = bench.user("lin").await;
        let hex = passwords::digest(PASSWORD);
        assert_eq!(typed(&bench, "lin", &hex).await, Ok(lin));
        assert_eq!(typed(&bench, "lin", &hex.to_uppercase()).await, Ok(lin));
        let twice = passwords::digest(&hex);
        assert_eq!(typed(&bench, "lin", &twice).await, Err(Kind::Credentials));
        // At the other doors it is a password like any other.
        let refused = bench.tries(&bench.client(), "lin", &hex).await;
        assert_eq!(refused.expect_err("wrong"), Kind::Credentials);
    }

    #[tokio::test]
    async fn an_account_made_with_a_sha256_opens_everywhere() {
        let bench = Bench::with(never).await;
        let new = |name: &str, password: &str| NewUser {
            username: name.into(),
            password: password.into(),
            nickname: Some("Lin".into()),
            ..NewUser::default()
        };
        let users = &bench.services.users;
        let hex = passwords::digest(PASSWORD);
        let made = users.register(&bench.client(), new("lin", &hex)).await;
        let lin = made.expect("made").id;
        assert_eq!(typed(&bench, "lin", &hex).await, Ok(lin));
        assert_eq!(typed(&bench, "lin", PASSWORD).await, Ok(lin));
        bench.sign_in("lin").await;
        for weak in ["123456", "menshen", "han"] {
            let hex = passwords::digest(weak);
            let made = users.register(&bench.client(), new("han", &hex)).await;
            let error = made.expect_err("weak");
            assert_eq!(fields(&error), ["password"], "{weak}");
        }
        let made = users.register(&bench.client(), new("han", "short")).await;
        assert_eq!(fields(&made.expect_err("short")), ["password"]);
        // What a sign-up elsewhere sends is the password itself.
        let made = users.sign_up(&bench.client(), new("wei", &hex)).await;
        made.expect("made");
        assert_eq!(typed(&bench, "wei", &hex).await, Err(Kind::Credentials));
        let inside = bench.tries(&bench.client(), "wei", &hex).await;
        inside.expect("the password itself");
    }

    #[tokio::test]
    async fn req9_a_row_of_failures_is_the_accounts_whatever_is_typed() {
        let bench = Bench::with(|s| {
            never(s);
            s.limits.delay_after = 1000;
            s.limits.name_failures = 4;
        })
        .await;
        let lin = bench.user("lin").await;
        tell(&bench, lin, (PHONE, true), ("lin@example.com", true)).await;
        for name in ["lin", PHONE, "lin@example.com", "LIN"] {
            let wrong = typed(&bench, name, "not the password").await;
            assert_eq!(wrong, Err(Kind::Credentials), "{name}");
        }
        let kind = typed(&bench, PHONE, PASSWORD).await.expect_err("must wait");
        assert!(matches!(kind, Kind::TooMany { .. }), "{kind:?}");
    }

    #[tokio::test]
    async fn odd_names_are_nobodys() {
        let bench = Bench::with(never).await;
        let long = "x".repeat(5000);
        for name in ["", " ", "x", "a\0b", "%", "' OR 1=1 --", long.as_str()] {
            let refused = typed(&bench, name, PASSWORD).await;
            assert_eq!(refused, Err(Kind::Credentials), "{name:.20}");
        }
    }

    #[tokio::test]
    async fn a_browser_is_told_that_the_account_is_disabled_for_the_right_password_alone() {
        let bench = Bench::with(never).await;
        let admin = bench.admin().await;
        let lin = bench.user("lin").await;
        let disabled = UserChange {
            status: Some(Status::Disabled),
            ..UserChange::default()
        };
        let users = &bench.services.users;
        users.update(&admin, lin, disabled).await.expect("disabled");
        let sign_in = &bench.services.sign_in;
        for (password, kind) in [
            (PASSWORD, Kind::Locked),
            ("not the password", Kind::Credentials),
        ] {
            let credentials = bench.credentials("lin", password);
            let refused = sign_in.by_cookie(&bench.client(), credentials).await;
            assert_eq!(refused.expect_err("disabled").kind, kind);
        }
        // Everywhere else it is one answer.
        let refused = bench.tries(&bench.client(), "lin", PASSWORD).await;
        assert_eq!(refused.expect_err("disabled"), Kind::Credentials);
    }
}
