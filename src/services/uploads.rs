//! Uploads: what people send us as files, and what becomes of it.
//!
//! The content goes to the store first ([`crate::files`]), then its row into the database; whoever
//! dies in between leaves a file without a row, which [`crate::Services::sweep`] finds. A file
//! that nothing uses a day later is forgotten.

use crate::access::{Access, Caller};
use crate::audit::Record;
use crate::core::Core;
use crate::files::{FileStore, Stored};
use crate::pictures::{self, Limits};
use crate::quota::Quota;
use crate::secrets::sha256;
use bytes::Bytes;
use menshen_domain::file::{Media, clean_name, size_text};
use menshen_domain::{Error, Kind, Result, Text, Timestamp};
use menshen_storage::Tx;
use menshen_storage::uploads::{self, UploadRow};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a file is kept that nothing uses.
const UNUSED: Duration = Duration::from_hours(24);
/// How many files are forgotten at a time.
const BATCH: i64 = 200;
/// How many uploads may wait for their turn to be looked at.
const QUEUE: usize = 32;
/// Where uploads are served.
const FOLDER: &str = "/files/";

/// A file as a client sends it.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// The name that the client gives it; may be empty.
    pub name: String,
    /// What is in it.
    pub content: Bytes,
}

/// A file that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// Its name, made safe.
    pub name: String,
    /// Where it is served: a path on this server.
    pub url: String,
}

/// A file to be served.
#[derive(Debug, Clone)]
pub struct Served {
    /// Its name, for whoever saves it.
    pub name: String,
    /// What it is.
    pub media: Media,
    /// What names its content: SHA-256 in lowercase hex.
    pub tag: String,
    /// What is in it; none for those who have it already.
    pub content: Option<Bytes>,
}

/// Takes, serves and forgets files. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Uploads {
    core: Arc<Core>,
    /// One picture at a time: decoded they are large.
    worker: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "文件不存在", "There is no such file")
}

fn busy() -> Error {
    Error::new(
        Kind::Busy { retry_after: 2 },
        "服务繁忙，请稍后再试",
        "The service is busy. Please try again shortly",
    )
}

impl Uploads {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            worker: Arc::new(Semaphore::new(1)),
            queue: Arc::new(Semaphore::new(QUEUE)),
        }
    }

    fn store(&self) -> Result<&dyn FileStore> {
        self.core.files.as_deref().ok_or_else(|| {
            Error::new(
                Kind::Upstream,
                "没有设置文件存储",
                "No store for files is set up",
            )
        })
    }

    /// Takes a picture, as [`Uploads::add`] does; a document is none.
    ///
    /// # Errors
    /// As [`Uploads::add`].
    pub async fn add_picture(&self, caller: &Caller, file: NewFile) -> Result<Uploaded> {
        if pictures::sniff(&file.content).is_ok_and(|media| !media.is_picture()) {
            return Err(pictures::no_picture());
        }
        self.add(caller, file).await
    }

    /// Takes a file: a PNG, JPEG, WebP or GIF picture or a PDF, by its content. Pictures lose
    /// what they carry besides the picture.
    ///
    /// # Errors
    /// [`Kind::Invalid`] on `file` for an empty one; [`Kind::TooLarge`]; [`Kind::Unsupported`];
    /// [`Kind::TooMany`]; [`Kind::Busy`]; [`Kind::Upstream`] when the store fails; [`Kind::Token`]
    /// when the caller was signed out meanwhile.
    pub async fn add(&self, caller: &Caller, file: NewFile) -> Result<Uploaded> {
        caller.require_usable()?;
        if file.content.is_empty() {
            return Err(Error::field(
                "file",
                Text::fixed("文件是空的", "the file is empty"),
            ));
        }
        let max = self.core.settings().upload.max_bytes;
        if file.content.len() > max {
            return Err(too_large(max));
        }
        let media = pictures::sniff(&file.content)?;
        self.count(caller).await?;
        let content = self.clean(media, file.content).await?;
        let row = self.row(caller, media, &file.name, &content);
        let store = self.store()?;
        store.put(&row.store_key, content).await?;
        if let Err(error) = self.insert(caller, &row).await {
            // What is left behind when this fails too is swept up later.
            if let Err(left) = store.delete(&row.store_key).await {
                tracing::warn!(error = %left, "an upload without a row stays in the store for now");
            }
            return Err(error);
        }
        Ok(Uploaded {
            url: format!("{FOLDER}{}", file_name(&row.id, media)),
            name: row.name,
        })
    }

    /// Counts before anything costly is done.
    async fn count(&self, caller: &Caller) -> Result<()> {
        let quota = Quota {
            key: format!("upload:{}", caller.id().0),
            most: self.core.settings().upload.per_hour.into(),
            window: Duration::from_hours(1),
            refusal: Text::fixed(
                "上传过于频繁，请稍后再试",
                "Too many uploads. Please try again later",
            ),
        };
        quota.count(&self.core).await
    }

    async fn clean(&self, media: Media, content: Bytes) -> Result<Bytes> {
        let _place = self.queue.try_acquire().map_err(|_| busy())?;
        let worker = self.worker.clone().acquire_owned().await;
        let worker = worker.map_err(Error::internal)?;
        let limits = Limits {
            pixels: u64::from(self.core.settings().upload.max_megapixels) * 1_000_000,
        };
        let done = tokio::task::spawn_blocking(move || {
            // It works on when the client goes away, and so does its bound.
            let _worker = worker;
            pictures::clean(media, &content, limits)
        });
        match done.await {
            Ok(result) => result,
            // A decoder that loses its head over a file did not take it.
            Err(error) if error.is_panic() => {
                tracing::warn!(media = media.mime(), "a decoder panicked over an upload");
                Err(pictures::unsupported())
            }
            Err(error) => Err(Error::internal(error)),
        }
    }

    fn row(&self, caller: &Caller, media: Media, name: &str, content: &[u8]) -> UploadRow {
        let id = hex(&self.core.random_bytes::<ID_BYTES>());
        UploadRow {
            name: clean_name(name, media),
            media_type: media.mime().to_owned(),
            size: i64::try_from(content.len()).unwrap_or(i64::MAX),
            sha256: sha256(content).to_vec(),
            store_key: format!("{}/{}", &id[..1], file_name(&id, media)),
            owner_id: Some(caller.id().0),
            created_at: self.core.now().0,
            attached_at: None,
            id,
        }
    }

    async fn insert(&self, caller: &Caller, row: &UploadRow) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        // The store took a while: the caller may be signed out by now.
        let caller = &Access::again_in(&mut tx, caller, self.core.now()).await?;
        uploads::insert(&mut tx, row).await?;
        let after = json!({ "mediaType": row.media_type, "size": row.size });
        Record::operation("upload.add", caller)
            .target("upload", &row.id, &row.name)
            .change(&Value::Null, &after)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The file that is served under `name`, for anybody who knows it. Whoever `holds` its tag
    /// is spared the content.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Upstream`] when the store fails.
    pub async fn open(&self, name: &str, holds: impl Fn(&str) -> bool) -> Result<Served> {
        let (id, media) = parse(name).ok_or_else(missing)?;
        let mut conn = self.core.db.read().await?;
        let row = uploads::find(&mut conn, id).await?.ok_or_else(missing)?;
        drop(conn);
        if row.media_type != media.mime() {
            return Err(missing());
        }
        let tag = hex(&row.sha256);
        let content = if holds(&tag) {
            None
        } else {
            let content = self.store()?.get(&row.store_key).await?;
            Some(content.ok_or_else(missing)?)
        };
        Ok(Served {
            name: row.name,
            media,
            tag,
            content,
        })
    }

    /// Forgets what nothing has used for a day, and what has no row.
    pub(crate) async fn sweep(&self) -> Result<()> {
        let Some(store) = self.core.files.as_deref() else {
            return Ok(());
        };
        let before = self.core.now() - UNUSED;
        self.drop_unused(store, before).await?;
        for folder in FOLDERS {
            let all = store.list(folder).await?;
            self.drop_orphans(store, all, before).await?;
        }
        Ok(())
    }

    async fn drop_unused(&self, store: &dyn FileStore, before: Timestamp) -> Result<()> {
        loop {
            let mut tx = self.core.db.begin().await?;
            let keys = uploads::take_unused(&mut tx, before, BATCH).await?;
            tx.commit().await?;
            if keys.is_empty() {
                return Ok(());
            }
            for key in keys {
                store.delete(&key).await?;
            }
        }
    }

    /// A fresh file may be waiting for its row: only old ones are orphans. What is not called as
    /// our files are is not ours.
    async fn drop_orphans(
        &self,
        store: &dyn FileStore,
        mut all: Vec<Stored>,
        before: Timestamp,
    ) -> Result<()> {
        all.retain(|stored| stored.modified < before && id_of(&stored.key).is_some());
        for some in all.chunks(200) {
            let ids: Vec<String> = some
                .iter()
                .filter_map(|stored| id_of(&stored.key).map(str::to_owned))
                .collect();
            let mut conn = self.core.db.read().await?;
            let known: BTreeSet<String> =
                uploads::known(&mut conn, &ids).await?.into_iter().collect();
            drop(conn);
            for (stored, id) in some.iter().zip(&ids) {
                if !known.contains(id) {
                    store.delete(&stored.key).await?;
                }
            }
        }
        Ok(())
    }
}

fn too_large(max: usize) -> Error {
    let size = size_text(max);
    Error::new(
        Kind::TooLarge,
        format!("文件超过 {size}"),
        format!("The file is larger than {size}"),
    )
}

/// The length of an id, in random bytes; enough that nobody guesses one.
const ID_BYTES: usize = 18;
/// The folders of the store: the first digit of what they hold.
const FOLDERS: [&str; 16] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f",
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn file_name(id: &str, media: Media) -> String {
    format!("{id}.{}", media.extension())
}

/// Reads what [`file_name`] wrote; `None` for everything else, paths included.
fn parse(name: &str) -> Option<(&str, Media)> {
    let (id, extension) = name.split_once('.')?;
    let media = Media::ALL
        .into_iter()
        .find(|m| m.extension() == extension)?;
    let good = id.len() == 2 * ID_BYTES
        && id
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    good.then_some((id, media))
}

/// The id of a file of ours in the store.
fn id_of(key: &str) -> Option<&str> {
    let (folder, name) = key.split_once('/')?;
    let (id, _) = parse(name)?;
    (folder.len() == 1 && id.starts_with(folder)).then_some(id)
}

/// The upload that an address leads to: its id and its path, and whether it is an address on this
/// server for sure. Clients may put the server's name before it and a query behind.
fn in_address(address: &str) -> Option<(&str, &str, bool)> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let at = path.rfind(FOLDER)?;
    let (server, path) = path.split_at(at);
    let (id, _) = parse(&path[FOLDER.len()..])?;
    Some((id, path, server.is_empty()))
}

/// Notes that a user's picture was changed from one address to another. Call it when the change
/// is written.
///
/// # Errors
/// [`Kind::Invalid`] on `avatar` for an upload that is not there (any more).
pub(crate) async fn change_picture(
    tx: &mut Tx,
    before: &str,
    after: &str,
    now: Timestamp,
) -> Result<()> {
    if before == after {
        return Ok(());
    }
    if let Some((id, _, ours)) = in_address(after)
        && !uploads::attach(tx, id, now).await?
        && ours
    {
        return Err(Error::field(
            "avatar",
            Text::fixed(
                "没有这个文件：上传后没有使用的文件只保留一天",
                "is no file here: uploads that are not used are kept for a day",
            ),
        ));
    }
    if let Some((id, _, _)) = in_address(before) {
        // Whatever extension others write it with.
        uploads::detach(tx, id, &format!("{FOLDER}{id}.")).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
