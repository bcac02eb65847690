//! Search by the staff: words of messages and of listings, in any script.

use serde_json::json;

use crate::stage::{Stage, id, listing};

async fn found(stage: &Stage, text: &str) -> Vec<String> {
    let path = format!("/v1/conversationthreads?search={}", escaped(text));
    let json = stage.app.get(&path).by(&stage.staff).await.expect(200);
    let rows = json["conversationThreads"].as_array().unwrap();
    assert_eq!(json["paging"]["totalRowCount"], json!(rows.len()));
    rows.iter().map(id).collect()
}

/// Every byte, as a query may carry it.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |escaped, byte| format!("{escaped}%{byte:02X}"))
}

#[tokio::test]
async fn words_are_found_in_any_script() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let car = listing(stage.ada.id, "Kırmızı araba");
    stage.keep(&car).await;
    let other = id(&stage.open(&stage.ben, &stage.ada, &car).await.expect(201)["conversationThread"]);
    stage.send(&stage.ben, &thread, "İstanbul'da ŞARKI söyleyen çocuk, 你好世界").await;
    stage.send(&stage.ben, &other, "Wann kann ich es abholen?").await;
    for text in ["şarkı", "sarki", "ISTANBUL", "çocuk", "söyle", "你好", "好世", "世界", "cocuk istanbul"]
    {
        assert_eq!(found(&stage, text).await, std::slice::from_ref(&thread), "{text}");
    }
    assert_eq!(found(&stage, "abhol").await, std::slice::from_ref(&other));
    assert_eq!(found(&stage, "araba").await, std::slice::from_ref(&other), "by the title of the listing");
    assert_eq!(found(&stage, "bicycle").await, [thread]);
    for nothing in ["世好", "çocuk abholen", "…!?", "' | & <-> :*", "\\"] {
        assert_eq!(found(&stage, nothing).await, Vec::<String>::new(), "{nothing}");
    }
}

#[tokio::test]
async fn a_search_is_for_the_staff_and_has_a_length() {
    let stage = Stage::set().await;
    let search =
        async |by, text: &str| stage.app.get(&format!("/v1/conversationthreads?search={text}")).by(by).await;
    search(&stage.ada, "x").await.refused(403, "errMsg_callerIsNotStaff");
    search(&stage.staff, &"x".repeat(201)).await.refused(400, "errMsg_searchIsTooLong");
    let narrowed = format!("bicycle&listingId={}", stage.ada.id);
    assert_eq!(search(&stage.staff, &narrowed).await.expect(200)["rowCount"], 0);
    assert_eq!(search(&stage.ada, "").await.status, 200, "nothing is searched for");
}
