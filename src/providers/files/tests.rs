use super::*;
use aws_lc_rs::{digest, hmac};
use axum::Router;
use axum::body::Bytes as Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use menshen_services::settings::UploadStore;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const ACCESS_KEY: &str = "AKIDEXAMPLE";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const MODIFIED: &str = "2026-11-21T10:20:30.000Z";

/// A store that speaks as much of S3 as is needed, and answers only requests that are signed.
#[derive(Debug, Default)]
struct S3 {
    objects: BTreeMap<String, Body>,
    /// What was asked, as `METHOD /path?query`.
    asked: Vec<String>,
    /// Whether it is out of order.
    broken: bool,
}

type Shared = Arc<Mutex<S3>>;

async fn s3() -> (String, Shared) {
    let shared = Shared::default();
    let app = Router::new().fallback(answer).with_state(shared.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("served") });
    (url, shared)
}

fn settings(endpoint: &str) -> Upload {
    Upload {
        store: UploadStore::S3,
        s3_endpoint: Some(endpoint.to_owned()),
        s3_bucket: Some("uploads".to_owned()),
        s3_region: "eu-west-9".to_owned(),
        s3_access_key: Some(ACCESS_KEY.into()),
        s3_secret_key: Some(SECRET_KEY.into()),
        ..Upload::default()
    }
}

async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut s3 = shared.lock().expect("state");
    s3.asked.push(format!("{method} {uri}"));
    if s3.broken {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    if !is_signed(&method, &uri, &headers, &body) {
        let xml = "<Error><Code>SignatureDoesNotMatch</Code></Error>";
        return (StatusCode::FORBIDDEN, xml).into_response();
    }
    let Some(key) = uri.path().strip_prefix("/uploads") else {
        return (
            StatusCode::NOT_FOUND,
            "<Error><Code>NoSuchBucket</Code></Error>",
        )
            .into_response();
    };
    let key = key.trim_start_matches('/').to_owned();
    match method {
        Method::PUT => {
            s3.objects.insert(key, body);
            [(header::ETAG, "\"1\"")].into_response()
        }
        Method::DELETE => {
            s3.objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ if key.is_empty() => listed(&s3.objects, &uri).into_response(),
        _ => match s3.objects.get(&key) {
            Some(found) => {
                let modified = "Sat, 21 Nov 2026 10:20:30 GMT";
                let headers = [(header::ETAG, "\"1\""), (header::LAST_MODIFIED, modified)];
                (headers, found.clone()).into_response()
            }
            None => {
                let xml = "<Error><Code>NoSuchKey</Code></Error>";
                (StatusCode::NOT_FOUND, xml).into_response()
            }
        },
    }
}

fn query(uri: &Uri) -> BTreeMap<&str, &str> {
    let raw = uri.query().unwrap_or_default();
    raw.split('&').filter_map(|p| p.split_once('=')).collect()
}

/// ListObjectsV2, two keys at a time.
fn listed(objects: &BTreeMap<String, Body>, uri: &Uri) -> String {
    let query = query(uri);
    assert_eq!(query.get("list-type"), Some(&"2"));
    let prefix = query.get("prefix").copied().unwrap_or_default();
    let prefix = prefix.replace("%2F", "/");
    let after = query.get("continuation-token").copied().unwrap_or_default();
    let after = after.replace("%2F", "/");
    let found: Vec<_> = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix) && **key > after)
        .collect();
    let mut xml = String::from("<ListBucketResult>");
    for (key, body) in found.iter().take(2) {
        xml.push_str(&format!(
            "<Contents><Key>{key}</Key><LastModified>{MODIFIED}</LastModified>\
             <Size>{}</Size><ETag>\"1\"</ETag></Contents>",
            body.len()
        ));
    }
    if let (Some(last), true) = (found.get(1), found.len() > 2) {
        let token = format!("<NextContinuationToken>{}</NextContinuationToken>", last.0);
        xml.push_str(&token);
    }
    xml.push_str("</ListBucketResult>");
    xml
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

/// Whether a request is signed with the secret key (AWS Signature Version 4), its body included.
fn is_signed(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|v| v.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let authorization = text("authorization");
    let part = |name: &str| {
        let at = authorization.find(name)? + name.len();
        authorization[at..].split(',').next().map(str::trim)
    };
    let date = text("x-amz-date");
    let (Some(credential), Some(names), Some(signature), Some(day)) = (
        part("Credential="),
        part("SignedHeaders="),
        part("Signature="),
        date.get(..8),
    ) else {
        return false;
    };
    let scope = format!("{day}/eu-west-9/s3/aws4_request");
    if credential != format!("{ACCESS_KEY}/{scope}") || text("x-amz-content-sha256") != sha256(body)
    {
        return false;
    }
    let signed: String = names
        .split(';')
        .map(|name| format!("{name}:{}\n", text(name).trim()))
        .collect();
    let query: Vec<String> = query(uri)
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let canonical = [
        method.as_str(),
        uri.path(),
        &query.join("&"),
        &signed,
        names,
        &sha256(body),
    ]
    .join("\n");
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
        sha256(canonical.as_bytes())
    );
    let mut key = mac(format!("AWS4{SECRET_KEY}").as_bytes(), day);
    for step in ["eu-west-9", "s3", "aws4_request"] {
        key = mac(&key, step);
    }
    names.contains("host") && signature == hex(&mac(&key, &to_sign))
}

async fn keys(files: &Files, folder: &str) -> Vec<String> {
    let mut keys: Vec<String> = files
        .list(folder)
        .await
        .expect("listed")
        .into_iter()
        .map(|s| s.key)
        .collect();
    keys.sort();
    keys
}

/// What every store does.
async fn works(files: &Files) {
    assert_eq!(files.get("a/none.png").await.expect("asked"), None);
    files
        .delete("a/none.png")
        .await
        .expect("nothing there is fine");
    assert!(keys(files, "a").await.is_empty());
    let content = Bytes::from_static(b"\x89PNG\0\xff");
    for key in [
        "a/1.png", "a/2.png", "a/3.png", "a/4.png", "a/5.png", "b/1.png",
    ] {
        files.put(key, content.clone()).await.expect("put");
    }
    assert_eq!(files.get("a/1.png").await.expect("asked"), Some(content));
    assert_eq!(
        keys(files, "a").await,
        ["a/1.png", "a/2.png", "a/3.png", "a/4.png", "a/5.png"]
    );
    assert_eq!(keys(files, "b").await, ["b/1.png"]);
    files.delete("a/1.png").await.expect("deleted");
    assert_eq!(files.get("a/1.png").await.expect("asked"), None);
    let other = Bytes::from_static(b"other");
    files.put("b/1.png", other.clone()).await.expect("put");
    assert_eq!(files.get("b/1.png").await.expect("asked"), Some(other));
}

#[tokio::test]
async fn a_folder_keeps_files() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("data/uploads");
    let files = Files::in_folder(folder.clone());
    assert_eq!(files.get("a/1.png").await.expect("asked"), None);
    assert!(!folder.exists(), "it is made when the first file comes");
    works(&files).await;
    let kept = std::fs::read(folder.join("b/1.png")).expect("a file");
    assert_eq!(kept, b"other");
    // Another one finds what the first one put there.
    let again = Files::in_folder(folder);
    assert_eq!(keys(&again, "b").await, ["b/1.png"]);
    let stored = again.list("b").await.expect("listed").remove(0);
    assert!(stored.modified.0 > 1_700_000_000_000_000, "microseconds");
}

#[tokio::test]
async fn req48_no_key_leaves_the_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("secret"), "x").expect("written");
    let files = Files::in_folder(dir.path().join("uploads"));
    files.put("a/1.png", Bytes::new()).await.expect("put");
    for key in [
        "../secret",
        "a/../../secret",
        "/secret",
        "a/../secret",
        "..%2fsecret",
    ] {
        let found = files.get(key).await;
        assert!(!matches!(found, Ok(Some(_))), "{key}");
        // Wherever it went, it went nowhere else.
        drop(files.put(key, Bytes::from_static(b"y")).await);
        let kept = std::fs::read(dir.path().join("secret")).expect("there");
        assert_eq!(kept, b"x", "{key}");
    }
}

#[tokio::test]
async fn a_folder_that_cant_be_made_is_our_fault() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    std::fs::write(&file, "x").expect("written");
    let files = Files::in_folder(file.join("uploads"));
    let error = files.put("a/1.png", Bytes::new()).await;
    assert_eq!(error.expect_err("failed").kind, Kind::Internal);
}

#[tokio::test]
async fn a_bucket_keeps_files_and_every_request_is_signed() {
    let (url, shared) = s3().await;
    let files = Files::in_bucket(&settings(&url)).expect("settings");
    works(&files).await;
    let asked = shared.lock().expect("state").asked.clone();
    for one in [
        "PUT /uploads/a/1.png",
        "GET /uploads/a/1.png",
        "DELETE /uploads/a/1.png",
    ] {
        assert!(asked.iter().any(|a| a == one), "{one}: {asked:?}");
    }
    let stored = files.list("b").await.expect("listed").remove(0);
    assert_eq!(stored.modified, Timestamp(1_795_256_430_000_000));
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_not_told() {
    let (url, shared) = s3().await;
    let files = Files::in_bucket(&Upload {
        s3_secret_key: Some("another-secret-key".into()),
        ..settings(&url)
    });
    let files = files.expect("settings");
    let error = files.put("a/1.png", Bytes::from_static(b"x")).await;
    let error = error.expect_err("refused");
    assert_eq!(error.kind, Kind::Upstream);
    assert!(shared.lock().expect("state").objects.is_empty());
    let told = format!("{error:?} {files:?}");
    assert!(!told.contains("another-secret-key"), "{told}");
}

#[tokio::test]
async fn req53_a_bucket_out_of_order_is_tried_again_and_told() {
    let (url, shared) = s3().await;
    let files = Files::in_bucket(&settings(&url)).expect("settings");
    shared.lock().expect("state").broken = true;
    let error = files.get("a/1.png").await.expect_err("broken");
    assert_eq!(error.kind, Kind::Upstream);
    assert_eq!(shared.lock().expect("state").asked.len(), 1 + RETRIES);
    shared.lock().expect("state").broken = false;
    assert_eq!(files.get("a/1.png").await.expect("asked"), None);

    let nobody = Files::in_bucket(&settings("http://127.0.0.1:9")).expect("settings");
    let error = nobody.delete("a/1.png").await.expect_err("nobody there");
    assert_eq!(error.kind, Kind::Upstream);
}

#[tokio::test]
async fn a_bucket_may_be_named_by_its_host() {
    let (url, shared) = s3().await;
    let files = Files::in_bucket(&Upload {
        s3_virtual_host: true,
        ..settings(&url)
    });
    let files = files.expect("settings");
    drop(files.put("a/1.png", Bytes::new()).await);
    let asked = shared.lock().expect("state").asked.clone();
    assert_eq!(asked[0], "PUT /a/1.png");
}

#[test]
fn req29_keys_are_not_shown() {
    let settings = settings("https://s3.example.com");
    let files = Files::in_bucket(&settings).expect("settings");
    let shown = format!("{files:?}");
    assert!(!shown.contains(SECRET_KEY), "{shown}");
}
