//! Word of changes for the pages of the admin UI.

use crate::support::Bench;
use std::time::Duration;

pub(crate) async fn a_page_is_told_of_changes_until_its_session_ends(bench: &Bench) {
    let site = bench.site().await;
    let admin = site.admin().await;
    site.person("lin", &["system:role:list"]).await;
    let browser = site.browser("lin").await;
    let listens = async { browser.get("/admin/live").await };
    let happens = async {
        // Whenever she begins to listen: something happens afterwards.
        for name in ["han", "mei", "wu"] {
            tokio::time::sleep(Duration::from_millis(1200)).await;
            site.person(name, &["system:user:list"]).await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let list = admin.get("/session/list?username=lin&kind=browser").await;
        let list = list.ok();
        let sid = list["list"][0]["sessionId"].as_str().expect("a session");
        admin.delete(&format!("/session/{sid}")).await.ok();
    };
    let (told, ()) = tokio::join!(listens, happens);
    let told = told.is(200);
    assert_eq!(told.header("content-type"), "text/event-stream");
    assert_eq!(told.header("cache-control"), "no-store");
    let text = told.text();
    let said: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .collect();
    assert!(said.iter().any(|topics| topics.contains("roles")), "{text}");
    assert_eq!(said.last(), Some(&"me"), "{text}");
    assert!(!text.contains("sign-ins"), "she may not know: {text}");
    browser.get("/admin/live").await.is(401);
}

pub(crate) async fn only_pages_are_told(bench: &Bench) {
    let site = bench.site().await;
    site.anonymous().get("/admin/live").await.is(401);
    site.admin().await.get("/admin/live").await.is(403);
}
