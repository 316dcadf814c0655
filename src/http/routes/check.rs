//! `POST /check`: whether somebody may do something, and why.

use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Error, Text, catalogue};
use menshen_services::checks::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who is meant, and the code or codes in question: one of `permission` and `permissions`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("oneOf" = [
    {
        "required": ["permission"],
        "properties": { "permission": { "type": "string" }, "permissions": { "type": "null" } },
    },
    {
        "required": ["permissions"],
        "properties": { "permission": { "type": "null" }, "permissions": { "type": "array" } },
    },
]))]
struct CheckReq {
    /// The user's name; oneself when left out. For others it takes `system:user:query`.
    username: Option<String>,
    /// One code. No pattern.
    #[schemars(with = "Option<schema::Code>")]
    permission: Option<String>,
    /// Several codes; the answer is a list then, in the same order.
    #[schemars(with = "Option<schema::Codes>")]
    permissions: Option<Vec<String>>,
}

/// Whether it is allowed.
#[derive(Debug, Serialize, JsonSchema)]
struct VerdictView {
    /// The code in question.
    permission: String,
    allowed: bool,
    /// The roles and patterns that grant it, or why it is not granted.
    because: String,
}

/// One answer, or one for each code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Verdicts {
    One(VerdictView),
    Several(Vec<VerdictView>),
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/check",
        Access::OwnOr(catalogue::USER_QUERY),
        Text::fixed(
            "检查是否拥有权限及原因",
            "Check whether somebody may do something, and why",
        ),
        handle,
    )
    .tag("Menshen")
    .takes::<CheckReq>()
    .gives::<view::Answer<Verdicts>>(200, "One answer, or a list for `permissions`")
    .fails(400, "What is asked for is no permission code")
    .fails(404, "There is no such user in sight")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<CheckReq>,
) -> Result<Response, ApiError> {
    let several = request.permissions.is_some();
    let codes = match (request.permission, request.permissions) {
        (Some(code), None) => vec![code],
        (None, Some(codes)) => codes,
        _ => {
            return Err(Error::field(
                "permission",
                Text::fixed(
                    "permission 与 permissions 应二选一",
                    "give either permission or permissions",
                ),
            )
            .into());
        }
    };
    let username = request.username.filter(|name| !name.trim().is_empty());
    let verdicts = api
        .services
        .checks
        .ask(&caller, username.as_deref(), &codes)
        .await?;
    let mut shown = verdicts.into_iter().map(|v: Verdict| VerdictView {
        because: context.say(&v.because).to_owned(),
        permission: v.permission,
        allowed: v.allowed,
    });
    let data = match shown.next() {
        Some(one) if !several => Verdicts::One(one),
        first => Verdicts::Several(first.into_iter().chain(shown).collect()),
    };
    Ok(view::ok(&context, &view::QUERIED, data))
}
