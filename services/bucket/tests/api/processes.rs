//! The service as a process of its own: killed without warning, or out of disk.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use futures_util::future::join_all;
use kit::clock::uuid_v7;
use kit::{Clock as _, SystemClock};
use serde_json::Value;
use testing::{Database, ENVIRONMENT, Issuer, eventually};

use crate::stage::{BASE, Owner, form, noise};

const PATIENCE: Duration = Duration::from_secs(30);

/// What a process needs, and what outlives it.
struct Home {
    database: Database,
    issuer: Arc<Issuer>,
    dir: PathBuf,
    url: String,
    http: reqwest::Client,
}

/// A process that is killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Home {
    fn new() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = std::env::temp_dir().join(format!("banter-test-files-{}", uuid_v7(SystemClock.now())));
        std::fs::create_dir_all(&dir).unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "tests talk to loopback with no deadline but their own"
        )]
        let http = reqwest::Client::new();
        let (database, issuer) = (Database::create(), Issuer::shared());
        Self { database, issuer, dir, url: format!("http://127.0.0.1:{port}"), http }
    }

    /// The program with its settings, behind other words if need be.
    fn command(&self, before: &[&str], words: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_bucket");
        let all: Vec<&str> = before.iter().copied().chain([program]).chain(words.iter().copied()).collect();
        let mut command = Command::new(all[0]);
        command.args(&all[1..]).stdout(Stdio::null()).stderr(Stdio::null());
        for (name, value) in [
            ("ENVIRONMENT", ENVIRONMENT),
            ("HTTP__ADDRESS", self.url.trim_start_matches("http://")),
            ("DATABASE__URL", &self.database.url),
            ("BROKER__URL", "amqp://nobody@127.0.0.1:1/"),
            ("KEYS__DIR", &self.issuer.dir.display().to_string()),
            ("TRUST__AUTH__JWKS_URL", &self.issuer.jwks_url),
            ("TRUST__AUTH__USES", "access,bucket,service"),
            ("STORAGE__DIR", &self.dir.display().to_string()),
            ("LINKS__BASE_URL", BASE),
            ("LINKS__SECRET", "a secret of at least 32 characters"),
            ("LOG__LEVEL", "error"),
        ] {
            command.env(format!("BANTER__{name}"), value);
        }
        command
    }

    async fn start(&self, before: &[&str]) -> Running {
        self.started(self.command(before, &[])).await
    }

    async fn started(&self, mut command: Command) -> Running {
        let running = Running(command.spawn().unwrap());
        let ready = format!("{}/readyz", self.url);
        eventually(PATIENCE, "it is ready", async || {
            self.http.get(&ready).send().await.is_ok_and(|reply| reply.status().is_success())
        })
        .await;
        running
    }

    /// An upload; what is answered, if anything.
    async fn upload(&self, owner: &Owner, bytes: &[u8]) -> Option<(u16, Value)> {
        let (kind, body) = form(&[("bucketId", None, owner.public.as_bytes()), ("files", Some("a"), bytes)]);
        let ask = self.http.post(format!("{}/bucket/upload", self.url)).bearer_auth(&owner.token);
        let reply = ask.header("Content-Type", kind).body(body).send().await.ok()?;
        let status = reply.status().as_u16();
        Some((status, reply.json().await.ok()?))
    }

    async fn size(&self, id: &str) -> Option<usize> {
        let reply = self.http.get(format!("{}/bucket/download/{id}", self.url)).send().await.ok()?;
        Some(reply.error_for_status().ok()?.bytes().await.ok()?.len())
    }

    /// What `fsck` says, and whether it is content.
    fn fsck(&self) -> (bool, String) {
        let output =
            self.command(&[], &["fsck"]).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), format!("{}: {}", output.status, String::from_utf8_lossy(&said)))
    }

    fn sql(&self, statement: &str) {
        sql_query(statement).execute(&mut self.database.connect()).unwrap();
    }

    fn count(&self, table: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let query = sql_query(format!("SELECT count(*) AS count FROM {table}"));
        query.get_result::<Counted>(&mut self.database.connect()).unwrap().count
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn files_below(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn killed_fifty_times_rows_and_objects_agree() {
    let (home, owner, bytes) = (Home::new(), Owner::new(), noise(1_500_000));
    let mut stored = Vec::new();
    for round in 0..50_u64 {
        let mut process = home.start(&[]).await;
        // On a busy machine an upload takes longer; some must be quick enough.
        let step = if stored.is_empty() { 20 } else { 3 };
        let uploads = join_all((0..4).map(|_| home.upload(&owner, &bytes)));
        let kill = async {
            tokio::time::sleep(Duration::from_millis(round * step)).await;
            process.0.kill().unwrap();
            process.0.wait().unwrap();
        };
        let (answers, ()) = tokio::join!(uploads, kill);
        let good = answers.into_iter().flatten().filter(|(status, _)| *status == 200);
        stored.extend(good.map(|(_, answer)| answer["data"][0]["fileId"].as_str().unwrap().to_owned()));
        let (content, said) = home.fsck();
        assert!(content, "round {round}: {said}");
    }
    let _process = home.start(&[]).await;
    home.sql("UPDATE loose_object SET deadline = now() - interval '1 hour'");
    eventually(PATIENCE, "what was left is swept", async || home.count("loose_object") == 0).await;
    assert_eq!(i64::try_from(files_below(&home.dir)).unwrap(), home.count("file"));
    assert!(!stored.is_empty(), "no upload was quick enough to be answered");
    for id in &stored {
        assert_eq!(home.size(id).await, Some(bytes.len()), "{id} was promised");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_what_does_not_fit_and_keeps_the_rest() {
    let (home, owner) = (Home::new(), Owner::new());
    let dir = home.dir.display().to_string();
    let script = format!("mount -t tmpfs -o size=6m tmpfs '{dir}' && exec \"$0\"");
    let alone = ["unshare", "--mount", "--propagation", "private", "sh", "-c", &script];
    if !Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|status| status.success()) {
        println!("not tried: mounts cannot be separated here");
        return;
    }
    let _process = home.start(&alone).await;
    let (_, small) = home.upload(&owner, &noise(2_000_000)).await.unwrap();
    for size in [9_000_000, 5_000_000] {
        let (status, answer) = home.upload(&owner, &noise(size)).await.unwrap();
        assert_eq!(
            (status, answer["message"].as_str()),
            (503, Some("errMsg_storageIsUnavailable")),
            "{answer}"
        );
        assert_eq!((&answer["success"], home.count("loose_object")), (&Value::Bool(false), 0));
    }
    let id = small["data"][0]["fileId"].as_str().unwrap();
    assert_eq!(home.size(id).await, Some(2_000_000));
    let (status, _) = home.upload(&owner, &noise(3_000_000)).await.unwrap();
    assert_eq!(status, 200, "what was refused takes no room");
}

/// The S3 server that the environment names, on a port of its own, to be killed.
struct S3 {
    program: String,
    url: String,
    server: Running,
}

impl S3 {
    async fn start(program: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (program, url) = (program.to_owned(), format!("http://127.0.0.1:{port}"));
        let server = Self::run(&program, &url);
        let s3 = Self { program, url, server };
        s3.make_bucket().await;
        s3
    }

    fn run(program: &str, url: &str) -> Running {
        let port = url.rsplit(':').next().unwrap();
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--port", port]).stdout(Stdio::null()).stderr(Stdio::null());
        Running(command.spawn().unwrap())
    }

    async fn make_bucket(&self) {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests talk to loopback with no deadline but their own"
        )]
        let http = reqwest::Client::new();
        eventually(PATIENCE, "S3 has a bucket", async || {
            let made = http.put(format!("{}/files", self.url)).send().await;
            made.is_ok_and(|reply| reply.status().is_success())
        })
        .await;
    }

    fn kill(&mut self) {
        self.server.0.kill().unwrap();
        self.server.0.wait().unwrap();
    }

    async fn start_again(&mut self) {
        self.server = Self::run(&self.program, &self.url);
        self.make_bucket().await;
    }
}

#[tokio::test]
async fn s3_that_goes_and_comes_back_fails_cleanly_in_between() {
    let Ok(program) = std::env::var("BANTER_TEST_S3_SERVER") else {
        println!("not tried: BANTER_TEST_S3_SERVER names no server");
        return;
    };
    let (home, owner, mut s3) = (Home::new(), Owner::new(), S3::start(&program).await);
    let mut command = home.command(&[], &[]);
    for (name, value) in [
        ("ENDPOINT", s3.url.as_str()),
        ("BUCKET", "files"),
        ("ACCESS_KEY_ID", "test"),
        ("SECRET_ACCESS_KEY", "test"),
    ] {
        command.env(format!("BANTER__STORAGE__S3__{name}"), value);
    }
    let _process = home.started(command).await;
    // Three parts and a rest, of which the server sees the end of none.
    let bytes = noise(17_000_000);
    let kill = async {
        eventually(PATIENCE, "it has begun", async || home.count("loose_object") == 1).await;
        s3.kill();
    };
    let (answer, ()) = tokio::join!(home.upload(&owner, &bytes), kill);
    let (status, answer) = answer.unwrap();
    assert_eq!((status, answer["message"].as_str()), (503, Some("errMsg_storageIsUnavailable")), "{answer}");
    assert_eq!(home.count("file"), 0);
    let ready: Value =
        home.http.get(format!("{}/readyz", home.url)).send().await.unwrap().json().await.unwrap();
    assert_eq!(ready["checks"]["storage"], "degraded: the storage does not answer");
    s3.start_again().await;
    let (status, answer) = home.upload(&owner, &bytes).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    assert_eq!(home.size(answer["data"][0]["fileId"].as_str().unwrap()).await, Some(bytes.len()));
    home.sql("UPDATE loose_object SET deadline = now() - interval '1 hour'");
    eventually(PATIENCE, "what was left is swept", async || home.count("loose_object") == 0).await;
}
