//! An endpoint: method, path, what it asks of the caller, what it takes and gives, and its
//! handler, in one value. What it asks is enforced before the handler runs, so that it can't be
//! forgotten in one.

use crate::Api;
use crate::error::ApiError;
use crate::family::Family;
use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use menshen_domain::ids::MAX_ID;
use menshen_domain::{Error, Text};
use menshen_services::Identity;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

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
    /// To be a client of the settings, or to have the permission; the endpoint itself asks.
    ClientOr(&'static str),
    /// A secret of the settings, at which the endpoint itself looks; no user's token is one.
    Secret,
}

impl Access {
    /// The permission that is named, if any.
    #[must_use]
    pub fn permission(self) -> Option<&'static str> {
        match self {
            Self::Permission(code)
            | Self::OwnOr(code)
            | Self::PublicOr(code)
            | Self::ClientOr(code) => Some(code),
            Self::Public | Self::Token | Self::SignedIn | Self::SignedInAnyhow | Self::Secret => {
                None
            }
        }
    }

    /// Whether somebody who is not signed in gets past it.
    #[must_use]
    pub fn is_public(self) -> bool {
        matches!(self, Self::Public | Self::PublicOr(_))
    }

    /// Whether it lets `identity` through.
    pub(crate) fn check(self, identity: Option<&Identity>) -> Result<(), Error> {
        let caller = match identity {
            Some(Identity::SignedIn(caller)) => Ok(caller),
            _ => Err(Error::token()),
        };
        match self {
            Self::Public | Self::PublicOr(_) | Self::Token | Self::ClientOr(_) | Self::Secret => {
                Ok(())
            }
            Self::SignedInAnyhow => caller.map(drop),
            Self::SignedIn | Self::OwnOr(_) => caller?.require_usable(),
            Self::Permission(code) => caller?.require(code),
        }
    }
}

/// A parameter, for the OpenAPI document.
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
    /// What its schema says beyond the type: bounds, formats, the values there are.
    pub detail: Map<String, Value>,
}

/// The schema of a body.
pub type SchemaFn = fn(&mut SchemaGenerator) -> Value;

pub(crate) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().into()
}

/// What a request's body may be.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its schema.
    pub schema: SchemaFn,
    /// The media types that it may come in.
    pub media: Vec<&'static str>,
    /// An example.
    pub example: Option<Value>,
}

/// What an answer's body is.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// There is none.
    Empty,
    /// JSON.
    Json(SchemaFn),
    /// JSON in the family's shape of errors.
    Failure,
    /// Something else: its media type.
    Media(&'static str),
}

/// One of an endpoint's answers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What it means.
    pub about: &'static str,
    /// Its body.
    pub shape: Shape,
    /// The headers that it has beside those that every answer has: name, and what it is.
    pub headers: Vec<(&'static str, &'static str)>,
    /// An example of its body.
    pub example: Option<Value>,
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
    /// What else there is to know.
    pub details: Option<Text>,
    /// The API document that it comes from: `A` to `E`, or `Menshen`.
    pub tag: &'static str,
    /// The source file that it is declared in.
    pub file: &'static str,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The request's body.
    pub body: Option<Body>,
    /// The answers.
    pub answers: Vec<Answer>,
    /// How a caller can say who she is, when that is not by access token or browser session: each
    /// list names what is shown together.
    pub credentials: Option<&'static [&'static [&'static str]]>,
    /// The shape of its errors.
    pub failure: SchemaFn,
    route: MethodRouter<Api>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.path, self.access)
    }
}

impl Endpoint {
    /// An endpoint at `method path` for those whom `access` lets through.
    #[track_caller]
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
            Method::PATCH => MethodFilter::PATCH,
            Method::OPTIONS => MethodFilter::OPTIONS,
            _ => MethodFilter::GET,
        };
        Self {
            method,
            path,
            access,
            about,
            tag: "C",
            file: std::panic::Location::caller().file(),
            details: None,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            credentials: None,
            failure: Family::of(path).schema(),
            route: on(filter, handler),
        }
    }

    /// Names the API document that it comes from.
    #[must_use]
    pub fn tag(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// Says more than a line about it.
    #[must_use]
    pub fn details(mut self, details: Text) -> Self {
        self.details = Some(details);
        self
    }

    /// Adds a path parameter: an id.
    #[must_use]
    pub fn id(self, name: &'static str) -> Self {
        self.parameter(name, "path", "integer", true, "The id")
            .detail("minimum", 1)
            .detail("maximum", MAX_ID)
    }

    /// Adds an optional query parameter.
    #[must_use]
    pub fn query(self, name: &'static str, kind: &'static str, about: &'static str) -> Self {
        self.parameter(name, "query", kind, false, about)
    }

    /// Adds a parameter. An array is one of strings, unless [`Endpoint::detail`] says otherwise.
    #[must_use]
    pub fn parameter(
        mut self,
        name: &'static str,
        place: &'static str,
        kind: &'static str,
        required: bool,
        about: &'static str,
    ) -> Self {
        let mut detail = Map::new();
        match kind {
            "integer" => {
                detail.insert("format".to_owned(), "int64".into());
            }
            "array" => {
                detail.insert("items".to_owned(), json!({ "type": "string" }));
            }
            _ => {}
        }
        self.parameters.push(Parameter {
            name,
            place,
            kind,
            required,
            about,
            detail,
        });
        self
    }

    /// Says more about the schema of the parameter added last, as in
    /// `.detail("maxLength", 50)`.
    #[must_use]
    pub fn detail(mut self, keyword: &'static str, value: impl Into<Value>) -> Self {
        if let Some(last) = self.parameters.last_mut() {
            last.detail.insert(keyword.to_owned(), value.into());
        }
        self
    }

    /// Says which values the parameter added last takes. One in the query may be empty too, which
    /// counts as not sent.
    #[must_use]
    pub fn one_of(self, values: &[&'static str]) -> Self {
        let in_query = self.parameters.last().is_some_and(|p| p.place == "query");
        let mut all = values.to_vec();
        if in_query {
            all.push("");
        }
        self.detail("enum", all)
    }

    /// Says what body it takes, as JSON.
    #[must_use]
    pub fn takes<T: JsonSchema>(self) -> Self {
        self.takes_as::<T>("application/json")
    }

    /// Says what body it takes, and in which media type.
    #[must_use]
    pub fn takes_as<T: JsonSchema>(mut self, media: &'static str) -> Self {
        self.body = Some(Body {
            schema: schema_of::<T>,
            media: vec![media],
            example: None,
        });
        self
    }

    /// Says that the body may also come in this media type.
    #[must_use]
    pub fn consumes(mut self, media: &'static str) -> Self {
        if let Some(body) = &mut self.body {
            body.media.push(media);
        }
        self
    }

    /// Shows an example of the body.
    #[must_use]
    pub fn example(mut self, example: Value) -> Self {
        if let Some(body) = &mut self.body {
            body.example = Some(example);
        }
        self
    }

    /// Says what body it answers with.
    #[must_use]
    pub fn gives<T: JsonSchema>(self, status: u16, about: &'static str) -> Self {
        self.answer(status, about, Shape::Json(schema_of::<T>))
    }

    /// Says that it answers with something that is not JSON.
    #[must_use]
    pub fn gives_media(self, status: u16, media: &'static str, about: &'static str) -> Self {
        self.answer(status, about, Shape::Media(media))
    }

    /// Says that it may answer with an error of this status.
    #[must_use]
    pub fn fails(self, status: u16, about: &'static str) -> Self {
        self.answer(status, about, Shape::Failure)
    }

    /// Says that it answers without a body.
    #[must_use]
    pub fn empty(self, status: u16, about: &'static str) -> Self {
        self.answer(status, about, Shape::Empty)
    }

    fn answer(mut self, status: u16, about: &'static str, shape: Shape) -> Self {
        self.answers.push(Answer {
            status,
            about,
            shape,
            headers: Vec::new(),
            example: None,
        });
        self
    }

    /// Shows an example of the answer added last.
    #[must_use]
    pub fn shows(mut self, example: Value) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.example = Some(example);
        }
        self
    }

    /// Names a header that the answer added last always has.
    #[must_use]
    pub fn header(mut self, name: &'static str, about: &'static str) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers.push((name, about));
        }
        self
    }

    /// Says how a caller shows who she is, where that is neither by access token nor by browser
    /// session. The names are those of `securitySchemes` in [`crate::openapi`].
    #[must_use]
    pub fn credentials(mut self, ways: &'static [&'static [&'static str]]) -> Self {
        self.credentials = Some(ways);
        self
    }

    /// Says that its errors have another shape than the canonical one.
    #[must_use]
    pub fn failure<T: JsonSchema>(mut self) -> Self {
        self.failure = schema_of::<T>;
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
