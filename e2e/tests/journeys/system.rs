//! The system under test: a throw-away stack, and people in it.

use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use kit::clock::random_bytes;
use kit::hex;
use reqwest::Method;
use serde_json::{Value, json};
use stack::{Options, Stack};
use testing::Ask;
use tokio::sync::{Mutex, MutexGuard};

use crate::load::Place;

/// How long anything may take that happens by itself.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The stack, for one test at a time.
pub(crate) struct System {
    pub(crate) stack: &'static Stack,
    http: reqwest::Client,
    _turn: MutexGuard<'static, ()>,
}

/// Everybody's.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody with a login.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl System {
    /// Waits for its turn, and for the stack to be whole.
    pub(crate) async fn take() -> Self {
        static TURN: Mutex<()> = Mutex::const_new(());
        let turn = TURN.lock().await;
        let stack = blocking(shared).await;
        blocking(move || stack.wait_all_ready(PATIENCE)).await.unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "tests talk to loopback with no deadline but their own"
        )]
        let http = reqwest::Client::new();
        Self { stack, http, _turn: turn }
    }

    /// A request to the gateway.
    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask {
        Ask(self.http.request(method, format!("{}{path}", self.stack.base_url())))
    }

    pub(crate) fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask {
        self.ask(Method::POST, path)
    }

    /// Registers somebody new and logs them in.
    pub(crate) async fn user(&self, fullname: &str) -> User {
        let email = format!("{}@example.com", hex(&random_bytes::<8>()));
        let body = json!({ "email": email, "password": PASSWORD, "fullname": fullname });
        let json = self.post("/auth-api/v1/users").json(body).await.expect(201);
        let id = json["user"]["id"].as_str().unwrap().to_owned();
        let token = self.login(&email).await;
        User { id, token }
    }

    pub(crate) async fn login(&self, email: &str) -> String {
        let body = json!({ "email": email, "password": PASSWORD });
        let json = self.post("/auth-api/login").json(body).await.expect(200);
        json["accessToken"].as_str().unwrap().to_owned()
    }

    /// Registers somebody of the staff and tells their e-mail address: ranks are given by operators.
    pub(crate) async fn moderator(&self) -> String {
        let email = format!("{}@example.com", hex(&random_bytes::<8>()));
        let body = json!({ "email": email, "password": PASSWORD, "fullname": "Mo" });
        let _registered = self.post("/auth-api/v1/users").json(body).await.expect(201);
        self.obey(&["user", "role", &email, "moderator"]).await;
        email
    }

    /// A command of the stack's, which must succeed; what it says.
    pub(crate) async fn obey(&self, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        self.with_stack(move |stack| {
            let binary = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("stack");
            let output =
                Command::new(binary).arg("--home").arg(stack.home().root()).args(words).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8_lossy(&output.stdout).into_owned()
        })
        .await
    }

    /// Opens a conversation and tells its id.
    pub(crate) async fn open(&self, by: &User, with: &[&User]) -> String {
        let ids: Vec<&str> = with.iter().map(|user| user.id.as_str()).collect();
        let body = json!({ "isGroup": ids.len() > 2, "participantIds": ids });
        let json = self.post("/messaging-api/v1/conversations").token(&by.token).json(body).await.expect(201);
        json["conversation"]["id"].as_str().unwrap().to_owned()
    }

    /// Sends a message and gives it back.
    pub(crate) async fn send(&self, by: &User, conversation: &str, content: &str) -> Value {
        let body = json!({ "conversationId": conversation, "content": content });
        let json = self.post("/messaging-api/v1/messages").token(&by.token).json(body).await.expect(201);
        json["message"].clone()
    }

    /// Makes a listing and tells its id.
    pub(crate) async fn offer(&self, by: &User, listing: Value) -> String {
        let json = self.post("/listing-api/v1/listings").token(&by.token).json(listing).await.expect(201);
        json["listing"]["id"].as_str().unwrap().to_owned()
    }

    /// All messages of a conversation.
    pub(crate) async fn history(&self, by: &User, conversation: &str) -> Vec<Value> {
        Place::conversation(conversation).history(self, by).await
    }

    /// Something with the stack that blocks.
    pub(crate) async fn with_stack<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Stack) -> T + Send + 'static,
    ) -> T {
        let stack = self.stack;
        blocking(move || work(stack)).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// It ends with this process: its supervisor sees to that.
fn shared() -> &'static Stack {
    static SHARED: OnceLock<Stack> = OnceLock::new();
    SHARED.get_or_init(|| Stack::up(&Options::default()).unwrap())
}

/// Waits until it is so.
pub(crate) async fn eventually(what: &str, is_so: impl AsyncFnMut() -> bool) {
    testing::eventually(PATIENCE, what, is_so).await;
}

/// A figure out of the database.
pub(crate) fn count(url: &str, sql: &str) -> i64 {
    use diesel::{Connection as _, RunQueryDsl as _};
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let mut conn = diesel::PgConnection::establish(url).unwrap();
    let sql = format!("SELECT ({sql}) AS count");
    diesel::sql_query(sql).get_result::<Count>(&mut conn).unwrap().count
}
