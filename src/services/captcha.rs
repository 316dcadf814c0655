//! Captchas: a picture of letters, good for one try within two minutes.

use crate::access::Client;
use crate::core::Core;
use crate::quota::Quota;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use captcha::filters::{Grid, Noise, Wave};
use menshen_domain::session::CaptchaPicture;
use menshen_domain::{Error, FieldError, Kind, Result, Text};
use menshen_storage::captchas;
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How long a captcha is good.
const LIFETIME: Duration = Duration::from_mins(2);
const PURPOSE: &str = "captcha";
const LENGTH: usize = 5;
/// The colour of letters and lines, as RGB.
const INK: [u8; 3] = [122, 52, 28];
/// Letters and digits that are hard to take for one another.
const LETTERS: &[u8] = b"ABCDEFGHJKMNPQRTUVWXY346789";

/// Makes captchas and checks their answers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Captchas {
    core: Arc<Core>,
}

impl Captchas {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes a captcha.
    ///
    /// # Errors
    /// [`Kind::TooMany`] when `client`'s address asks for too many.
    pub async fn create(&self, client: &Client) -> Result<CaptchaPicture> {
        self.count(client).await?;
        let answer = self.answer();
        let drawn = answer.clone();
        let waves = (self.core.random_below(40), self.core.random_below(40));
        let png = tokio::task::spawn_blocking(move || draw(&drawn, waves))
            .await
            .map_err(Error::internal)??;
        let key = self.core.random_text::<18>();
        let sealed = self.core.secrets.seal(PURPOSE, answer.as_bytes())?;
        let now = self.core.now();
        let mut tx = self.core.db.begin().await?;
        captchas::insert(&mut tx, &key, &sealed, now, now + LIFETIME).await?;
        tx.commit().await?;
        Ok(CaptchaPicture {
            image: format!("data:image/png;base64,{}", STANDARD.encode(png)),
            key,
        })
    }

    async fn count(&self, client: &Client) -> Result<()> {
        let quota = Quota {
            key: format!("captcha:{}", client.network()),
            most: self.core.settings().limits.captchas_per_minute.into(),
            window: Duration::from_mins(1),
            refusal: Text::fixed(
                "获取验证码过于频繁，请稍后再试",
                "Too many captchas. Please wait a minute",
            ),
        };
        quota.count(&self.core).await
    }

    fn answer(&self) -> Zeroizing<String> {
        let below = u32::try_from(LETTERS.len()).unwrap_or(1);
        let letter = |_| {
            let at = usize::try_from(self.core.random_below(below)).unwrap_or(0);
            char::from(LETTERS[at])
        };
        Zeroizing::new((0..LENGTH).map(letter).collect())
    }

    /// Checks an answer, in any letter case. Right or wrong, the captcha is spent.
    ///
    /// # Errors
    /// [`Kind::Captcha`] when the answer is wrong, or the captcha was used or has expired.
    pub async fn check(&self, key: &str, answer: &str) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        let sealed = captchas::take(&mut tx, key, self.core.now()).await?;
        tx.commit().await?;
        let given = Zeroizing::new(answer.trim().to_uppercase());
        let right = match sealed {
            Some(sealed) => {
                let expected = self.core.secrets.open(PURPOSE, &sealed)?;
                bool::from(expected.as_slice().ct_eq(given.as_bytes()))
                    || self.is_dev_answer(&given)
            }
            None => false,
        };
        if right { Ok(()) } else { Err(wrong()) }
    }

    /// Whether a captcha came along and was right; false when none came.
    ///
    /// # Errors
    /// As [`Captchas::check`], for one that came.
    pub(crate) async fn check_given(
        &self,
        key: Option<&str>,
        answer: Option<&str>,
    ) -> Result<bool> {
        let key = key.unwrap_or_default().trim();
        let answer = answer.unwrap_or_default().trim();
        if key.is_empty() && answer.is_empty() {
            return Ok(false);
        }
        self.check(key, answer).await?;
        Ok(true)
    }

    fn is_dev_answer(&self, given: &str) -> bool {
        self.core
            .settings()
            .dev
            .captcha_answer
            .as_ref()
            .is_some_and(|fixed| fixed.expose_secret().to_uppercase() == given)
    }

    /// The captcha read aloud, as a WAV file, for those who can't see it; it is not spent by
    /// that. `None` for a captcha that is not there.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audio(&self, key: &str) -> Result<Option<Vec<u8>>> {
        // Nor is there one under a name that PostgreSQL would not even look for.
        if key.contains('\0') {
            return Ok(None);
        }
        let mut conn = self.core.db.read().await?;
        let Some(sealed) = captchas::peek(&mut conn, key, self.core.now()).await? else {
            return Ok(None);
        };
        drop(conn);
        let answer = self.core.secrets.open(PURPOSE, &sealed)?;
        let answer = Zeroizing::new(String::from_utf8_lossy(&answer).into_owned());
        tokio::task::spawn_blocking(move || speak(&answer).map(Some))
            .await
            .map_err(Error::internal)?
    }
}

fn wrong() -> Error {
    let text = Text::fixed(
        "验证码不正确或已过期，请重新输入",
        "The captcha did not match or has expired. Here is a new picture",
    );
    Error {
        kind: Kind::Captcha,
        fields: vec![FieldError {
            field: "captchaCode".into(),
            text: text.clone(),
        }],
        text,
        source: None,
    }
}

fn written(answer: &str) -> captcha::Captcha {
    let mut picture = captcha::Captcha::new();
    for letter in answer.chars() {
        // The font has some letters in one case only.
        let known = picture.supported_chars();
        let shape = [letter, letter.to_ascii_lowercase()]
            .into_iter()
            .find(|c| known.contains(c));
        if let Some(shape) = shape {
            picture.set_chars(&[shape]).add_char();
        }
    }
    picture
}

/// Letters and lines of one colour and one width, bent together: what takes the lines away takes
/// the letters along.
fn draw(answer: &str, (tilt, sway): (u32, u32)) -> Result<Vec<u8>> {
    let mut picture = written(answer);
    picture
        .set_color(INK)
        .apply_filter(Grid::new(23, 13))
        .apply_filter(Wave::new(2.0 + f64::from(tilt) / 40.0, 12.0).horizontal())
        .apply_filter(Wave::new(2.0 + f64::from(sway) / 40.0, 8.0).vertical())
        .view(260, 104)
        .apply_filter(Noise::new(0.03));
    picture
        .as_png()
        .ok_or_else(|| Error::internal("captcha: no picture"))
}

/// The letters' recordings one after another, with half a second between them.
fn speak(answer: &str) -> Result<Vec<u8>> {
    let mut spec = None;
    let mut samples: Vec<i16> = Vec::new();
    for part in written(answer).as_wav().into_iter().flatten() {
        let mut reader = hound::WavReader::new(part.as_slice()).map_err(Error::internal)?;
        let part_spec = *spec.get_or_insert(reader.spec());
        samples.extend(reader.samples::<i16>().flatten());
        let pause = usize::try_from(part_spec.sample_rate / 2).unwrap_or(0);
        samples.resize(samples.len() + pause, 0);
    }
    let spec = spec.ok_or_else(|| Error::internal("captcha: no recording"))?;
    let mut file = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut file, spec).map_err(Error::internal)?;
    for sample in samples {
        writer.write_sample(sample).map_err(Error::internal)?;
    }
    writer.finalize().map_err(Error::internal)?;
    Ok(file.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    #[test]
    fn every_letter_can_be_drawn_and_spoken() {
        for letter in LETTERS {
            let text = char::from(*letter).to_string();
            let picture = written(&text);
            assert_eq!(picture.chars_as_string().to_uppercase(), text);
            assert!(picture.as_wav()[0].is_some(), "no recording of {text}");
        }
        assert!(draw("ABCDE", (3, 7)).expect("png").starts_with(b"\x89PNG"));
        assert!(speak("ABCDE").expect("wav").starts_with(b"RIFF"));
    }

    /// Numbers that look like random ones, the same in each run: xorshift.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % n
        }

        fn letter(&mut self) -> char {
            let below = u64::try_from(LETTERS.len()).expect("few");
            let at = usize::try_from(self.below(below)).expect("small");
            char::from(LETTERS[at])
        }

        fn bend(&mut self) -> u32 {
            u32::try_from(self.below(40)).expect("small")
        }
    }

    /// The contract: plain OCR reads under 5 % of 200. Letters and bends are the same in each run;
    /// the specks that the pictures are strewn with are the library's, and are not.
    #[test]
    fn tesseract_reads_under_5_percent_of_200() {
        let dir = tempfile::tempdir().expect("dir");
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let mut list = String::new();
        let mut answers = Vec::new();
        for n in 0..200 {
            let answer: String = (0..LENGTH).map(|_| dice.letter()).collect();
            let bend = (dice.bend(), dice.bend());
            let path = dir.path().join(format!("{n}.png"));
            std::fs::write(&path, draw(&answer, bend).expect("png")).expect("write");
            list.push_str(&format!("{}\n", path.display()));
            answers.push(answer);
        }
        let list_file = dir.path().join("list.txt");
        std::fs::write(&list_file, list).expect("write");
        let output = std::process::Command::new("tesseract")
            .arg(&list_file)
            .args(["stdout", "--psm", "8", "-c", "page_separator=\x0c"])
            .output()
            .expect("tesseract is installed (scripts/setup test does it)");
        let read = String::from_utf8_lossy(&output.stdout).into_owned();
        let pages: Vec<&str> = read.split('\x0c').collect();
        assert!(
            pages.len() >= answers.len(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let right = answers
            .iter()
            .zip(pages)
            .filter(|(answer, page)| page.trim().replace(' ', "").eq_ignore_ascii_case(answer))
            .count();
        assert!(right < 10, "tesseract read {right} of 200");
    }

    #[tokio::test]
    async fn req16_a_captcha_is_spent_by_one_try_right_or_wrong() {
        let bench = Bench::sqlite().await;
        let made = bench
            .services
            .captcha
            .create(&bench.client())
            .await
            .expect("made");
        assert!(made.image.starts_with("data:image/png;base64,"));
        let answer = bench.captcha_answer(&made.key).await;
        bench
            .services
            .captcha
            .check(&made.key, &answer.to_lowercase())
            .await
            .expect("right");
        bench
            .services
            .captcha
            .check(&made.key, &answer)
            .await
            .expect_err("spent");

        let made = bench
            .services
            .captcha
            .create(&bench.client())
            .await
            .expect("made");
        let answer = bench.captcha_answer(&made.key).await;
        bench
            .services
            .captcha
            .check(&made.key, "nope")
            .await
            .expect_err("wrong");
        bench
            .services
            .captcha
            .check(&made.key, &answer)
            .await
            .expect_err("spent by the wrong try");
    }

    #[tokio::test]
    async fn req16_a_captcha_lasts_two_minutes() {
        let bench = Bench::sqlite().await;
        let made = bench
            .services
            .captcha
            .create(&bench.client())
            .await
            .expect("made");
        let answer = bench.captcha_answer(&made.key).await;
        bench.clock.forward(Duration::from_secs(121));
        let error = bench
            .services
            .captcha
            .check(&made.key, &answer)
            .await
            .expect_err("expired");
        assert_eq!(error.kind, Kind::Captcha);
    }

    #[tokio::test]
    async fn req14_an_address_can_ask_for_only_so_many() {
        let bench = Bench::with(|s| s.limits.captchas_per_minute = 2).await;
        let client = bench.client();
        for _ in 0..2 {
            bench
                .services
                .captcha
                .create(&client)
                .await
                .expect("within the limit");
        }
        let error = bench
            .services
            .captcha
            .create(&client)
            .await
            .expect_err("over it");
        assert!(matches!(error.kind, Kind::TooMany { .. }));
        bench.clock.forward(Duration::from_secs(61));
        bench
            .services
            .captcha
            .create(&client)
            .await
            .expect("a minute later");
    }

    #[tokio::test]
    async fn req14_a_busy_address_within_the_limit_is_never_refused() {
        let bench = Bench::with(|s| s.limits.captchas_per_minute = 2).await;
        let client = bench.client();
        for n in 0..7 {
            let made = bench.services.captcha.create(&client).await;
            made.unwrap_or_else(|e| panic!("number {n}: {e}"));
            bench.clock.forward(Duration::from_secs(31));
        }
        // Whoever asks for more is not held off for longer by asking on.
        let mut refused = 0;
        for _ in 0..20 {
            if let Err(error) = bench.services.captcha.create(&client).await {
                refused += 1;
                let Kind::TooMany { retry_after } = error.kind else {
                    panic!("{error}");
                };
                assert!((1..=60).contains(&retry_after));
            }
            bench.clock.forward(Duration::from_secs(6));
        }
        assert!((15..=16).contains(&refused), "8 of 10 a minute: {refused}");
    }

    #[tokio::test]
    async fn req16_answers_are_not_what_is_sent_or_kept() {
        let bench = Bench::sqlite().await;
        let captcha = &bench.services.captcha;
        let made = captcha.create(&bench.client()).await.expect("made");
        let other = captcha.create(&bench.client()).await.expect("made");
        assert_ne!(made.key, other.key);
        assert_ne!(made.image, other.image);
        assert!((2..=50).contains(&made.key.len()), "the contract's bounds");
        let answer = bench.captcha_answer(&made.key).await;
        assert_eq!(answer.len(), LENGTH);
        let mut conn = bench.db.read().await.expect("conn");
        let now = bench.services.now();
        let kept = captchas::peek(&mut conn, &made.key, now).await;
        let kept = kept.expect("query").expect("there");
        assert!(!kept.windows(LENGTH).any(|w| w == answer.as_bytes()));
        drop(conn);
        // Another's answer does not do.
        let others = bench.captcha_answer(&other.key).await;
        if others != answer {
            let error = captcha.check(&made.key, &others).await.expect_err("wrong");
            assert_eq!(error.kind, Kind::Captcha);
        }
    }

    #[tokio::test]
    async fn req17_a_captcha_is_read_aloud_without_being_spent() {
        let bench = Bench::sqlite().await;
        let captcha = &bench.services.captcha;
        let made = captcha.create(&bench.client()).await.expect("made");
        for _ in 0..2 {
            let wav = captcha.audio(&made.key).await.expect("spoken");
            assert!(wav.expect("there").starts_with(b"RIFF"));
        }
        assert_eq!(captcha.audio("unknown").await.expect("query"), None);
        let answer = bench.captcha_answer(&made.key).await;
        let padded = format!(" {} ", answer.to_lowercase());
        captcha.check(&made.key, &padded).await.expect("not spent");
        assert_eq!(captcha.audio(&made.key).await.expect("query"), None);
        let made = captcha.create(&bench.client()).await.expect("made");
        bench.clock.forward(Duration::from_mins(2));
        assert_eq!(captcha.audio(&made.key).await.expect("query"), None);
    }

    #[tokio::test]
    async fn the_fixed_answer_of_development_takes_a_captcha_all_the_same() {
        let bench = Bench::with(|s| s.dev.captcha_answer = Some("letMeIn".into())).await;
        let captcha = &bench.services.captcha;
        let made = captcha.create(&bench.client()).await.expect("made");
        captcha.check(&made.key, "LETMEIN").await.expect("fixed");
        captcha
            .check(&made.key, "letmein")
            .await
            .expect_err("spent");
        captcha.check("unknown", "letmein").await.expect_err("none");

        let bench = Bench::sqlite().await;
        let captcha = &bench.services.captcha;
        for empty in ["", " "] {
            let made = captcha.create(&bench.client()).await.expect("made");
            captcha.check(&made.key, empty).await.expect_err("empty");
        }
    }
}
