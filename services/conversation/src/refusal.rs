//! What the rules refuse, in the words of the domain, and what that is over HTTP.

use kit::{Error, codes};

codes! {
    WITH_ONESELF = 400 "errMsg_receiverIdIsTheSender" "A thread is between two people.";
    NOT_ONE_OF_THE_PAIR = 403 "errMsg_callerIsNotOneOfThePair" "The caller must be senderId or receiverId.";
    LISTING_IS_ANOTHERS = 403 "errMsg_listingIdIsAnothers" "One of the two must own the listing.";
    LISTING_NOT_KNOWN = 400 "errMsg_listingIdIsNotKnown" "There is no such listing.";
    USER_NOT_KNOWN = 400 "errMsg_{field}IsNotKnown" "There is no such user.";
    THREAD_NOT_FOUND = 404 "errMsg_conversationThreadIsNotFound" "There is no such thread.";
    MESSAGE_NOT_FOUND = 404 "errMsg_conversationMessageIsNotFound" "There is no such message.";
    NOT_A_PARTICIPANT = 403 "errMsg_callerIsNotInTheThread" "The caller is not one of the two of this thread.";
    SENDER_IS_ANOTHER = 403 "errMsg_senderIdIsNotTheCaller" "A message is sent in the caller's own name.";
    RECEIVER_IS_NOT_THE_OTHER = 400 "errMsg_receiverIdIsNotTheOther" "The receiver is the other one of the thread.";
    NOTHING_IS_LEFT = 400 "errMsg_contentIsMarkupOnly" "Markup is taken out, and nothing was left.";
    NOT_THE_RECEIVER = 403 "errMsg_callerIsNotTheReceiver" "Only its receiver reads a message.";
    STAFF_ONLY = 403 "errMsg_callerIsNotStaff" "Only the staff may do this.";
    IDS_DIFFER = 400 "errMsg_conversationThreadIdDiffers" "The id in the query is not the one in the path.";
}

/// Why a rule says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A thread with oneself.
    WithOneself,
    /// A thread between two others.
    NotOneOfThePair,
    /// A thread about a third person's listing.
    ListingIsAnothers,
    /// A new thread about nothing that anybody may be written to about.
    ListingNotKnown,
    /// A new thread with somebody whom auth does not know: the field.
    UserNotKnown(&'static str),
    /// A thread that is not there.
    ThreadNotFound,
    /// A message that is not there, or not any more.
    MessageNotFound,
    /// A thread of others.
    NotAParticipant,
    /// A message in another's name.
    SenderIsAnother,
    /// A message to somebody else than the other one.
    ReceiverIsNotTheOther,
    /// A message without any text.
    NothingIsLeft,
    /// A message to another.
    NotTheReceiver,
    /// What is for the staff.
    StaffOnly,
    /// Two different threads in one request.
    IdsDiffer,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::WithOneself => &WITH_ONESELF,
            Refusal::NotOneOfThePair => &NOT_ONE_OF_THE_PAIR,
            Refusal::ListingIsAnothers => &LISTING_IS_ANOTHERS,
            Refusal::ListingNotKnown => &LISTING_NOT_KNOWN,
            Refusal::UserNotKnown(field) => return Self::field(&USER_NOT_KNOWN, field),
            Refusal::ThreadNotFound => &THREAD_NOT_FOUND,
            Refusal::MessageNotFound => &MESSAGE_NOT_FOUND,
            Refusal::NotAParticipant => &NOT_A_PARTICIPANT,
            Refusal::SenderIsAnother => &SENDER_IS_ANOTHER,
            Refusal::ReceiverIsNotTheOther => &RECEIVER_IS_NOT_THE_OTHER,
            Refusal::NothingIsLeft => &NOTHING_IS_LEFT,
            Refusal::NotTheReceiver => &NOT_THE_RECEIVER,
            Refusal::StaffOnly => &STAFF_ONLY,
            Refusal::IdsDiffer => &IDS_DIFFER,
        };
        Self::new(code)
    }
}
