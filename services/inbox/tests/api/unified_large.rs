//! The entries of a large group follow its newest message afterwards, once for all that was said meanwhile.

use inbox::domain::inbox_entry::Source;
use inbox::store::unified::list;
use inbox::unified::ahead;
use kit::clock::uuid_v7;
use kit::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::stage::boot;
use crate::unified_owner::Owner;

type App = testing::Running<inbox::Inbox>;

async fn tell(app: &App, events: &[Value]) {
    let events: Vec<Vec<u8>> = events.iter().map(|event| serde_json::to_vec(event).unwrap()).collect();
    let apply = move |tx: &mut kit::Tx<'_>| {
        events.iter().try_for_each(|bytes| events::apply(tx, inbox::REACTIONS, bytes).map(drop))
    };
    app.app.write(apply).await.unwrap();
}

/// Somebody's number of the newest message, their unread ones, and the number of the message that they see.
fn seen(app: &App, owner: &Owner, user: usize) -> (i64, i64, Option<i64>) {
    let conn = &mut app.database.connect();
    let rows = list::of_places(conn, Source::Messaging, &[owner.id.to_string()]).unwrap();
    let row = rows.into_iter().find(|row| row.user_id == owner.user(user)).unwrap();
    (row.last_seq, row.unread, row.last.seq)
}

/// A group of two who talk and of a crowd.
fn crowd(size: usize) -> Owner {
    let mut owner = Owner::new(SystemClock.now());
    owner.create(2);
    let crowd = (0..size).map(|_| json!(uuid_v7(SystemClock.now())));
    owner.told[0]["data"]["conversation"]["participantIds"].as_array_mut().unwrap().extend(crowd);
    owner
}

#[tokio::test]
async fn entries_of_a_large_group_follow_once_for_all_messages() {
    let app = boot().await;
    let mut owner = crowd(120);
    owner.send(0);
    owner.send(0);
    tell(&app, &owner.told).await;
    assert_eq!(seen(&app, &owner, 1), (0, 0, Some(2)));
    assert_eq!(ahead::follow_all(&app.app).await.unwrap(), 1);
    assert_eq!(seen(&app, &owner, 1), (2, 2, Some(2)));
    assert_eq!(seen(&app, &owner, 0), (2, 0, Some(2)));
    let heard = owner.told.len();
    owner.read_up_to(1, None);
    tell(&app, &owner.told[heard..]).await;
    assert_eq!(seen(&app, &owner, 1), (2, 0, Some(2)));
    assert_eq!(ahead::follow_all(&app.app).await.unwrap(), 0, "reading brings nobody forward");
}

#[tokio::test]
async fn entries_of_a_small_group_follow_at_once() {
    let app = boot().await;
    let mut owner = crowd(20);
    owner.send(0);
    tell(&app, &owner.told).await;
    assert_eq!(seen(&app, &owner, 1), (1, 1, Some(1)));
    assert_eq!(ahead::follow_all(&app.app).await.unwrap(), 0);
}
