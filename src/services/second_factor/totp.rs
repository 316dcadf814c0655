//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, a new one every 30 seconds, and
//! one step of drift to either side, because that is what every authenticator app speaks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use menshen_domain::{Error, Result, Timestamp};
use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Algorithm, Builder, Totp};

/// How many bytes a secret has: the 160 bits that RFC 4226 recommends.
pub(super) const SECRET: usize = 20;
/// How many digits a code has.
pub(super) const DIGITS: usize = 6;
/// Whom an authenticator app shows the codes for.
const ISSUER: &str = "Menshen";

/// A secret at work.
pub(super) struct Codes(Totp);

impl Codes {
    /// The codes of `secret`; an authenticator app shows them under the name `account`.
    pub(super) fn new(secret: &[u8], account: &str) -> Result<Self> {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_skew(1)
            .with_secret(secret.to_vec())
            .with_issuer(Some(ISSUER))
            // The colon parts issuer and account in the address.
            .with_account_name(account.replace(':', "."))
            .build()
            .map(Self)
            .map_err(|e| Error::internal(format!("TOTP: {e}")))
    }

    /// The time step whose code `code` is, when that is the present one or one next to it.
    pub(super) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let step = self.0.check(code, seconds(now))?;
        i64::try_from(step).ok()
    }

    /// The secret in base32, to be typed in.
    pub(super) fn secret(&self) -> String {
        self.0.secret().to_base32()
    }

    /// The secret as an `otpauth://` address.
    pub(super) fn uri(&self) -> Result<String> {
        self.0
            .to_url()
            .map_err(|e| Error::internal(format!("TOTP: {e}")))
    }

    /// The code of the time step in which `at` lies.
    #[cfg(test)]
    pub(super) fn at(&self, at: Timestamp) -> String {
        self.0.generate(seconds(at)).to_string()
    }
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.0 / 1_000_000).unwrap_or(0)
}

/// A text as a QR code: the `data:` address of an SVG.
pub(super) fn qr(text: &str) -> Result<String> {
    let code = QrCode::new(text).map_err(Error::internal)?;
    let picture = code.render::<svg::Color<'_>>().build();
    Ok(format!(
        "data:image/svg+xml;base64,{}",
        STANDARD.encode(picture)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret of the SHA-1 rows.
    const RFC_SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    /// The RFC's table has eight digits; a code of six is the last six of them (RFC 4226, 5.3).
    #[test]
    fn req20_the_rfcs_own_table_comes_out() {
        let codes = Codes::new(RFC_SECRET, "lin").expect("codes");
        for (time, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(codes.at(at(time)), &code[2..], "at {time}");
            assert_eq!(codes.step_of(&code[2..], at(time)), Some(time / 30));
        }
    }

    #[test]
    fn req20_one_step_of_drift_is_taken_and_no_more() {
        let codes = Codes::new(RFC_SECRET, "lin").expect("codes");
        let code = codes.at(at(1_800_000_000));
        let step = 1_800_000_000 / 30;
        for (late, found) in [
            (-31, None),
            (-30, Some(step)),
            (-1, Some(step)),
            (0, Some(step)),
            (29, Some(step)),
            (59, Some(step)),
            (60, None),
        ] {
            let now = at(1_800_000_000 + late);
            assert_eq!(codes.step_of(&code, now), found, "{late} seconds late");
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        let codes = Codes::new(RFC_SECRET, "lin").expect("codes");
        for odd in [
            "",
            "1",
            "28708",
            "2870820",
            "94287082",
            "+28708",
            "２８７０８２",
        ] {
            assert_eq!(codes.step_of(odd, at(59)), None, "{odd}");
        }
    }

    #[test]
    fn an_app_reads_the_address() {
        let codes = Codes::new(RFC_SECRET, "林 wei:x").expect("codes");
        assert_eq!(codes.secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = codes.uri().expect("an address");
        assert_eq!(
            uri,
            "otpauth://totp/Menshen:%E6%9E%97%20wei.x\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Menshen"
        );
        let picture = qr(&uri).expect("a picture");
        let picture = picture
            .strip_prefix("data:image/svg+xml;base64,")
            .expect("an SVG");
        let picture = STANDARD.decode(picture).expect("base64");
        let picture = String::from_utf8(picture).expect("text");
        assert!(picture.contains("<svg") && picture.ends_with("</svg>"));
    }
}
