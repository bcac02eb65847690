//! The OpenAPI of a service, made from its one route table; it also tells 405 from 404.

use actix_web::dev::ResourceDef;
use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use serde::Serialize;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, PathItem};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt as _;

use crate::error::{METHOD_NOT_ALLOWED, NOT_FOUND};
use crate::{Error, Service};

/// The error envelope.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorEnvelope {
    /// Always `ERR`.
    #[schema(example = "ERR")]
    pub result: String,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// The code, for programs; every one stands in `docs/errors.md`.
    #[schema(example = "errMsg_conversationIdIsNotAValidID")]
    pub message: String,
    /// The HTTP status once more.
    #[schema(example = 400)]
    pub err_code: u16,
    /// When it happened.
    #[schema(example = "2026-01-31T12:00:00.000Z")]
    pub date: String,
    /// For the client's developer.
    pub detail: String,
}

/// The document of a service.
#[must_use]
pub fn document<S: Service>() -> OpenApi {
    let (_, mut document) = actix_web::App::new().into_utoipa_app().configure(S::routes).split_for_parts();
    document.info = Info::new(format!("Banter {}", S::NAME), env!("CARGO_PKG_VERSION").to_owned());
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    for token in ["accessToken", "bucketToken", "contactToken", "serviceToken"] {
        components.security_schemes.insert(token.into(), SecurityScheme::Http(bearer.clone()).into());
    }
    components.schemas.insert(ErrorEnvelope::name().into_owned(), ErrorEnvelope::schema());
    document.paths.paths.values_mut().for_each(name_head);
    document
}

/// One handler may answer GET and HEAD, but no two operations have the same id.
fn name_head(item: &mut PathItem) {
    if let Some(id) = item.head.as_mut().and_then(|head| head.operation_id.as_mut()) {
        id.push_str("Head");
    }
}

/// What every service answers besides its own routes.
const OWN_PATHS: [&str; 4] = ["/healthz", "/readyz", "/openapi.json", "/.well-known/jwks.json"];

/// Which methods each path of a document takes.
pub(crate) struct RouteTable(Vec<(ResourceDef, String)>);

impl RouteTable {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let own = OWN_PATHS.into_iter().map(|path| (ResourceDef::new(path), "GET".to_owned()));
        let paths = document.paths.paths.iter();
        Self(own.chain(paths.map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item)))).collect())
    }

    fn allowed(&self, path: &str) -> Option<&str> {
        self.0.iter().find(|(route, _)| route.is_match(path)).map(|(_, methods)| methods.as_str())
    }
}

fn methods(item: &PathItem) -> String {
    let known = [
        ("DELETE", item.delete.is_some()),
        ("GET", item.get.is_some()),
        ("HEAD", item.head.is_some()),
        ("PATCH", item.patch.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
    ];
    known.iter().filter(|(_, there)| *there).map(|(method, _)| *method).collect::<Vec<_>>().join(", ")
}

/// What no route takes: 405 where another method would do, else 404.
pub(crate) async fn unmatched(request: HttpRequest, routes: web::Data<RouteTable>) -> HttpResponse {
    match routes.allowed(request.path()) {
        Some(methods) => {
            let mut response = Error::new(&METHOD_NOT_ALLOWED).error_response();
            if let Ok(value) = methods.parse() {
                response.headers_mut().insert(ALLOW, value);
            }
            response
        }
        None => Error::new(&NOT_FOUND).error_response(),
    }
}

/// Declares how a successful answer looks in the OpenAPI: the frame, with the data under its name.
///
/// `answer_schema!(MessageAnswer { message: MessageView })`, and for lists
/// `answer_schema!(MessagesAnswer { messages: [MessageView] })`.
#[macro_export]
macro_rules! answer_schema {
    ($name:ident { $data:ident: [$view:ty] }) => {
        $crate::answer_schema!(@frame $name { $data: Vec<$view>, paging: $crate::Paging, filters: Vec<serde_json::Value>, ui_permissions: Vec<String> });
    };
    ($name:ident { $($field:ident: $view:ty),+ }) => {
        $crate::answer_schema!(@frame $name { $($field: $view),+ });
    };
    (@frame $name:ident { $($field:ident: $view:ty),+ }) => {
        #[derive(utoipa::ToSchema)]
        #[schema(rename_all = "camelCase")]
        #[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
        pub(crate) struct $name {
            #[schema(example = "OK")]
            status: String,
            #[schema(example = 200)]
            status_code: u16,
            elapsed_ms: u64,
            sso_time: u64,
            #[schema(example = "db")]
            source: String,
            cache_key: Option<String>,
            user_id: Option<uuid::Uuid>,
            session_id: Option<uuid::Uuid>,
            request_id: String,
            data_name: String,
            #[schema(example = "GET")]
            method: String,
            #[schema(example = "get")]
            action: String,
            #[schema(example = "0.1.0")]
            app_version: String,
            row_count: u64,
            $($field: $view,)+
        }
    };
}
