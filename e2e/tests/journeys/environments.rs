//! Environments behind one gateway share nothing but the gateway and the servers.

use std::path::Path;
use std::process::Command;

use diesel::{Connection as _, PgConnection};
use kit::clock::random_bytes;
use kit::hex;
use serde_json::{Value, json};
use stack::{Environment, Options, Stack};
use testing::Ask;

use crate::system::{PATIENCE, count, eventually};
use crate::tap::Tap;

const PASSWORD: &str = "correct horse battery";

/// One environment, through the gateway. Not every resolver knows names below `localhost`, so the host is a header.
struct Door {
    gateway: String,
    host: String,
    http: reqwest::Client,
}

impl Door {
    fn new(stack: &Stack, environment: Environment) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests talk to loopback with no deadline but their own"
        )]
        let http = reqwest::Client::new();
        Self { gateway: stack.base_url(), host: stack.host(environment), http }
    }

    fn get(&self, path: &str) -> Ask {
        Ask(self.http.get(format!("{}{path}", self.gateway))).header("Host", &self.host)
    }

    fn post(&self, path: &str, body: Value) -> Ask {
        Ask(self.http.post(format!("{}{path}", self.gateway))).header("Host", &self.host).json(body)
    }

    /// Registers somebody and tells their id.
    async fn register(&self, email: &str) -> String {
        let body = json!({ "email": email, "password": PASSWORD, "fullname": "Ada" });
        let json = self.post("/auth-api/v1/users", body).await.expect(201);
        json["user"]["id"].as_str().unwrap().to_owned()
    }

    fn login(&self, email: &str) -> Ask {
        self.post("/auth-api/login", json!({ "email": email, "password": PASSWORD }))
    }

    async fn token(&self, email: &str) -> String {
        self.login(email).await.expect(200)["accessToken"].as_str().unwrap().to_owned()
    }
}

fn email() -> String {
    format!("{}@example.com", hex(&random_bytes::<8>()))
}

/// Something that blocks, while everything else waits.
fn blocking<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

/// The command line on the home of the stack.
fn obey(stack: &Stack, words: &[&str]) -> String {
    let binary = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("stack");
    let output =
        blocking(|| Command::new(binary).arg("--home").arg(stack.home().root()).args(words).output());
    let output = output.unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_share_nothing_and_another_can_be_added() {
    use Environment::{Preview, Production, Staging};
    let options = Options { environments: vec![Production, Preview], ..Options::default() };
    let mut stack = blocking(|| Stack::up(&options)).unwrap();
    let (preview, production) = (Door::new(&stack, Preview), Door::new(&stack, Production));

    the_gateway_tells_them_apart(&stack, &preview, &production).await;
    nobody_is_known_elsewhere(&preview, &production).await;
    events_stay_within(&stack, &preview, &production).await;
    databases_are_closed_to_others(&stack);
    commands_act_in_one(&stack, &preview).await;

    let email = email();
    production.register(&email).await;
    let token = production.token(&email).await;
    let staging = Door::new(&stack, Staging);
    staging.get("/auth-api/healthz").await.refused(404, "errMsg_unknownEnvironment");
    let before = pids(&stack, &["auth", "auth@preview", "postgres", "rabbitmq", "messaging"]);
    blocking(|| stack.add(&[Staging])).unwrap();
    assert_eq!(pids(&stack, &["auth", "auth@preview", "postgres", "rabbitmq", "messaging"]), before);
    let names: Vec<Value> =
        environments(&production).await.into_iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["preview", "production", "staging"]);
    staging.login(&email).await.refused(401, "errMsg_credentialsAreNotValid");
    staging.register(&email).await;
    assert_eq!(production.get("/auth-api/currentuser").token(&token).await.status, 200);
    blocking(|| stack.wait_all_ready(PATIENCE)).unwrap();
}

async fn environments(door: &Door) -> Vec<Value> {
    door.get("/environments").await.expect(200).as_array().unwrap().clone()
}

async fn the_gateway_tells_them_apart(stack: &Stack, preview: &Door, production: &Door) {
    let told = |name: &str, host: String| json!({ "name": name, "baseUrl": format!("http://{host}"), "healthy": true });
    let expected = [
        told("preview", stack.host(Environment::Preview)),
        told("production", stack.host(Environment::Production)),
    ];
    assert!(expected[0]["baseUrl"].as_str().unwrap().starts_with("http://preview.localhost:"));
    for door in [preview, production] {
        assert_eq!(environments(door).await, expected);
    }
    let keys = async |door: &Door| door.get("/auth-api/.well-known/jwks.json").await.expect(200);
    assert_ne!(keys(preview).await, keys(production).await, "each signs with keys of its own");
}

async fn nobody_is_known_elsewhere(preview: &Door, production: &Door) {
    let email = email();
    preview.register(&email).await;
    production.login(&email).await.refused(401, "errMsg_credentialsAreNotValid");
    production.register(&email).await;
    let (here, there) = (production.token(&email).await, preview.token(&email).await);
    for path in ["/auth-api/currentuser", "/messaging-api/v1/conversations"] {
        assert_eq!(production.get(path).token(&here).await.status, 200);
        preview.get(path).token(&here).await.refused(401, "errMsg_userNotAuthenticated");
        assert_eq!(preview.get(path).token(&there).await.status, 200);
        production.get(path).token(&there).await.refused(401, "errMsg_userNotAuthenticated");
    }
}

/// Somebody registers in preview, then in production: whoever hears of the second would have heard of the first.
async fn events_stay_within(stack: &Stack, preview: &Door, production: &Door) {
    let tap = Tap::on_exchange(stack.broker_url(), "banter.events", "auth.user-created").await;
    let there = preview.register(&email()).await;
    let known = |environment: Environment, user: &str| {
        let sql = format!("SELECT count(*) FROM messaging.known_user WHERE id = '{user}'");
        blocking(|| count(&stack.database_url(&environment.database()), &sql))
    };
    eventually("preview's messaging knows", async || known(Environment::Preview, &there) == 1).await;
    let here = production.register(&email()).await;
    eventually("production's messaging knows", async || known(Environment::Production, &here) == 1).await;
    assert_eq!(known(Environment::Production, &there), 0);
    assert_eq!(known(Environment::Preview, &here), 0);
    let mut heard = Vec::new();
    eventually("production's is heard", async || {
        heard.extend(tap.take().await.unwrap());
        heard.iter().any(|event| event.to_string().contains(&here))
    })
    .await;
    assert!(!heard.iter().any(|event| event.to_string().contains(&there)), "{heard:?}");
}

fn databases_are_closed_to_others(stack: &Stack) {
    let secrets = std::fs::read_to_string(stack.home().root().join("secrets.json")).unwrap();
    let secrets: Value = serde_json::from_str(&secrets).unwrap();
    let admin = stack.database_url("");
    let address = admin.split('@').next_back().unwrap();
    let enter = |role: &str, secret: &str, database: &str| {
        let password = secrets[secret].as_str().unwrap();
        let url = format!("postgres://{role}:{password}@{address}{database}");
        blocking(|| PgConnection::establish(&url).map(drop))
    };
    enter("auth_preview", "role/auth@preview", "banter_preview").unwrap();
    enter("auth", "role/auth", "banter").unwrap();
    let refused = enter("auth_preview", "role/auth@preview", "banter").unwrap_err();
    assert!(refused.to_string().contains("permission denied for database"), "{refused}");
    enter("auth", "role/auth", "banter_preview").unwrap_err();
    assert_ne!(secrets["pairs"], secrets["pairs@preview"]);
}

async fn commands_act_in_one(stack: &Stack, preview: &Door) {
    let email = email();
    preview.register(&email).await;
    obey(stack, &["user", "role", "--environment", "preview", &email, "admin"]);
    assert_eq!(preview.login(&email).await.expect(200)["user"]["role"], "admin");
    let keys =
        |service: &str| std::fs::read_dir(stack.home().root().join("keys").join(service)).unwrap().count();
    let before = (keys("auth"), keys("auth@preview"));
    obey(stack, &["keys", "rotate", "auth", "--environment", "preview"]);
    assert_eq!((keys("auth"), keys("auth@preview")), (before.0, before.1 + 1));
    let letters = obey(stack, &["dlq", "--environment", "preview", "list"]);
    assert!(letters.contains("messaging: 0 dead letters"), "{letters}");
    let status = obey(stack, &["status"]);
    assert!(status.contains("auth@preview") && status.contains("messaging "), "{status}");
    assert!(Path::new(&stack.home().log_file("messaging@preview")).is_file());
    assert!(obey(stack, &["logs", "auth@preview"]).contains("preview"));
}

fn pids(stack: &Stack, processes: &[&str]) -> Vec<Option<i32>> {
    let entries = stack.entries().into_iter().filter(|(name, _)| processes.contains(&name.as_str()));
    entries.map(|(_, entry)| entry.running().map(|ident| ident.pid)).collect()
}
