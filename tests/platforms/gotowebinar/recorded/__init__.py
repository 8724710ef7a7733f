"""Answers of GoToWebinar, byte for byte in the shapes of its contract."""

from pathlib import Path

_HERE = Path(__file__).parent


def _body(name: str) -> bytes:
    return (_HERE / name).read_bytes().rstrip(b"\n")


REGISTRANTS = _body("registrants.json")
REGISTRANT_ARRAY = _body("registrant_array.json")
REGISTRANT = _body("registrant.json")
NO_WEBINARS = _body("no_webinars.json")
WEBINARS = _body("webinars.json")
WEBINAR = _body("webinar.json")
FIELDS = _body("fields.json")
SESSIONS = _body("sessions.json")
ATTENDEES = _body("attendees.json")
QUESTIONS = _body("questions.json")
POLLS = _body("polls.json")
CREATED = _body("created.json")
TOKEN = _body("token.json")
IDENTITY = _body("identity.json")
ADMIN = _body("admin.json")
EVENT_ADDED = _body("event_added.json")
EVENT_JOINED = _body("event_joined.json")
SECRET_KEY = _body("secret_key.json")
WEBHOOKS = _body("webhooks.json")
SUBSCRIPTIONS = _body("subscriptions.json")

NOT_FOUND = _body("not_found.json")
BAD_TOKEN = _body("bad_token.json")
INVALID = _body("invalid.json")
DUPLICATE = _body("duplicate.json")
DUPLICATE_NO_KEY = _body("duplicate_no_key.json")
EDGE = _body("edge.json")
HTML = _body("html.html")
