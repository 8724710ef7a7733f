"""Answers as GoToWebinar gives them, byte for byte in the shapes of its contract."""

REGISTRANTS = b"""{"data": [
 {"lastName": "\\u00c5ngstr\\u00f6m", "email": "Anna@Example.com", "firstName": "Anna",
  "registrantKey": 9223372036854775809, "registrationDate": "2026-03-13T10:00:00Z",
  "status": "APPROVED", "joinUrl": "https://j.example/1/2",
  "timeZone": "Europe/Oslo"},
 {"lastName": "B", "email": "b@example.com", "firstName": "B",
  "registrantKey": "10000000000000000000",
  "registrationDate": "2026-03-13T12:00:00.500+02:00", "status": "WAITING", "joinUrl": null,
  "timeZone": null}],
 "total": 2, "page": 0, "limit": 200, "pageSize": 2}"""
REGISTRANT_ARRAY = b"""[{"lastName": "B", "email": "b@example.com", "firstName": "B",
 "registrantKey": 77, "registrationDate": "2026-03-13T10:00:00Z", "status": "DENIED",
 "joinUrl": "", "timeZone": "UTC"}]"""
REGISTRANT = b"""{"lastName": "B", "email": "b@example.com", "firstName": "B", "registrantKey": 77,
 "registrationDate": "2026-03-13T10:00:00Z", "source": "Newsletter", "status": "APPROVED",
 "joinUrl": "https://j", "timeZone": "UTC", "organization": "Acme", "zipCode": "00123",
 "jobTitle": null, "country": "", "type": "REGULAR", "unsubscribed": false,
 "responses": [{"question": "Why?", "answer": "Because"}]}"""
NO_WEBINARS = b'{"page": {"size": 200, "totalElements": 0, "totalPages": 0, "number": 0}}'
WEBINARS = b"""{"_embedded": {"webinars": [{"webinarKey": "4993558771612668743",
 "webinarID": "-2023145115659", "organizerKey": "1", "accountKey": "2", "subject": "S",
 "description": "D",
 "times": [{"startTime": "2026-03-13T10:00:00Z", "endTime": "2026-03-13T11:00:00Z"}],
 "timeZone": "Europe/Berlin", "locale": "en_US", "approvalType": "AUTOMATIC",
 "registrationUrl": "https://r", "impromptu": false, "isPasswordProtected": false,
 "recurrenceType": "single_session", "experienceType": "CLASSIC"}]},
 "page": {"size": 200, "totalElements": 1, "totalPages": 1, "number": 0}}"""
WEBINAR = b"""{"webinarKey": 4993558771612668743, "webinarID": "1", "subject": "S",
 "description": "", "times": [], "timeZone": "UTC", "organizerName": "O", "registrationUrl": "https://r",
 "inSession": false, "numberOfRegistrants": 100, "registrationLimit": 100}"""
FIELDS = b"""{"fields": [{"field": "email", "required": true, "maxSize": 128}],
 "questions": [{"questionKey": 5, "question": "Size?", "required": true, "type": "multipleChoice",
 "maxSize": 128, "answers": [{"answer": "Small", "answerKey": 6}]}]}"""
SESSIONS = b"""{"_embedded": {"sessionInfoResources": [{"sessionKey": "9", "webinarKey": "4",
 "webinarName": "S", "startTime": "2026-03-13T10:00:00Z", "endTime": "2026-03-13T11:00:00Z",
 "registrantsAttended": 3, "registrantCount": 5, "totalPollCount": 2}]},
 "page": {"size": 200, "totalElements": 1, "totalPages": 1, "number": 0}}"""
ATTENDEES = b"""{"_embedded": {"attendeeParticipationResponses": [{"registrantKey": 77,
 "sessionKey": 9, "email": "b@example.com", "attendanceTimeInSeconds": 60, "firstName": "B",
 "lastName": "B", "attendance": [{"joinTime": "2026-03-13T10:00:00Z",
 "leaveTime": "2026-03-13T10:01:00Z"}]}]},
 "page": {"size": 200, "totalElements": 1, "totalPages": 1, "number": 0}}"""
QUESTIONS = b"""[{"answers": [{"answer": "Yes", "answeredBy": "Ada", "answererRole": "organizer",
 "answerTime": "2026-03-13T10:30:00Z", "answererEmail": "a@example.com"}], "question": "Really?",
 "askedBy": "B B", "askerKey": "77", "dateAsked": "2026-03-13T10:20:00Z"}]"""
POLLS = b"""[{"answer": "A", "answers": [], "question": "Which?"},
 {"answers": ["x", "y"], "question": "All?"}]"""
CREATED = b'{"registrantKey": 9223372036854775809, "joinUrl": "https://j", "status": "WAITING"}'
TOKEN = b"""{"access_token": "secret-access", "token_type": "Bearer", "expires_in": 3600,
 "scope": "collab:", "principal": "ada@example.com", "refresh_token": "secret-refresh"}"""
IDENTITY = b'{"id": "3372939249921615222", "userName": "ada@example.com"}'
ADMIN = b'{"key": 3372939249921615222, "accountKey": 7, "email": "ada@example.com"}'

NOT_FOUND = b'{"errorCode": "NotFound", "description": "No such thing.", "incident": "8183740"}'
BAD_TOKEN = b'{"int_err_code": "InvalidToken", "msg": "Invalid token passed"}'
INVALID = b"""{"errorCode": "RegistrationInvalid", "description": "Required field missing.",
 "invalidFields": ["organization", {"field": "jobTitle"}]}"""
DUPLICATE = b"""{"errorCode": "DuplicateRegistrant", "description": "Already registered.",
 "incident": "1", "registrantKey": "9223372036854775809"}"""
DUPLICATE_NO_KEY = b'{"errorCode": "DuplicateRegistrant", "description": "Already registered."}'
EDGE = b'{"errorCode": "NOT_FOUND", "message": "Wrong path"}'
HTML = b"<html><body>502 Bad Gateway</body></html>"
