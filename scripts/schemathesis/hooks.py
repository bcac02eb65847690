"""Puts right what schemathesis fills in beside the one thing that a request is about.

In the coverage phase it takes "" for every text that may be null, whatever its format, and an id of nobody; the request
would then be refused for that, and nothing be learned of what it is about.
"""

import json
import pathlib
import uuid

import schemathesis

KNOWN = json.loads(pathlib.Path("known.json").read_text())

# Fields whose format "" does not have, and parameters that must not be empty or come twice.
FORMATTED = (
    "senderUserId", "senderId", "receiverId", "readAt", "sentAt", "lastMessageAt", "avatar", "timezone", "password", "currentPassword",
    "contactEmail", "contactPhone", "currency", "expiresAt",
)
HEADERS = ("Idempotency-Key", "If-Match", "X-Timezone")
REAL = {
    "conversationId": KNOWN["conversation"], "senderUserId": KNOWN["me"], "conversationThreadId": KNOWN["thread"],
    "listingId": KNOWN["listing"], "receiverId": KNOWN["other"], "senderId": KNOWN["me"],
}


def is_id(value):
    """Whether it is an id as a schema wants it."""
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """Leaves alone what the request is about."""
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
    for name, real in REAL.items():
        if name not in about and is_id(case.body.get(name)):
            case.body[name] = real
    participants = case.body.get("participantIds")
    if "participantIds" not in about and isinstance(participants, list):
        case.body["participantIds"] = [KNOWN["me"], *participants]
