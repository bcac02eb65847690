use serde_json::{Value, json};

use super::*;

fn read(kind: MessageType, body: &Value) -> Result<Option<Value>, String> {
    kind.body(body.as_object())
}

#[test]
fn each_type_has_its_shape() {
    let card = json!({ "title": "Bicycle", "buttons": [{ "title": "Yes" }, { "title": "Site", "url": "https://x.example" }] });
    let options = json!({ "options": [{ "title": "Red", "value": "r" }, { "title": "Blue" }], "multiple": true, "x": 1 });
    for (kind, body) in [
        (MessageType::Location, json!({ "lat": 48.2, "lng": 16.4 })),
        (MessageType::Card, card.clone()),
        (MessageType::Carousel, json!({ "cards": [card] })),
        (MessageType::Dropdown, options.clone()),
        (MessageType::Choice, options),
    ] {
        let body = read(kind, &body).unwrap().unwrap();
        assert_eq!(read(kind, &body).unwrap(), Some(body.clone()), "{kind:?} is what it is once more");
        assert!(body.get("x").is_none());
    }
    for kind in MessageType::ALL.into_iter().filter(|kind| kind.is_for_contacts() || kind.needs_text()) {
        assert_eq!(MessageType::parse(kind.name()), Some(kind));
    }
    assert_eq!(read(MessageType::Text, &json!({ "anything": 1 })), Ok(None));
}

#[test]
fn complaints_name_the_place() {
    for (kind, body, complaint) in [
        (MessageType::Location, json!({ "lat": 91, "lng": 0 }), "body.lat must be a number from -90 to 90."),
        (MessageType::Location, json!({ "lat": "1", "lng": 0 }), "body.lat must be a number from -90 to 90."),
        (MessageType::Card, json!({}), "body.title is required."),
        (MessageType::Card, json!({ "title": " " }), "body.title is no text, or blank."),
        (
            MessageType::Card,
            json!({ "title": "x", "imageUrl": "javascript:alert(1)" }),
            "body.imageUrl is no http(s) address.",
        ),
        (
            MessageType::Card,
            json!({ "title": "x", "buttons": [{ "title": "a" }, { "title": "a" }] }),
            "The value \"a\" is offered twice.",
        ),
        (MessageType::Carousel, json!({ "cards": [] }), "body.cards must have 1 to 10 elements."),
        (
            MessageType::Carousel,
            json!({ "cards": [{ "title": "x", "buttons": [1] }] }),
            "body.cards[0].buttons[0] is no object.",
        ),
        (MessageType::Dropdown, json!({ "options": "x" }), "body.options is no list."),
        (
            MessageType::Choice,
            json!({ "options": [{ "title": "x".repeat(201) }] }),
            "body.options[0].title has more than 200 characters.",
        ),
        (
            MessageType::Choice,
            json!({ "options": [{ "title": "x" }], "multiple": "no" }),
            "body.multiple must be true or false.",
        ),
    ] {
        assert_eq!(read(kind, &body), Err(complaint.to_owned()));
    }
}

#[test]
fn answers_pick_what_is_offered() {
    let body = |multiple| json!({ "options": [{ "title": "Red", "value": "r" }, { "title": "Blue", "value": "b" }], "multiple": multiple });
    let pick = |multiple, answer: &[&str]| {
        let answer: Vec<String> = answer.iter().map(|&value| value.to_owned()).collect();
        picked(MessageType::Choice, &body(multiple), &answer)
    };
    assert_eq!(pick(false, &["r"]), Ok(vec!["Red".to_owned()]));
    assert_eq!(pick(true, &["b", "r"]), Ok(vec!["Blue".to_owned(), "Red".to_owned()]));
    for (multiple, answer) in [(false, &["r", "b"][..]), (true, &["r", "r"]), (true, &["green"]), (true, &[])]
    {
        assert!(pick(multiple, answer).is_err(), "{answer:?}");
    }
    assert!(picked(MessageType::Text, &Value::Null, &["r".to_owned()]).is_err());
}

#[test]
fn files_fit_their_type() {
    assert!(MessageType::Image.fits("image/png") && !MessageType::Image.fits("application/pdf"));
    assert!(MessageType::File.fits("application/pdf"));
    assert_eq!(MessageType::Text.of_attachment("video/mp4"), "video");
    assert_eq!(MessageType::Text.of_attachment("application/pdf"), "file");
}
