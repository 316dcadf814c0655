//! Where uploaded files are kept: a folder of this machine, or a bucket that speaks S3's protocol.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use menshen_domain::{Error, Kind, Timestamp};
use menshen_services::files::{FileStore, Stored};
use menshen_services::outside::Asking;
use menshen_services::settings::Upload;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use secrecy::ExposeSecret as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

/// How long a bucket is waited for.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long it takes at most to reach it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a request is tried again.
const RETRIES: usize = 2;

/// A store of files.
#[derive(Debug)]
pub struct Files(Place);

#[derive(Debug)]
enum Place {
    /// A folder; it is made when the first file comes.
    Folder(PathBuf, OnceLock<LocalFileSystem>),
    Bucket(Box<AmazonS3>),
}

impl Files {
    /// Files in a folder. It need not be there yet.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self(Place::Folder(folder, OnceLock::new()))
    }

    /// Files in a bucket.
    ///
    /// # Errors
    /// A sentence that says which setting is no good.
    pub fn in_bucket(settings: &Upload) -> Result<Self, String> {
        let secret = |key: &Option<secrecy::SecretString>| {
            let key = key.as_ref().map(|k| k.expose_secret().to_owned());
            key.unwrap_or_default()
        };
        // What is sent unencrypted is so because the address says so.
        let plain = |url: &String| url.starts_with("http://");
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(settings.s3_bucket.clone().unwrap_or_default())
            .with_region(settings.s3_region.clone())
            .with_access_key_id(secret(&settings.s3_access_key))
            .with_secret_access_key(secret(&settings.s3_secret_key))
            .with_virtual_hosted_style_request(settings.s3_virtual_host)
            // One request an object: not every store knows the other way.
            .with_disable_bulk_delete(true)
            .with_client_options(
                ClientOptions::new()
                    .with_allow_http(settings.s3_endpoint.as_ref().is_some_and(plain))
                    .with_timeout(TIMEOUT)
                    .with_connect_timeout(CONNECT_TIMEOUT),
            )
            .with_retry(RetryConfig {
                max_retries: RETRIES,
                retry_timeout: TIMEOUT,
                ..RetryConfig::default()
            });
        if let Some(endpoint) = &settings.s3_endpoint {
            builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
        }
        let bucket = builder.build().map_err(|e| format!("upload.s3_…: {e}"))?;
        Ok(Self(Place::Bucket(Box::new(bucket))))
    }

    /// The store; `None` for a folder that is not there.
    fn store(&self) -> Result<Option<&dyn ObjectStore>, Error> {
        match &self.0 {
            Place::Bucket(bucket) => Ok(Some(bucket.as_ref())),
            Place::Folder(folder, opened) => {
                if opened.get().is_none() && folder.is_dir() {
                    let store = LocalFileSystem::new_with_prefix(folder);
                    let store = store.map_err(Error::internal)?.with_fsync(true);
                    // Whoever comes second opens the same folder.
                    drop(opened.set(store));
                }
                Ok(opened.get().map(|store| store as &dyn ObjectStore))
            }
        }
    }

    fn made_store(&self) -> Result<&dyn ObjectStore, Error> {
        if let Place::Folder(folder, _) = &self.0 {
            std::fs::create_dir_all(folder).map_err(Error::internal)?;
        }
        self.store()?
            .ok_or_else(|| Error::internal("the folder for uploads can't be opened"))
    }

    /// A bucket is a vendor's; a folder is ours.
    fn failed(&self, error: object_store::Error) -> Error {
        match &self.0 {
            Place::Folder(..) => Error::internal(error),
            Place::Bucket(_) => Error {
                source: Some(Box::new(error)),
                ..Error::new(
                    Kind::Upstream,
                    "文件存储暂时不可用，请稍后再试",
                    "The store for files can't be reached. Please try again later",
                )
            },
        }
    }
}

impl FileStore for Files {
    fn put<'a>(&'a self, key: &'a str, content: Bytes) -> Asking<'a, ()> {
        Box::pin(async move {
            let (store, path) = (self.made_store()?, Path::from(key));
            let done = store.put(&path, content.into()).await;
            done.map(drop).map_err(|e| self.failed(e))
        })
    }

    fn get<'a>(&'a self, key: &'a str) -> Asking<'a, Option<Bytes>> {
        Box::pin(async move {
            let Some(store) = self.store()? else {
                return Ok(None);
            };
            match store.get(&Path::from(key)).await {
                Ok(found) => found.bytes().await.map(Some).map_err(|e| self.failed(e)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(self.failed(error)),
            }
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> Asking<'a, ()> {
        Box::pin(async move {
            let Some(store) = self.store()? else {
                return Ok(());
            };
            match store.delete(&Path::from(key)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(self.failed(error)),
            }
        })
    }

    fn list<'a>(&'a self, folder: &'a str) -> Asking<'a, Vec<Stored>> {
        Box::pin(async move {
            let Some(store) = self.store()? else {
                return Ok(Vec::new());
            };
            store
                .list(Some(&Path::from(folder)))
                .map_ok(|found| Stored {
                    key: found.location.to_string(),
                    modified: Timestamp(found.last_modified.timestamp_micros()),
                })
                .try_collect()
                .await
                .map_err(|e| self.failed(e))
        })
    }
}

#[cfg(test)]
mod tests;
