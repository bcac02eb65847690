//! A service that keeps notes, and misbehaves where it is asked to.

use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::{HttpResponse, delete, get, post, web};
use diesel::sql_types::{BigInt, Text, Uuid};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use futures_util::StreamExt as _;
use kit::error::FORBIDDEN;
use kit::settings::{Nothing, SettingsError};
use kit::{
    Action, Answer, App, Body, Call, EmbeddedMigrations, Error, MAX_TEXT, Migrations, Result, Routes,
    Service, UserId, Visit, embed_migrations,
};
use serde_json::json;

pub(crate) struct Notes;

impl Service for Notes {
    const NAME: &'static str = "notes";

    type Settings = Nothing;

    fn migrations() -> Migrations {
        const MIGRATIONS: EmbeddedMigrations = embed_migrations!("tests/kit/migrations");
        vec![MIGRATIONS]
    }

    fn new(_: App, _: Nothing) -> std::result::Result<Self, SettingsError> {
        Ok(Self)
    }

    fn routes(routes: &mut Routes<'_>) {
        routes
            .service(count)
            .service(create)
            .service(echo)
            .service(raw)
            .service(remove)
            .service(slow)
            .service(query)
            .service(panicking)
            .service(leaky);
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[utoipa::path(responses((status = 200)))]
#[get("/v1/notes")]
async fn count(app: web::Data<App>, visit: Visit) -> Result<Answer> {
    let found = app
        .read(|conn| Ok(sql_query("SELECT count(*) AS rows FROM note").get_result::<Count>(conn)?))
        .await?;
    visit.frame(Action::List, "notes").row(&found.rows)
}

#[utoipa::path(responses((status = 201)))]
#[post("/v1/notes")]
async fn create(app: web::Data<App>, call: Call, body: Body) -> Result<Answer> {
    let text = body.required_text("text", MAX_TEXT)?;
    let (id, frame) = (app.new_id::<UserId>(), call.clone());
    let effect = move |tx: &mut kit::Tx<'_>| {
        log::info!("inside the transaction");
        let insert = sql_query("INSERT INTO note (id, text) VALUES ($1, $2)");
        insert.bind::<Uuid, _>(id.uuid()).bind::<Text, _>(&text).execute(tx.conn())?;
        match text.as_str() {
            "refuse" => Err(Error::new(&FORBIDDEN)),
            "panic" => panic!("in the transaction"),
            "reuse" => Ok(frame.frame(Action::Create, "note").reused().row(&id)?.etag(7)),
            text => frame.frame(Action::Create, "note").row(&json!({ "id": id, "text": text })),
        }
    };
    app.post(&call, &body, "POST /v1/notes", effect).await
}

#[utoipa::path(responses((status = 200)))]
#[post("/v1/echo")]
async fn echo(visit: Visit, body: Body) -> Result<Answer> {
    visit.frame(Action::Get, "text").row(&body.text("text", MAX_TEXT)?)
}

/// Says what it hears, in two pieces: the head and the body are written one after the other.
#[utoipa::path(responses((status = 200)))]
#[post("/v1/raw")]
async fn raw(text: String) -> HttpResponse {
    let length = u64::try_from(text.len()).unwrap();
    let later = futures_util::stream::once(async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok::<_, Error>(web::Bytes::from(text))
    });
    HttpResponse::Ok().body(SizedStream::new(length, later.boxed_local()))
}

#[utoipa::path(responses((status = 200)))]
#[delete("/v1/notes/{id}")]
async fn remove(visit: Visit, id: web::Path<String>) -> Result<Answer> {
    visit.frame(Action::Delete, "note").row(&id.as_str())
}

#[utoipa::path(responses((status = 200)))]
#[get("/v1/slow/{ms}")]
async fn slow(visit: Visit, ms: web::Path<u64>) -> Result<Answer> {
    tokio::time::sleep(Duration::from_millis(*ms)).await;
    visit.frame(Action::Get, "slept").row(&*ms)
}

/// Sleeps in Postgres.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/query/{ms}")]
async fn query(app: web::Data<App>, visit: Visit, ms: web::Path<i64>) -> Result<Answer> {
    let ms = *ms;
    let sleep = move |conn: &mut diesel::PgConnection| {
        Ok(sql_query("SELECT pg_sleep($1 / 1000.0)").bind::<BigInt, _>(ms).execute(conn)?)
    };
    app.read(sleep).await?;
    visit.frame(Action::Get, "slept").row(&ms)
}

#[utoipa::path(responses((status = 200)))]
#[get("/v1/panic")]
async fn panicking() -> Result<Answer> {
    panic!("in the handler")
}

/// Fails for a reason that only the log may know.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/leaky")]
async fn leaky(_call: Call) -> Result<Answer> {
    Err(Error::internal("password=hunter2"))
}
