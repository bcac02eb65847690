//! `GET /metrics`: what was answered, by route pattern.

use kit::Metrics;

use crate::notes::Notes;
use crate::stage::client;

#[tokio::test]
async fn figures_are_by_pattern_and_never_by_path() {
    let metrics = Metrics::install().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _handle = metrics.serve(port).unwrap();
    let notes = testing::boot::<Notes>(&[]).await;
    for path in ["/v1/slow/1", "/v1/slow/2", "/wp-login.php", "/v1/notes/018f2f6e", "/v1/panic"] {
        notes.get(path).await;
    }
    let response = client().get(format!("http://{port}/metrics")).send().await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = response.text().await.unwrap();
    assert!(text.contains("# TYPE http_requests_total counter"), "{text}");
    assert!(text.contains("# TYPE http_request_duration_seconds histogram"), "{text}");
    let line = |start: &str| {
        let found =
            text.lines().find(|line| line.starts_with("http_requests_total{") && line.contains(start));
        found.unwrap_or_else(|| panic!("no {start} in {text}"))
    };
    assert!(line("route=\"/v1/slow/{ms}\"").contains("status=\"200\""));
    assert!(line("route=\"unmatched\"").contains("method=\"GET\""));
    for raw in ["wp-login", "018f2f6e", "/v1/slow/1"] {
        assert!(!text.contains(raw), "{raw} in {text}");
    }
    let metric = |line: &&str| !line.is_empty() && !line.starts_with('#');
    for line in text.lines().filter(metric) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(
            value.parse::<f64>().is_ok() && name.starts_with(|c: char| c.is_ascii_alphabetic()),
            "{line}"
        );
    }
}
