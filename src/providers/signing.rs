//! The signatures of Aliyun and Tencent Cloud. Both sign a canonical form of the request with
//! HMAC-SHA256; they differ in how the key is derived and what is signed.

use aws_lc_rs::{digest, hmac};
use jiff::Timestamp as Moment;
use menshen_domain::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `text` as a part of an address (RFC 3986): a space is `%20`.
pub(crate) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// `bytes` in lower-case hexadecimal.
pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

/// The SHA-256 of `bytes` in hexadecimal.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(digest::digest(&digest::SHA256, bytes.as_ref()))
}

fn keyed(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

/// A moment in UTC as `format` (strftime) says.
pub(crate) fn utc(at: Timestamp, format: &str) -> String {
    Moment::from_microsecond(at.0)
        .unwrap_or(Moment::UNIX_EPOCH)
        .strftime(format)
        .to_string()
}

/// Who signs.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    /// The public half.
    pub(crate) id: String,
    /// The secret half.
    pub(crate) secret: SecretString,
}

/// What is signed.
#[derive(Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// Sorted and escaped already.
    pub(crate) query: &'a str,
    /// Names in lower case, sorted.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    /// The body's SHA-256 in hexadecimal.
    pub(crate) body_hash: &'a str,
}

impl Signed<'_> {
    fn names(&self) -> String {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        names.join(";")
    }

    /// The canonical request, which both vendors write alike.
    fn canonical(&self) -> String {
        let headers: String = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}:{}\n", value.trim()))
            .collect();
        [
            self.method,
            self.path,
            self.query,
            &headers,
            &self.names(),
            self.body_hash,
        ]
        .join("\n")
    }
}

/// Aliyun's version 3, `ACS3-HMAC-SHA256`: the value of `Authorization`.
pub(crate) fn acs3(signer: &Signer, request: &Signed<'_>) -> String {
    const ALGORITHM: &str = "ACS3-HMAC-SHA256";
    let to_sign = format!("{ALGORITHM}\n{}", sha256(request.canonical()));
    let signature = keyed(signer.secret.expose_secret().as_bytes(), &to_sign);
    format!(
        "{ALGORITHM} Credential={},SignedHeaders={},Signature={}",
        signer.id,
        request.names(),
        hex(signature)
    )
}

/// Tencent Cloud's version 3, `TC3-HMAC-SHA256`: the value of `Authorization`.
pub(crate) fn tc3(signer: &Signer, service: &str, at: Timestamp, request: &Signed<'_>) -> String {
    const ALGORITHM: &str = "TC3-HMAC-SHA256";
    let date = utc(at, "%Y-%m-%d");
    let scope = format!("{date}/{service}/tc3_request");
    let to_sign = format!(
        "{ALGORITHM}\n{}\n{scope}\n{}",
        at.seconds(),
        sha256(request.canonical())
    );
    let secret = format!("TC3{}", signer.secret.expose_secret());
    let dated = keyed(secret.as_bytes(), &date);
    let of_service = keyed(dated.as_ref(), service);
    let key = keyed(of_service.as_ref(), "tc3_request");
    format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={}",
        signer.id,
        request.names(),
        hex(keyed(key.as_ref(), &to_sign))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of Aliyun's “V3 request structure and signature”.
    #[test]
    fn acs3_signs_as_aliyun_documents() {
        let signer = Signer {
            id: "YourAccessKeyId".to_owned(),
            secret: "YourAccessKeySecret".into(),
        };
        let empty = sha256("");
        let signed = Signed {
            method: "POST",
            path: "/",
            query: "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
            headers: &[
                ("host", "ecs.cn-shanghai.aliyuncs.com"),
                ("x-acs-action", "RunInstances"),
                ("x-acs-content-sha256", &empty),
                ("x-acs-date", "2023-10-26T10:22:32Z"),
                ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
                ("x-acs-version", "2014-05-26"),
            ],
            body_hash: &empty,
        };
        assert_eq!(
            sha256(signed.canonical()),
            "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
        );
        assert_eq!(
            acs3(&signer, &signed),
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;\
             x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    const PAYLOAD: &str =
        r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;

    /// The worked example of Tencent Cloud's “Signature v3”; the asterisks are its key.
    #[test]
    fn tc3_signs_as_tencent_documents() {
        let signer = Signer {
            id: "AKID********************************".to_owned(),
            secret: "*".repeat(32).into(),
        };
        let hash = sha256(PAYLOAD);
        assert_eq!(
            hash,
            "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"
        );
        let signed = Signed {
            method: "POST",
            path: "/",
            query: "",
            headers: &[
                ("content-type", "application/json; charset=utf-8"),
                ("host", "cvm.tencentcloudapi.com"),
                ("x-tc-action", "describeinstances"),
            ],
            body_hash: &hash,
        };
        let at = Timestamp::from_seconds(1_551_113_065);
        assert_eq!(
            tc3(&signer, "cvm", at, &signed),
            "TC3-HMAC-SHA256 \
             Credential=AKID********************************/2019-02-25/cvm/tc3_request, \
             SignedHeaders=content-type;host;x-tc-action, \
             Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
        );
    }

    /// The same document's earlier edition, with a key that is not masked.
    #[test]
    fn tc3_signs_as_tencent_documented_before() {
        let signer = Signer {
            id: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE".to_owned(),
            secret: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE".into(),
        };
        let signed = Signed {
            method: "POST",
            path: "/",
            query: "",
            headers: &[
                ("content-type", "application/json; charset=utf-8"),
                ("host", "cvm.tencentcloudapi.com"),
            ],
            body_hash: &sha256(PAYLOAD),
        };
        let value = tc3(
            &signer,
            "cvm",
            Timestamp::from_seconds(1_551_113_065),
            &signed,
        );
        assert!(
            value.ends_with(
                "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
            ),
            "{value}"
        );
    }

    #[test]
    fn escaping_follows_rfc_3986() {
        assert_eq!(escaped("aZ09-_.~"), "aZ09-_.~");
        assert_eq!(
            escaped("a b+c*d/{\"字\"}"),
            "a%20b%2Bc%2Ad%2F%7B%22%E5%AD%97%22%7D"
        );
    }

    #[test]
    fn req29_a_signer_does_not_print_its_secret() {
        let signer = Signer {
            id: "id".to_owned(),
            secret: "hush".into(),
        };
        assert!(!format!("{signer:?}").contains("hush"));
    }
}
