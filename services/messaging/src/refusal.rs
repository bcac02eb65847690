//! What the rules refuse, in the words of the domain, and what that is over HTTP.

use kit::{Error, codes};

codes! {
    NOT_AMONG_PARTICIPANTS = 403 "errMsg_callerIsNotAmongParticipants" "The caller must be one of participantIds.";
    PAIR_NEEDS_TWO = 400 "errMsg_participantIdsMustBeTwo" "A conversation that is no group has exactly two participants.";
    GROUP_SIZE = 400 "errMsg_participantIdsMustBeThreeToAThousand" "A group has 3 to 1,000 participants.";
    GROUPS_ONLY = 400 "errMsg_conversationIsNotAGroup" "Only groups can be changed, and they stay groups.";
    CREATOR_STAYS = 403 "errMsg_creatorCannotBeRemoved" "Only the creator can remove the creator.";
    CONTENT_IS_ANOTHERS = 403 "errMsg_contentIsAnothers" "Only its sender edits a message.";
    MARK_IS_ANOTHERS = 403 "errMsg_{field}NamesAnother" "Readers and hiders add themselves only.";
    UNKNOWN_PARTICIPANTS = 400 "errMsg_participantIdsAreNotKnown" "Some of participantIds are no users.";
    CONVERSATION_NOT_FOUND = 404 "errMsg_conversationIsNotFound" "There is no such conversation.";
    MESSAGE_NOT_FOUND = 404 "errMsg_messageIsNotFound" "There is no such message.";
    NOT_A_PARTICIPANT = 403 "errMsg_callerIsNotAParticipant" "The caller is not in this conversation.";
    SENDER_IS_ANOTHER = 403 "errMsg_senderUserIdIsNotTheCaller" "A message is sent in the caller's own name.";
}

/// Why a rule says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A conversation without its creator.
    NotAmongParticipants,
    /// A 1:1 with another number of people than two.
    PairNeedsTwo,
    /// A group with fewer than three or more than a thousand people.
    GroupSize,
    /// A change of a 1:1, or of a group into one.
    GroupsOnly,
    /// The removal of the creator by another.
    CreatorStays,
    /// An edit of another's message.
    ContentIsAnothers,
    /// Another's name in `readBy` or `deletedFor` that was not there: the field.
    MarkIsAnothers(&'static str),
    /// Somebody whom auth does not know.
    UnknownParticipants,
    /// A conversation that is not there, or not any more.
    ConversationNotFound,
    /// A message that is not there, not any more, or was never visible to the caller.
    MessageNotFound,
    /// A conversation of others.
    NotAParticipant,
    /// A message in another's name.
    SenderIsAnother,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::NotAmongParticipants => &NOT_AMONG_PARTICIPANTS,
            Refusal::PairNeedsTwo => &PAIR_NEEDS_TWO,
            Refusal::GroupSize => &GROUP_SIZE,
            Refusal::GroupsOnly => &GROUPS_ONLY,
            Refusal::CreatorStays => &CREATOR_STAYS,
            Refusal::ContentIsAnothers => &CONTENT_IS_ANOTHERS,
            Refusal::MarkIsAnothers(field) => return Self::field(&MARK_IS_ANOTHERS, field),
            Refusal::UnknownParticipants => &UNKNOWN_PARTICIPANTS,
            Refusal::ConversationNotFound => &CONVERSATION_NOT_FOUND,
            Refusal::MessageNotFound => &MESSAGE_NOT_FOUND,
            Refusal::NotAParticipant => &NOT_A_PARTICIPANT,
            Refusal::SenderIsAnother => &SENDER_IS_ANOTHER,
        };
        Self::new(code)
    }
}
