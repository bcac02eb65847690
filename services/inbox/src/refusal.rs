//! What the rules refuse, in the words of the domain, and what that is over HTTP.

use kit::{Error, codes};

codes! {
    CHATBOT_NOT_FOUND = 404 "errMsg_chatbotIsNotFound" "There is no such chatbot among the caller's.";
    MEMBER_NOT_FOUND = 404 "errMsg_memberIsNotFound" "The chatbot has no such member.";
    INBOX_NOT_FOUND = 404 "errMsg_inboxIsNotFound" "There is no such inbox.";
    CHANNEL_NOT_FOUND = 404 "errMsg_channelIsNotFound" "There is no such channel.";
    TEMPLATE_NOT_FOUND = 404 "errMsg_webWidgetTemplateIsNotFound" "There is no such template.";
    CONTACT_NOT_FOUND = 404 "errMsg_contactIsNotFound" "There is no such contact.";
    CONVERSATION_NOT_FOUND = 404 "errMsg_conversationIsNotFound" "There is no such conversation.";
    PARTICIPANT_NOT_FOUND = 404 "errMsg_participantIsNotFound" "The conversation has no such participant.";
    MESSAGE_NOT_FOUND = 404 "errMsg_messageIsNotFound" "There is no such message.";
    NOTE_NOT_FOUND = 404 "errMsg_noteIsNotFound" "There is no such note.";
    INBOX_ENTRY_NOT_FOUND = 404 "errMsg_inboxEntryIsNotFound" "The caller has no such entry.";
    ADMINS_ONLY = 403 "errMsg_callerIsNotAnAdmin" "Only the owner and the admins of the chatbot may do this.";
    OWNER_ONLY = 403 "errMsg_callerIsNotTheOwner" "Only the owner of the chatbot may do this.";
    OWNER_STAYS = 400 "errMsg_memberIsTheOwner" "The owner stays until they make another member the owner.";
    USER_NOT_KNOWN = 400 "errMsg_{field}IsNotKnown" "There is no such user.";
    NOT_A_MEMBER = 400 "errMsg_{field}IsNotAMember" "The user is no member of the chatbot.";
    TOO_MANY_MEMBERS = 400 "errMsg_membersAreTooMany" "A chatbot has at most 999 members.";
    TOO_MANY_CHATBOTS = 400 "errMsg_chatbotsAreTooMany" "A user answers for at most 100 chatbots.";
    CHANNEL_IN_USE = 409 "errMsg_channelHasAnInbox" "The channel has an inbox already.";
    IDENTIFIER_IN_USE = 409 "errMsg_identifierIsInUse" "Another contact has this identifier.";
    SOURCE_ID_IN_USE = 409 "errMsg_sourceIdIsInUse" "The channel delivered this message to another conversation.";
    SENDER_IS_ANOTHER = 403 "errMsg_senderIdIsNotTheCaller" "A message is sent in the caller's own name, or the chatbot's.";
    TYPE_IS_NOT_FOR_CONTACTS = 400 "errMsg_messageTypeIsNotForContacts" "Contacts send text, files and places.";
    BODY_NOT_VALID = 400 "errMsg_bodyIsNotValid" "The body does not fit the type of the message.";
    FILES_DO_NOT_FIT = 400 "errMsg_fileIdsDoNotFit" "The files do not fit the type of the message.";
    NOTHING_TO_ANSWER = 400 "errMsg_answersIsNotAnswerable" "There is no such message in the conversation, or it offers nothing.";
    ANSWER_NOT_OFFERED = 400 "errMsg_answerIsNotOffered" "The answer is not among what the message offers.";
    MESSAGE_IS_ANOTHERS = 403 "errMsg_messageIsAnothers" "A message is deleted by its sender, or by who manages the chatbot.";
    NOTE_IS_ANOTHERS = 403 "errMsg_noteIsAnothers" "A note is deleted by its author.";
    NOT_IN_PRODUCTION = 403 "errMsg_simulatorIsOff" "The simulator is not there in production.";
    ORIGIN_NOT_AUTHORIZED = 403 "errMsg_originIsNotAuthorized" "The widget is not for pages of this site.";
    IDENTITY_REQUIRED = 401 "errMsg_identityIsRequired" "Visitors of this inbox prove who they are.";
    IDENTITY_NOT_VALID = 401 "errMsg_identityIsNotValid" "The identity is not signed by the inbox's secret, or not good now.";
    SIGNATURE_NOT_VALID = 401 "errMsg_signatureIsNotValid" "The webhook is not signed by the channel's secret, or not of now.";
    DELIVERY_NOT_FOUND = 404 "errMsg_deliveryIsNotFound" "There is no such delivery that could be made.";
    TOO_MANY_REQUESTS = 429 "errMsg_tooManyRequests" "Too much comes from this address at once; wait.";
    NOTHING_TO_SIMULATE = 404 "errMsg_conversationIsNotFound" "The caller's chatbots have no conversation yet.";
}

/// Why a rule says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A chatbot that the caller does not answer for.
    ChatbotNotFound,
    /// Somebody who is no member.
    MemberNotFound,
    /// An inbox that is not there.
    InboxNotFound,
    /// A channel that is not there.
    ChannelNotFound,
    /// A template that is not there.
    TemplateNotFound,
    /// A contact who is not there.
    ContactNotFound,
    /// A conversation that is not there.
    ConversationNotFound,
    /// Somebody who takes no part.
    ParticipantNotFound,
    /// A message that is not there, or not any more.
    MessageNotFound,
    /// A note that is not there.
    NoteNotFound,
    /// An entry that is not there.
    InboxEntryNotFound,
    /// What is for those who manage the chatbot.
    AdminsOnly,
    /// What is for the owner.
    OwnerOnly,
    /// The owner going, or becoming less.
    OwnerStays,
    /// Somebody whom auth does not know: the field.
    UserNotKnown(&'static str),
    /// Somebody who does not answer for the chatbot: the field.
    NotAMember(&'static str),
    /// More members than events can name.
    TooManyMembers,
    /// More chatbots than a list can look at.
    TooManyChatbots,
    /// A second inbox for a channel.
    ChannelInUse,
    /// A second contact of that identifier.
    IdentifierInUse,
    /// A message that the channel is delivering to two conversations.
    SourceIdInUse,
    /// A message in another's name.
    SenderIsAnother,
    /// What only the company sends.
    TypeNotForContacts,
    /// A body of another shape: what is wrong.
    BodyNotValid(String),
    /// Files of another type: what is wrong.
    FilesDoNotFit(&'static str),
    /// An answer to nothing.
    NothingToAnswer,
    /// An answer that was not offered: what is wrong.
    AnswerNotOffered(String),
    /// Another's message.
    MessageIsAnothers,
    /// Another's note.
    NoteIsAnothers,
    /// A page that the widget is not for: why.
    OriginNotAuthorized(String),
    /// A visitor who does not prove who they are, where they must.
    IdentityRequired,
    /// A proof that is none: what is wrong.
    IdentityNotValid(&'static str),
    /// A webhook that anybody could have sent.
    SignatureNotValid,
    /// A delivery that is not there, or is made.
    DeliveryNotFound,
    /// The simulator, in production.
    NotInProduction,
    /// The simulator, without any conversation.
    NothingToSimulate,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::ChatbotNotFound => &CHATBOT_NOT_FOUND,
            Refusal::MemberNotFound => &MEMBER_NOT_FOUND,
            Refusal::InboxNotFound => &INBOX_NOT_FOUND,
            Refusal::ChannelNotFound => &CHANNEL_NOT_FOUND,
            Refusal::TemplateNotFound => &TEMPLATE_NOT_FOUND,
            Refusal::ContactNotFound => &CONTACT_NOT_FOUND,
            Refusal::ConversationNotFound => &CONVERSATION_NOT_FOUND,
            Refusal::ParticipantNotFound => &PARTICIPANT_NOT_FOUND,
            Refusal::MessageNotFound => &MESSAGE_NOT_FOUND,
            Refusal::NoteNotFound => &NOTE_NOT_FOUND,
            Refusal::InboxEntryNotFound => &INBOX_ENTRY_NOT_FOUND,
            Refusal::AdminsOnly => &ADMINS_ONLY,
            Refusal::OwnerOnly => &OWNER_ONLY,
            Refusal::OwnerStays => &OWNER_STAYS,
            Refusal::UserNotKnown(field) => return Self::field(&USER_NOT_KNOWN, field),
            Refusal::NotAMember(field) => return Self::field(&NOT_A_MEMBER, field),
            Refusal::TooManyMembers => &TOO_MANY_MEMBERS,
            Refusal::TooManyChatbots => &TOO_MANY_CHATBOTS,
            Refusal::ChannelInUse => &CHANNEL_IN_USE,
            Refusal::IdentifierInUse => &IDENTIFIER_IN_USE,
            Refusal::SourceIdInUse => &SOURCE_ID_IN_USE,
            Refusal::SenderIsAnother => &SENDER_IS_ANOTHER,
            Refusal::TypeNotForContacts => &TYPE_IS_NOT_FOR_CONTACTS,
            Refusal::BodyNotValid(what) => return Self::new(&BODY_NOT_VALID).detail(what),
            Refusal::FilesDoNotFit(what) => return Self::new(&FILES_DO_NOT_FIT).detail(what),
            Refusal::NothingToAnswer => &NOTHING_TO_ANSWER,
            Refusal::AnswerNotOffered(what) => return Self::new(&ANSWER_NOT_OFFERED).detail(what),
            Refusal::MessageIsAnothers => &MESSAGE_IS_ANOTHERS,
            Refusal::NoteIsAnothers => &NOTE_IS_ANOTHERS,
            Refusal::OriginNotAuthorized(why) => return Self::new(&ORIGIN_NOT_AUTHORIZED).detail(why),
            Refusal::IdentityRequired => &IDENTITY_REQUIRED,
            Refusal::IdentityNotValid(what) => return Self::new(&IDENTITY_NOT_VALID).detail(what),
            Refusal::SignatureNotValid => &SIGNATURE_NOT_VALID,
            Refusal::DeliveryNotFound => &DELIVERY_NOT_FOUND,
            Refusal::NotInProduction => &NOT_IN_PRODUCTION,
            Refusal::NothingToSimulate => &NOTHING_TO_SIMULATE,
        };
        Self::new(code)
    }
}
