//! Settings: whatever is wrong names its variable, and never its value.

use std::process::Command;

use kit::Service as _;
use kit::settings::{ProcessSettings, ServiceSettings, SettingsError, Source};
use kit::{App, SystemClock};
use testing::Issuer;

use crate::notes::Notes;

const URL: &str = "postgres://notes:s3cret@localhost/banter";

fn load(source: &Source) -> Result<(ProcessSettings, ServiceSettings, App), SettingsError> {
    let (process, service): (ProcessSettings, ServiceSettings) = (source.load()?, source.load()?);
    let app = App::new(Notes::NAME, &process, service.clone(), Box::new(SystemClock))?;
    Ok((process, service, app))
}

fn good() -> Vec<(&'static str, String)> {
    vec![
        ("http.address", "127.0.0.1:0".into()),
        ("database.url", URL.into()),
        ("broker.url", "amqp://notes:s3cret@localhost/".into()),
        ("keys.dir", Issuer::shared().dir.display().to_string()),
        ("trust.auth.jwks_url", "http://localhost/".into()),
        ("trust.auth.uses", "access, service".into()),
    ]
}

fn source(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Source {
    Source::from_pairs(&pairs.into_iter().map(|(path, value)| (path.to_owned(), value)).collect()).unwrap()
}

/// The variable that stands for a path.
fn variable(path: &str) -> String {
    format!("BANTER__{}", path.to_uppercase().replace('.', "__"))
}

#[test]
fn what_is_missing_names_itself() {
    for (missing, _) in good() {
        let error = load(&source(good().into_iter().filter(|(path, _)| *path != missing))).err().unwrap();
        assert_eq!(error.variable, variable(missing), "{error}");
        assert_eq!(error.problem, "is not set");
    }
}

#[test]
fn what_is_wrong_names_itself_and_keeps_its_value() {
    for (path, value) in [
        ("environment", "Pro duction s3cret"),
        ("environment", ""),
        ("http.address", "s3cret"),
        ("http.address", "localhost:80"),
        ("http.workers", "s3cret"),
        ("http.workers", "0"),
        ("http.workers", "-1"),
        ("http.workers", "100000000000000000000"),
        ("http.body_limit", "2 MB s3cret"),
        ("http.body_timeout_ms", "0"),
        ("http.drain_ms", "soon s3cret"),
        ("http.shutdown_seconds", "1.5"),
        ("metrics.address", "s3cret"),
        ("log.format", "s3cret"),
        ("database.url", "mysql://notes:s3cret@localhost/"),
        ("database.pool", "0"),
        ("database.pool", "s3cret"),
        ("database.wait_ms", "s3cret"),
        ("broker.url", "http://s3cret@localhost/"),
        ("keys.dir", "/nowhere/at/all"),
        ("trust.auth.uses", "access,s3cret"),
    ] {
        let wrong = good().into_iter().filter(|(known, _)| *known != path).chain([(path, value.to_owned())]);
        let error = load(&source(wrong)).err().unwrap_or_else(|| panic!("{path}={value} is taken"));
        assert_eq!(error.variable, variable(path), "{value}: {error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}

#[test]
fn secrets_do_not_print() {
    let (process, service, _) = load(&source(good())).unwrap();
    let text = format!("{process:?} {service:?}");
    assert!(!text.contains("s3cret") && text.contains("***"), "{text}");
}

/// What a process started by this test prints of its environment; elsewhere it does nothing.
#[test]
fn child() {
    if std::env::var("BANTER_TEST_CHILD").is_ok() {
        match Source::read().and_then(|source| load(&source)) {
            Ok((process, service, _)) => println!("read: {process:?} {service:?}"),
            Err(error) => println!("refused: {error}"),
        }
    }
}

fn read_by_a_process(variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "settings::child", "--nocapture"]).env("BANTER_TEST_CHILD", "1");
    for (path, value) in good() {
        child.env(variable(path), value);
    }
    let output = child.envs(variables.iter().copied()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_process_reads_its_environment() {
    let read = read_by_a_process(&[
        ("BANTER__HTTP__WORKERS", "3"),
        ("BANTER__DATABASE__POOL", "5"),
        ("BANTER__LOG__FORMAT", "json"),
        ("BANTER__TRUST__INBOX__JWKS_URL", "http://inbox/"),
        ("BANTER__TRUST__INBOX__USES", "contact"),
        ("BANTER__SOMEBODY__ELSES", "x"),
        ("BANTER__", "x"),
        ("BANTER", "x"),
        ("BANTERX__HTTP__WORKERS", "9"),
        ("HTTP__WORKERS", "9"),
    ]);
    for part in [
        "workers: Some(3)",
        "pool: 5",
        "format: Json",
        "uses: [\"contact\"]",
        "uses: [\"access\", \"service\"]",
    ] {
        assert!(read.contains(part), "no {part} in {read}");
    }
    assert!(!read.contains("s3cret"), "{read}");
    let refused = read_by_a_process(&[("BANTER__HTTP__WORKERS", "many")]);
    assert!(refused.contains("refused: BANTER__HTTP__WORKERS: must be"), "{refused}");
}

#[test]
fn the_environment_goes_before_the_file() {
    let file = std::env::temp_dir().join(format!("banter-test-{}.toml", std::process::id()));
    std::fs::write(&file, "environment = \"staging\"\n[http]\nworkers = 2\ndrain_ms = 7\n").unwrap();
    let path = file.display().to_string();
    let read = read_by_a_process(&[("BANTER_CONFIG", &path), ("BANTER__HTTP__WORKERS", "4")]);
    for part in ["environment: \"staging\"", "workers: Some(4)", "drain_ms: 7"] {
        assert!(read.contains(part), "no {part} in {read}");
    }
    std::fs::remove_file(&file).unwrap();
    let refused = read_by_a_process(&[("BANTER_CONFIG", &path)]);
    assert!(refused.contains("refused: BANTER_CONFIG: "), "{refused}");
}
