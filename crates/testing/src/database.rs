//! A Postgres schema for one test.

use diesel::pg::PgConnection;
use diesel::{Connection as _, RunQueryDsl as _, sql_query};
use kit::clock::random_bytes;
use kit::hex;

/// A role and a schema of the same name, dropped with this value.
pub struct Database {
    admin: String,
    name: String,
    /// Connects as the role.
    pub url: String,
}

impl Database {
    /// Makes one on the server that `BANTER_TEST_DATABASE_URL` names.
    ///
    /// # Panics
    /// When there is no such server.
    #[must_use]
    pub fn create() -> Self {
        let admin =
            std::env::var("BANTER_TEST_DATABASE_URL").expect("BANTER_TEST_DATABASE_URL: run `make test`");
        let name = format!("t_{}", hex(&random_bytes::<8>()));
        let url = as_role(&admin, &name);
        let database = Self { admin, name, url };
        let name = &database.name;
        database.administer(&format!("CREATE ROLE {name} LOGIN PASSWORD 'test'"));
        database.administer(&format!("CREATE SCHEMA {name} AUTHORIZATION {name}"));
        database.administer(&format!("ALTER ROLE {name} SET search_path = {name}"));
        database
    }

    /// A connection as the role.
    ///
    /// # Panics
    /// When the server is away.
    #[must_use]
    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url).expect("the test database answers")
    }

    fn administer(&self, statement: &str) {
        let mut conn = PgConnection::establish(&self.admin).expect("the test database answers");
        sql_query(statement).execute(&mut conn).expect(statement);
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = &self.name;
        self.administer(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}' AND pid <> pg_backend_pid()"
        ));
        self.administer(&format!("DROP SCHEMA {name} CASCADE"));
        self.administer(&format!("DROP OWNED BY {name} CASCADE"));
        self.administer(&format!("DROP ROLE {name}"));
    }
}

/// The same server and database, with another role.
fn as_role(admin: &str, role: &str) -> String {
    let (scheme, rest) = admin.split_once("://").expect("a database URL");
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{role}:test@{host}")
}
