//! The page to browse the APIs with: all of it from here.

use crate::stage::{Gateway, gateway};
use crate::wire::{Message, get};

async fn page(gateway: &Gateway, name: &str) -> Message {
    get(gateway.address, &format!("/docs/{name}")).await
}

/// The values of `src` and `href` in a page.
fn files(html: &str) -> Vec<&str> {
    let after = |attribute| html.split(attribute).skip(1).filter_map(|rest: &str| rest.split('"').next());
    after("src=\"").chain(after("href=\"")).collect()
}

#[tokio::test]
async fn the_page_and_all_of_its_files_are_here() {
    let gateway = gateway(&[], &[]);
    let index = page(&gateway, "").await;
    assert_eq!((index.status(), index.header("content-type")), (200, Some("text/html")));
    let html = String::from_utf8(index.body).unwrap();
    let files = files(&html);
    assert!(files.len() > 4, "{files:?}");
    for file in files {
        let name = file.strip_prefix("./").unwrap_or(file);
        let answer = page(&gateway, name).await;
        assert_eq!(
            (answer.status(), answer.header("x-content-type-options")),
            (200, Some("nosniff")),
            "{name}"
        );
        assert!(!answer.body.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn it_shows_the_document_of_this_gateway_and_asks_nobody_else() {
    let gateway = gateway(&[], &[]);
    let script = page(&gateway, "swagger-initializer.js").await;
    let text = String::from_utf8(script.body.clone()).unwrap();
    assert!(
        text.contains("\"url\": \"/openapi.json\"") && text.contains("\"validatorUrl\": \"none\""),
        "{text}"
    );
    assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    let policy = script.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
    assert!(policy.contains("connect-src 'self' http://localhost:8080; "), "{policy}");
}

#[tokio::test]
async fn it_lies_in_a_directory() {
    let gateway = gateway(&[], &[]);
    let answer = get(gateway.address, "/docs").await;
    assert_eq!((answer.status(), answer.header("location")), (308, Some("/docs/")));
    for name in ["nothing.js", "../openapi.json", "..%2f", "/index.html", "%69ndex.html"] {
        assert_eq!(page(&gateway, name).await.code(), "errMsg_notFound", "{name}");
    }
    assert_eq!(get(gateway.address, "/docsfoo").await.code(), "errMsg_notFound");
}
