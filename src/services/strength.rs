//! How hard a password is to guess, for the meter beside its field. It goes by zxcvbn, as the
//! rule in [`crate::passwords::check_new`] does.

use crate::Services;
use crate::access::Caller;
use crate::passwords;
use menshen_domain::Text;
use menshen_domain::account::Strength;
use zxcvbn::feedback::{Suggestion, Warning};

/// The longest password that is looked at, in bytes: 128 characters of four.
const LONGEST: usize = 512;

impl Services {
    /// How hard `password` is to guess for somebody who knows the caller's names. Nothing is kept
    /// of it.
    #[must_use]
    pub fn password_strength(&self, caller: &Caller, password: &str) -> Strength {
        let nickname = caller.me().nickname;
        let min = self.core.settings().password.min_length;
        strength(password, min, &[caller.username(), &nickname])
    }
}

fn strength(password: &str, min: usize, words: &[&str]) -> Strength {
    if password.is_empty() || password.len() > LONGEST {
        return Strength {
            score: 0,
            good: false,
            advice: Vec::new(),
        };
    }
    let refused = passwords::check_new("newPassword", password, min, words).err();
    let measured = zxcvbn::zxcvbn(password, words);
    let mut advice: Vec<Text> = refused
        .iter()
        .flat_map(|error| error.fields.iter().map(|field| field.text.clone()))
        .collect();
    if let Some(feedback) = measured.feedback() {
        advice.extend(feedback.warning().map(warning));
        advice.extend(feedback.suggestions().iter().copied().map(suggestion));
    }
    let score = u8::from(measured.score());
    Strength {
        // What is refused is never shown as good enough.
        score: if refused.is_some() {
            score.min(1)
        } else {
            score
        },
        good: refused.is_none(),
        advice,
    }
}

fn warning(warning: Warning) -> Text {
    let (zh, en) = match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => (
            "键盘上相邻的一排键很容易猜到",
            "Straight rows of keys are easy to guess",
        ),
        Warning::ShortKeyboardPatternsAreEasyToGuess => (
            "键盘上的短图形很容易猜到",
            "Short keyboard patterns are easy to guess",
        ),
        Warning::RepeatsLikeAaaAreEasyToGuess => (
            "“aaa” 这样的重复很容易猜到",
            "Repeats like “aaa” are easy to guess",
        ),
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => (
            "“abcabcabc” 比 “abc” 难猜不了多少",
            "“abcabcabc” is hardly harder to guess than “abc”",
        ),
        Warning::ThisIsATop10Password => (
            "这是最常见的十个密码之一",
            "This is one of the ten commonest passwords",
        ),
        Warning::ThisIsATop100Password => (
            "这是最常见的一百个密码之一",
            "This is one of the hundred commonest passwords",
        ),
        Warning::ThisIsACommonPassword => ("这是常见的密码", "This is a common password"),
        Warning::ThisIsSimilarToACommonlyUsedPassword => {
            ("与常见的密码相似", "This is much like a common password")
        }
        Warning::SequencesLikeAbcAreEasyToGuess => (
            "“abc”“6543” 这样的连续字符很容易猜到",
            "Runs like “abc” or “6543” are easy to guess",
        ),
        Warning::RecentYearsAreEasyToGuess => {
            ("近年的年份很容易猜到", "Recent years are easy to guess")
        }
        Warning::AWordByItselfIsEasyToGuess => {
            ("单独一个词很容易猜到", "A word by itself is easy to guess")
        }
        Warning::DatesAreOftenEasyToGuess => ("日期往往容易猜到", "Dates are often easy to guess"),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => (
            "单独的姓名很容易猜到",
            "Names by themselves are easy to guess",
        ),
        Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            ("常见的姓名很容易猜到", "Common names are easy to guess")
        }
    };
    Text::fixed(zh, en)
}

fn suggestion(suggestion: Suggestion) -> Text {
    let (zh, en) = match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => (
            "用几个词组成，避开常用语",
            "Use a few words, and no common phrase",
        ),
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => (
            "不必用符号、数字或大写字母",
            "Symbols, digits and capitals are not needed",
        ),
        Suggestion::AddAnotherWordOrTwo => (
            "再加一两个不常见的词",
            "Add another word or two, uncommon ones",
        ),
        Suggestion::CapitalizationDoesntHelpVeryMuch => {
            ("首字母大写用处不大", "A capital in front helps little")
        }
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => (
            "全部大写与全部小写差不多",
            "All capitals are as easy to guess as none",
        ),
        Suggestion::ReversedWordsArentMuchHarderToGuess => (
            "倒着写的词也不难猜",
            "Words written backwards are hardly harder to guess",
        ),
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => (
            "用 “@” 代替 “a” 之类的替换用处不大",
            "Replacements such as “@” for “a” help little",
        ),
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => (
            "键盘图形要更长、转折更多",
            "Use a longer keyboard pattern with more turns",
        ),
        Suggestion::AvoidRepeatedWordsAndCharacters => {
            ("避免重复的词和字符", "Avoid repeated words and characters")
        }
        Suggestion::AvoidSequences => ("避免连续的字符", "Avoid runs of characters"),
        Suggestion::AvoidRecentYears => ("避免近年的年份", "Avoid recent years"),
        Suggestion::AvoidYearsThatAreAssociatedWithYou => (
            "避免与自己有关的年份",
            "Avoid years that have to do with you",
        ),
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => (
            "避免与自己有关的日期和年份",
            "Avoid dates and years that have to do with you",
        ),
    };
    Text::fixed(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use menshen_domain::Lang;

    #[test]
    fn the_meter_and_the_rule_say_the_same() {
        for (password, good, score) in [
            ("password1234", false, 0..=1),
            ("lin.wei", false, 0..=1),
            ("Ux7", false, 0..=1),
            ("quiet river seven", true, 3..=4),
            ("a gate with two gods", true, 3..=4),
            ("", false, 0..=0),
        ] {
            let found = strength(password, 12, &["lin.wei"]);
            assert_eq!(found.good, good, "{password}: {found:?}");
            assert!(score.contains(&found.score), "{password}: {found:?}");
            let rule = passwords::check_new("newPassword", password, 12, &["lin.wei"]);
            assert_eq!(rule.is_ok(), good, "{password}");
        }
    }

    #[test]
    fn a_weak_one_comes_with_advice_in_both_languages() {
        let found = strength("password", 12, &[]);
        assert!(found.advice.len() > 1, "{found:?}");
        for text in &found.advice {
            assert!(!text.get(Lang::Zh).is_empty() && !text.get(Lang::En).is_empty());
        }
        let long = "a".repeat(5000);
        assert!(!strength(&long, 12, &[]).good);
    }
}
