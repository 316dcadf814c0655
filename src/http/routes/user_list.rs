//! `GET /user/list`: users in the caller's data scope, paged, filtered and sorted.

use super::role_list::status;
use super::sorting;
use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::view::{self, List, UserView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::user::{UserFilter, UserSort};
use menshen_domain::{DeptId, Error, PageRequest, RoleId, Text, Timestamp, catalogue};
use std::time::Duration;

/// The most days that a last sign-in is asked back for.
const MAX_DAYS: u64 = 3650;

pub(super) fn endpoint() -> Endpoint {
    let endpoint = Endpoint::new(
        Method::GET,
        "/user/list",
        Access::Permission(catalogue::USER_LIST),
        Text::fixed("用户列表", "List users"),
        handle,
    )
    .tag("Menshen")
    .query("pageNum", "integer", "The page, from 1")
    .query(
        "pageSize",
        "integer",
        "Users on a page: 10 by default, 200 at most",
    )
    .query(
        "keyword",
        "string",
        "Part of the name, nickname, phone or e-mail",
    )
    .query("username", "string", "Part of the name")
    .query("nickname", "string", "Part of the nickname")
    .query("phone", "string", "Part of the phone")
    .query("email", "string", "Part of the e-mail")
    .query("status", "string", "0 or 1")
    .one_of(&["0", "1"])
    .query("roleId", "integer", "A role that they hold")
    .query(
        "deptId",
        "integer",
        "A department that they, or one above theirs, are in",
    )
    .query(
        "signedInDays",
        "integer",
        "Those whose last sign-in was within so many days",
    )
    .detail("minimum", 1)
    .detail("maximum", 3650)
    .query(
        "noSecondFactor",
        "boolean",
        "Those alone who have no second factor",
    )
    .query(
        "passwordDue",
        "boolean",
        "Those alone who must choose a new password at the next sign-in",
    );
    sorting::declare(endpoint, &UserSort::ALL.map(UserSort::code))
        .gives::<view::Answer<List<UserView>>>(200, "One page")
        .fails(400, "A parameter is not good")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let page = PageRequest::bounded(query.number("pageNum")?, query.number("pageSize")?);
    let filter = filter(&api, &query)?;
    let found = api.services.users.list(&caller, filter, page).await?;
    let list = List {
        total: found.total,
        list: found
            .list
            .into_iter()
            .map(|u| view::user(&api, u))
            .collect(),
    };
    Ok(view::ok(&context, &view::QUERIED, list))
}

/// # Errors
/// Names the parameter that is not good.
pub(super) fn filter(api: &Api, query: &Query) -> Result<UserFilter, ApiError> {
    Ok(UserFilter {
        text: query.text("keyword"),
        username: query.text("username"),
        nickname: query.text("nickname"),
        phone: query.text("phone"),
        email: query.text("email"),
        status: status(query.text("status").as_deref())?,
        role_id: query.number("roleId")?.map(RoleId),
        dept_id: query.number("deptId")?.map(DeptId),
        signed_in_since: signed_in_since(api, query)?,
        no_second_factor: query.flag("noSecondFactor")?,
        password_due: query.flag("passwordDue")?,
        sort: sorting::by(query, &UserSort::ALL, UserSort::code)?.unwrap_or_default(),
        descending: sorting::descending(query)?.unwrap_or_default(),
    })
}

/// The moment that is so many days ago.
fn signed_in_since(api: &Api, query: &Query) -> Result<Option<Timestamp>, ApiError> {
    let Some(days) = query.number("signedInDays")? else {
        return Ok(None);
    };
    let hours = u64::try_from(days)
        .ok()
        .filter(|days| (1..=MAX_DAYS).contains(days))
        .map(|days| days * 24);
    let hours = hours.ok_or_else(|| {
        Error::field(
            "signedInDays",
            Text::new(
                format!("应为 1 到 {MAX_DAYS}"),
                format!("must be from 1 to {MAX_DAYS}"),
            ),
        )
    })?;
    Ok(Some(api.services.now() - Duration::from_hours(hours)))
}
