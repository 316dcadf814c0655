//! A file in a form (`multipart/form-data`, RFC 7578).

use crate::body::Buffered;
use crate::error::ApiError;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use menshen_domain::{Error, Text};
use menshen_services::uploads::NewFile;
use multer::Multipart;

/// The field that holds the file.
const FIELD: &str = "file";
/// How many fields a form may have.
const MAX_FIELDS: usize = 50;

/// The file in the field `file`. There is one; other fields are ignored.
pub(crate) struct FormFile(pub(crate) NewFile);

impl<S: Send + Sync> FromRequest<S> for FormFile {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let declared = request
            .headers()
            .get(header::CONTENT_TYPE)
            .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
            .unwrap_or_default();
        let boundary = multer::parse_boundary(declared).map_err(|_| not_a_form())?;
        let body = Body::from(Buffered::of(&request));
        let mut form = Multipart::new(body.into_data_stream(), boundary);
        let mut file = None;
        let mut fields = 0;
        while let Some(field) = form.next_field().await.map_err(|_| broken())? {
            fields += 1;
            if fields > MAX_FIELDS {
                return Err(too_many_fields());
            }
            if field.name() != Some(FIELD) {
                continue;
            }
            if file.is_some() {
                return Err(too_many());
            }
            let name = field.file_name().unwrap_or_default().to_owned();
            let content = field.bytes().await.map_err(|_| broken())?;
            file = Some(NewFile { name, content });
        }
        file.map(Self).ok_or_else(missing)
    }
}

fn wrong(zh: &'static str, en: &'static str) -> ApiError {
    Error::field(FIELD, Text::fixed(zh, en)).into()
}

fn not_a_form() -> ApiError {
    wrong(
        "请以 multipart/form-data 表单发送，文件放在字段 file 中",
        "send a form (multipart/form-data) with the file in its field “file”",
    )
}

fn broken() -> ApiError {
    wrong(
        "表单不完整或格式有误",
        "the form is not whole, or not well-formed",
    )
}

fn missing() -> ApiError {
    wrong("表单中没有文件", "there is no file in this field")
}

fn too_many() -> ApiError {
    wrong("一次只能上传一个文件", "one file at a time is taken")
}

fn too_many_fields() -> ApiError {
    wrong("表单的字段过多", "the form has too many fields")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    async fn read(declared: &str, body: &[u8]) -> Result<NewFile, String> {
        let mut request = Request::new(Body::empty());
        let value = declared.parse().expect("a header");
        request.headers_mut().insert(header::CONTENT_TYPE, value);
        request
            .extensions_mut()
            .insert(Buffered::from(body.to_vec()));
        match FormFile::from_request(request, &()).await {
            Ok(file) => Ok(file.0),
            Err(error) => {
                assert_eq!(error.status, 400);
                let field = &error.error.fields[0];
                assert_eq!(field.field, "file");
                Err(field.text.en.to_string())
            }
        }
    }

    async fn parts(parts: &[&str]) -> Result<NewFile, String> {
        let mut body = String::new();
        for part in parts {
            body.push_str("--b\r\nContent-Disposition: form-data; ");
            body.push_str(part);
            body.push_str("\r\n");
        }
        body.push_str("--b--\r\n");
        read("multipart/form-data; boundary=b", body.as_bytes()).await
    }

    const FILE: &str = "name=\"file\"; filename=\"a.png\"\r\n\r\nhello";

    #[tokio::test]
    async fn the_file_is_found_among_other_fields() {
        for form in [
            &[FILE][..],
            &[
                "name=\"a\"\r\n\r\n1",
                FILE,
                "name=\"b\"; filename=\"b\"\r\n\r\n2",
            ],
            &["name=\"file2\"\r\n\r\n1", FILE],
        ] {
            let file = parts(form).await.expect("a file");
            assert_eq!(
                (file.name.as_str(), &file.content[..]),
                ("a.png", &b"hello"[..])
            );
        }
        let plain = parts(&["name=\"file\"\r\n\r\nhello"]).await;
        assert_eq!(plain.expect("a file").name, "");
    }

    #[tokio::test]
    async fn what_is_no_form_with_one_file_is_refused() {
        let said = parts(&[FILE, FILE]).await.expect_err("two");
        assert!(said.contains("one file"), "{said}");
        let said = parts(&["name=\"other\"\r\n\r\nx"]).await.expect_err("none");
        assert!(said.contains("no file"), "{said}");
        let many = vec!["name=\"x\"\r\n\r\n1"; MAX_FIELDS + 1];
        let said = parts(&many).await.expect_err("many");
        assert!(said.contains("too many fields"), "{said}");
        for declared in [
            "application/json",
            "multipart/form-data",
            "multipart/mixed; boundary=b",
            "",
        ] {
            let said = read(declared, b"--b--").await.expect_err(declared);
            assert!(said.contains("multipart/form-data"), "{said}");
        }
        let whole = format!("--b\r\nContent-Disposition: form-data; {FILE}\r\n--b--\r\n");
        for cut in [1, 5, 30, 60, whole.len() - 10] {
            let body = &whole.as_bytes()[..cut];
            let declared = "multipart/form-data; boundary=b";
            let said = read(declared, body).await.expect_err("cut short");
            assert!(said.contains("not whole"), "{cut}: {said}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut body = b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n".to_vec();
            body.extend(bytes);
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
            drop(runtime.block_on(read("multipart/form-data; boundary=b", &body)));
        }
    }
}
