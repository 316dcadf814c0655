//! The documentation that the server itself hands out.

use crate::support::Bench;
use menshen_http::openapi;

pub(crate) async fn the_openapi_document_is_served(bench: &Bench) {
    let site = bench.site().await;
    let answer = site.anonymous().get("/openapi.json").await.is(200);
    assert!(
        answer
            .header("content-type")
            .starts_with("application/json")
    );
    assert_eq!(answer.raw(), openapi::document());
}

pub(crate) async fn req43_the_page_of_the_documentation_runs_nothing_but_its_own(bench: &Bench) {
    let site = bench.site().await;
    for (language, tag, word) in [("zh", "zh-CN", "修改角色"), ("en", "en", "Change a role")] {
        let asked = site.anonymous().with("accept-language", language);
        let answer = asked.get("/docs").await.is(200);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert_eq!(answer.header("content-language"), tag);
        assert!(answer.text().contains(word), "{language}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(policy.contains("script-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
