//! What a list is sorted by: the query parameters `sortBy` and `sortOrder` of all that can be.

use crate::endpoint::Endpoint;
use crate::error::ApiError;
use crate::extract::Query;
use menshen_domain::{Error, Text};

/// Adds the parameters to an endpoint's description; `codes` are what it can be sorted by.
pub(super) fn declare(endpoint: Endpoint, codes: &[&'static str]) -> Endpoint {
    endpoint
        .query("sortBy", "string", "What the list is sorted by")
        .one_of(codes)
        .query("sortOrder", "string", "asc or desc")
        .one_of(&["asc", "desc"])
}

/// Which of `all` the list is to be sorted by, if the query says so; `code` is what clients know
/// each by.
///
/// # Errors
/// Names `sortBy`, and what it may be.
pub(super) fn by<T: Copy>(
    query: &Query,
    all: &[T],
    code: fn(T) -> &'static str,
) -> Result<Option<T>, ApiError> {
    let Some(name) = query.text("sortBy") else {
        return Ok(None);
    };
    let found = all.iter().copied().find(|one| code(*one) == name);
    found.map(Some).ok_or_else(|| {
        let codes: Vec<&str> = all.iter().map(|one| code(*one)).collect();
        let text = Text::new(
            format!("应为 {} 之一", codes.join("、")),
            format!("must be one of {}", codes.join(", ")),
        );
        Error::field("sortBy", text).into()
    })
}

/// Whether the list is to be sorted downwards, if the query says how.
///
/// # Errors
/// Names `sortOrder` when it is neither `asc` nor `desc`.
pub(super) fn descending(query: &Query) -> Result<Option<bool>, ApiError> {
    match query.text("sortOrder").as_deref() {
        None => Ok(None),
        Some("asc") => Ok(Some(false)),
        Some("desc") => Ok(Some(true)),
        Some(_) => Err(Error::field(
            "sortOrder",
            Text::fixed("应为 asc 或 desc", "must be asc or desc"),
        )
        .into()),
    }
}
