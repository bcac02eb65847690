"""A company with an inbox: what the inbox's operations draw from, and with whose token and from which page they come."""

import time

SITE = "https://shop.example.com"
# Nobody listens there, so that deliveries wait or fail.
NOWHERE = "http://127.0.0.1:9/hook"
OPTIONS = {"options": [{"title": "Red", "value": "r"}, {"title": "Blue", "value": "b"}]}
CARD = {"title": "Bicycle", "buttons": [{"title": "Yes"}, {"title": "Site", "url": "https://example.com"}]}
# The types that stand without files.
SAID = [
    {"content": "Hello"},
    {"messageType": "markdown", "content": "*Hello*"},
    {"messageType": "location", "body": {"lat": 48.2, "lng": 16.4}},
    {"messageType": "card", "body": CARD},
    {"messageType": "carousel", "body": {"cards": [CARD]}},
    {"messageType": "dropdown", "content": "Which?", "body": OPTIONS},
    {"messageType": "choice", "content": "Which?", "body": OPTIONS | {"multiple": True}},
]


class Company:
    """A chatbot of the owner's, with agents, channels, inboxes, contacts and what they said."""

    def __init__(self, send, owner, agents, leaver):
        self.send, self.owner, self.agents = send, owner, agents
        self.id = self.chatbot()
        self.changing_chatbots = [self.chatbot(leaver) for _ in range(10)]
        self.leaving_chatbots = [self.chatbot(leaver) for _ in range(30)]
        self.ending_chatbots = [self.chatbot() for _ in range(30)]
        self.widget, self.api = self.makes("ChannelWebWidget"), self.makes("ChannelApi")
        self.inboxes = [self.opens("ChannelWebWidget", self.widget["id"]), self.opens("ChannelApi", self.api["id"])]
        self.contacts = [self.notes_contact(name) for name in ("Mia", "Tom", "Zoë")]
        self.conversations = [self.begins(contact, inbox) for contact in self.contacts for inbox in self.inboxes]
        self.messages = [self.says(where, said) for where in self.conversations for said in SAID]
        self.ending_messages = [self.says(self.conversations[0], SAID[0]) for _ in range(60)]
        # The first conversation is the widget's, the second goes out to the API's own system.
        self.deliveries = [self.says(self.conversations[1], said) for said in SAID]
        self.files = owner.uploads(1)[:1]
        self.ending_notes = [self.notes(self.conversations[0]) for _ in range(60)]
        self.parts = dict(part for contact in range(30) for part in self.parts_of(f"Guest {contact}"))
        self.visitor = self.visits()
        self.visited = self.asks()
        self.offers = [self.says(self.visited, said) for said in SAID[3:]]

    def post(self, what, path, body, token=None, **headers):
        return self.send(f"/inbox-api/v1/{path}", body, token or self.owner.token, **headers)[what]

    def chatbot(self, *others):
        made = self.post("chatbot", "chatbots", {"name": "Bikes & Co"})["id"]
        for member in (*self.agents, *others):
            self.post("member", f"chatbots/{made}/members", {"userId": member.id})
        return made

    def makes(self, channel):
        body = {"chatbotId": self.id, "authorizedDomains": ["shop.example.com"], "webhookUrl": NOWHERE}
        return self.post(channel[0].lower() + channel[1:], f"{channel.lower()}s", body)

    def opens(self, channel_type, channel):
        body = {"chatbotId": self.id, "channelType": channel_type, "channelId": channel, "name": "Our shop"}
        return self.post("inbox", "inboxes", body)["id"]

    def notes_contact(self, name):
        return self.post("contact", "contacts", {"chatbotId": self.id, "name": name})["id"]

    def begins(self, contact, inbox):
        return self.post("conversation", "conversations", {"contactId": contact, "inboxId": inbox})["id"]

    def says(self, conversation, said):
        return self.post("message", "messages", {"conversationId": conversation, **said})["id"]

    def notes(self, conversation):
        return self.post("note", f"conversations/{conversation}/notes", {"content": "She called, too."})["id"]

    def parts_of(self, name):
        """Agents' parts in a conversation of somebody new, each with the conversation."""
        where = self.begins(self.notes_contact(name), self.inboxes[0])
        for agent in self.agents:
            part = self.post("participant", f"conversations/{where}/participants", {"userId": agent.id})
            yield part["id"], where

    def visits(self):
        return self.post("session", f"widget/{self.widget['id']}/session", {"name": "Ida"}, Origin=SITE)["contactToken"]

    def asks(self):
        says = {"content": "Is the blue one available?"}
        path = f"widget/{self.widget['id']}/messages"
        return self.post("message", path, says, self.visitor, Origin=SITE)["conversationId"]

    def entries(self):
        """The owner's unified inbox, which follows by events."""
        for _ in range(60):
            path = "/inbox-api/v1/inboxentries?pageNumber=0&source=inbox"
            entries = self.send(path, None, self.owner.token)["inboxEntries"]
            if len(entries) > len(self.parts) // len(self.agents):
                break
            time.sleep(0.5)
        return [entry["id"] for entry in entries]

    def dictionaries(self):
        """All that is drawn from, by name."""
        template = self.widget["webWidgetTemplateId"]
        self.drawn = {
            "site": [SITE, "https://elsewhere.example.com"],
            "nowhere": [NOWHERE],
            "colors": ["#007bff", "#FFF"],
            "templates": [template],
            "chatbots": [self.id],
            "changing-chatbots": self.changing_chatbots,
            "leaving-chatbots": self.leaving_chatbots,
            "ending-chatbots": self.ending_chatbots,
            "agents": [agent.id for agent in self.agents],
            "widgets": [self.widget["id"]],
            "changing-widgets": [self.makes("ChannelWebWidget")["id"] for _ in range(10)],
            "ending-widgets": [self.makes("ChannelWebWidget")["id"] for _ in range(60)],
            "apis": [self.api["id"]],
            "changing-apis": [self.makes("ChannelApi")["id"] for _ in range(10)],
            "ending-apis": [self.makes("ChannelApi")["id"] for _ in range(60)],
            "free-apis": [self.makes("ChannelApi")["id"] for _ in range(60)],
            "channel-types": ["ChannelApi"],
            "inboxes": self.inboxes,
            "changing-inboxes": [self.spare_inbox() for _ in range(10)],
            "ending-inboxes": [self.spare_inbox() for _ in range(60)],
            "contacts": self.contacts,
            "changing-contacts": [self.notes_contact("Uma") for _ in range(30)],
            "ending-contacts": [self.notes_contact("Leo") for _ in range(60)],
            "inbox-conversations": self.conversations,
            "noted-conversations": self.conversations[:1],
            "inbox-messages": self.messages,
            "ending-inbox-messages": self.ending_messages,
            "ending-notes": self.ending_notes,
            "ending-parts": list(self.parts),
            "deliveries": self.deliveries,
            "visited": [self.visited],
            "offers": self.offers,
            "inbox-entries": self.entries(),
            "inbox-files": self.files,
        }
        return self.drawn

    def spare_inbox(self):
        return self.opens("ChannelApi", self.makes("ChannelApi")["id"])

    def known(self):
        """What the hooks know: real ids, whose part is in which conversation, and what webhooks are signed with."""
        real = {
            "chatbotId": self.id, "inboxId": self.inboxes[0], "contactId": self.contacts[0],
            "conversationId": self.conversations[0], "webWidgetTemplateId": self.widget["webWidgetTemplateId"],
            "userId": self.agents[0].id, "assigneeId": self.agents[0].id, "fileIds": self.files,
        }
        secret = self.api["secret"].removeprefix("whsec_")
        kept = [self.id, self.widget["id"], self.api["id"], *self.inboxes, *self.contacts, *self.messages]
        return {
            "real": real, "parts": self.parts, "secret": secret, "visited": self.visited, "kept": kept,
            "victims": {operation: self.victims(drawn) for operation, drawn in SPECIAL.items()},
        }

    def victims(self, drawn):
        """The path parameters of an operation that changes or ends what they name, and what they may name."""
        paths = ((name.removeprefix("path."), source) for name, source in drawn.items() if name.startswith("path."))
        return {name: self.drawn[source] for name, source in paths if source in self.drawn}


# What the inbox's operations draw from, where they have a parameter or field of that name.
DRAWN = {
    "path.chatbotId": "chatbots",
    "path.userId": "agents",
    "path.inboxId": "inboxes",
    "path.contactId": "contacts",
    "path.conversationId": "inbox-conversations",
    "path.messageId": "inbox-messages",
    "path.channelWebWidgetId": "widgets",
    "path.channelApiId": "apis",
    "path.webWidgetTemplateId": "templates",
    "path.deliveryId": "deliveries",
    "path.inboxEntryId": "inbox-entries",
    "query.conversationId": "inbox-conversations",
    "query.origin": "site",
    "header.Origin": "site",
    "body.chatbotId": "chatbots",
    "body.userId": "agents",
    "body.assigneeId": "agents",
    "body.inboxId": "inboxes",
    "body.contactId": "contacts",
    "body.conversationId": "inbox-conversations",
    "body.channelType": "channel-types",
    "body.channelId": "free-apis",
    "body.webWidgetTemplateId": "templates",
    "body.brandColor": "colors",
    "body.webhookUrl": "nowhere",
    "body.senderId": "me",
    "body.fileIds[*]": "inbox-files",
}

# Operations that are different. What they name in their paths they may change or end.
SPECIAL = {
    "updateChatbot": {"path.chatbotId": "changing-chatbots"},
    "deleteChatbot": {"path.chatbotId": "ending-chatbots"},
    "addChatbotMember": {"path.chatbotId": "leaving-chatbots", "body.userId": "people"},
    "updateChatbotMember": {"path.chatbotId": "changing-chatbots"},
    "removeChatbotMember": {"path.chatbotId": "leaving-chatbots", "path.userId": "people"},
    "updateChannelWebWidget": {"path.channelWebWidgetId": "changing-widgets"},
    "deleteChannelWebWidget": {"path.channelWebWidgetId": "ending-widgets"},
    "updateChannelApi": {"path.channelApiId": "changing-apis"},
    "deleteChannelApi": {"path.channelApiId": "ending-apis"},
    "updateInbox": {"path.inboxId": "changing-inboxes"},
    "deleteInbox": {"path.inboxId": "ending-inboxes"},
    "updateContact": {"path.contactId": "changing-contacts"},
    "deleteContact": {"path.contactId": "ending-contacts"},
    "removeConversationParticipant": {"path.participantId": "ending-parts"},
    "inbox_deleteMessage": {"path.messageId": "ending-inbox-messages"},
    "deleteNote": {"path.conversationId": "noted-conversations", "path.noteId": "ending-notes"},
}

# Operations of visitors.
VISITORS = "^/inbox-api/v1/widget/"
VISITORS_DRAW = {
    "path.conversationId": "visited",
    "query.conversationId": "visited",
    "body.conversationId": "visited",
    "body.answers": "offers",
}
