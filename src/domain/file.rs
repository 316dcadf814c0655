//! Files that people upload: what they may be, and what they are called.

/// The longest name that is kept, in characters, its extension not counted.
const NAME_MAX: usize = 100;

/// What an uploaded file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A WebP picture.
    Webp,
    /// A GIF picture.
    Gif,
    /// A PDF document.
    Pdf,
}

impl Media {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Png, Self::Jpeg, Self::Webp, Self::Gif, Self::Pdf];

    /// Its media type.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Pdf => "application/pdf",
        }
    }

    /// The extension of its files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Pdf => "pdf",
        }
    }

    /// Reads a media type; `None` for one that is not taken.
    #[must_use]
    pub fn from_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.mime() == mime)
    }

    /// Whether a browser shows it as a picture.
    #[must_use]
    pub fn is_picture(self) -> bool {
        self != Self::Pdf
    }
}

/// A name that is safe on every system and in every header: the client's, without folders, without
/// extensions but the one of what the file really is, and without characters that hide or reorder
/// others.
#[must_use]
pub fn clean_name(name: &str, media: Media) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let base = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let kept: String =
        base.chars()
            .filter(|c| !is_hidden(*c))
            .map(|c| match c {
                // A second extension could count for the first; the others mean something to some
                // system, shell or header.
                '.' | '"' | '\'' | '`' | '<' | '>' | ':' | '|' | '?' | '*' | ';' | '%' | '$'
                | '&' => '_',
                c if c.is_whitespace() => ' ',
                c => c,
            })
            .take(NAME_MAX)
            .collect();
    let stem = kept.trim_matches([' ', '_', '-']);
    let stem = match stem {
        "" => "file".to_owned(),
        reserved if is_device(reserved) => format!("file-{reserved}"),
        stem => stem.to_owned(),
    };
    format!("{stem}.{}", media.extension())
}

/// Control characters, and those that are not seen but change how others are.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff0}'..='\u{ffff}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether Windows takes the name for a device.
fn is_device(stem: &str) -> bool {
    let upper = stem.to_ascii_uppercase();
    let numbered = |device: &str| {
        upper
            .strip_prefix(device)
            .is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// A size for people: `5 MiB`, `512 KiB`, `100 B`.
#[must_use]
pub fn size_text(bytes: usize) -> String {
    const KIB: usize = 1024;
    const MIB: usize = KIB * KIB;
    match bytes {
        n if n >= MIB && n % MIB == 0 => format!("{} MiB", n / MIB),
        n if n >= KIB => format!("{} KiB", n / KIB),
        n => format!("{n} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn req48_names_are_made_safe() {
        for (given, kept) in [
            ("photo.png", "photo.png"),
            ("我的 照片.JPEG", "我的 照片.png"),
            ("../../etc/passwd", "passwd.png"),
            ("..\\..\\boot.ini", "boot.png"),
            ("C:\\Users\\lin\\me.jpg", "me.png"),
            ("/", "file.png"),
            ("..", "file.png"),
            ("", "file.png"),
            (".htaccess", "file.png"),
            ("shell.php.png", "shell_php.png"),
            ("shell.php", "shell.png"),
            ("x.svg", "x.png"),
            ("x.png\0.html", "x_png.png"),
            ("a\r\nSet-Cookie: b=1.png", "aSet-Cookie_ b=1.png"),
            ("photo\u{202e}gpj.exe", "photogpj.png"),
            ("a\u{200b}b\u{2066}c.png", "abc.png"),
            ("con.png", "file-con.png"),
            ("lpt1", "file-lpt1.png"),
            ("complete.png", "complete.png"),
            ("a\";filename=\"b.html", "a__filename=_b.png"),
            ("...   ...", "file.png"),
        ] {
            assert_eq!(clean_name(given, Media::Png), kept, "{given:?}");
        }
        let long = clean_name(&"长".repeat(10_000), Media::Pdf);
        assert_eq!(long.chars().count(), NAME_MAX + ".pdf".len());
    }

    #[test]
    fn media_types_are_read_back() {
        for media in Media::ALL {
            assert_eq!(Media::from_mime(media.mime()), Some(media));
        }
        assert_eq!(Media::from_mime("image/svg+xml"), None);
    }

    #[test]
    fn sizes_are_told() {
        assert_eq!(size_text(5 * 1024 * 1024), "5 MiB");
        assert_eq!(size_text(1536 * 1024), "1536 KiB");
        assert_eq!(size_text(100), "100 B");
    }

    proptest! {
        #[test]
        fn req48_no_name_keeps_a_path_or_a_second_extension(name in ".*") {
            let clean = clean_name(&name, Media::Gif);
            prop_assert!(clean.ends_with(".gif"));
            prop_assert_eq!(clean.matches('.').count(), 1);
            prop_assert!(!clean.contains(['/', '\\', '"', '\0']));
            prop_assert!(clean.chars().count() <= NAME_MAX + 9);
        }
    }
}
