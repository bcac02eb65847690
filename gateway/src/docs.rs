//! `/docs`: the APIs to browse and to try. Everything that the page needs is in the binary.

use std::sync::{Arc, LazyLock};

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::Uri;
use kit::error::NOT_FOUND;
use kit::{Error, Result};
use utoipa_swagger_ui::{Config, serve};

use crate::environments::Environment;

/// The page asks nobody but this gateway: also not the validator that it would show a badge of.
static PAGE: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/openapi.json")
        .validator_url("none")
        .deep_linking(true)
        .default_models_expand_depth(-1);
    Arc::new(config.display_request_duration(true).filter(true).use_base_layout())
});

/// A file of the page, by what stands after `/docs`.
pub(crate) fn answer(page: &str, environment: &Environment) -> Result<HttpResponse> {
    let Some(name) = page.strip_prefix('/') else {
        // The page names its files relative to itself.
        return Ok(HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish());
    };
    let file = serve(name, PAGE.clone()).map_err(|error| Error::internal(error.to_string()))?;
    let file = file.ok_or(Error::new(&NOT_FOUND))?;
    Ok(HttpResponse::Ok()
        .content_type(file.content_type)
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((CONTENT_SECURITY_POLICY, policy(environment)))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(file.bytes))
}

/// Nothing from elsewhere runs or is shown; requests go to this gateway, and to where the environment says it is.
fn policy(environment: &Environment) -> String {
    let base = environment.base_url.parse::<Uri>().ok();
    let origin = base.and_then(|base| Some(format!(" {}://{}", base.scheme_str()?, base.authority()?)));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'{}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        origin.unwrap_or_default()
    )
}
