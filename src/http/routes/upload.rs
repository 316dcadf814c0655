//! `POST /other/upload` (document A).

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::multipart::FormFile;
use crate::{Access, Api, Endpoint};
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Serialize;

/// Where files are sent to; they may be larger than other bodies.
pub(crate) const PATH: &str = "/other/upload";

/// A form with a file; other fields are ignored.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "it describes the form; its reader is in `multipart`"
)]
struct UploadForm {
    /// A PNG, JPEG, WebP or GIF picture, or a PDF.
    #[schemars(extend("contentMediaType" = "application/octet-stream"))]
    file: String,
}

/// A file that was taken.
#[derive(Debug, Serialize, JsonSchema)]
struct UploadInfo {
    /// The file's name, made safe, with the extension of what it is.
    name: String,
    /// Where it is served, on this server.
    url: String,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        PATH,
        Access::SignedIn,
        Text::fixed("上传文件", "Upload a file"),
        handle,
    )
    .tag("A")
    .takes_as::<UploadForm>("multipart/form-data")
    .gives::<UploadInfo>(200, "The file's name and address")
    .fails(400, "No form, no file in it, or more than one")
    .fails(
        413,
        "The file is too large, or the picture has too many pixels",
    )
    .fails(415, "It is none of the kinds that are taken, or broken")
    .fails(429, "Too many files from this user")
    .fails(502, "The store for files can't be reached")
}

async fn handle(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    FormFile(file): FormFile,
) -> Result<Json<UploadInfo>, ApiError> {
    let taken = api.services.uploads.add(&caller, file).await?;
    Ok(Json(UploadInfo {
        name: taken.name,
        url: taken.url,
    }))
}
