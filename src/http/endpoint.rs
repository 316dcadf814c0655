//! An endpoint: method, path, what it asks of the caller, what it takes and gives, and its
//! handler, in one value. What it asks is enforced before the handler runs, so that it can't be
//! forgotten in one.

use crate::Api;
use crate::error::ApiError;
use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use menshen_domain::{Error, Text};
use menshen_services::Identity;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

/// What an endpoint asks of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: anybody may call it.
    Public,
    /// The token is looked at by the endpoint itself; without a good one it is 401.
    Token,
    /// To be signed in, with no password change due.
    SignedIn,
    /// To be signed in, also while a password change is due.
    SignedInAnyhow,
    /// A permission.
    Permission(&'static str),
    /// To be signed in; the permission is asked for others' records, by the service.
    OwnOr(&'static str),
    /// Nothing; with the permission it does more, which the service decides.
    PublicOr(&'static str),
}

impl Access {
    /// The permission that is named, if any.
    #[must_use]
    pub fn permission(self) -> Option<&'static str> {
        match self {
            Self::Permission(code) | Self::OwnOr(code) | Self::PublicOr(code) => Some(code),
            Self::Public | Self::Token | Self::SignedIn | Self::SignedInAnyhow => None,
        }
    }

    /// Whether somebody who is not signed in gets past it.
    #[must_use]
    pub fn is_public(self) -> bool {
        matches!(self, Self::Public | Self::PublicOr(_))
    }

    fn check(self, identity: Option<&Identity>) -> Result<(), Error> {
        let caller = match identity {
            Some(Identity::SignedIn(caller)) => Ok(caller),
            _ => Err(Error::token()),
        };
        match self {
            Self::Public | Self::PublicOr(_) | Self::Token => Ok(()),
            Self::SignedInAnyhow => caller.map(drop),
            Self::SignedIn | Self::OwnOr(_) => caller?.require_usable(),
            Self::Permission(code) => caller?.require(code),
        }
    }
}

/// A parameter in the path or the query, for the OpenAPI document.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// `path`, `query`, `header` or `cookie`.
    pub place: &'static str,
    /// Its JSON Schema type.
    pub kind: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it is.
    pub about: &'static str,
}

/// The schema of a body.
pub type SchemaFn = fn(&mut SchemaGenerator) -> Value;

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().into()
}

/// An endpoint. Made with [`Endpoint::new`] in the file of its handler.
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for parameters.
    pub path: &'static str,
    /// What it asks of the caller.
    pub access: Access,
    /// What it does, in a line.
    pub about: Text,
    /// The API document that it comes from: `A` to `E`, or `Menshen`.
    pub tag: &'static str,
    /// Path and query parameters.
    pub parameters: Vec<Parameter>,
    /// The request's body.
    pub body: Option<SchemaFn>,
    /// The body's media type.
    pub media: &'static str,
    /// The answers: status, what it means, body.
    pub answers: Vec<(u16, &'static str, Option<SchemaFn>)>,
    route: MethodRouter<Api>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.path, self.access)
    }
}

impl Endpoint {
    /// An endpoint at `method path` for those whom `access` lets through.
    pub fn new<H, T>(
        method: Method,
        path: &'static str,
        access: Access,
        about: Text,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        let filter = match method {
            Method::POST => MethodFilter::POST,
            Method::PUT => MethodFilter::PUT,
            Method::DELETE => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        Self {
            method,
            path,
            access,
            about,
            tag: "C",
            parameters: Vec::new(),
            body: None,
            media: "application/json",
            answers: Vec::new(),
            route: on(filter, handler),
        }
    }

    /// Names the API document that it comes from.
    #[must_use]
    pub fn tag(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// Adds a path parameter: an id.
    #[must_use]
    pub fn id(self, name: &'static str) -> Self {
        self.parameter(name, "path", "integer", true, "The id")
    }

    /// Adds an optional query parameter.
    #[must_use]
    pub fn query(self, name: &'static str, kind: &'static str, about: &'static str) -> Self {
        self.parameter(name, "query", kind, false, about)
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter(
        mut self,
        name: &'static str,
        place: &'static str,
        kind: &'static str,
        required: bool,
        about: &'static str,
    ) -> Self {
        self.parameters.push(Parameter {
            name,
            place,
            kind,
            required,
            about,
        });
        self
    }

    /// Says what body it takes.
    #[must_use]
    pub fn takes<T: JsonSchema>(mut self) -> Self {
        self.body = Some(schema_of::<T>);
        self
    }

    /// Says that it takes its body as a form with files.
    #[must_use]
    pub fn as_form(mut self) -> Self {
        self.media = "multipart/form-data";
        self
    }

    /// Says what body it answers with.
    #[must_use]
    pub fn gives<T: JsonSchema>(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push((status, about, Some(schema_of::<T>)));
        self
    }

    /// Says that it may answer with an error of this status.
    #[must_use]
    pub fn fails(mut self, status: u16, about: &'static str) -> Self {
        self.answers
            .push((status, about, Some(schema_of::<crate::view::Failure>)));
        self
    }

    /// Says that it answers without a body.
    #[must_use]
    pub fn empty(mut self, status: u16, about: &'static str) -> Self {
        self.answers.push((status, about, None));
        self
    }

    /// Mounts it, with its guard before it.
    pub(crate) fn mount(self, router: Router<Api>) -> Router<Api> {
        let guarded = self.route.layer(from_fn_with_state(self.access, guard));
        router.route(self.path, guarded)
    }
}

async fn guard(State(access): State<Access>, request: Request, next: Next) -> Response {
    match access.check(request.extensions().get::<Identity>()) {
        Ok(()) => next.run(request).await,
        Err(error) => ApiError::from(error).into_response(),
    }
}
