//! Access tokens: what they are, and what passes for one.

use super::*;
use crate::testing::{Bench, in_a_second};
use aws_lc_rs::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use menshen_domain::Kind;
use std::collections::BTreeSet;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256];
const MINUTE: Duration = Duration::from_mins(1);

async fn bench(algorithm: Algorithm) -> Bench {
    Bench::with(|s| s.token.algorithm = algorithm).await
}

fn far(bench: &Bench) -> Timestamp {
    bench.services.now() + Duration::from_hours(24)
}

async fn issue(bench: &Bench, tokens: &Tokens) -> AccessToken {
    let session = SessionId("0199-session".into());
    tokens
        .issue(UserId(7), "林薇", &session, 3, far(bench))
        .await
        .expect("issue")
}

fn part(token: &str, n: usize) -> Value {
    let part = token.split('.').nth(n).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn kid_of(token: &AccessToken) -> String {
    part(&token.token, 0)["kid"]
        .as_str()
        .expect("a kid")
        .to_owned()
}

fn kids(set: &Value) -> BTreeSet<String> {
    let list = set["keys"].as_array().expect("a list");
    list.iter()
        .map(|k| k["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

/// A token of any header and any claims, signed by the bench's own key.
async fn forge(bench: &Bench, header: &Value, claims: &Value) -> String {
    let keys = bench.services.tokens.keys().await.expect("keys");
    let key = keys.signing(bench.services.now()).expect("a key");
    signed(header, claims, &key.signing, key.algorithm)
}

fn signed(
    header: &Value,
    claims: &Value,
    key: &EncodingKey,
    algorithm: jsonwebtoken::Algorithm,
) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).expect("signature");
    format!("{message}.{signature}")
}

async fn refused(bench: &Bench, token: &str, what: &str) {
    let error = bench.services.tokens.verify(token).await.expect_err(what);
    assert_eq!(error.kind, Kind::Token, "{what}");
    assert_eq!(error.text.en, "Invalid access token.");
    let grace = bench.services.tokens.verify_within(token, EXCHANGE_GRACE);
    let error = grace.await.expect_err(what);
    assert_eq!(error.kind, Kind::Token, "{what}, for an exchange");
}

#[tokio::test]
async fn req30_every_algorithm_signs_what_its_public_key_verifies() {
    for algorithm in ALGORITHMS {
        let bench = bench(algorithm).await;
        let issued = issue(&bench, &bench.services.tokens).await;
        let set = bench.services.tokens.public_keys().await.expect("keys");
        assert_eq!(set["keys"].as_array().map(Vec::len), Some(1));
        let jwk = &set["keys"][0];
        let header = part(&issued.token, 0);
        assert_eq!(
            header,
            json!({ "typ": "at+jwt", "alg": algorithm.name(), "kid": jwk["kid"] })
        );

        // By another hand than the one that signs and verifies here.
        let (message, signature) = issued.token.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let member = |name: &str| {
            let text = jwk[name].as_str().expect(name);
            URL_SAFE_NO_PAD.decode(text).expect("base64url")
        };
        let verified = match algorithm {
            Algorithm::EdDsa => UnparsedPublicKey::new(&signature::ED25519, member("x"))
                .verify(message.as_bytes(), &signature),
            Algorithm::Es256 => {
                let point = [vec![4], member("x"), member("y")].concat();
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
                    .verify(message.as_bytes(), &signature)
            }
            Algorithm::Rs256 => RsaPublicKeyComponents {
                n: member("n"),
                e: member("e"),
            }
            .verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message.as_bytes(),
                &signature,
            ),
        };
        verified.unwrap_or_else(|_| panic!("{}", algorithm.name()));
        let claims = bench.services.tokens.verify(&issued.token).await;
        assert_eq!(*claims.expect("ours"), issued.claims);
    }
}

#[tokio::test]
async fn the_claims_are_those_of_the_contract() {
    let bench = Bench::sqlite().await;
    let issued = issue(&bench, &bench.services.tokens).await;
    let now = bench.services.now().seconds();
    let mut claims = part(&issued.token, 1);
    let jti = claims["jti"].take();
    assert_eq!(
        claims,
        json!({
            "iss": "menshen", "sub": "7", "aud": "menshen", "iat": now, "nbf": now,
            "exp": now + 900, "jti": null, "sid": "0199-session", "uid": 7, "username": "林薇",
        })
    );
    let again = issue(&bench, &bench.services.tokens).await;
    assert_ne!(jti, part(&again.token, 1)["jti"]);
    assert_eq!(issued.claims.generation(), 3);
    assert_eq!(issued.claims.session_id().0, "0199-session");
}

#[tokio::test]
async fn the_jwks_shows_public_members_alone() {
    for (algorithm, members) in [
        (Algorithm::EdDsa, "alg crv kid kty use x"),
        (Algorithm::Es256, "alg crv kid kty use x y"),
        (Algorithm::Rs256, "alg e kid kty n use"),
    ] {
        let bench = bench(algorithm).await;
        let set = bench.services.tokens.public_keys().await.expect("keys");
        let jwk = set["keys"][0].as_object().expect("an object");
        let mut names: Vec<&str> = jwk.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names.join(" "), members);
        assert_eq!(jwk["alg"], algorithm.name());
        assert_eq!(jwk["use"], "sig");
        let kind = match algorithm {
            Algorithm::EdDsa => ("OKP", "Ed25519"),
            Algorithm::Es256 => ("EC", "P-256"),
            Algorithm::Rs256 => ("RSA", ""),
        };
        let crv = jwk.get("crv").and_then(Value::as_str).unwrap_or_default();
        assert_eq!((jwk["kty"].as_str().expect("kty"), crv), kind);
    }
}

#[tokio::test]
async fn private_keys_are_sealed_in_the_database() {
    let bench = Bench::sqlite().await;
    let mut conn = bench.db.read().await.expect("conn");
    let rows = keys::all(&mut conn, bench.services.now()).await;
    let row = &rows.expect("query")[0];
    let core = &bench.services.core;
    let plain = core.secrets.open(&purpose(&row.kid), &row.private_sealed);
    let plain = plain.expect("with the right key and purpose");
    let inside = row
        .private_sealed
        .windows(16)
        .any(|w| plain.windows(16).any(|p| p == w));
    assert!(!inside);
    let swapped = core.secrets.open(&purpose("another"), &row.private_sealed);
    swapped.expect_err("a row can't be passed off as another");
}

#[tokio::test]
async fn req30_only_our_algorithm_our_key_and_our_type_pass() {
    for algorithm in ALGORITHMS {
        let bench = bench(algorithm).await;
        let good = issue(&bench, &bench.services.tokens).await;
        let claims = part(&good.token, 1);
        let header = part(&good.token, 0);
        let ours = forge(&bench, &header, &claims).await;
        let passed = bench.services.tokens.verify(&ours).await;
        passed.expect("what is forged right passes");
        let with = |name: &str, value: Value| {
            let mut header = header.clone();
            header[name] = value;
            header
        };

        // No signature at all.
        let (message, signature) = good.token.rsplit_once('.').expect("three parts");
        for alg in ["none", "None", "NONE", ""] {
            let none = with("alg", json!(alg)).to_string();
            let none = format!(
                "{}.{}",
                URL_SAFE_NO_PAD.encode(none),
                message.split_once('.').expect("two parts").1
            );
            refused(&bench, &format!("{none}."), alg).await;
            refused(&bench, &format!("{none}.{signature}"), alg).await;
        }
        refused(&bench, &format!("{message}."), "an empty signature").await;
        refused(&bench, message, "no signature").await;

        // The public key taken for a shared secret.
        let set = bench.services.tokens.public_keys().await.expect("keys");
        let jwk = &set["keys"][0];
        let member = jwk.get("x").or(jwk.get("n")).and_then(Value::as_str);
        let member = member.expect("a public key");
        for secret in [
            URL_SAFE_NO_PAD.decode(member).expect("base64url"),
            member.as_bytes().to_vec(),
            jwk.to_string().into_bytes(),
        ] {
            for (alg, name) in [
                (jsonwebtoken::Algorithm::HS256, "HS256"),
                (jsonwebtoken::Algorithm::HS512, "HS512"),
            ] {
                let key = EncodingKey::from_secret(&secret);
                for claimed in [name, algorithm.name()] {
                    let token = signed(&with("alg", json!(claimed)), &claims, &key, alg);
                    refused(&bench, &token, "HMAC with the public key").await;
                }
            }
        }

        // Another algorithm, and another's key.
        for other in ALGORITHMS {
            let pkcs8 = new_private_key(other).expect("key");
            let key = encoding_key(jwt(other), &pkcs8).expect("key");
            let theirs = signed(&with("alg", json!(other.name())), &claims, &key, jwt(other));
            refused(&bench, &theirs, "another key under our kid").await;
            let mut unknown = with("alg", json!(other.name()));
            unknown["kid"] = json!("unknown");
            let theirs = signed(&unknown, &claims, &key, jwt(other));
            refused(&bench, &theirs, "an unknown kid").await;
            // A key that came along.
            let brought = public_jwk(other, "unknown", &pkcs8).expect("jwk");
            for kid in ["unknown", header["kid"].as_str().expect("kid")] {
                let mut own = with("alg", json!(other.name()));
                own["kid"] = json!(kid);
                own["jwk"] = brought.clone();
                let theirs = signed(&own, &claims, &key, jwt(other));
                refused(&bench, &theirs, "a key that came along").await;
            }
            if other != algorithm {
                let header = with("alg", json!(other.name()));
                let ours = forge(&bench, &header, &claims).await;
                refused(&bench, &ours, "our key under another algorithm").await;
            }
        }

        // Our own signature under a header that we never write.
        for (name, value) in [
            ("jwk", jwk.clone()),
            ("jku", json!("https://evil.example/jwks.json")),
            ("x5u", json!("https://evil.example/cert.pem")),
            ("x5c", json!(["MIIB"])),
            ("crit", json!(["exp"])),
            ("kid", Value::Null),
            ("kid", json!("")),
            ("kid", json!(7)),
            ("kid", json!([header["kid"]])),
            ("typ", Value::Null),
            ("typ", json!("JWT")),
            ("typ", json!("jwt")),
            ("typ", json!("")),
            ("typ", json!("at+jwt2")),
            ("typ", json!(["at+jwt"])),
            ("alg", json!("EdDSB")),
            ("alg", Value::Null),
        ] {
            let token = forge(&bench, &with(name, value.clone()), &claims).await;
            refused(&bench, &token, &format!("{name}: {value}")).await;
        }
        for name in ["kid", "typ", "alg"] {
            let mut without = header.clone();
            without.as_object_mut().expect("an object").remove(name);
            let token = forge(&bench, &without, &claims).await;
            refused(&bench, &token, &format!("no {name}")).await;
        }
    }
}

#[tokio::test]
async fn req30_no_character_can_be_changed() {
    let bench = Bench::sqlite().await;
    let good = issue(&bench, &bench.services.tokens).await.token;
    for (at, old) in good.char_indices() {
        // The neighbour in the alphabet differs in the last bit, which base64 may not even use.
        let new = match old {
            'A' => 'B',
            'Q' => 'R',
            'g' => 'h',
            'w' => 'x',
            _ => 'A',
        };
        let changed = format!("{}{new}{}", &good[..at], &good[at + old.len_utf8()..]);
        refused(&bench, &changed, &format!("character {at}")).await;
    }
    for odd in [
        format!("{good}="),
        format!("{good} "),
        format!(" {good}"),
        format!("{good}."),
        format!("{good}.{good}"),
        good.replace('.', ".."),
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "令牌".to_owned(),
        "\0".to_owned(),
        "A".repeat(1 << 20),
        "e30.e30.".to_owned(),
    ] {
        refused(&bench, &odd, "odd text").await;
    }
    bench
        .services
        .tokens
        .verify(&good)
        .await
        .expect("unchanged");
}

#[tokio::test]
async fn req31_claims_must_be_there_and_of_their_type() {
    let bench = Bench::sqlite().await;
    let good = issue(&bench, &bench.services.tokens).await;
    let (header, claims) = (part(&good.token, 0), part(&good.token, 1));
    let exp = claims["exp"].clone();
    for (name, value) in [
        ("iss", json!("mallory")),
        ("iss", json!("")),
        ("iss", json!("MENSHEN")),
        ("iss", json!(["menshen"])),
        ("iss", json!(1)),
        ("iss", Value::Null),
        ("aud", json!("others")),
        ("aud", json!("")),
        ("aud", json!(["menshen"])),
        ("aud", json!(["others", "menshen"])),
        ("aud", Value::Null),
        ("exp", json!(exp.to_string())),
        ("exp", json!(1.9e9)),
        ("exp", json!(1e300)),
        ("exp", json!(true)),
        ("exp", json!([exp])),
        ("exp", Value::Null),
        ("nbf", json!("0")),
        ("nbf", json!(0.5)),
        ("nbf", Value::Null),
        ("iat", json!("0")),
        ("iat", Value::Null),
        ("sub", json!(7)),
        ("sub", Value::Null),
        ("uid", json!("7")),
        ("uid", json!(7.5)),
        ("uid", json!(u64::MAX)),
        ("uid", Value::Null),
        ("jti", json!(3)),
        ("jti", Value::Null),
        ("sid", json!({ "$ne": "" })),
        ("sid", Value::Null),
        ("username", json!(["林薇"])),
        ("username", Value::Null),
    ] {
        let mut wrong = claims.clone();
        wrong[name] = value.clone();
        let token = forge(&bench, &header, &wrong).await;
        refused(&bench, &token, &format!("{name}: {value}")).await;
    }
    for name in claims.as_object().expect("an object").keys() {
        let mut without = claims.clone();
        without.as_object_mut().expect("an object").remove(name);
        let token = forge(&bench, &header, &without).await;
        refused(&bench, &token, &format!("no {name}")).await;
    }
    for odd in [json!([]), json!("text"), json!(1), Value::Null] {
        let token = forge(&bench, &header, &odd).await;
        refused(&bench, &token, "claims that are no object").await;
    }
    let mut more = claims.clone();
    more["admin"] = json!(true);
    let token = forge(&bench, &header, &more).await;
    let passed = bench.services.tokens.verify(&token).await;
    passed.expect("what is not known is not looked at");
}

#[tokio::test]
async fn req31_another_issuer_or_audience_is_not_ours() {
    let bench = Bench::sqlite().await;
    let ours = issue(&bench, &bench.services.tokens).await;
    for change in [
        |s: &mut crate::Settings| s.token.issuer = "https://other.example".into(),
        |s: &mut crate::Settings| s.token.audience = "other".into(),
    ] {
        let (other, _db) = bench.twin(change).await;
        let error = other.tokens.verify(&ours.token).await.expect_err("ours");
        assert_eq!(error.kind, Kind::Token);
        let theirs = issue(&bench, &other.tokens).await;
        refused(&bench, &theirs.token, "theirs").await;
        other.tokens.verify(&theirs.token).await.expect("theirs");
    }
}

#[tokio::test]
async fn req32_a_token_lasts_fifteen_minutes_at_most() {
    let bench = Bench::with(|s| s.token.access_seconds = 86_400).await;
    let issued = issue(&bench, &bench.services.tokens).await;
    assert_eq!(issued.claims.exp - issued.claims.iat, 900);
    let tokens = &bench.services.tokens;
    bench.clock.forward(Duration::from_secs(899));
    tokens.verify(&issued.token).await.expect("in time");
    bench.clock.forward(Duration::from_secs(1));
    let error = tokens.verify(&issued.token).await.expect_err("over");
    assert_eq!(error.kind, Kind::Token, "though it was verified before");
    // For an exchange it may have expired less than ten minutes ago.
    let within = || tokens.verify_within(&issued.token, EXCHANGE_GRACE);
    within().await.expect("just over");
    bench.clock.forward(EXCHANGE_GRACE - Duration::from_secs(1));
    within().await.expect("still in grace");
    bench.clock.forward(Duration::from_secs(1));
    within().await.expect_err("out of grace");
}

#[tokio::test]
async fn a_token_ends_with_its_session() {
    let bench = Bench::sqlite().await;
    let end = bench.services.now() + MINUTE;
    let session = SessionId("s".into());
    let tokens = &bench.services.tokens;
    let issued = tokens.issue(UserId(7), "lin", &session, 1, end).await;
    assert_eq!(issued.expect("issue").claims.exp, end.seconds());
}

#[tokio::test]
async fn req31_a_token_is_not_good_before_its_time() {
    let bench = Bench::sqlite().await;
    let good = issue(&bench, &bench.services.tokens).await;
    let (header, mut claims) = (part(&good.token, 0), part(&good.token, 1));
    let now = bench.services.now().seconds();
    claims["nbf"] = json!(now + 60);
    let token = forge(&bench, &header, &claims).await;
    refused(&bench, &token, "a minute early").await;
    bench.clock.forward(Duration::from_secs(49));
    refused(&bench, &token, "eleven seconds early").await;
    bench.clock.forward(Duration::from_secs(1));
    let passed = bench.services.tokens.verify(&token).await;
    passed.expect("as far as two clocks may be apart");
}

#[tokio::test]
async fn req32_keys_rotate_with_overlap() {
    let bench = Bench::sqlite().await;
    let tokens = &bench.services.tokens;
    let first = issue(&bench, tokens).await;
    bench.clock.forward(Duration::from_hours(2));
    tokens.rotate().await.expect("rotate");
    tokens.rotate().await.expect("once is enough");
    let published = kids(&tokens.public_keys().await.expect("keys"));
    assert_eq!(published.len(), 2, "the new one is published at once");
    assert!(published.contains(&kid_of(&first)));
    for _ in 0..3 {
        let issued = issue(&bench, tokens).await;
        assert_eq!(kid_of(&issued), kid_of(&first), "before it signs");
        bench.clock.forward(Duration::from_secs(20 * 60 - 1));
    }
    let last_of_old = issue(&bench, tokens).await;
    assert_eq!(kid_of(&last_of_old), kid_of(&first));
    bench.clock.forward(Duration::from_secs(3));
    let of_new = issue(&bench, tokens).await;
    assert_ne!(kid_of(&of_new), kid_of(&first));
    assert!(published.contains(&kid_of(&of_new)));

    // The old key's last token is good until it expires, and may be exchanged after.
    bench.clock.forward(Duration::from_secs(890));
    let (other, _db) = bench.twin(|_| {}).await;
    for tokens in [tokens, &other.tokens] {
        tokens.verify(&last_of_old.token).await.expect("good");
        tokens.verify(&of_new.token).await.expect("good");
    }
    bench.clock.forward(Duration::from_mins(10));
    let (other, _db) = bench.twin(|_| {}).await;
    for tokens in [tokens, &other.tokens] {
        let late = tokens.verify(&last_of_old.token).await;
        late.expect_err("expired");
        let late = tokens.verify_within(&last_of_old.token, EXCHANGE_GRACE);
        late.await.expect("within grace");
    }
    // Then it goes.
    bench.clock.forward(Duration::from_mins(2));
    let (other, _db) = bench.twin(|_| {}).await;
    let left = kids(&other.tokens.public_keys().await.expect("keys"));
    assert_eq!(left, BTreeSet::from([kid_of(&of_new)]));
    let left = kids(&tokens.public_keys().await.expect("keys"));
    assert_eq!(left, BTreeSet::from([kid_of(&of_new)]), "here too");
}

#[tokio::test]
async fn req32_a_key_is_due_after_its_days() {
    let bench = Bench::with(|s| s.token.key_days = 90).await;
    let tokens = &bench.services.tokens;
    let count = async || kids(&tokens.public_keys().await.expect("keys")).len();
    let listening = tokio::spawn(bench.db.clone().listen());
    tokens.rotate_if_due().await.expect("not due");
    bench.clock.forward(Duration::from_hours(24 * 90) - MINUTE);
    tokens.rotate_if_due().await.expect("not due");
    assert_eq!(count().await, 1);
    bench.clock.forward(MINUTE);
    let (other, db) = bench.twin(|_| {}).await;
    let listening_there = tokio::spawn(db.listen());
    let (here, there) = tokio::join!(tokens.rotate_if_due(), other.tokens.rotate_if_due());
    here.expect("due");
    there.expect("due there too");
    bench.services.sweep().await.expect("housekeeping");
    bench.clock.forward(MINUTE);
    bench.services.sweep().await.expect("housekeeping");
    let told = async {
        let there = &other.tokens;
        while count().await != 2 || kids(&there.public_keys().await.expect("keys")).len() != 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let told = tokio::time::timeout(in_a_second(), told).await;
    told.expect("both nodes know of it");
    let (third, _db) = bench.twin(|_| {}).await;
    let made = kids(&third.tokens.public_keys().await.expect("keys"));
    assert_eq!(made.len(), 2, "one node made it, once");
    let before = issue(&bench, tokens).await;
    bench.clock.forward(Duration::from_hours(1));
    let after = issue(&bench, tokens).await;
    assert_ne!(kid_of(&before), kid_of(&after));
    let issued = issue(&bench, &other.tokens).await;
    other.tokens.verify(&after.token).await.expect("there too");
    tokens.verify(&issued.token).await.expect("and back");
    listening.abort();
    listening_there.abort();
}

#[tokio::test]
async fn the_algorithm_is_changed_by_setting() {
    let bench = Bench::sqlite().await;
    let listening = tokio::spawn(bench.db.clone().listen());
    let old = issue(&bench, &bench.services.tokens).await;
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa] {
        bench.clock.forward(Duration::from_secs(10));
        let (restarted, _db) = bench.twin(|s| s.token.algorithm = algorithm).await;
        let new = issue(&bench, &restarted.tokens).await;
        assert_eq!(part(&new.token, 0)["alg"], algorithm.name(), "at once");
        restarted.tokens.verify(&new.token).await.expect("its own");
        let accepted = restarted.tokens.verify(&old.token).await;
        accepted.expect("what was signed the old way");
        let accepted = bench.services.tokens.verify(&new.token).await;
        accepted.expect("a node that has not restarted yet");
    }
    listening.abort();
}

#[tokio::test]
async fn nodes_of_different_algorithms_make_no_keys_in_turn() {
    let bench = Bench::sqlite().await;
    let here = &bench.services;
    let (there, _db) = bench.twin(|s| s.token.algorithm = Algorithm::Es256).await;
    let count = async || {
        let mut conn = bench.db.read().await.expect("conn");
        let all = keys::all(&mut conn, bench.services.now()).await;
        all.expect("query").len()
    };
    assert_eq!(count().await, 2, "one each, when they started");
    for _ in 0..3 {
        bench.clock.forward(MINUTE);
        for node in [here, &there] {
            // As if word of the other's keys had just come.
            node.tokens.0.stale.store(true, Ordering::Release);
            node.ready().await.expect("ready");
            node.tokens.public_keys().await.expect("keys");
            node.sweep().await.expect("housekeeping");
        }
        assert_eq!(count().await, 2);
    }
    // When the newest has signed for long enough, one of them makes one for both.
    bench.clock.forward(Duration::from_hours(24 * 90));
    for node in [here, &there, here] {
        node.tokens.0.stale.store(true, Ordering::Release);
        node.sweep().await.expect("housekeeping");
    }
    assert_eq!(count().await, 2, "the newest, and the one that it follows");
}

#[tokio::test]
async fn looking_makes_no_key() {
    let bench = Bench::sqlite().await;
    let mut tx = bench.db.begin().await.expect("begin");
    sqlx::query("DELETE FROM signing_key")
        .execute(&mut *tx)
        .await
        .expect("deleted");
    tx.commit().await.expect("commit");
    let (node, _db) = bench.unprepared(|_| {}).await;
    node.ready().await.expect_err("there is none to sign with");
    let set = node.tokens.public_keys().await.expect("keys");
    assert_eq!(set, json!({ "keys": [] }));
    node.ready().await.expect_err("still none");
    node.prepare().await.expect("prepared");
    node.ready().await.expect("ready");
}

#[tokio::test]
async fn one_connection_at_a_time_is_enough() {
    let bench = Bench::postgres(|_| {}).await;
    bench.user("lin").await;
    let (node, db) = bench.with_connections(1, |_| {}).await;
    node.prepare().await.expect("prepared");
    let stale = || node.tokens.0.stale.store(true, Ordering::Release);
    let client = bench.client();
    let credentials = bench.credentials("lin", crate::testing::PASSWORD);
    stale();
    let issued = node.sign_in.by_api(&client, credentials).await;
    let issued = issued.expect("signed in");
    stale();
    let renewed = node.sessions.renew(&issued.refresh, &client).await;
    let renewed = renewed.expect("renewed");
    stale();
    let access = node.sessions.renew_access(&renewed.refresh, &client).await;
    let access = access.expect("renewed");
    stale();
    let exchanged = node.sessions.exchange(&access.token, &client).await;
    exchanged.expect("exchanged");
    db.close().await;
    bench.drop_database().await;
}

#[tokio::test]
async fn a_restart_keeps_the_keys() {
    let bench = Bench::sqlite().await;
    let before = bench.services.tokens.public_keys().await.expect("keys");
    for _ in 0..3 {
        let (again, _db) = bench.twin(|_| {}).await;
        assert_eq!(again.tokens.public_keys().await.expect("keys"), before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn req55_nodes_that_start_at_once_make_one_key() {
    for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
        bench.clock.forward(Duration::from_secs(1));
        let mut nodes = Vec::new();
        for _ in 0..4 {
            let (node, _) = bench
                .unprepared(|s| s.token.algorithm = Algorithm::Es256)
                .await;
            nodes.push(node);
        }
        let mut running = tokio::task::JoinSet::new();
        // Each of them finds that there is no key of the new algorithm yet.
        for node in nodes {
            running.spawn(async move { node.prepare().await });
        }
        for done in running.join_all().await {
            done.expect("prepare");
        }
        let (another, _db) = bench.twin(|s| s.token.algorithm = Algorithm::Es256).await;
        let set = another.tokens.public_keys().await.expect("keys");
        assert_eq!(kids(&set).len(), 2, "the first and the new one");
        if bench.db.backend() == menshen_storage::Backend::Postgres {
            bench.drop_database().await;
        }
    }
}

#[tokio::test]
async fn another_master_key_opens_nothing() {
    let bench = Bench::sqlite().await;
    let random = bench.services.core.random.clone();
    let wrong = crate::Secrets::new(&crate::MasterKey::generate(random.as_ref()), random.clone());
    let services = crate::Services::new(
        bench.db.clone(),
        wrong,
        crate::Settings::default(),
        crate::Outside::default(),
        Arc::new(crate::testing::Tailor::default()),
        bench.clock.clone(),
        random,
    );
    let error = services.prepare().await.expect_err("not its keys");
    assert_eq!(error.kind, Kind::Internal);
    assert!(error.to_string().contains("key file"), "{error}");
}

#[tokio::test]
async fn forged_key_ids_cost_no_database_read_each() {
    let bench = Bench::sqlite().await;
    let good = issue(&bench, &bench.services.tokens).await;
    let (mut header, claims) = (part(&good.token, 0), part(&good.token, 1));
    bench
        .services
        .tokens
        .verify(&good.token)
        .await
        .expect("good");
    bench.db.close().await;
    for n in 0..20 {
        header["kid"] = json!(format!("made-up-{n}"));
        let token = forge(&bench, &header, &claims).await;
        refused(&bench, &token, "an unknown kid").await;
    }
    bench.clock.forward(Duration::from_secs(5));
    header["kid"] = json!("perhaps another node's");
    let token = forge(&bench, &header, &claims).await;
    let error = bench.services.tokens.verify(&token).await;
    let error = error.expect_err("now it asks, in vain");
    assert_eq!(error.kind, Kind::Internal, "req53: that is no answer");
    bench
        .services
        .tokens
        .verify(&good.token)
        .await
        .expect("good");
}
