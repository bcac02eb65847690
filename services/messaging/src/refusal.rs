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
    ONLY_TEXT_IS_EDITED = 400 "errMsg_typeIsNotText" "Only what a text says can be edited.";
    NOT_ON_EARTH = 400 "errMsg_{field}IsOutOfRange" "Latitudes are -90 to 90 degrees, longitudes -180 to 180.";
    NO_EMOJI = 400 "errMsg_emojiIsNotAnEmoji" "A reaction is one emoji and nothing else.";
    TOO_MANY_REACTIONS = 400 "errMsg_tooManyReactions" "One user puts at most 20 different emojis on a message.";
    REPLY_TO_UNKNOWN = 400 "errMsg_replyToIsNotKnown" "A reply is to a message of the same conversation that its sender can see.";
    UNKNOWN_USER = 400 "errMsg_{field}IsNotKnown" "There is no such user.";
    FILE_UNKNOWN = 400 "errMsg_{field}IsNoFile" "There is no such file that the caller may share here.";
    DOCUMENT_CARRIES_FILES = 400 "errMsg_fileIdsAreNotForADocument" "A file that is a message of its own carries no others.";
    WHERE_TO = 400 "errMsg_exactlyOneOfChatIdUserUUIDUserUUIDsGroupUUID" "A message goes to exactly one of chatId, userUUID, userUUIDs and groupUUID.";
    USER_IS_THE_CALLER = 400 "errMsg_userUUIDIsTheCaller" "Nobody chats with themselves.";
    USER_NOT_IN_GROUP = 404 "errMsg_userIsNotInTheGroup" "The group has no such member.";
    GROUP_OF = 400 "errMsg_{field}MakeNoGroup" "A group has 3 to 1,000 people, the caller among them.";
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
    /// A new content for something that is no text.
    OnlyTextIsEdited,
    /// A coordinate beyond the poles or the date line: the field.
    NotOnEarth(&'static str),
    /// A reaction that is no emoji, or more than one.
    NoEmoji,
    /// More emojis on a message than one user may put there.
    TooManyReactions,
    /// A reply to what is not there for its sender.
    ReplyToUnknown,
    /// Somebody whom auth does not know: the field.
    UnknownUser(&'static str),
    /// A file that is not there, or not the sender's to share: the field.
    FileUnknown(&'static str),
    /// Files with a message that is a file itself.
    DocumentCarriesFiles,
    /// A message to nowhere, or to several places.
    WhereTo,
    /// A private chat with oneself.
    UserIsTheCaller,
    /// The removal of somebody who is not there.
    UserNotInGroup,
    /// A group of too few or too many: the field.
    GroupOf(&'static str),
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
            Refusal::OnlyTextIsEdited => &ONLY_TEXT_IS_EDITED,
            Refusal::NotOnEarth(field) => return Self::field(&NOT_ON_EARTH, field),
            Refusal::NoEmoji => &NO_EMOJI,
            Refusal::TooManyReactions => &TOO_MANY_REACTIONS,
            Refusal::ReplyToUnknown => &REPLY_TO_UNKNOWN,
            Refusal::UnknownUser(field) => return Self::field(&UNKNOWN_USER, field),
            Refusal::FileUnknown(field) => return Self::field(&FILE_UNKNOWN, field),
            Refusal::DocumentCarriesFiles => &DOCUMENT_CARRIES_FILES,
            Refusal::WhereTo => &WHERE_TO,
            Refusal::UserNotInGroup => &USER_NOT_IN_GROUP,
            Refusal::UserIsTheCaller => &USER_IS_THE_CALLER,
            Refusal::GroupOf(field) => return Self::field(&GROUP_OF, field),
        };
        Self::new(code)
    }
}
