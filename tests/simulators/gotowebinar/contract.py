"""GoTo's contract (REST API v2, spec 2.0.0) as JSON Schemas in our own short form.

A shape is a mapping of property to type; a ``?`` after the name marks an optional one. Types are
``int``, ``str``, ``bool``, ``num``, ``time`` (ISO 8601, UTC), ``[shape]`` for arrays, a tuple of
words for an enumeration, another mapping, or the name of a shape.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

LOCALES = ("en_US", "de_DE", "es_ES", "fr_FR", "it_IT", "zh_CN")
KINDS = ("single_session", "series", "sequence")
STATUSES = ("APPROVED", "DENIED", "WAITING")
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"

_REGISTRANT: dict[str, Any] = {
    "lastName": "str", "email": "str", "firstName": "str", "registrantKey": "int",
    "registrationDate": "time", "status": STATUSES, "joinUrl": "str", "timeZone": "str",
}  # fmt: skip
_ATTENDEE: dict[str, Any] = {
    "registrantKey": "int", "firstName": "str", "lastName": "str", "email": "str",
    "attendanceTimeInSeconds": "int", "sessionKey": "int",
    "attendance": [{"joinTime": "time", "leaveTime": "time"}],
}  # fmt: skip
_BY_KEY: dict[str, Any] = {
    "webinarKey": "int", "webinarID": "str", "subject": "str", "description": "str",
    "organizerKey": "int", "organizerEmail": "str", "organizerName": "str",
    "times": ["DateTimeRange"], "registrationUrl": "str", "inSession": "bool",
    "impromptu": "bool", "timeZone": "str", "numberOfRegistrants": "int",
    "experienceType": "str",
}  # fmt: skip
_OPTIONAL_REGISTRANT = (
    "source", "phone", "state", "city", "organization", "zipCode", "numberOfEmployees",
    "industry", "jobTitle", "purchasingRole", "implementationTimeFrame", "purchasingTimeFrame",
    "questionsAndComments", "employeeCount", "country", "address",
)  # fmt: skip
SHAPES: dict[str, Any] = {
    "DateTimeRange": {"startTime": "time", "endTime": "time"},
    "Page": {"size": "int", "totalElements": "int", "totalPages": "int", "number": "int"},
    "Webinar": {
        "webinarKey": "str", "webinarId": "str", "webinarID?": "str", "organizerKey": "str",
        "accountKey": "str", "subject": "str", "description": "str", "times": ["DateTimeRange"],
        "timeZone": "str", "locale": LOCALES, "status": "str",
        "approvalType": ("AUTOMATIC", "MANUAL"), "registrationUrl": "str", "impromptu": "bool",
        "isPasswordProtected": "bool", "recurrenceType": KINDS, "experienceType": "str",
        "isOndemand?": "bool",
    },
    "WebinarByKey": {
        **_BY_KEY, "type": KINDS, "registrationLimit": "int", "locale": LOCALES,
        "accountKey": "str", "recurrencePeriod": "str", "isPasswordProtected": "bool",
    },
    "BrokerWebinar": {
        **_BY_KEY, "isOndemand": "bool", "coorganizers": [{"email": "str", "organizerKey": "int"}],
    },
    "CreatedWebinar": {"webinarKey": "str", "recurrenceKey?": "str"},
    "Registrant": _REGISTRANT,
    "RegistrantPage": {
        "data": ["Registrant"], "total": "int", "page": "int", "limit": "int", "pageSize": "int",
    },
    "RegistrantDetailed": {
        **_REGISTRANT, **{f"{name}?": "str" for name in _OPTIONAL_REGISTRANT},
        "type?": ("LATE", "REGULAR"), "unsubscribed?": "bool",
        "responses?": [{"answer": "str", "question": "str"}],
    },
    "RegistrantCreated": {"registrantKey": "int", "joinUrl": "str", "status?": STATUSES},
    "RegistrationFields": {
        "questions": [{
            "questionKey": "int", "question": "str", "required": "bool",
            "type": ("multipleChoice", "shortAnswer"), "maxSize": "int",
            "answers?": [{"answer": "str", "answerKey": "int"}],
        }],
        "fields": [{"field": "str", "required": "bool", "maxSize": "int", "answers?": ["str"]}],
    },
    "ReportingSession": {
        "sessionKey": "str", "webinarKey": "str", "webinarName": "str", "startTime": "time",
        "endTime": "time", "registrantsAttended": "int", "registrantCount": "int",
        "accountKey": "str", "creatingOrganizerKey": "str", "creatingOrganizerName": "str",
        "startingOrganizerKey": "str", "startingOrganizerName": "str", "totalPollCount": "int",
        "timeZone": "str", "experienceType": "str", "webinarID": "str",
    },
    "Attendee": _ATTENDEE,
    "AttendeeQuestion": {
        "question": "str", "askedBy": "str", "askerKey": "str", "dateAsked": "time",
        "answers": [{
            "answer": "str", "answeredBy": "str", "answererRole": "str", "answerTime": "str",
            "answererEmail": "str",
        }],
    },
    "Poll": {
        "question": "str", "numberOfResponses": "int",
        "responses": [{"text": "str", "percentage": "percent"}],
    },
    "PollAnswer": {"question": "str", "answers": ["str"], "answer?": "str"},
    "Coorganizer": {
        "joinLink": "str", "email": "str", "memberKey": "str", "external": "bool",
        "surname": "str", "givenName": "str",
    },
    "Panelist": {
        "joinLink": "str", "lastName": "str", "email": "str", "name": "str", "panelistId": "int",
        "firstName": "str",
    },
    "CreatedPanelist": {"name": "str", "email": "str", "joinLink": "str", "panelistKey": "str"},
    "SessionPerformance": {
        "sessionInfo": {
            "webinarName": "str", "webinarId": "str", "sessionKey": "str", "timeZone": "str",
            "experienceType": ("CLASSIC", "BROADCAST", "SIMULIVE"), "recurrencePeriod": "str",
            "startTime": "time", "endTime": "time", "registrationEmailOpenedCount": "str",
            "registrationLinkClickedCount": "str",
        },
        "attendance": {
            "registrantCount": "int", "percentageAttendance": "num",
            "averageInterestRating": "num", "averageAttentiveness": "num",
            "averageAttendanceTimeSeconds": "num",
        },
        "pollsAndSurveys": {
            "pollCount": "int", "surveyCount": "num", "questionsAsked": "int",
            "percentagePollsCompleted": "num", "percentageSurveysCompleted": "num",
        },
    },
    # Not in the contract: the authorization server's guide and the experience of integrations.
    "Token": {
        "access_token": "str", "token_type": ("Bearer",), "expires_in": "int", "scope": "str",
        "principal": "str", "organizer_key?": "str", "account_key?": "str",
    },
    "Identity": {"id": "str", "userName": "str"},
    "AdminMe": {"key": "str", "accountKey": "str", "email": "str"},
}  # fmt: skip
_PLAIN: dict[str, dict[str, Any]] = {
    "int": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "num": {"type": "number"},
    "percent": {"type": "number", "minimum": 0, "maximum": 100},
    "time": {"type": "string", "pattern": TIME},
}


def schema(shape: Any) -> dict[str, Any]:
    """The JSON Schema of a shape in the short form."""
    if isinstance(shape, str):
        return _PLAIN[shape] if shape in _PLAIN else schema(SHAPES[shape])
    if isinstance(shape, list):
        return {"type": "array", "items": schema(shape[0])}
    if isinstance(shape, tuple):
        return {"type": "string", "enum": list(shape)}
    return {
        "type": "object",
        "required": [name for name in shape if not name.endswith("?")],
        "properties": {name.rstrip("?"): schema(kind) for name, kind in shape.items()},
    }


def check(body: Any, shape: Any) -> None:
    """Raise jsonschema.ValidationError when ``body`` is not of ``shape``."""
    Draft202012Validator(schema(shape)).validate(body)


def check_paged(body: Any, name: str, shape: str) -> None:
    """As `check` for ``{_embedded: {name: [shape]}, page}``; ``_embedded`` is missing exactly
    when the page is empty (the contract requires it, real answers leave it out)."""
    check(body["page"], "Page")
    shown = body["page"]["number"] * body["page"]["size"] < body["page"]["totalElements"]
    assert ("_embedded" in body) == shown
    if shown:
        check(body["_embedded"], {name: [shape]})
        assert body["_embedded"][name]
