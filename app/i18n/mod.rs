//! Every text of the admin UI, in both languages.
//!
//! A text is a field (or, with values in it, a method) of [`Texts`]: one that is missing in a
//! language does not compile, and a test finds those that nobody uses.

mod texts;

pub(crate) use texts::Texts;

use menshen_domain::Lang;

/// The texts in `lang`.
pub(crate) fn texts(lang: Lang) -> &'static Texts {
    match lang {
        Lang::Zh => &texts::ZH,
        Lang::En => &texts::EN,
    }
}

/// Makes the catalogues: plain texts as `key = "Chinese", "English";`, and texts with values as
/// `key(value: type) = expression, expression;`.
macro_rules! catalogue {
    (
        plain { $($key:ident = $zh:literal, $en:literal;)* }
        with { $($fkey:ident($($arg:ident: $ty:ty),*) = $fzh:expr, $fen:expr;)* }
    ) => {
        /// The texts in one language.
        #[cfg_attr(
            not(feature = "ssr"),
            expect(dead_code, reason = "some are told by the server alone")
        )]
        pub(crate) struct Texts {
            lang: menshen_domain::Lang,
            $(pub(crate) $key: &'static str,)*
        }

        pub(super) static ZH: Texts = Texts {
            lang: menshen_domain::Lang::Zh,
            $($key: $zh,)*
        };

        pub(super) static EN: Texts = Texts {
            lang: menshen_domain::Lang::En,
            $($key: $en,)*
        };

        impl Texts {
            $(
                pub(crate) fn $fkey(&self, $($arg: $ty),*) -> String {
                    match self.lang {
                        menshen_domain::Lang::Zh => $fzh.into(),
                        menshen_domain::Lang::En => $fen.into(),
                    }
                }
            )*
        }

        #[cfg(test)]
        pub(super) const KEYS: &[&str] = &[$(stringify!($key),)* $(stringify!($fkey),)*];

        #[cfg(test)]
        pub(super) const PLAIN: &[(&str, &str, &str)] = &[$((stringify!($key), $zh, $en),)*];
    };
}

use catalogue;

#[cfg(test)]
mod tests {
    use super::texts::{KEYS, PLAIN};
    use std::path::Path;

    fn sources(folder: &Path, out: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs")
                && !path.ends_with("i18n/texts.rs")
            {
                out.push_str(&std::fs::read_to_string(&path).expect("a source"));
            }
        }
    }

    #[test]
    fn every_text_is_used() {
        let mut all = String::new();
        sources(Path::new(env!("CARGO_MANIFEST_DIR")), &mut all);
        let unused: Vec<_> = KEYS
            .iter()
            .filter(|key| {
                let used = format!("t.{key}");
                !all.match_indices(&used).any(|(at, _)| {
                    all[at + used.len()..]
                        .chars()
                        .next()
                        .is_none_or(|c| !c.is_alphanumeric() && c != '_')
                })
            })
            .collect();
        assert!(unused.is_empty(), "nobody uses {unused:?}");
    }

    #[test]
    fn chinese_is_chinese_and_english_is_not() {
        let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for (key, zh, en) in PLAIN {
            assert!(han(zh), "{key}: {zh}");
            assert!(!han(en) && !en.is_empty(), "{key}: {en}");
        }
    }
}
