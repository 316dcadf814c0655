//! A file in a form (`multipart/form-data`) of a page.
//!
//! Server functions read their arguments from a form that is not made of parts, so the gate takes
//! the body aside, and the function asks for it here after the guard.

use super::guard;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use menshen_domain::{Error, Result, Text};
use menshen_services::uploads::NewFile;
use multer::Multipart;

/// The field that holds the file.
const FIELD: &str = "file";
/// How many fields a form may have.
const MAX_FIELDS: usize = 50;

/// The body of such a form.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    boundary: String,
    body: Bytes,
}

impl Upload {
    /// The body, when it is one.
    pub(super) fn of(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        let declared = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        Some(Self {
            boundary: multer::parse_boundary(declared).ok()?,
            body: body.clone(),
        })
    }

    async fn file(self) -> Result<NewFile> {
        let body = Body::from(self.body);
        let mut form = Multipart::new(body.into_data_stream(), self.boundary);
        for _ in 0..MAX_FIELDS {
            let Some(field) = form.next_field().await.map_err(|_| broken())? else {
                break;
            };
            if field.name() != Some(FIELD) {
                continue;
            }
            let name = field.file_name().unwrap_or_default().to_owned();
            let content = field.bytes().await.map_err(|_| broken())?;
            if content.is_empty() {
                break;
            }
            return Ok(NewFile { name, content });
        }
        Err(missing())
    }
}

/// The file that the form of this request holds in its field `file`.
pub(crate) async fn file() -> Result<NewFile> {
    let form = guard::parts().and_then(|parts| parts.extensions.get::<Upload>().cloned());
    form.ok_or_else(missing)?.file().await
}

fn missing() -> Error {
    Error::field(FIELD, Text::fixed("请选择文件", "choose a file first"))
}

fn broken() -> Error {
    Error::field(
        FIELD,
        Text::fixed(
            "上传的内容不完整，请重试",
            "did not arrive whole. Please try again",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(declared: &'static str, body: &'static str) -> Option<Result<NewFile>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, declared.parse().expect("a header"));
        let form = Upload::of(&headers, &Bytes::from_static(body.as_bytes()))?;
        Some(form.file().await)
    }

    const FORM: &str = "multipart/form-data; boundary=b";

    #[tokio::test]
    async fn the_file_is_found_among_other_fields() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nhi\r\n\
            --b--\r\n";
        let file = read(FORM, body).await.expect("a form").expect("a file");
        assert_eq!(
            (file.name.as_str(), &file.content[..]),
            ("a.png", &b"hi"[..])
        );
    }

    #[tokio::test]
    async fn what_holds_no_file_says_so() {
        let none = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n\
            --b--\r\n";
        for body in [none, "--b--\r\n", "--b\r\nContent", ""] {
            let refused = read(FORM, body).await.expect("a form");
            let refused = refused.expect_err("no file");
            assert_eq!(refused.fields[0].field, "file", "{body}");
        }
        for declared in ["application/x-www-form-urlencoded", "multipart/form-data"] {
            assert!(read(declared, "x=1").await.is_none(), "{declared}");
        }
    }
}
