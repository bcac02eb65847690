//! `/openapi.json`: what all services of an environment say of themselves, as one document.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use bytes::Bytes;
use futures_util::future::join_all;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::environments::Environment;
use crate::openapi::merge::merge;
use crate::openapi::part::Part;
use crate::upstream::Upstream;

mod merge;
mod own;
mod part;

/// How long a service may take to describe itself.
const DEADLINE: Duration = Duration::from_secs(2);
/// The largest description that is read.
const LARGEST: usize = 8 << 20;
/// How long the document is good for when all services have described themselves.
const FRESH: Duration = Duration::from_secs(10);
/// And when one has not: it may be just about to start.
const FRESH_WITHOUT_ALL: Duration = Duration::from_secs(1);

/// What is known of an environment's services.
#[derive(Debug, Default)]
pub(crate) struct Description(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// What each service last said of itself.
    parts: BTreeMap<String, Part>,
    /// The document of all, and until when it is good.
    merged: Option<(Instant, Bytes)>,
}

/// `GET /openapi.json`. Those who ask at the same moment wait for one answer.
pub(crate) async fn answer(environment: &Environment) -> HttpResponse {
    let mut known = environment.description.0.lock().await;
    let document = match &known.merged {
        Some((until, document)) if Instant::now() < *until => document.clone(),
        _ => known.refresh(environment).await,
    };
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(document)
}

impl Known {
    async fn refresh(&mut self, environment: &Environment) -> Bytes {
        let asked = environment.upstreams.iter().map(async |(service, upstream)| {
            let described = timeout(DEADLINE, described(service, upstream)).await.ok().flatten();
            (service.as_str(), described)
        });
        let mut silent = Vec::new();
        for (service, described) in join_all(asked).await {
            match described {
                Some(part) => _ = self.parts.insert(service.to_owned(), part),
                None => silent.push(service),
            }
        }
        let document = Bytes::from(self.document(environment, &silent).to_string());
        let fresh = if silent.is_empty() { FRESH } else { FRESH_WITHOUT_ALL };
        self.merged = Some((Instant::now() + fresh, document.clone()));
        document
    }

    fn document(&self, environment: &Environment, silent: &[&str]) -> Value {
        let own = own::part();
        let parts: Vec<&Part> = self.parts.values().chain([&own]).collect();
        let mut document = merge(&parts);
        document.insert("openapi".into(), "3.1.0".into());
        document.insert("info".into(), self.info(silent));
        let server = json!({ "url": environment.base_url, "description": environment.name });
        document.insert("servers".into(), json!([server]));
        Value::Object(document)
    }

    fn info(&self, silent: &[&str]) -> Value {
        let mut text = own::INTRODUCTION.to_owned();
        for service in silent {
            let known = self.parts.contains_key(*service);
            let shown =
                if known { ": what it last said of itself is shown." } else { ", so it is left out." };
            text.extend(["\n\n**", *service, "** does not answer now", shown]);
        }
        json!({ "title": "Banter", "version": env!("CARGO_PKG_VERSION"), "description": text })
    }
}

async fn described(service: &str, upstream: &Upstream) -> Option<Part> {
    match upstream.get("/openapi.json", LARGEST).await? {
        (StatusCode::OK, body) => Part::of_service(service, serde_json::from_slice(&body).ok()?),
        _ => None,
    }
}
