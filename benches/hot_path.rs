//! What every request pays, beside what a sign-in pays: `make bench`.

use divan::Bencher;
use menshen::{compose, settings};
use menshen_domain::permission::Grants;
use menshen_services::{Client, Credentials, Services};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const PASSWORD: &str = "correct horse battery";

fn main() {
    divan::main();
}

struct Bench {
    runtime: Runtime,
    services: Services,
    token: String,
    _dir: TempDir,
}

fn bench() -> Bench {
    let runtime = Runtime::new().expect("runtime");
    let dir = TempDir::new().expect("dir");
    let url = format!("sqlite://{}/b.db", dir.path().display());
    let overrides = [
        settings::Override::new("database", "url", &url, ""),
        settings::Override::new("limits", "captchas_per_minute", "4000000000", ""),
    ];
    let (services, token) = runtime.block_on(async {
        let settings = settings::load(None, &overrides).expect("settings");
        let (_, services) = compose::services(&settings).await.expect("services");
        services
            .users
            .first_administrator(Some("root"), Some(PASSWORD))
            .await
            .expect("administrator");
        let issued = sign_in(&services).await;
        (services, issued)
    });
    Bench {
        runtime,
        services,
        token,
        _dir: dir,
    }
}

async fn sign_in(services: &Services) -> String {
    let credentials = Credentials {
        username: "root".into(),
        password: PASSWORD.into(),
        ..Credentials::default()
    };
    let issued = services
        .sign_in
        .by_api(&Client::default(), credentials)
        .await
        .expect("sign in");
    issued.access.token
}

#[divan::bench]
fn check_an_access_token(bencher: Bencher) {
    let b = bench();
    bencher.bench(|| {
        b.runtime.block_on(async {
            let caller = b
                .services
                .access
                .by_token(&b.token, Client::default())
                .await
                .expect("caller");
            caller.require("system:role:list").expect("granted");
        });
    });
}

#[divan::bench]
fn sign_in_with_a_password(bencher: Bencher) {
    let b = bench();
    bencher.bench(|| b.runtime.block_on(sign_in(&b.services)));
}

#[divan::bench(args = [1, 10, 100])]
fn ask_among_patterns(bencher: Bencher, count: usize) {
    let grants: Grants = (0..count).map(|n| format!("area{n}:*:list")).collect();
    bencher.bench(|| grants.allow(divan::black_box("system:role:list")));
}

#[divan::bench]
fn draw_a_captcha(bencher: Bencher) {
    let b = bench();
    bencher.bench(|| {
        b.runtime
            .block_on(b.services.captcha.create(&Client::default()))
            .expect("captcha")
    });
}
