//! Every route of the OpenAPI, by everybody: a route without a row here fails.

use std::collections::BTreeSet;

use bucket::Bucket;
use chrono::TimeDelta;
use files::Mode;
use kit::openapi::document;
use kit::{Clock as _, Role, SystemClock};
use serde_json::json;
use testing::Reply;

use crate::stage::{Stage, both, form, token, token_at};

#[derive(Debug, Clone, Copy)]
enum By {
    Owner,
    Reader,
    Other,
    Nobody,
    /// An access token, which is no bucket token.
    Access,
    Service,
    Expired,
    /// A service whose word is good for other buckets.
    Foreign,
}

const EVERYBODY: [By; 8] =
    [By::Owner, By::Reader, By::Other, By::Nobody, By::Access, By::Service, By::Expired, By::Foreign];

/// A route, whether it is about a private bucket, and what each of [`EVERYBODY`] may expect.
type Row = (&'static str, &'static str, bool, [u16; 8]);

const OPEN: [u16; 8] = [200; 8];
const READ: [u16; 8] = [200, 200, 403, 401, 401, 401, 401, 403];
const WRITE: [u16; 8] = [200, 403, 403, 401, 401, 401, 401, 403];
const KNOW: [u16; 8] = [200, 200, 403, 401, 401, 200, 401, 403];

const ROWS: &[Row] = &[
    ("POST", "/bucket/upload", false, WRITE),
    ("POST", "/bucket/upload", true, WRITE),
    ("GET", "/bucket/download/{fileId}", false, OPEN),
    ("GET", "/bucket/download/{fileId}", true, READ),
    ("HEAD", "/bucket/download/{fileId}", false, OPEN),
    ("HEAD", "/bucket/download/{fileId}", true, READ),
    ("GET", "/bucket/files", false, OPEN),
    ("GET", "/bucket/files", true, READ),
    ("GET", "/bucket/meta/{fileId}", false, OPEN),
    ("GET", "/bucket/meta/{fileId}", true, KNOW),
    ("POST", "/bucket/files/{fileId}/link", false, OPEN),
    ("POST", "/bucket/files/{fileId}/link", true, READ),
    ("DELETE", "/bucket/files/{fileId}", false, WRITE),
    ("DELETE", "/bucket/files/{fileId}", true, WRITE),
];

fn token_of(stage: &Stage, by: By, bucket: &String) -> String {
    let id = &stage.ben.id;
    match by {
        By::Owner => stage.ada.token.clone(),
        By::Reader => token("auth", id, &[(bucket, Mode::Read)]),
        By::Other => stage.ben.token.clone(),
        By::Nobody => String::new(),
        By::Access => stage.app.issuer.person(Role::SaasAdmin).token,
        By::Service => stage.app.issuer.service("messaging"),
        By::Expired => token_at("auth", id, &both(&[bucket]), SystemClock.now() - TimeDelta::hours(2)),
        By::Foreign => token("messaging", id, &both(&[bucket])),
    }
}

async fn ask(stage: &Stage, (method, route, private, _): &Row, by: By) -> Reply {
    let bucket = if *private { &stage.ada.private } else { &stage.ada.public };
    let file = stage.file(bucket, "a.txt", b"a").await;
    let token = token_of(stage, by, bucket);
    if *route == "/bucket/upload" {
        let (kind, body) = form(&[("bucketId", None, bucket.as_bytes()), ("files", Some("a.txt"), b"a")]);
        return stage.send(&token, &kind, body).await;
    }
    let path = route.replace("{fileId}", file["fileId"].as_str().unwrap());
    let path = if *route == "/bucket/files" { format!("{path}?bucketId={bucket}") } else { path };
    let ask = stage.app.ask(method.parse().unwrap(), &path);
    if token.is_empty() { ask.await } else { ask.token(&token).await }
}

#[tokio::test]
async fn every_route_by_everybody() {
    let stage = Stage::set().await;
    for row in ROWS {
        for (by, expected) in EVERYBODY.into_iter().zip(row.3) {
            let reply = ask(&stage, row, by).await;
            let (method, route, private, _) = row;
            assert_eq!(
                reply.status, expected,
                "{method} {route} (private: {private}) by {by:?}: {}",
                reply.text
            );
            if *method != "HEAD" && expected >= 400 {
                assert_eq!(reply.json["success"], json!(false), "{method} {route} by {by:?}");
            }
        }
    }
    assert!(stage.audit().await.is_clean());
}

#[test]
fn every_route_has_a_row() {
    let tried: BTreeSet<String> =
        ROWS.iter().map(|(method, route, ..)| format!("{method} {route}")).collect();
    let json = serde_json::to_value(document::<Bucket>()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in json["paths"].as_object().unwrap() {
        routes.extend(
            item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    assert_eq!(tried, routes);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let stage = Stage::set().await;
    let file = stage.file(&stage.ada.private, "a.txt", b"a").await;
    let path = format!("/bucket/download/{}", file["fileId"].as_str().unwrap());
    let now = SystemClock.now();
    let expired = token_at("auth", &stage.ada.id, &both(&[&stage.ada.private]), now - TimeDelta::hours(2));
    let early = token_at("auth", &stage.ada.id, &both(&[&stage.ada.private]), now + TimeDelta::minutes(5));
    let unknown = token("listing", &stage.ada.id, &both(&[&stage.ada.private]));
    stage.get(&expired, &path).await.refused(401, "errMsg_tokenIsExpired");
    for (bad, what) in
        [("x.y.z", "garbage"), (&early, "not yet"), (&unknown, "an issuer not trusted for buckets")]
    {
        let reply = stage.get(bad, &path).await;
        assert_eq!(
            (reply.status, reply.json["message"].as_str()),
            (401, Some("errMsg_userNotAuthenticated")),
            "{what}"
        );
    }
    stage.get(&stage.ben.token, &path).await.refused(403, "errMsg_notAllowed");
    let nowhere = "/bucket/download/018f2f6e-7c1a-7abc-8def-0123456789ab";
    stage.get("", nowhere).await.refused(404, "errMsg_fileIsNotFound");
    stage.get("", "/bucket/download/etc").await.refused(400, "errMsg_fileIdIsNotAValidID");
    stage.get("", "/bucket/nothing").await.refused(404, "errMsg_notFound");
    let wrong = stage.app.post("/bucket/files").await;
    assert_eq!((wrong.status, &wrong.json["success"]), (405, &json!(false)));
}

#[tokio::test]
async fn a_link_opens_one_file_for_a_while() {
    let stage = Stage::set().await;
    let [file, other] = [b"one", b"two"].map(|bytes| (bytes, stage.ada.private.clone()));
    let file = stage.file(&file.1, "a.txt", file.0).await;
    let other = stage.file(&other.1, "b.txt", other.0).await;
    let [id, other] = [&file, &other].map(|file| file["fileId"].as_str().unwrap().to_owned());
    let link = stage.app.post(&format!("/bucket/files/{id}/link")).token(&stage.ada.token).await.expect(200);
    let url = link["data"]["url"].as_str().unwrap().strip_prefix(crate::stage::BASE).unwrap().to_owned();
    let (status, headers, bytes) = stage.download(&url, &[]).await;
    assert_eq!((status, bytes.as_slice()), (200, &b"one"[..]));
    assert_eq!(headers["cache-control"], "private, max-age=300");
    for wrong in [
        url.replace(&id, &other),
        url.replace("signature=", "signature=0"),
        url.replace("expires=", "expires=9"),
    ] {
        stage.get("", &wrong).await.refused(401, "errMsg_userNotAuthenticated");
    }
    stage.pass(TimeDelta::seconds(301));
    stage.get("", &url).await.refused(401, "errMsg_userNotAuthenticated");
}
