//! How well a name answers what is typed.
//!
//! The letters must stand in the name in the same order, with others between them: `nu` finds
//! "New user". A letter counts more when it begins a word or follows the letter before it, and
//! less the more it skips; what is so scattered that nothing is left does not count. Each place
//! where the first letter stands is tried, so that the best reading wins. Upper and lower case
//! and spaces don't matter.

const LETTER: i32 = 2;
const BEGINS_WORD: i32 = 4;
const FOLLOWS: i32 = 3;
/// The most that a gap costs.
const GAP: usize = 4;
/// The most that the letters left over cost, and how many of them cost one.
const REST: usize = 3;
const REST_EACH: usize = 8;

/// How well `text` answers `query`: the more the better; none when it does not.
pub(super) fn score(query: &str, text: &str) -> Option<i32> {
    let wanted: Vec<char> = folded(query).filter(|c| !c.is_whitespace()).collect();
    let text: Vec<char> = folded(text).collect();
    if wanted.is_empty() {
        return Some(0);
    }
    let rest = small((text.len().saturating_sub(wanted.len()) / REST_EACH).min(REST));
    (0..text.len())
        .filter_map(|start| reading(&wanted, &text, start))
        .max()
        .map(|points| points - rest)
        .filter(|points| *points > 0)
}

/// What the reading is worth whose first letter stands at `start`.
fn reading(wanted: &[char], text: &[char], start: usize) -> Option<i32> {
    if text.get(start) != wanted.first() {
        return None;
    }
    let mut points = 0;
    let mut next = start;
    for letter in wanted {
        let gap = text.get(next..)?.iter().position(|c| c == letter)?;
        let here = next + gap;
        points += LETTER;
        if begins_word(text, here) {
            points += BEGINS_WORD;
        } else if gap == 0 && here > start {
            points += FOLLOWS;
        }
        points -= small(gap.min(GAP));
        next = here + 1;
    }
    Some(points)
}

fn begins_word(text: &[char], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| text.get(before))
        .is_none_or(|c| !c.is_alphanumeric())
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn small(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn letters_must_stand_in_order() {
        assert!(score("nu", "New user").is_some());
        assert!(score("un", "New user").is_none());
        assert!(score("用户", "新建用户").is_some());
        assert!(score("户用", "新建用户").is_none());
        assert!(score("x", "").is_none());
    }

    #[test]
    fn case_and_spaces_do_not_matter() {
        assert_eq!(score("NEW user", "new User"), score("newuser", "new user"));
        assert_eq!(score("  ", "anything"), Some(0));
    }

    #[test]
    fn the_beginning_of_a_word_and_letters_in_a_row_count_more() {
        assert!(score("us", "Users") > score("us", "Menus"));
        assert!(score("role", "Roles") > score("role", "Role of the league"));
        assert!(score("se", "Sessions") > score("se", "Users"));
    }

    #[test]
    fn what_is_scattered_does_not_count() {
        assert_eq!(score("rtn", "Cherry blossom tea in town"), None);
        assert!(score("rtn", "red tea now").is_some());
        assert_eq!(score("ese", "departments reviewed"), None);
    }

    #[test]
    fn the_best_reading_wins() {
        // The first `s` leads nowhere near; the second begins the word.
        assert!(score("set", "sign-in settings") > score("set", "sign-in of several types"));
    }
}
