//! Exports under way: how many of them there may be at once.
//!
//! Each holds a piece of its file in memory, and asks the database for the next as fast as its
//! reader takes them. A reader who takes nothing keeps her places, which are few.

use menshen_domain::{Error, Kind, Result, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many entries of a file are held in memory at a time.
pub(crate) const PIECE: usize = 500;
/// How many exports one user may have under way.
const EACH: usize = 2;
/// How many all users together may.
const ALL: usize = 16;
/// Seconds until another try is worth it.
const RETRY: u64 = 10;

/// Who has exports under way, and how many.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exports(Arc<Mutex<HashMap<UserId, usize>>>);

impl Exports {
    /// A place for an export; it is free again when it is dropped.
    ///
    /// # Errors
    /// [`Kind::TooMany`] when `user` has as many as she may; [`Kind::Busy`] when all have.
    pub(crate) fn place(&self, user: UserId) -> Result<Place> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = running.get(&user).copied().unwrap_or_default();
        if own >= EACH {
            return Err(Error::new(
                Kind::TooMany { retry_after: RETRY },
                "您的导出尚未完成，请稍后再试",
                "Your other exports are still under way. Please try again when they are done",
            ));
        }
        if running.values().sum::<usize>() >= ALL {
            return Err(Error::new(
                Kind::Busy { retry_after: RETRY },
                "导出请求过多，请稍后再试",
                "Too many exports at once. Please try again shortly",
            ));
        }
        running.insert(user, own + 1);
        Ok(Place {
            exports: self.clone(),
            user,
        })
    }
}

/// A place among the exports under way.
#[derive(Debug)]
pub(crate) struct Place {
    exports: Exports,
    user: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let running = self.exports.0.lock();
        let mut running = running.unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = running.get_mut(&self.user) {
            *own -= 1;
            if *own == 0 {
                running.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_at_once_are_bounded_for_each_and_for_all() {
        let exports = Exports::default();
        let own: Vec<Place> = (0..EACH)
            .map(|_| exports.place(UserId(1)).expect("a place"))
            .collect();
        let refused = exports.place(UserId(1)).expect_err("her own").kind;
        assert_eq!(refused, Kind::TooMany { retry_after: RETRY });
        let mut others: Vec<Place> = (EACH..ALL)
            .map(|n| {
                let user = UserId(i64::try_from(n).expect("small") + 1);
                exports.place(user).expect("a place")
            })
            .collect();
        let refused = exports.place(UserId(99)).expect_err("all").kind;
        assert_eq!(refused, Kind::Busy { retry_after: RETRY });
        others.pop();
        let other = exports.place(UserId(99)).expect("free again");
        drop((own, others, other));
        assert!(exports.0.lock().expect("whole").is_empty());
    }
}
