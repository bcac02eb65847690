//! A schema as Postgres knows it, printed as diesel prints it: what a service's `schema.rs` must say.

use std::fmt::Write as _;

use diesel::pg::PgConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

/// Tables of kit, events, directory and files, and diesel's own: they stand in every schema and belong to no service.
const SHARED: [&str; 7] = [
    "__diesel_schema_migrations",
    "idempotency_key",
    "known_file",
    "known_user",
    "outbox",
    "processed_event",
    "relay_lease",
];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Bool)]
    keyed: bool,
}

const COLUMNS: &str = "
    SELECT c.relname::text AS table_name, a.attname::text AS name, t.typname::text AS type_name,
           NOT a.attnotnull AS nullable, coalesce(a.attnum = ANY (i.indkey), false) AS keyed
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    ORDER BY c.relname, a.attnum";

/// The `schema.rs` of the connection's schema.
///
/// # Panics
/// When a column has a type that no table of ours should have.
#[must_use]
pub fn printed_schema(conn: &mut PgConnection) -> String {
    let columns: Vec<Column> = sql_query(COLUMNS).load(conn).unwrap();
    let columns: Vec<Column> =
        columns.into_iter().filter(|c| !SHARED.contains(&c.table_name.as_str())).collect();
    let mut out = String::from("// Printed from the migrated catalogue; a test keeps it so.\n");
    for table in columns.chunk_by(|a, b| a.table_name == b.table_name) {
        print_table(&mut out, table);
    }
    out
}

fn print_table(out: &mut String, columns: &[Column]) {
    let table = columns.first().map(|column| column.table_name.as_str()).unwrap_or_default();
    let key: Vec<&str> =
        columns.iter().filter(|column| column.keyed).map(|column| column.name.as_str()).collect();
    writeln!(out, "\ndiesel::table! {{\n    {table} ({}) {{", key.join(", ")).unwrap();
    for column in columns {
        writeln!(out, "        {} -> {},", column.name, sql_type(column)).unwrap();
    }
    out.push_str("    }\n}\n");
}

/// Arrays hold no nulls here: the tables check it.
fn sql_type(column: &Column) -> String {
    let name = match column.type_name.as_str() {
        "bool" => "Bool",
        "bytea" => "Bytea",
        "float8" => "Float8",
        "int4" => "Int4",
        "int8" => "Int8",
        "jsonb" => "Jsonb",
        "text" => "Text",
        "timestamptz" => "Timestamptz",
        "tsvector" => "kit::search::Tsvector",
        "uuid" => "Uuid",
        "_text" => "Array<Text>",
        "_uuid" => "Array<Uuid>",
        other => panic!("{}.{} is {other}", column.table_name, column.name),
    };
    if column.nullable { format!("Nullable<{name}>") } else { name.to_owned() }
}
