//! Uploads, and how they are served.

use crate::support::{Answer, Bench, Caller, Site, keys};
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::json;
use std::io::Cursor;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

const MIB: usize = 1024 * 1024;
/// What must be in nothing that is served.
const SECRET: &[u8] = b"31.2304N 121.4737E";

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    RgbImage::from_pixel(16, 8, Rgb([200, 10, 10]))
        .write_to(&mut out, format)
        .expect("encoded");
    out.into_inner()
}

/// A PDF of exactly this length.
fn pdf(length: usize) -> Vec<u8> {
    let (start, end) = (b"%PDF-1.7\n", b"\nstartxref\n0\n%%EOF\n");
    let mut out = start.to_vec();
    out.resize(length - end.len(), b' ');
    out.extend(end);
    out
}

async fn send(caller: &Caller, head: &str, content: &[u8]) -> Answer {
    caller.post("/other/upload").parts(&[(head, content)]).await
}

/// Uploads a file under this name and gives back its name and address.
async fn upload(caller: &Caller, name: &str, content: &[u8]) -> (String, String) {
    let head = format!("name=\"file\"; filename=\"{name}\"");
    let answer = send(caller, &head, content).await.is(200);
    let body = answer.raw();
    assert_eq!(keys(&body), ["name", "url"], "document A's answer, raw");
    let text = |key: &str| body[key].as_str().expect("a text").to_owned();
    (text("name"), text("url"))
}

async fn lin(site: &Site) -> Caller {
    site.person("lin", &[]).await.caller
}

pub(crate) async fn a_file_is_uploaded_and_served(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    let content = picture(ImageFormat::Png);
    let (name, url) = upload(&lin, "我的照片.png", &content).await;
    assert_eq!(name, "我的照片.png");
    assert!(url.starts_with("/files/") && url.ends_with(".png"), "{url}");

    // Its address is all that one has to know.
    let answer = site.anonymous().get(&url).await.is(200);
    assert_eq!(answer.body, content);
    for (header, value) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("cross-origin-resource-policy", "cross-origin"),
        (
            "content-disposition",
            "inline; filename=\"____.png\"; \
             filename*=UTF-8''%E6%88%91%E7%9A%84%E7%85%A7%E7%89%87.png",
        ),
    ] {
        assert_eq!(answer.header(header), value, "{header}");
        let all = answer.headers.get_all(header).iter().count();
        assert_eq!(all, 1, "{header}");
    }
    let tag = answer.header("etag").to_owned();
    assert_eq!(tag.len(), 66, "{tag}");

    let head = site
        .anonymous()
        .call("HEAD".parse().expect("a method"), &url);
    let head = head.await.is(200);
    assert!(head.body.is_empty());
    assert_eq!(head.header("content-length"), content.len().to_string());
    assert_eq!(head.header("etag"), tag);

    let again = site.anonymous().get(&url).header("if-none-match", &tag);
    let again = again.await.is(304);
    assert!(again.body.is_empty());
    assert_eq!(again.header("etag"), tag);
    assert_eq!(
        again.header("cache-control"),
        answer.header("cache-control")
    );
    let other = site.anonymous().get(&url).header("if-none-match", "\"x\"");
    other.await.is(200);
    site.anonymous().post(&url).await.fails(405);
}

pub(crate) async fn req48_a_document_is_saved_and_not_shown(bench: &Bench) {
    let site = bench.site().await;
    let (name, url) = upload(&lin(&site).await, "a.html", &pdf(300)).await;
    assert_eq!(name, "a.pdf");
    let answer = site.anonymous().get(&url).await.is(200);
    assert_eq!(answer.body, pdf(300));
    assert_eq!(answer.header("content-type"), "application/pdf");
    let way = answer.header("content-disposition");
    assert!(way.starts_with("attachment; filename=\"a.pdf\""), "{way}");
}

pub(crate) async fn req47_the_content_says_what_a_file_is(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    for (format, extension, mime) in [
        (ImageFormat::Png, ".png", "image/png"),
        (ImageFormat::Jpeg, ".jpg", "image/jpeg"),
        (ImageFormat::WebP, ".webp", "image/webp"),
        (ImageFormat::Gif, ".gif", "image/gif"),
    ] {
        let head = "name=\"file\"; filename=\"x.svg\"\r\nContent-Type: text/html";
        let answer = send(&lin, head, &picture(format)).await.is(200).raw();
        assert_eq!(answer["name"], format!("x{extension}"));
        let url = answer["url"].as_str().expect("an address");
        assert!(url.ends_with(extension), "{url}");
        let served = site.anonymous().get(url).await.is(200);
        assert_eq!(served.header("content-type"), mime);
    }
    for content in [
        &b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"[..],
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"GIF89a\x01\0\x01\0\0\0\0<script>alert(1)</script>",
        b"plain text",
        b"\x89PNG\r\n\x1a\n",
        b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0",
    ] {
        let head = "name=\"file\"; filename=\"x.png\"\r\nContent-Type: image/png";
        send(&lin, head, content).await.fails(415);
    }
}

pub(crate) async fn req47_a_file_past_five_mebibytes_is_413(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    let (_, url) = upload(&lin, "x", &pdf(5 * MIB)).await;
    let served = site.anonymous().get(&url).await.is(200);
    assert_eq!(served.body.len(), 5 * MIB);
    for length in [5 * MIB + 1, 5 * MIB + 200_000, 20 * MIB] {
        let answer = send(&lin, "name=\"file\"", &pdf(length)).await;
        let said = answer.fails(413)["message"].to_string();
        assert!(said.contains("5 MiB"), "{said}");
    }
    // Other routes keep to a mebibyte, and so do other methods here.
    for request in [lin.put("/other/upload"), lin.post("/test")] {
        let answer = request.parts(&[("name=\"file\"", &pdf(2 * MIB)[..])]).await;
        answer.fails(413);
    }
    let small = bench.site_with(|s| s.upload.max_bytes = 100).await;
    let admin = small.admin().await;
    upload(&admin, "x", &pdf(100)).await;
    send(&admin, "name=\"file\"", &pdf(101)).await.fails(413);
    let few = bench.site_with(|s| s.upload.max_megapixels = 1).await;
    let mut large = Cursor::new(Vec::new());
    RgbImage::new(1001, 1000)
        .write_to(&mut large, ImageFormat::Png)
        .expect("encoded");
    let answer = send(&few.admin().await, "name=\"file\"", large.get_ref()).await;
    answer.fails(413);
}

/// Begins an upload of 4 MiB, sends more than other routes take of it, and falls silent.
async fn begin(site: &Site, header: &str) -> TcpStream {
    let address = site.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connect");
    let head = format!(
        "POST /other/upload HTTP/1.1\r\nHost: {address}\r\n{header}Content-Length: {}\r\n\r\n",
        4 * MIB
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let body = vec![b' '; MIB + 200_000];
    stream.write_all(&body).await.expect("sent");
    stream
}

pub(crate) async fn req47_slow_strangers_keep_no_upload_waiting(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    let mut slow = Vec::new();
    for n in 0..40 {
        let header = if n % 2 == 0 {
            ""
        } else {
            "Authorization: Bearer made.up.token\r\n"
        };
        slow.push(begin(&site, header).await);
    }
    let file = pdf(3 * MIB);
    let sent = tokio::time::timeout(Duration::from_secs(25), upload(&lin, "x", &file));
    sent.await.expect("no waiting behind strangers");
    drop(slow);
    // They hear that they may not upload, unless nobody may send so much.
    let stranger = site.anonymous();
    for (length, status) in [(100, 401), (2 * MIB, 401), (20 * MIB, 413)] {
        let answer = send(&stranger, "name=\"file\"", &pdf(length)).await;
        answer.fails(status);
    }
}

pub(crate) async fn req47_pictures_lose_what_they_carry(bench: &Bench) {
    let site = bench.site().await;
    let plain = picture(ImageFormat::Jpeg);
    let mut telling = plain[..2].to_vec();
    for (kind, start) in [(0xe1, &b"Exif\0\0"[..]), (0xfe, b"")] {
        let body = [start, SECRET].concat();
        let length = u16::try_from(body.len() + 2).expect("short");
        telling.extend([0xff, kind]);
        telling.extend(length.to_be_bytes());
        telling.extend(body);
    }
    telling.extend(&plain[2..]);
    telling.extend(SECRET);
    let (_, url) = upload(&lin(&site).await, "x.jpg", &telling).await;
    let served = site.anonymous().get(&url).await.is(200);
    assert_eq!(served.body, plain);
}

pub(crate) async fn req48_names_are_made_safe(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    let content = picture(ImageFormat::Png);
    for (given, kept) in [
        ("../../etc/passwd", "passwd.png"),
        ("..\\\\..\\\\boot.ini", "boot.png"),
        ("/etc/cron.d/x", "x.png"),
        ("x.php.png", "x_php.png"),
        ("x.png\0.html", "x_png.png"),
        ("x\u{202e}gpj.exe", "xgpj.png"),
        ("CON", "file-CON.png"),
        ("", "file.png"),
        (".", "file.png"),
    ] {
        let head = format!("name=\"file\"; filename=\"{given}\"");
        let answer = send(&lin, &head, &content).await;
        if given.contains('\0') && answer.status == 400 {
            // No header may hold a NUL: the form is not well-formed.
            assert_eq!(answer.invalid(), ["file"]);
            continue;
        }
        let body = answer.is(200).raw();
        assert_eq!(body["name"], kept, "{given:?}");
        let url = body["url"].as_str().expect("an address");
        let name = url.strip_prefix("/files/").expect("there");
        let (id, extension) = name.split_once('.').expect("an extension");
        assert_eq!(extension, "png");
        assert!(id.len() >= 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    }
    let long = "长".repeat(2000);
    let (kept, _) = upload(&lin, &long, &content).await;
    assert!(kept.chars().count() <= 110, "{kept}");
    // Nothing was written anywhere else.
    let all = std::fs::read_dir(&site.uploads).expect("the folder");
    for entry in all {
        let name = entry.expect("an entry").file_name();
        assert_eq!(name.len(), 1, "{name:?}");
    }
}

pub(crate) async fn req48_no_other_file_is_served(bench: &Bench) {
    let site = bench.site().await;
    let (_, url) = upload(&lin(&site).await, "x", &picture(ImageFormat::Png)).await;
    let name = url.strip_prefix("/files/").expect("there");
    for path in [
        "/files/none.png".to_owned(),
        format!("/files/{}.png", "0".repeat(36)),
        format!("/files/{}", name.replace(".png", ".jpg")),
        format!("/files/{}", name.replace(".png", "")),
        format!("/files/{}", name.to_uppercase()),
        format!("/files/{name}%00"),
        format!("/files/{name}%2f"),
        format!("/files/{name}/"),
        format!("/files/..%2f{}%2f{name}", &name[..1]),
        format!("/files/{}%2f{name}", &name[..1]),
        "/files/..%2f..%2fetc%2fpasswd".to_owned(),
        "/files/%2e%2e%2f%2e%2e%2f0.db".to_owned(),
        "/files/%ff.png".to_owned(),
        "/files/".to_owned(),
        "/files".to_owned(),
    ] {
        let answer = site.anonymous().get(&path).await;
        answer.fails(404);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

pub(crate) async fn a_form_without_one_file_is_refused(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    let content = picture(ImageFormat::Png);
    let file: (&str, &[u8]) = ("name=\"file\"; filename=\"a.png\"", &content);
    let other: (&str, &[u8]) = ("name=\"other\"; filename=\"b.png\"", &content);
    for parts in [
        &[][..],
        &[other],
        &[("name=\"file\"; filename=\"a.png\"", &b""[..])],
        &[file, file],
    ] {
        let answer = lin.post("/other/upload").parts(parts).await;
        assert_eq!(answer.invalid(), ["file"]);
    }
    // Other fields are ignored, before it and behind.
    let note: (&str, &[u8]) = ("name=\"note\"", b"x");
    for parts in [&[note, file][..], &[file, other], &[other, file, note]] {
        let answer = lin.post("/other/upload").parts(parts).await;
        answer.is(200);
    }
    let whole = json!({ "file": "x" });
    let answer = lin.post("/other/upload").json(&whole).await;
    assert_eq!(answer.invalid(), ["file"]);
    let answer = lin.post("/other/upload").await;
    assert_eq!(answer.invalid(), ["file"]);
    let cut = lin
        .post("/other/upload")
        .header("content-type", "multipart/form-data; boundary=b");
    let said = cut.await.invalid();
    assert_eq!(said, ["file"]);
}

pub(crate) async fn whoever_is_signed_in_uploads(bench: &Bench) {
    let site = bench.site().await;
    let content = picture(ImageFormat::Gif);
    let head = "name=\"file\"; filename=\"a.gif\"";
    send(&site.anonymous(), head, &content).await.no_token();
    send(&site.bearer("bad"), head, &content).await.no_token();
    lin(&site).await;
    let browser = site.browser("lin").await;
    let (_, url) = upload(&browser, "a.gif", &content).await;
    browser.get(&url).await.is(200);
    let foreign = browser.with("origin", "https://evil.example");
    send(&foreign, head, &content).await.fails(403);
}

pub(crate) async fn req47_uploads_are_limited_by_user(bench: &Bench) {
    let site = bench.site_with(|s| s.upload.per_hour = 1).await;
    let (lin, admin) = (lin(&site).await, site.admin().await);
    let content = picture(ImageFormat::Png);
    upload(&lin, "a", &content).await;
    let answer = send(&lin, "name=\"file\"", &content).await;
    answer.fails(429);
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=3600).contains(&wait), "{wait}");
    upload(&admin, "a", &content).await;
}

pub(crate) async fn a_picture_is_worn(bench: &Bench) {
    let site = bench.site().await;
    let lin = site.person("lin", &[]).await;
    let attached = async || {
        let query = "SELECT CASE WHEN attached_at IS NULL THEN 'no' ELSE 'yes' END
                     FROM upload ORDER BY created_at";
        site.texts(query).await
    };
    let (_, first) = upload(&lin.caller, "a", &picture(ImageFormat::Png)).await;
    let (_, second) = upload(&lin.caller, "b", &picture(ImageFormat::Png)).await;
    let path = format!("/user/{}", lin.id);
    for (avatar, expected) in [
        (&first, ["yes", "no"]),
        (&second, ["no", "yes"]),
        (&"https://example.com/a.png".to_owned(), ["no", "no"]),
        (&format!("{}{first}", site.url), ["yes", "no"]),
        (&String::new(), ["no", "no"]),
    ] {
        let body = json!({ "avatar": avatar });
        let user = lin.caller.put(&path).json(&body).await.ok();
        assert_eq!(user["avatar"], avatar.as_str());
        assert_eq!(attached().await, expected, "{avatar}");
    }
    let gone = format!("/files/{}.png", "0".repeat(36));
    for avatar in [gone.as_str(), "javascript:alert(1)", "//evil.example/a.png"] {
        let answer = lin.caller.put(&path).json(&json!({ "avatar": avatar }));
        assert_eq!(answer.await.invalid(), ["avatar"]);
    }
}

pub(crate) async fn req52_uploads_are_in_the_log(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    upload(&lin, "../a\u{202e}b.png", &picture(ImageFormat::Png)).await;
    let log = site.audit().await;
    let entry = log.iter().find(|e| e.starts_with("upload.add "));
    let entry = entry.expect("an entry");
    assert!(entry.starts_with("upload.add 1 lin | "), "{entry}");
    assert!(entry.contains(" | ab.png | "), "{entry}");
    assert!(entry.contains("image/png"), "{entry}");
}
