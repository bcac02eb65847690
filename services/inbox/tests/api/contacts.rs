//! Contacts and inboxes.

use serde_json::json;

use crate::stage::{Stage, id, ids, widget};

#[tokio::test]
async fn contacts_are_found_changed_and_forgotten() {
    let stage = Stage::set().await;
    let body = json!({ "chatbotId": stage.company.chatbot, "name": "Zoë Müller", "phone": "+43 1 234", "identifier": "u-7" });
    let zoe = id(&stage.post(&stage.ben, "/v1/contacts", body.clone()).await.expect(201)["contact"]);
    stage.post(&stage.ben, "/v1/contacts", body).await.refused(409, "errMsg_identifierIsInUse");
    for search in ["muller", "Zoe", "u-7", "234"] {
        let list = stage.get(&stage.ben, &format!("/v1/contacts?search={search}")).await;
        assert_eq!(ids(&list["contacts"]), [zoe.as_str()], "{search}");
    }
    let path = format!("/v1/contacts/{zoe}");
    let changed =
        stage.app.patch(&path).by(&stage.ben).json(json!({ "phone": null, "email": "z@example.com" })).await;
    let contact = &changed.expect(200)["contact"];
    assert_eq!(
        (&contact["phone"], &contact["email"], &contact["name"]),
        (&json!(null), &json!("z@example.com"), &json!("Zoë Müller"))
    );

    let gone = stage.app.delete(&path).by(&stage.ben).await.expect(200)["contact"].clone();
    assert_eq!(
        (&gone["name"], &gone["email"], &gone["isActive"]),
        (&json!(null), &json!(null), &json!(false))
    );
    stage.app.get(&path).by(&stage.ben).await.refused(404, "errMsg_contactIsNotFound");
    assert_eq!(stage.get(&stage.ben, "/v1/contacts?search=zoe").await["paging"]["totalRowCount"], 0);
    // No event ever tells what they can be reached by.
    for event in stage.told("contact-updated") {
        assert!(!event.to_string().contains("example.com") && !event.to_string().contains("+43"), "{event}");
    }
}

#[tokio::test]
async fn an_avatar_is_an_address_on_the_web() {
    let stage = Stage::set().await;
    let body = |avatar: &str| json!({ "chatbotId": stage.company.chatbot, "name": "Mia", "avatar": avatar });
    for avatar in ["javascript:alert(1)", "mia.png", "https://mia:secret@example.com/a.png"] {
        stage.post(&stage.ben, "/v1/contacts", body(avatar)).await.refused(400, "errMsg_avatarIsNotValid");
    }
    let made = stage.post(&stage.ben, "/v1/contacts", body("https://example.com/a.png")).await.expect(201);
    let path = format!("/v1/contacts/{}", id(&made["contact"]));
    let ask = stage.app.patch(&path).by(&stage.ben).json(json!({ "avatar": "data:image/png,x" }));
    ask.await.refused(400, "errMsg_avatarIsNotValid");
    let ask = stage.app.patch(&path).by(&stage.ben).json(json!({ "avatar": null }));
    assert_eq!(ask.await.expect(200)["contact"]["avatar"], json!(null));
}

#[tokio::test]
async fn two_contacts_with_one_address_stay_two() {
    let stage = Stage::set().await;
    let body = json!({ "chatbotId": stage.company.chatbot, "email": "same@example.com" });
    let one = id(&stage.post(&stage.ada, "/v1/contacts", body.clone()).await.expect(201)["contact"]);
    let two = id(&stage.post(&stage.ada, "/v1/contacts", body).await.expect(201)["contact"]);
    assert_ne!(one, two);
    let list = stage.get(&stage.ada, "/v1/contacts?search=same").await;
    assert_eq!(ids(&list["contacts"]), [two, one], "the newest first");
}

#[tokio::test]
async fn an_inbox_has_a_channel_of_its_own() {
    let stage = Stage::set().await;
    let own = &stage.company;
    let body = json!({ "chatbotId": own.chatbot, "channelType": "ChannelWebWidget", "channelId": own.channel, "name": "Again" });
    stage.post(&stage.ada, "/v1/inboxes", body.clone()).await.refused(409, "errMsg_channelHasAnInbox");
    stage.app.delete(&format!("/v1/inboxes/{}", own.inbox)).by(&stage.ada).await.succeeded();
    let again = stage.post(&stage.ada, "/v1/inboxes", body).await.expect(201)["inbox"].clone();
    assert_eq!((&again["conversationPolicy"], &again["identityRequired"]), (&json!("single"), &json!(false)));

    let mut odd = json!({ "chatbotId": own.chatbot, "channelType": "ChannelPigeon", "channelId": own.channel, "name": "x" });
    stage.post(&stage.ada, "/v1/inboxes", odd.clone()).await.refused(400, "errMsg_channelTypeIsNotValid");
    odd["channelType"] = json!("ChannelWebWidget");
    odd["channelId"] = json!(widget(&stage.app, &stage.other.chatbot));
    stage.post(&stage.ada, "/v1/inboxes", odd).await.refused(404, "errMsg_channelIsNotFound");
}

#[tokio::test]
async fn the_secret_of_identities_is_for_those_who_manage() {
    let stage = Stage::set().await;
    let path = format!("/v1/inboxes/{}", stage.company.inbox);
    let first = stage.get(&stage.eve, &path).await["inbox"]["identitySecret"].clone();
    assert_eq!(first.as_str().map(str::len), Some(64));
    assert_eq!(stage.get(&stage.ben, &path).await["inbox"]["identitySecret"], json!(null));
    let rotate = stage.app.patch(&path).by(&stage.eve).json(json!({ "rotateIdentitySecret": true }));
    let second = rotate.await.expect(200)["inbox"]["identitySecret"].clone();
    assert_ne!(first, second);
}
