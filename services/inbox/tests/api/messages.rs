//! Messages: eleven types, answers, names, deletion, search.

use serde_json::{Value, json};

use crate::stage::{Stage, id};

#[tokio::test]
async fn each_type_is_taken_with_its_own_body() {
    let stage = Stage::set().await;
    let card = json!({ "title": "Blue", "imageUrl": "https://x.example/b.png", "buttons": [{ "title": "Take it", "value": "take" }, { "title": "See", "url": "https://x.example" }] });
    for (kind, content, body) in [
        ("text", Some("hi"), Value::Null),
        ("markdown", Some("**hi** <script>alert(1)</script>"), Value::Null),
        ("location", None, json!({ "lat": 48.2, "lng": 16.37, "name": "Vienna" })),
        ("card", None, card.clone()),
        ("carousel", Some("Which?"), json!({ "cards": [card] })),
        ("dropdown", Some("Size?"), json!({ "options": [{ "title": "S" }, { "title": "M", "value": "m" }] })),
        ("choice", Some("Colours?"), json!({ "options": [{ "title": "Red" }], "multiple": true })),
    ] {
        let sent = json!({ "conversationId": stage.company.conversation, "messageType": kind, "content": content, "body": body });
        let message = stage.post(&stage.ben, "/v1/messages", sent).await.expect(201)["message"].clone();
        assert_eq!(
            (&message["messageType"], &message["content"]),
            (&json!(kind), &json!(content)),
            "as it was written"
        );
        let again = stage.get(&stage.ada, &format!("/v1/messages/{}", id(&message))).await;
        assert_eq!(again["message"], message);
    }
    for kind in ["image", "audio", "video", "file"] {
        let sent = json!({ "conversationId": stage.company.conversation, "messageType": kind });
        stage.post(&stage.ben, "/v1/messages", sent).await.refused(400, "errMsg_fileIdsIsRequired");
    }
}

#[tokio::test]
async fn files_fit_their_type_and_lie_in_the_conversation() {
    let stage = Stage::set().await;
    let conversation = &stage.company.conversation;
    let file = |name: &str, bucket: String, mime: &str| {
        json!({
            "id": kit::clock::uuid_v7(kit::Clock::now(&kit::SystemClock)), "type": "file-uploaded", "source": "bucket", "subject": name,
            "time": "2026-01-01T00:00:00.000Z", "requestId": "r", "version": 1, "recipients": [],
            "data": { "file": {
                "id": kit::clock::uuid_v7(kit::Clock::now(&kit::SystemClock)), "bucket": bucket, "originalName": name, "mimeType": mime,
                "size": 7, "sha256": "00", "isPublic": false, "uploadedBy": "somebody", "createdAt": "2026-01-01T00:00:00.000Z",
            } },
        })
    };
    let here = format!("inbox-{conversation}");
    let files = [
        file("a.png", here.clone(), "image/png"),
        file("b.pdf", here, "application/pdf"),
        file("c.png", format!("inbox-{}", stage.other.conversation), "image/png"),
    ];
    for event in &files {
        stage.apply(event).await;
    }
    let [png, pdf, foreign] = files.map(|event| event["data"]["file"]["id"].clone());
    let send = |kind: &str, ids: Value| {
        let body =
            json!({ "conversationId": conversation, "messageType": kind, "fileIds": ids, "content": "look" });
        stage.app.post("/v1/messages").by(&stage.ben).json(body)
    };
    let picture = send("image", json!([png])).await.expect(201)["message"].clone();
    let attachment = &picture["attachments"][0];
    assert_eq!(
        (&attachment["attachmentType"], &attachment["originalName"]),
        (&json!("image"), &json!("a.png"))
    );
    assert_eq!(attachment["downloadUrl"], json!(format!("/bucket/download/{}", png.as_str().unwrap())));
    let mixed = send("text", json!([png, pdf])).await.expect(201)["message"].clone();
    assert_eq!(mixed["attachments"][1]["attachmentType"], "file");
    send("image", json!([pdf])).await.refused(400, "errMsg_fileIdsDoNotFit");
    send("card", json!([png])).await.refused(400, "errMsg_bodyIsNotValid");
    send("image", json!([foreign])).await.refused(403, "errMsg_fileIdsAreElsewhere");
    let told = stage.told("message-created");
    assert_eq!(told[1]["data"]["message"]["fileIds"], json!([png, pdf]));
}

#[tokio::test]
async fn a_name_makes_repetitions_one() {
    let stage = Stage::set().await;
    let send = |by, name: &str| {
        let body = json!({ "conversationId": stage.company.conversation, "content": "once", "clientMessageId": name });
        stage.app.post("/v1/messages").by(by).json(body)
    };
    let first = send(&stage.ben, "c-1").await.expect(201)["message"].clone();
    let second = send(&stage.ben, "c-1").await.expect(200);
    assert_eq!((&second["message"], &second["reused"]), (&first, &json!(true)));
    assert_eq!(send(&stage.ada, "c-1").await.expect(201)["message"]["seq"], 2, "another's name is another's");
    let body = json!({ "conversationId": stage.company.conversation, "content": "keyed" });
    let keyed =
        || stage.app.post("/v1/messages").by(&stage.ben).header("Idempotency-Key", "k").json(body.clone());
    let (one, two) = (keyed().await, keyed().await);
    assert_eq!((one.text, two.header("Idempotency-Replayed")), (two.text.clone(), "true"));
}

#[tokio::test]
async fn agents_speak_for_themselves_or_as_the_chatbot() {
    let stage = Stage::set().await;
    let send = |more: Value| {
        let mut body = json!({ "conversationId": stage.company.conversation, "content": "x" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stage.app.post("/v1/messages").by(&stage.ben).json(body)
    };
    let bot = send(json!({ "senderType": "bot" })).await.expect(201)["message"].clone();
    assert_eq!((&bot["senderType"], &bot["senderId"]), (&json!("bot"), &json!(stage.company.chatbot)));
    send(json!({ "senderId": stage.ben.id })).await.succeeded();
    for other in [
        json!({ "senderId": stage.ada.id }),
        json!({ "senderType": "contact" }),
        json!({ "senderType": "system" }),
        json!({ "senderType": "contact", "senderId": stage.company.contact }),
    ] {
        send(other).await.refused(403, "errMsg_senderIdIsNotTheCaller");
    }
    send(json!({ "senderType": "ghost" })).await.refused(400, "errMsg_senderTypeIsNotValid");
}

#[tokio::test]
async fn a_deleted_message_leaves_nothing_behind() {
    let stage = Stage::set().await;
    let conversation = &stage.other.conversation;
    let kept = stage.send(&stage.stranger, conversation, "kept").await;
    let heard = stage.hear().await;
    assert_eq!(stage.see(&stage.stranger, conversation).await["unreadCount"], 1);
    let gone =
        stage.app.delete(&format!("/v1/messages/{}", id(&heard))).by(&stage.stranger).await.expect(200);
    assert_eq!((&gone["message"]["content"], &gone["message"]["isActive"]), (&json!(null), &json!(false)));
    let seen = stage.see(&stage.stranger, conversation).await;
    assert_eq!((&seen["unreadCount"], &seen["lastMessage"]["id"]), (&json!(0), &kept["id"]));
    stage
        .app
        .get(&format!("/v1/messages/{}", id(&heard)))
        .by(&stage.stranger)
        .await
        .refused(404, "errMsg_messageIsNotFound");
    let told = &stage.told("message-deleted")[0]["data"];
    assert_eq!((&told["message"]["content"], &told["lastMessage"]["seq"]), (&json!(null), &json!(1)));
    assert_eq!(told["sides"]["agents"]["uncounted"], 2);
    let again = stage.app.delete(&format!("/v1/messages/{}", id(&heard))).by(&stage.stranger).await;
    again.refused(404, "errMsg_messageIsNotFound");
    // What was said goes on with the next number.
    assert_eq!(stage.send(&stage.stranger, conversation, "next").await["seq"], 3);
    assert_eq!(stage.told("message-created").len(), 3);
}

#[tokio::test]
async fn a_search_finds_words_in_every_conversation_of_ones_own() {
    let stage = Stage::set().await;
    let (_, other) = stage.meet("Tom").await;
    stage.send(&stage.ben, &stage.company.conversation, "The blue bicycle, size M").await;
    stage.send(&stage.ben, &other, "青い自転車 and a BLUE bicycle").await;
    let deleted = stage.send(&stage.ben, &other, "blue bicycle, deleted").await;
    stage.app.delete(&format!("/v1/messages/{}", id(&deleted))).by(&stage.ben).await.succeeded();
    for (search, found) in [("blue%20bicycle", 2), ("自転車", 1), ("bicyc", 2), ("green", 0), ("%21%21", 0)]
    {
        let list = stage.get(&stage.ada, &format!("/v1/messages?search={search}")).await;
        assert_eq!(list["paging"]["totalRowCount"], found, "{search}");
    }
    let list = stage.get(&stage.ada, "/v1/messages?search=bicycle").await;
    assert_eq!(list["messages"][0]["conversationId"], json!(other), "the newest first");
    stage.app.get("/v1/messages").by(&stage.ada).await.refused(400, "errMsg_conversationIdIsRequired");
}

#[tokio::test]
async fn an_event_tells_all_who_answer_and_the_contact() {
    let stage = Stage::set().await;
    stage.send(&stage.ben, &stage.company.conversation, "hello").await;
    let told = &stage.told("message-created")[0];
    let to = told["recipients"].as_array().unwrap();
    assert_eq!(to.len(), 4);
    for recipient in [
        format!("user:{}", stage.ada.id),
        format!("user:{}", stage.eve.id),
        format!("user:{}", stage.ben.id),
        format!("contact:{}", stage.company.contact),
    ] {
        assert!(to.contains(&json!(recipient)), "{recipient}");
    }
    assert_eq!(told["data"]["sides"]["agents"], json!({ "readSeq": 0, "uncounted": 1, "rev": 2 }));
    assert_eq!(told["data"]["sides"]["contact"], json!({ "readSeq": 0, "uncounted": 0, "rev": 1 }));
}

#[tokio::test]
async fn the_simulator_is_off_in_production() {
    let own = [
        ("environment", "production"),
        ("directory.users_url", crate::stage::NOWHERE),
        ("files.bucket_url", crate::stage::NOWHERE),
    ];
    let source =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let enabled = |pairs: &[(&str, &str)]| {
        let settings: inbox::Settings =
            kit::settings::Source::from_pairs(&source(pairs)).unwrap().load().unwrap();
        settings.simulator.enabled
    };
    assert_eq!(enabled(&own), None);
    let own = [("directory.users_url", crate::stage::NOWHERE), ("simulator.enabled", "false")];
    let app: testing::Running<inbox::Inbox> = testing::boot(&own).await;
    let reply = app.post("/v1/simulator/messages").by(&app.person()).json(json!({})).await;
    reply.refused(403, "errMsg_simulatorIsOff");
}
