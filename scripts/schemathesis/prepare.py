"""Makes people, conversations, threads and messages on a stack, and a schemathesis.toml that knows them.

    python3 scripts/schemathesis/prepare.py http://localhost:8080 DIRECTORY STACK…

STACK… is the command that acts on that stack, such as `target/debug/stack --home DIR`: ranks are given by operators.

Generated requests reach the rules behind the validation only if they name what exists, so parameters and fields that
take ids draw them from dictionaries, most of the time. Whatever ends something (a session, a user, a conversation) has
victims of its own; otherwise the run would soon see nothing but 404.
"""

import json
import pathlib
import subprocess
import sys
import urllib.request
import uuid

import inbox

GATEWAY, DIRECTORY, STACK = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
PASSWORD = "correct horse battery"


def post(path, body, token=None, **headers):
    """Sends JSON, or asks where there is none, and gives the answer back."""
    headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(GATEWAY + path, data, headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def upload(bucket, count, token):
    """Uploads files, and gives their ids back."""
    parts = [f'Content-Disposition: form-data; name="bucketId"\r\n\r\n{bucket}']
    name = 'Content-Disposition: form-data; name="files"; filename="note.txt"'
    parts += [f"{name}\r\nContent-Type: text/plain\r\n\r\nNote {number}" for number in range(count)]
    body = "".join(f"--part\r\n{part}\r\n" for part in parts) + "--part--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=part", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(GATEWAY + "/bucket/upload", body.encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return [file["fileId"] for file in json.load(response)["data"]]


class Person:
    """Somebody with a login."""

    def __init__(self, fullname):
        self.email = f"{uuid.uuid4()}@example.com"
        body = {"email": self.email, "password": PASSWORD, "fullname": fullname}
        self.id = post("/auth-api/v1/users", body)["user"]["id"]
        self.buckets = [f"{self.id}-{kind}-user-bucket" for kind in ("public", "private")]
        bundle = self.logs_in()
        self.token, self.bucket_token = bundle["accessToken"], bundle["userBucketToken"]

    def logs_in(self):
        return post("/auth-api/login", {"email": self.email, "password": PASSWORD})

    def log_in(self):
        return self.logs_in()["accessToken"]

    def uploads(self, count):
        return [file for bucket in self.buckets for file in upload(bucket, count, self.bucket_token)]

    def opens(self, *others):
        body = {"isGroup": len(others) > 1, "participantIds": [self.id, *(other.id for other in others)]}
        return post("/messaging-api/v1/conversations", body, self.token)["conversation"]["id"]

    def begins(self, listing, other):
        body = {"listingId": listing, "receiverId": other.id}
        return post("/conversation-api/v1/conversationthreads", body, self.token)["conversationThread"]["id"]

    def says(self, thread, content):
        body = {"conversationThreadId": thread, "content": content}
        return post("/conversation-api/v1/conversationmessages", body, self.token)["conversationMessage"]["id"]

    def sends(self, conversation, content):
        body = {"conversationId": conversation, "content": content}
        return post("/messaging-api/v1/messages", body, self.token)["message"]["id"]

    def offers(self, title):
        body = {"title": title, "status": "active"}
        return post("/listing-api/v1/listings", body, self.token)["listing"]["id"]


ada, ben, cleo, dana = (Person(name) for name in ("Ada", "Ben", "Cleo", "Dana"))
leaver, moderator = Person("Leaver"), Person("Mo")
subprocess.run([*STACK, "user", "role", moderator.email, "moderator"], check=True, stdout=subprocess.DEVNULL)
pair, group = ada.opens(ben), ben.opens(ada, cleo, dana)
offered = [ada.offers("Table") for _ in range(5)]
threads = [ben.begins(listing, ada) for listing in offered]
company = inbox.Company(post, ada, [ben, cleo], dana)

DICTIONARIES = company.dictionaries() | {
    "groups": [group],
    "emojis": ["👍", "❤️", "🇦🇹", "👩🏽‍🚀"],
    "people": [ada.id, ben.id, cleo.id, dana.id],
    "conversations": [pair, group],
    "messages": [who.sends(where, "Hello") for who in (ada, ben) for where in (pair, group) for _ in range(5)],
    "changing-conversations": [ada.opens(ben, cleo, dana) for _ in range(30)],
    "ending-conversations": [ada.opens(ben, cleo, dana) for _ in range(60)],
    "listings": [who.offers("Desk") for who in (ada, ben) for _ in range(5)],
    "changing-listings": [ada.offers("Chair") for _ in range(30)],
    "ending-listings": [ada.offers("Lamp") for _ in range(60)],
    "ending-messages": [who.sends(group, "Bye") for who in [ada, ben] * 30],
    "offered": offered + [ada.offers("Shelf") for _ in range(5)],
    "ben": [ben.id],
    "threads": threads,
    "thread-messages": [ben.says(thread, "Is it still there?") for thread in threads for _ in range(4)],
    "ending-thread-messages": [ben.says(thread, "Spam") for thread in threads for _ in range(12)],
    "buckets": ada.buckets,
    "files": ada.uploads(5),
    "ending-files": [file for _ in range(3) for file in ada.uploads(20)],
    "anything": [pair, group, ada.id, ben.id, "$today", "$lweek", "$lin-2024-01-15", "2024-01-15T09:30:00Z"],
    "leavers": [leaver.id],
    "me": [ada.id],
    "passwords": [PASSWORD],
    "emails": [ada.email],
    "moments": ["2024-01-15", "2024-02-29", "2024-01-15T09:30:00Z"],
}

# What every operation draws from where it has a parameter or field of that name.
DRAWN = {
    "path.conversationId": "conversations",
    "path.messageId": "messages",
    "path.listingId": "listings",
    "path.userId": "people",
    "query.unreadBy": "me",
    "query.createdAt": "moments",
    "query.sentAt_min": "moments",
    "query.sentAt_max": "moments",
    "path.conversationThreadId": "threads",
    "path.conversationMessageId": "thread-messages",
    "query.participantId": "people",
    "path.groupId": "groups",
    "path.emoji": "emojis",
    "query.chatId": "conversations",
    "body.chatId": "conversations",
    "body.userUUID": "ben",
    "body.groupUUID": "groups",
    "body.users[*]": "people",
    "body.conversationThreadId": "threads",
    "body.listingId": "offered",
    "body.receiverId": "ben",
    "body.senderId": "me",
    "body.conversationId": "conversations",
    "body.senderUserId": "me",
    "body.participantIds[*]": "people",
    "body.readBy[*]": "me",
    "path.fileId": "files",
    "query.bucketId": "buckets",
    "body.bucketId": "buckets",
}

# Operations that are different: what they draw, and with whose token they come.
SPECIAL = {
    "login": ({"body.email": "emails", "body.password": "passwords"}, None),
    "logout": ({}, ada.log_in()),
    "updateUser": ({"path.userId": "me"}, None),
    "deleteUser": ({"path.userId": "leavers"}, leaver.token),
    "messaging_updateConversation": ({"path.conversationId": "changing-conversations"}, None),
    "deleteConversation": ({"path.conversationId": "ending-conversations"}, None),
    "updateListing": ({"path.listingId": "changing-listings"}, None),
    "deleteListing": ({"path.listingId": "ending-listings"}, None),
    "deleteConversationMessage": (
        {"path.conversationMessageId": "ending-thread-messages"}, moderator.log_in()),
    "restoreConversationMessage": (
        {"path.conversationMessageId": "ending-thread-messages"}, moderator.log_in()),
    "listModerationLog": ({}, moderator.log_in()),
    "updateGroup": ({"path.groupId": "changing-conversations"}, None),
    "removeFromGroup": ({"path.groupId": "ending-conversations"}, None),
    "messaging_deleteMessage": ({"path.messageId": "ending-messages"}, None),
    "uploadFiles": ({}, ada.bucket_token),
    "listFiles": ({}, ada.bucket_token),
    "getFileMeta": ({}, ada.bucket_token),
    "linkFile": ({}, ada.bucket_token),
    "downloadFile": ({}, ada.bucket_token),
    "downloadFileHead": ({}, ada.bucket_token),
    "deleteFile": ({"path.fileId": "ending-files"}, ada.bucket_token),
}


def draws(parameters):
    """A table of parameters, each drawn from its dictionary nine times out of ten."""
    drawn = (f'"{name}" = {{ dictionary = "{source}", probability = 0.9 }}' for name, source in parameters.items())
    return "\n".join(drawn)


def headers(token, origin=None):
    """The table of headers with somebody's token, and the page that they are on."""
    page = f', Origin = "{origin}"' if origin else ""
    return f'headers = {{ Authorization = "Bearer {token}"{page} }}'


def inbox_settings():
    """Those of the inbox. Of all tables that fit an operation the first counts, and no two are put together."""
    for operation, parameters in inbox.SPECIAL.items():
        yield f'[[operations]]\ninclude-operation-id = "{operation}"'
        yield f"[operations.parameters]\n{draws(inbox.DRAWN | parameters)}"
    yield f'[[operations]]\ninclude-path-regex = "{inbox.VISITORS}"'
    yield headers(company.visitor, inbox.SITE)
    yield f"[operations.parameters]\n{draws(inbox.DRAWN | inbox.VISITORS_DRAW)}"
    yield '[[operations]]\ninclude-path-regex = "^/inbox-api/"'
    yield f"[operations.parameters]\n{draws(inbox.DRAWN)}"


def settings():
    """The lines of schemathesis.toml."""
    yield f'hooks = "{pathlib.Path(__file__).resolve().with_name("hooks.py")}"'
    yield headers(ada.token)
    # A run that never gets past the door proves nothing.
    yield '[warnings]\ndisplay = ["missing_auth", "missing_test_data"]\nfail-on = ["missing_auth", "missing_test_data"]'
    for name, values in DICTIONARIES.items():
        yield f"[dictionaries.{name}]\nvalues = {json.dumps(values, ensure_ascii=False)}"
    # Lists in queries have no name to bind to: any text may be one of these, if its format allows.
    yield '[generation.dictionaries]\nstring = { dictionary = "anything", probability = 0.2 }'
    yield f"[parameters]\n{draws(DRAWN)}"
    for operation, (parameters, token) in SPECIAL.items():
        yield f'[[operations]]\ninclude-operation-id = "{operation}"'
        if token:
            yield headers(token)
        if parameters:
            yield f"[operations.parameters]\n{draws(parameters)}"
    yield from inbox_settings()


(DIRECTORY / "schemathesis.toml").write_text("\n".join(settings()) + "\n")
(DIRECTORY / "known.json").write_text(json.dumps(
    {"me": ada.id, "conversation": group, "thread": threads[0], "listing": offered[0], "other": ben.id,
     "inbox": company.known()}))
