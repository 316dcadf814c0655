//! Paging, the same for every list.

use serde::{Deserialize, Serialize};

/// The most entries a page holds.
pub const MAX_PAGE_SIZE: i64 = 200;

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// Page number, from 1.
    pub page_num: i64,
    /// Entries on a page, 1 to [`MAX_PAGE_SIZE`].
    pub page_size: i64,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            page_num: 1,
            page_size: 10,
        }
    }
}

impl PageRequest {
    /// A request held to sensible bounds: numbers below 1 become the default, a size above
    /// [`MAX_PAGE_SIZE`] becomes that.
    #[must_use]
    pub fn bounded(page_num: Option<i64>, page_size: Option<i64>) -> Self {
        let default = Self::default();
        Self {
            page_num: page_num.filter(|n| *n >= 1).unwrap_or(default.page_num),
            page_size: page_size
                .filter(|n| *n >= 1)
                .unwrap_or(default.page_size)
                .min(MAX_PAGE_SIZE),
        }
    }

    /// How many entries come before this page.
    #[must_use]
    pub fn offset(self) -> i64 {
        (self.page_num - 1).saturating_mul(self.page_size)
    }
}

/// One page of a list, and how long the whole list is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// How many entries there are on all pages together.
    pub total: i64,
    /// The entries of this page.
    pub list: Vec<T>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_for_any_number() {
        let p = PageRequest::bounded(Some(0), Some(10_000));
        assert_eq!((p.page_num, p.page_size, p.offset()), (1, 200, 0));
        let huge = PageRequest::bounded(Some(i64::MAX), Some(200));
        assert_eq!(huge.offset(), i64::MAX);
    }
}
