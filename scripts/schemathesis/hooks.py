"""Puts right what schemathesis fills in beside the one thing that a request is about.

In the coverage phase it takes "" for every text that may be null, whatever its format, and an id of nobody; the request
would then be refused for that, and nothing be learned of what it is about.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import random
import re
import time
import uuid

import requests.auth
import schemathesis

KNOWN = json.loads(pathlib.Path("known.json").read_text())
INBOX = KNOWN["inbox"]

# Fields whose format "" does not have, and parameters that must not be empty or come twice.
FORMATTED = (
    "senderUserId", "senderId", "receiverId", "readAt", "sentAt", "lastMessageAt", "avatar", "timezone", "password", "currentPassword",
    "contactEmail", "contactPhone", "currency", "expiresAt", "assigneeId", "webWidgetTemplateId", "brandColor", "webhookUrl",
    "conversationId", "answers", "identity",
)
HEADERS = ("Idempotency-Key", "If-Match", "X-Timezone")
REAL = {
    "conversationId": KNOWN["conversation"], "senderUserId": KNOWN["me"], "conversationThreadId": KNOWN["thread"],
    "listingId": KNOWN["listing"], "receiverId": KNOWN["other"], "senderId": KNOWN["me"],
}


# Visitors have conversations of their own.
VISITED = INBOX["real"] | {"conversationId": INBOX["visited"]}


def real_ids(path):
    """What an operation's fields may name, by their names."""
    if path.startswith("/inbox-api/v1/widget/"):
        return VISITED
    return INBOX["real"] if path.startswith("/inbox-api/") else REAL


CUID = re.compile("[a-z][a-z0-9]{23}")


def is_id(value):
    """Whether it is an id as a schema wants it."""
    try:
        return isinstance(value, str) and bool(CUID.fullmatch(value) or uuid.UUID(value))
    except ValueError:
        return False


class Signature(requests.auth.AuthBase):
    """Signs a webhook, once all of it is there, with the secret of the channel that is known."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        stamp = str(int(time.time()))
        said = f"generated.{stamp}.".encode() + body
        digest = hmac.digest(base64.b64decode(INBOX["secret"]), said, hashlib.sha256)
        signature = f"v1,{base64.b64encode(digest).decode()}"
        request.headers.update({"webhook-id": "generated", "webhook-timestamp": stamp, "webhook-signature": signature})
        return request


def is_about_headers(case):
    """Whether the request has wrong headers on purpose."""
    return case.meta is not None and any(
        where.name == "HEADER" and info.mode.name == "NEGATIVE" for where, info in case.meta.components.items())


def spare(case):
    """Has other things changed and ended than those that all else needs: the tool remembers ids that lists showed it."""
    path = case.path_parameters or {}
    for name, victims in INBOX["victims"].get(case.operation.definition.raw.get("operationId"), {}).items():
        if path.get(name) in INBOX["kept"]:
            path[name] = random.choice(victims)
    # A part is one of one conversation only.
    if path.get("participantId") in INBOX["parts"]:
        path["conversationId"] = INBOX["parts"][path["participantId"]]


@schemathesis.hook
def before_call(_context, case, kwargs):
    """Puts right what would hide what the request is about, and leaves alone that itself."""
    is_signed = case.operation.path.endswith(("/{channelApiId}/messages", "/{channelApiId}/conversations"))
    if is_signed and not is_about_headers(case):
        kwargs["auth"] = Signature()
    spare(case)
    if case.meta is None or case.meta.phase.name.name != "COVERAGE":
        return
    data = case.meta.phase.data
    if data.parameter == "Authorization":
        return
    about = f"{data.location} {data.parameter} {data.description}"
    for name in HEADERS:
        if name not in about:
            case.headers.pop(name, None)
    if not isinstance(case.body, dict):
        return
    for name in [name for name in FORMATTED if name not in about and case.body.get(name) == ""]:
        del case.body[name]
    for name, real in real_ids(case.operation.path).items():
        if name not in about and is_id(case.body.get(name)):
            case.body[name] = real
    participants = case.body.get("participantIds")
    if "participantIds" not in about and isinstance(participants, list):
        case.body["participantIds"] = [KNOWN["me"], *participants]


@schemathesis.hook
def before_load_schema(_context, schema):
    """Writes out what schemas of parameters refer to: schemathesis 4.32.5 loses its way where a dictionary is for one.

    Ids lose their examples, which are nobody's and would be taken before what dictionaries hold.
    """
    parts = schema["components"]["schemas"]
    for part in parts.values():
        if part.get("pattern") == f"^{CUID.pattern}$":
            part.pop("example", None)
    operations = [it for item in schema["paths"].values() for it in item.values() if isinstance(it, dict)]
    for parameter in [it for operation in operations for it in operation.get("parameters", [])]:
        parameter["schema"] = written_out(parameter["schema"], parts)


def written_out(schema, parts):
    """A schema without references, of itself or of its items."""
    if "$ref" in schema:
        return parts[schema["$ref"].rsplit("/", 1)[-1]]
    return schema | {"items": written_out(schema["items"], parts)} if "items" in schema else schema
