use super::*;
use crate::testing::{Bench, PASSWORD, fields};
use menshen_domain::user::{NewUser, UserChange};
use menshen_storage::Conn;
use std::sync::atomic::Ordering;

const DAY: Duration = Duration::from_hours(24);

/// A picture, 8 × 8, of this shade.
fn png(shade: u8) -> Bytes {
    let mut out = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(8, 8, image::Luma([shade]))
        .write_to(&mut out, image::ImageFormat::Png)
        .expect("encoded");
    out.into_inner().into()
}

async fn upload(bench: &Bench, caller: &Caller, name: &str, content: Bytes) -> Result<Uploaded> {
    let file = NewFile {
        name: name.into(),
        content,
    };
    bench.services.uploads.add(caller, file).await
}

async fn url(bench: &Bench, caller: &Caller) -> String {
    let done = upload(bench, caller, "me.png", png(1)).await;
    done.expect("uploaded").url
}

async fn open(bench: &Bench, url: &str) -> Result<Served> {
    let name = url.strip_prefix(FOLDER).expect("a path here");
    bench.services.uploads.open(name, |_| false).await
}

async fn wear(bench: &Bench, caller: &Caller, avatar: &str) -> Result<()> {
    let change = UserChange {
        avatar: Some(avatar.into()),
        ..UserChange::default()
    };
    let users = &bench.services.users;
    users.update(caller, caller.id(), change).await.map(drop)
}

async fn sweep_after(bench: &Bench, time: Duration) {
    bench.clock.forward(time);
    bench.services.sweep().await.expect("sweep");
}

async fn rows(bench: &Bench) -> i64 {
    let mut conn = bench.db.read().await.expect("conn");
    let conn: &mut Conn = &mut conn;
    let (n,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM upload")
        .fetch_one(conn)
        .await
        .expect("count");
    n
}

#[tokio::test]
async fn a_file_is_taken_and_served() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    let done = upload(&bench, &lin, "../我的 照片.php.jpeg", png(7)).await;
    let done = done.expect("uploaded");
    assert_eq!(done.name, "我的 照片_php.png");
    let id = done.url.strip_prefix("/files/").expect("a path");
    let id = id.strip_suffix(".png").expect("what it is");
    assert_eq!(bench.shelf.keys(), [format!("{}/{id}.png", &id[..1])]);

    let served = open(&bench, &done.url).await.expect("there");
    assert_eq!(served.media, Media::Png);
    assert_eq!(served.name, done.name);
    let content = served.content.expect("content");
    assert_eq!(content, png(7));
    assert_eq!(served.tag, hex(&sha256(&content)));
    let uploads = &bench.services.uploads;
    let name = format!("{id}.png");
    let known = uploads.open(&name, |tag| tag == served.tag).await;
    assert_eq!(known.expect("there").content, None);

    let entry = bench.audit("upload.add").await.remove(0);
    assert_eq!(entry.actor_id, Some(lin.id().0));
    assert_eq!(entry.target_id.as_deref(), Some(id));
    assert_eq!(entry.detail()["after"]["mediaType"], "image/png");
}

#[tokio::test]
async fn req48_names_are_random_and_nothing_else_is_served() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    let (one, other) = (url(&bench, &lin).await, url(&bench, &lin).await);
    assert_ne!(one, other);
    let (id, _) = parse(&one[FOLDER.len()..]).expect("a name of ours");
    assert!(id.len() * 4 >= 128, "bits");
    let key = bench.shelf.keys().remove(0);
    for name in [
        format!("{id}.jpg"),
        format!("{id}.png.html"),
        id.to_uppercase() + ".png",
        id.to_owned(),
        format!("../{id}.png"),
        format!("..%2f{id}.png"),
        format!("{id}.png\0"),
        format!("{id}.png/"),
        "../../t.db".to_owned(),
        "..\\t.db".to_owned(),
        key,
        String::new(),
        "x".repeat(100_000),
        format!("{}.png", "0".repeat(36)),
    ] {
        let error = bench.services.uploads.open(&name, |_| false).await;
        assert_eq!(error.expect_err(&name).kind, Kind::NotFound, "{name:.99}");
    }
}

#[tokio::test]
async fn req47_size_and_kind_are_held_to() {
    let bench = Bench::with(|s| s.upload.max_bytes = 1000).await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    for (content, kind) in [
        (Bytes::new(), Kind::Invalid),
        (Bytes::from(vec![0; 1001]), Kind::TooLarge),
        (Bytes::from(vec![0; 1000]), Kind::Unsupported),
        (Bytes::from_static(b"<svg/>"), Kind::Unsupported),
        (png(1).slice(..40), Kind::Unsupported),
    ] {
        let error = upload(&bench, &lin, "a.png", content).await;
        let error = error.expect_err("refused");
        assert_eq!(error.kind, kind, "{error}");
        if kind == Kind::Invalid {
            assert_eq!(fields(&error), ["file"]);
        }
    }
    assert_eq!(bench.shelf.keys(), [""; 0]);
    assert_eq!(rows(&bench).await, 0);
}

#[tokio::test]
async fn req47_one_user_uploads_only_so_many_in_an_hour() {
    let bench = Bench::with(|s| s.upload.per_hour = 2).await;
    for name in ["lin", "han"] {
        bench.user(name).await;
    }
    let (lin, han) = (bench.caller("lin").await, bench.caller("han").await);
    for _ in 0..2 {
        url(&bench, &lin).await;
    }
    let error = upload(&bench, &lin, "", png(1)).await;
    let error = error.expect_err("one too many");
    assert!(matches!(error.kind, Kind::TooMany { retry_after: 3600 }));
    url(&bench, &han).await;
    bench.clock.forward(Duration::from_mins(61));
    url(&bench, &bench.caller("lin").await).await;
}

#[tokio::test]
async fn whoever_must_choose_a_password_uploads_nothing() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let new = NewUser {
        username: "due".into(),
        password: PASSWORD.into(),
        must_change_password: true,
        ..NewUser::default()
    };
    bench
        .services
        .users
        .create(&admin, new)
        .await
        .expect("made");
    let due = bench.caller("due").await;
    let error = upload(&bench, &due, "", png(1)).await;
    assert_eq!(error.expect_err("locked").kind, Kind::Locked);
}

#[tokio::test]
async fn req53_a_store_out_of_reach_leaves_no_row() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    let kept = url(&bench, &lin).await;
    bench.shelf.out_of_reach.store(true, Ordering::SeqCst);
    let error = upload(&bench, &lin, "", png(1)).await;
    assert_eq!(error.expect_err("failed").kind, Kind::Upstream);
    let error = open(&bench, &kept).await.expect_err("failed");
    assert_eq!(error.kind, Kind::Upstream);
    assert_eq!(rows(&bench).await, 1);
    assert_eq!(bench.audit("upload.add").await.len(), 1);
}

#[tokio::test]
async fn req53_a_row_that_fails_leaves_no_file() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    let mut tx = bench.db.begin().await.expect("begin");
    sqlx::query("ALTER TABLE upload RENAME TO upload_away")
        .execute(&mut *tx)
        .await
        .expect("renamed");
    tx.commit().await.expect("commit");
    let error = upload(&bench, &lin, "", png(1)).await;
    assert_eq!(error.expect_err("failed").kind, Kind::Internal);
    assert_eq!(bench.shelf.keys(), [""; 0]);
}

#[tokio::test]
async fn what_nothing_uses_is_forgotten_after_a_day() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    let unused = url(&bench, &lin).await;
    let used = url(&bench, &lin).await;
    wear(&bench, &lin, &used).await.expect("worn");
    sweep_after(&bench, DAY).await;
    open(&bench, &unused).await.expect("to the very end");
    sweep_after(&bench, Duration::from_secs(1)).await;
    let error = open(&bench, &unused).await.expect_err("forgotten");
    assert_eq!(error.kind, Kind::NotFound);
    assert_eq!(bench.shelf.keys().len(), 1);
    sweep_after(&bench, DAY * 100).await;
    open(&bench, &used).await.expect("still worn");
}

#[tokio::test]
async fn a_picture_that_is_taken_off_is_forgotten() {
    let bench = Bench::sqlite().await;
    for name in ["lin", "han"] {
        bench.user(name).await;
    }
    let (lin, han) = (bench.caller("lin").await, bench.caller("han").await);
    let (first, second) = (url(&bench, &lin).await, url(&bench, &lin).await);
    for avatar in [&first, &first, &second] {
        wear(&bench, &lin, avatar).await.expect("worn");
    }
    // Somebody else wears the second one too, with the server's name before it.
    let whole = format!("https://id.example.com{second}?v=1");
    wear(&bench, &han, &whole).await.expect("worn");
    sweep_after(&bench, DAY * 2).await;
    open(&bench, &first).await.expect_err("forgotten");
    open(&bench, &second).await.expect("worn");

    let lin = bench.caller("lin").await;
    wear(&bench, &lin, "https://example.com/x.png")
        .await
        .expect("worn");
    sweep_after(&bench, DAY).await;
    open(&bench, &second).await.expect("worn by han");
    let admin = bench.admin().await;
    bench
        .services
        .users
        .delete(&admin, han.id())
        .await
        .expect("deleted");
    sweep_after(&bench, DAY).await;
    open(&bench, &second).await.expect_err("forgotten");
    assert_eq!(bench.shelf.keys(), [""; 0]);
}

#[tokio::test]
async fn a_picture_that_is_not_there_cant_be_worn() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    let gone = format!("/files/{}.png", "0".repeat(36));
    let error = wear(&bench, &lin, &gone).await.expect_err("refused");
    assert_eq!(fields(&error), ["avatar"]);
    // What is no upload's address is anybody's business.
    for avatar in [
        "/files/a.png",
        "/static/me.png",
        "",
        &format!("https://example.com{gone}"),
    ] {
        wear(&bench, &lin, avatar).await.expect(avatar);
    }
    for avatar in ["javascript:alert(1)", "data:text/html,x", "//evil.example/"] {
        let error = wear(&bench, &lin, avatar).await.expect_err(avatar);
        assert_eq!(fields(&error), ["avatar"]);
    }
}

#[tokio::test]
async fn a_new_users_picture_is_hers() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let picture = url(&bench, &admin).await;
    let new = NewUser {
        username: "lin".into(),
        password: PASSWORD.into(),
        avatar: Some(picture.clone()),
        ..NewUser::default()
    };
    bench
        .services
        .users
        .create(&admin, new)
        .await
        .expect("made");
    sweep_after(&bench, DAY * 2).await;
    open(&bench, &picture).await.expect("worn");
}

#[tokio::test]
async fn files_without_a_row_are_forgotten_when_they_are_old() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    let used = url(&bench, &lin).await;
    wear(&bench, &lin, &used).await.expect("worn");
    let kept = bench.shelf.keys();
    let orphan = format!("a/{}.png", "a".repeat(36));
    let others = ["a/readme.txt", "b/x.png", "z/z.png", "notes.txt"];
    for key in others.into_iter().chain([orphan.as_str()]) {
        bench.shelf.put(key, png(1)).await.expect("put");
    }
    sweep_after(&bench, Duration::from_hours(23)).await;
    assert!(bench.shelf.keys().contains(&orphan), "it may yet get a row");
    sweep_after(&bench, Duration::from_hours(2)).await;
    let mut expected: Vec<String> = others.map(str::to_owned).into();
    expected.extend(kept);
    expected.sort();
    assert_eq!(bench.shelf.keys(), expected);
}

#[tokio::test]
async fn a_sweep_that_fails_is_made_up_for() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    url(&bench, &lin).await;
    bench.clock.forward(DAY * 2);
    bench.shelf.out_of_reach.store(true, Ordering::SeqCst);
    bench.services.sweep().await.expect_err("out of reach");
    bench.shelf.out_of_reach.store(false, Ordering::SeqCst);
    bench.services.sweep().await.expect("sweep");
    assert_eq!(bench.shelf.keys(), [""; 0]);
    assert_eq!(rows(&bench).await, 0);
}

#[tokio::test]
async fn two_who_upload_at_once_take_turns() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let lin = bench.caller("lin").await;
    let all = (0..8).map(|n| upload(&bench, &lin, "", png(n)));
    let mut urls = BTreeSet::new();
    for done in futures(all).await {
        urls.insert(done.expect("uploaded").url);
    }
    assert_eq!(urls.len(), 8);
}

/// Waits for all of them at once.
async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    use std::task::Poll;
    let mut waiting: Vec<_> = all.map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, done) in waiting.iter_mut().filter(|(_, done)| done.is_none()) {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                *done = Some(output);
            }
        }
        if waiting.iter().all(|(_, done)| done.is_some()) {
            Poll::Ready(
                waiting
                    .iter_mut()
                    .filter_map(|(_, done)| done.take())
                    .collect(),
            )
        } else {
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn req33_who_is_signed_out_meanwhile_uploads_nothing() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    let caller = bench.caller("lin").await;
    let sessions = &bench.services.sessions;
    sessions.revoke_user(&admin, lin).await.expect("ended");
    let error = upload(&bench, &caller, "me.png", png(1)).await;
    assert_eq!(error.expect_err("signed out").kind, Kind::Token);
    assert_eq!(rows(&bench).await, 0);
    assert!(bench.audit("upload.add").await.is_empty());
}
