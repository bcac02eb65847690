//! Notes: for agents only.

use serde_json::json;

use crate::stage::{Stage, id};

#[tokio::test]
async fn notes_stand_beside_the_messages() {
    let stage = Stage::set().await;
    let conversation = &stage.company.conversation;
    stage.send(&stage.ben, conversation, "hello").await;
    let path = format!("/v1/conversations/{conversation}/notes");
    let note =
        stage.post(&stage.ben, &path, json!({ "content": "a difficult one" })).await.expect(201)["note"]
            .clone();
    assert_eq!((&note["afterSeq"], &note["authorId"]), (&json!(1), &json!(stage.ben.id)));
    assert_eq!(stage.send(&stage.ben, conversation, "next").await["seq"], 2, "a note takes no number");
    assert_eq!(stage.get(&stage.ada, &path).await["notes"], json!([note]));
    assert!(!stage.history(&stage.ada, conversation, "").await.to_string().contains("difficult"));
    let told = events::outbox::pending(&mut stage.app.database.connect(), "inbox").unwrap();
    assert!(told.iter().all(|event| !event.to_string().contains("difficult")), "no event tells a note");

    let one = format!("{path}/{}", id(&note));
    stage.app.delete(&one).by(&stage.ada).await.refused(403, "errMsg_noteIsAnothers");
    stage.app.delete(&one).by(&stage.ben).await.succeeded();
    stage.app.delete(&one).by(&stage.ben).await.refused(404, "errMsg_noteIsNotFound");
    assert_eq!(stage.get(&stage.ada, &path).await["paging"]["totalRowCount"], 0);
}
