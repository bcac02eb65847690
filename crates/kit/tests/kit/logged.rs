//! What the log says of a request, and what it never says.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use env_logger::{Logger, Target};
use kit::settings::{LogFormat, LogSettings};
use log::{Log, Metadata, Record};
use serde_json::{Value, json};

use crate::notes::Notes;

/// What both formats wrote, by all tests of this process.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines_with(&self, words: &str) -> Vec<String> {
        self.text().lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }
}

struct Both(Logger, Logger);

impl Log for Both {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        self.0.log(record);
        self.1.log(record);
    }

    fn flush(&self) {}
}

/// The log for people, and the log for machines.
fn logs() -> &'static (Written, Written) {
    static LOGS: OnceLock<(Written, Written)> = OnceLock::new();
    LOGS.get_or_init(|| {
        let logs = (Written::default(), Written::default());
        let logger = |format, into: &Written| {
            let settings = LogSettings { format, level: "debug".into() };
            kit::logs::builder("notes", &settings).target(Target::Pipe(Box::new(into.clone()))).build()
        };
        let both = Both(logger(LogFormat::Human, &logs.0), logger(LogFormat::Json, &logs.1));
        log::set_boxed_logger(Box::new(both)).unwrap();
        log::set_max_level(log::LevelFilter::Debug);
        logs
    })
}

fn machine_lines(id: &str) -> Vec<Value> {
    logs().1.lines_with(id).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_request_is_one_line_and_says_all() {
    let (human, _) = logs();
    let notes = testing::boot::<Notes>(&[]).await;
    let ada = notes.person();
    let create = notes.post("/v1/notes").by(&ada).header("X-Request-Id", "log-create");
    assert_eq!(create.json(json!({ "text": "a\nb" })).await.status, 201);
    let lines = machine_lines("log-create");
    let line = lines.iter().find(|line| line["route"] == "/v1/notes").unwrap();
    assert_eq!(
        (&line["level"], &line["process"], &line["message"]),
        (&json!("INFO"), &json!("notes"), &json!("POST"))
    );
    assert_eq!((&line["status"], &line["userId"]), (&json!(201), &json!(ada.id)));
    assert!(line["ms"].as_f64().unwrap() > 0.0 && line["time"].as_str().unwrap().ends_with('Z'), "{line}");
    let inside = lines.iter().find(|line| line["message"] == "inside the transaction").unwrap();
    assert_eq!((&inside["requestId"], &inside["userId"]), (&json!("log-create"), &json!(ada.id)));
    let human = human.lines_with("requestId=log-create");
    let line = human.iter().find(|line| line.contains("route=/v1/notes")).unwrap();
    assert!(line.contains("INFO") && line.contains("status=201") && line.contains(" ms="), "{line}");
    assert!(line.contains(&format!("userId={}", ada.id)), "{line}");
}

#[tokio::test]
async fn a_cause_is_told_once_and_no_secret_ever() {
    let (human, machine) = logs();
    let notes = testing::boot::<Notes>(&[]).await;
    let ada = notes.person();
    for (path, words) in [("/v1/leaky", "hunter2"), ("/v1/slow/x", "can not parse")] {
        let id = format!("log-{}", path.replace('/', "-"));
        notes.get(path).by(&ada).header("X-Request-Id", &id).await;
        let told: Vec<Value> = machine_lines(&id);
        let told = told.iter().filter(|line| line.to_string().contains(words)).count();
        assert_eq!(told, 1, "{path}: {:?}", machine_lines(&id));
        assert_eq!(human.lines_with(&id).iter().filter(|line| line.contains(words)).count(), 1);
    }
    let leaky = machine_lines("log--v1-leaky").into_iter().find(|line| line["status"] == 500).unwrap();
    assert_eq!((&leaky["level"], &leaky["error"]), (&json!("ERROR"), &json!("password=hunter2")));
    notes.get("/v1/leaky").token(&format!("{}x", ada.token)).await;
    notes.get(&format!("/v1/slow/0?token={}", ada.token)).header("token", &ada.token).await;
    for log in [human, machine] {
        let text = log.text();
        assert!(!text.contains(&ada.token) && !text.contains(":test@"), "a secret is in the log");
    }
}

#[tokio::test]
async fn a_panic_has_its_line() {
    logs();
    let notes = testing::boot::<Notes>(&[]).await;
    notes.get("/v1/panic").header("X-Request-Id", "log-panic").await;
    let lines = machine_lines("log-panic");
    assert_eq!((lines.len(), &lines[0]["status"], &lines[0]["level"]), (1, &json!(500), &json!("ERROR")));
    let by = notes.person();
    let post = notes.post("/v1/notes").by(&by).header("X-Request-Id", "log-query-panic");
    post.json(json!({ "text": "panic" })).await;
    let line = machine_lines("log-query-panic").into_iter().find(|line| line["status"] == 500).unwrap();
    assert!(line["error"].as_str().unwrap().contains("panicked"), "{line}");
}

#[tokio::test]
async fn junk_cannot_forge_a_line() {
    let (human, machine) = logs();
    let notes = testing::boot::<Notes>(&[]).await;
    notes.get("/v1/notes%0aERROR%20forged").header("X-Request-Id", "log-forged").await;
    notes.get("/v1/slow/x%0aforged").header("X-Request-Id", "log-forged-2").await;
    for log in [human, machine] {
        assert!(
            !log.text().lines().any(|line| line.starts_with("ERROR forged") || line.starts_with("forged"))
        );
    }
}
