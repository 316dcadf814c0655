//! Uploaded files.

use crate::site::{NOW, Site, later};
use menshen_storage::uploads::{self, UploadRow};
use menshen_storage::users::{self, Account};
use menshen_storage::{Conn, Tx};

fn row(id: &str) -> UploadRow {
    UploadRow {
        id: id.into(),
        name: "我的照片.png".into(),
        media_type: "image/png".into(),
        size: 5_242_880,
        sha256: vec![0, 1, 254, 255],
        store_key: format!("a/{id}.png"),
        owner_id: None,
        created_at: NOW.0,
        attached_at: None,
    }
}

async fn insert(tx: &mut Tx, id: &str, seconds: i64) {
    let row = UploadRow {
        created_at: later(seconds).0,
        ..row(id)
    };
    uploads::insert(tx, &row).await.expect("insert");
}

async fn attached_at(conn: &mut Conn, id: &str) -> Option<i64> {
    let row = uploads::find(conn, id).await.expect("find");
    row.expect("there").attached_at
}

pub(crate) async fn an_upload_comes_back_as_it_was_kept(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    uploads::insert(&mut tx, &row("abc")).await.expect("insert");
    let found = uploads::find(&mut tx, "abc").await.expect("find");
    assert_eq!(found, Some(row("abc")));
    assert_eq!(uploads::find(&mut tx, "ABC").await.expect("find"), None);
    assert!(
        uploads::attach(&mut tx, "abc", later(1))
            .await
            .expect("attach")
    );
    assert!(
        uploads::attach(&mut tx, "abc", later(9))
            .await
            .expect("attach")
    );
    assert_eq!(attached_at(&mut tx, "abc").await, Some(later(1).0));
    assert!(!uploads::attach(&mut tx, "none", NOW).await.expect("attach"));
}

pub(crate) async fn what_nothing_uses_is_taken_out_with_time(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    for (id, seconds) in [("old", 0), ("older", -9), ("used", -99), ("new", 10)] {
        insert(&mut tx, id, seconds).await;
    }
    uploads::attach(&mut tx, "used", NOW).await.expect("attach");
    let mut taken = Vec::new();
    for _ in 0..3 {
        let keys = uploads::take_unused(&mut tx, later(10), 1).await;
        taken.extend(keys.expect("take"));
    }
    assert_eq!(taken, ["a/older.png", "a/old.png"]);
    for (id, there) in [
        ("old", false),
        ("older", false),
        ("used", true),
        ("new", true),
    ] {
        let found = uploads::find(&mut tx, id).await.expect("find");
        assert_eq!(found.is_some(), there, "{id}");
    }
}

pub(crate) async fn a_picture_of_somebody_stays_attached(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    insert(&mut tx, "abc", 0).await;
    uploads::attach(&mut tx, "abc", NOW).await.expect("attach");
    let account = Account {
        username: "lin".into(),
        user_code: "u1".into(),
        avatar: "https://id.example.com/files/abc.png?v=2".into(),
        sex: "2".into(),
        ..Account::default()
    };
    let id = users::insert(&mut tx, &account, None, false, None, NOW).await;
    let id = id.expect("insert");
    let path = "/files/abc.png";
    uploads::detach(&mut tx, "abc", path).await.expect("detach");
    assert_eq!(attached_at(&mut tx, "abc").await, Some(NOW.0));
    users::soft_delete(&mut tx, id, None, NOW)
        .await
        .expect("delete");
    uploads::detach(&mut tx, "abc", path).await.expect("detach");
    assert_eq!(attached_at(&mut tx, "abc").await, None);
}

pub(crate) async fn known_ids_are_told(site: &Site) {
    let mut tx = site.db.begin().await.expect("begin");
    insert(&mut tx, "abc", 0).await;
    let asked = ["abc".to_owned(), "def".to_owned()];
    assert_eq!(
        uploads::known(&mut tx, &asked).await.expect("known"),
        ["abc"]
    );
    let none = uploads::known(&mut tx, &[]).await.expect("known");
    assert!(none.is_empty());
}
