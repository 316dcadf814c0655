//! `GET /role/list` (document C), whose body may be missing, JSON, or the document's own example:
//! a JSON string that holds relaxed JSON.

use super::sorting;
use crate::error::ApiError;
use crate::extract::{Query, RawBody, SignedIn, camel, no_nul, typed};
use crate::schema;
use crate::view::{self, List, RoleView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::role::{RoleFilter, RoleSort, Status};
use menshen_domain::{Error, PageRequest, Text, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Which roles are wanted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RoleListReq {
    /// The page, from 1.
    page_num: Option<i64>,
    /// Roles on a page: 10 by default, 200 at most.
    page_size: Option<i64>,
    /// Part of the name.
    role_name: Option<String>,
    /// Part of the key.
    role_key: Option<String>,
    /// `0` or `1`; empty for both.
    #[schemars(with = "Option<schema::StatusOrEmpty>")]
    status: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    let endpoint = Endpoint::new(
        Method::GET,
        "/role/list",
        Access::Permission(catalogue::ROLE_LIST),
        Text::fixed("获取角色列表", "List roles"),
        handle,
    )
    .query("pageNum", "integer", "The page, from 1")
    .query(
        "pageSize",
        "integer",
        "Roles on a page: 10 by default, 200 at most",
    )
    .query("roleName", "string", "Part of the name")
    .query("roleKey", "string", "Part of the key")
    .query("status", "string", "0 or 1")
    .one_of(&["0", "1"]);
    sorting::declare(endpoint, &RoleSort::ALL.map(RoleSort::code))
    .details(Text::fixed(
        "条件可放在查询参数里，也可放在 JSON 请求体里，或按文档 C 的示例放在一个装着宽松 JSON 的字符串里；\
         查询参数优先；排序只看查询参数。`pageSize` 大于 200 时按 200 计，小于 1 的数按默认值计。",
        "The filter may stand in the query, in a JSON body, or, as in document C's own example, \
         in a JSON string that holds relaxed JSON; the query wins. What it is sorted by stands in \
         the query alone. A `pageSize` above 200 counts as 200, and a number below 1 as not sent.",
    ))
    .takes::<RoleListReq>()
    .example(json!({
        "pageNum": 1, "pageSize": 10, "roleName": "", "roleKey": "", "status": "",
    }))
    .gives::<view::Answer<List<RoleView>>>(200, "One page, by sort and id unless it is sorted otherwise")
    .fails(400, "A parameter is not good")
}

/// The most brackets in relaxed JSON: its parser knows no bound to the depth of its recursion.
const MAX_BRACKETS: usize = 64;

/// The body as an object: itself, or what its string holds in relaxed JSON (JSON5).
pub(super) fn relaxed(body: Option<Value>) -> Result<Value, ApiError> {
    let body = read(body)?;
    for (name, value) in body.as_object().into_iter().flatten() {
        no_nul(&camel(name), value.as_str().unwrap_or_default())?;
    }
    Ok(body)
}

fn read(body: Option<Value>) -> Result<Value, ApiError> {
    match body {
        None => Ok(Value::Object(serde_json::Map::new())),
        Some(Value::String(text)) => {
            let brackets = text.matches(['[', '{']).count();
            let parsed = (brackets <= MAX_BRACKETS)
                .then(|| json5::from_str(&text).ok())
                .flatten();
            parsed.ok_or_else(|| {
                Error::field(
                    "body",
                    Text::fixed(
                        "字符串里应是一个 JSON 对象",
                        "the string must hold a JSON object",
                    ),
                )
                .into()
            })
        }
        Some(other) => Ok(other),
    }
}

/// # Errors
/// Names `status` when it is neither `0` nor `1` nor empty.
pub(super) fn status(code: Option<&str>) -> Result<Option<Status>, ApiError> {
    let given = code.filter(|c| !c.is_empty());
    Ok(given.map(Status::parse).transpose()?)
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let body: RoleListReq = typed(relaxed(body)?)?;
    let page = PageRequest::bounded(
        query.number("pageNum")?.or(body.page_num),
        query.number("pageSize")?.or(body.page_size),
    );
    // What the body says must be good also where the query says otherwise.
    let in_body = status(body.status.as_deref())?;
    let filter = RoleFilter {
        name: query.text("roleName").or(body.role_name),
        key: query.text("roleKey").or(body.role_key),
        status: status(query.text("status").as_deref())?.or(in_body),
        text: None,
        sort: sorting::by(&query, &RoleSort::ALL, RoleSort::code)?.unwrap_or_default(),
        descending: sorting::descending(&query)?.unwrap_or_default(),
    };
    let found = api.services.roles.list(&caller, filter, page).await?;
    let list = List {
        total: found.total,
        list: found
            .list
            .into_iter()
            .map(|r| view::role(&api, r))
            .collect(),
    };
    Ok(view::ok(&context, &view::QUERIED, list))
}
