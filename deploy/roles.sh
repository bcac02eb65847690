#!/bin/sh
# Gives each service that is named a Postgres role and a schema of its name, with the password in NAME_DATABASE_PASSWORD.
# What is there already stays, but for the password. Where is what libpq's variables say (PGHOST …), as a superuser.
set -eu

sql() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "$@"; }

sql --set=database="$PGDATABASE" <<'SQL'
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL

for service in "$@"; do
    variable=$(printf '%s_DATABASE_PASSWORD' "$service" | tr '[:lower:]' '[:upper:]')
    printenv "$variable" >/dev/null || { echo "$variable is not set" >&2; exit 1; }
    # psql takes the password from its own environment: arguments are for all to see.
    sql --set=database="$PGDATABASE" --set=service="$service" <<SQL
\\set password \`printenv $variable\`
SELECT format('CREATE ROLE %I LOGIN', :'service')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \\gexec
ALTER ROLE :"service" WITH LOGIN PASSWORD :'password';
ALTER ROLE :"service" SET search_path = :"service";
GRANT CONNECT ON DATABASE :"database" TO :"service";
CREATE SCHEMA IF NOT EXISTS :"service" AUTHORIZATION :"service";
SQL
    echo "$service has its role and schema"
done
