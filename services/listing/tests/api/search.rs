//! Finding listings by what they say.

use serde_json::json;

use crate::stage::{Stage, id};

async fn shop() -> Stage {
    let stage = Stage::set().await;
    for (title, description) in [
        ("Yazı masası", "Çekmeceli, IĞDIR'da teslim edilir."),
        ("Kühlschrank", "Läuft leise; Größe 180 cm."),
        ("二手自行车", "上海交货，八成新。"),
        ("Bicycle 28\"", "A BLUE bike with gears, 50% off."),
    ] {
        let body = json!({ "title": title, "description": description, "status": "active" });
        let _ = stage.post(&stage.ada, body).await.expect(201);
    }
    stage
}

#[tokio::test]
async fn words_of_title_and_description_by_their_beginnings() {
    let stage = shop().await;
    for (search, title) in [
        ("YAZI", "Yazı masası"),
        ("masa", "Yazı masası"),
        ("çekmece", "Yazı masası"),
        ("igdir", "Yazı masası"),
        ("ığdır", "Yazı masası"),
        ("kuhl", "Kühlschrank"),
        ("größe", "Kühlschrank"),
        ("GROSSE", "Kühlschrank"),
        ("上海", "二手自行车"),
        ("自行车", "二手自行车"),
        ("手自", "二手自行车"),
        ("blue bike", "Bicycle 28\""),
        ("gear bicy", "Bicycle 28\""),
        ("28", "Bicycle 28\""),
    ] {
        assert_eq!(titles(&stage, search).await, [title], "{search}");
    }
    for nothing in ["bicycles", "海上", "car", "blue fridge", "';--", "!!!", "%", "\\", "a & b | c", "'x':*"]
    {
        assert!(titles(&stage, nothing).await.is_empty(), "{nothing}");
    }
}

async fn titles(stage: &Stage, search: &str) -> Vec<String> {
    let ask = stage.app.get("/v1/listings").by(&stage.ben);
    let list = testing::Ask(ask.0.query(&[("search", search)])).await.expect(200);
    assert_eq!(list["filters"], json!([{ "name": "search", "values": [search] }]));
    let rows = list["listings"].as_array().unwrap().iter();
    rows.map(|row| row["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_said_now_counts() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    let _ = stage.patch(&stage.ada, &listing, json!({ "title": "A table" })).await.expect(200);
    assert!(titles(&stage, "desk").await.is_empty());
    assert_eq!(titles(&stage, "table").await, ["A table"]);
    let _ = stage.delete(&stage.ada, &listing).await.expect(200);
    assert!(titles(&stage, "table").await.is_empty());
}

#[tokio::test]
async fn the_longest_description_can_be_found() {
    let stage = Stage::set().await;
    for (title, description) in [
        ("one word", "a".repeat(10_000)),
        (
            "many words",
            (0..2_000).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ").chars().take(10_000).collect(),
        ),
        ("chinese", ('\u{4e00}'..).take(10_000).collect()),
        ("emoji", "😀".repeat(10_000)),
        ("quotes", "' \\ & | ! : * ( ) <-> ".repeat(400)),
    ] {
        let body = json!({ "title": title, "description": description, "status": "active" });
        let made = stage.post(&stage.ada, body).await.expect(201);
        assert_eq!(made["listing"]["description"], json!(description));
        assert_eq!(titles(&stage, title).await, [title]);
    }
}
