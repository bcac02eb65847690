//! Telling the members of a group what became of it: a system message, which counts as unread for nobody.

use events::messaging::MessageCreated;
use kit::{App, Call, Result, Tx, UserId};

use crate::announce::{self, Occasion};
use crate::domain::conversation::Conversation;
use crate::domain::message::{MessageId, following};
use crate::domain::notice::{NAMED, News};
use crate::domain::participant::Participant;
use crate::store::{conversations, messages, participants};

/// Somebody whom we have not heard of yet.
const SOMEBODY: &str = "Somebody";

/// A system message before it is known what it says: drawn before the transaction, which may run twice.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    id: MessageId,
    occasion: Occasion,
}

impl Notice {
    /// A notice that a request may give.
    pub(crate) fn draw(app: &App, call: &Call) -> Self {
        let [occasion] = Occasion::draw(app, call);
        Self { id: app.new_id(), occasion }
    }

    /// Tells what `who` did to the members of a conversation, which is locked with all of them.
    pub(crate) fn give(&self, tx: &mut Tx<'_>, of: &Conversation, who: UserId, news: &[News]) -> Result<()> {
        let name = names(tx, &[who])?.concat();
        let sentences: Vec<String> = news.iter().map(|news| news.told_of(&name)).collect();
        let message = following(of, self.id, sentences.join(" "), self.occasion.now);
        messages::insert(tx, &message)?;
        conversations::append(tx, &message)?;
        let members = participants::lock_all(tx, of.id)?.into_iter().filter(|one| one.is_member);
        let after = |one: Participant| Participant { watermark: one.watermark.sent(), ..one };
        let members: Vec<Participant> = members.map(after).collect();
        participants::save(tx, of.id, &members)?;
        let data =
            MessageCreated { message: announce::message(&message), members: announce::members(&members) };
        Ok(self.occasion.tell(tx, of.id, &of.member_ids, data)?)
    }
}

/// That somebody added these people.
pub(crate) fn added(tx: &mut Tx<'_>, ids: &[UserId]) -> Result<News> {
    let first: Vec<UserId> = ids.iter().take(NAMED).copied().collect();
    Ok(News::Added(names(tx, &first)?, ids.len()))
}

/// That somebody removed this member.
pub(crate) fn removed(tx: &mut Tx<'_>, id: UserId) -> Result<News> {
    Ok(News::Removed(names(tx, &[id])?.concat()))
}

fn names(tx: &mut Tx<'_>, ids: &[UserId]) -> Result<Vec<String>> {
    let known = directory::named(tx.conn(), ids)?;
    let name = |id: &UserId| known.iter().find(|user| user.id == *id).map(|user| user.fullname.clone());
    Ok(ids.iter().map(|id| name(id).unwrap_or_else(|| SOMEBODY.to_owned())).collect())
}
