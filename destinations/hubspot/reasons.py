"""The codes of what HubSpot refused; their sentences are in `destinations.error_messages`."""

# Of contacts.
GONE = "handover.gone"
REFUSED = "handover.refused"
LACKING = "handover.lacking"
SAME_CONTACT = "handover.same-contact"
# Of participations.
NOT_TAKEN = "handover.not-taken"
NOT_CONFIRMED = "handover.not-confirmed"
EVENT_GONE = "handover.event-gone"
EVENT_REFUSED = "handover.event-refused"
CHOICE_NEEDED = "handover.choice-needed"
# Of notes.
NOTE_REFUSED = "handover.note-refused"
# Of lists.
LIST_GONE = "list.gone"
LIST_NAME_TAKEN = "list.name-taken"
LIST_NOT_CHANGEABLE = "list.not-changeable"
LIST_PEOPLE_UNKNOWN = "list.people-unknown"
NOT_IN_HUBSPOT = "list.not-in-hubspot"
# Of lists that are imported.
LIST_NOT_FOUND = "list-import.not-found"
LIST_OF_OTHERS = "list-import.of-others"
LIST_DELETED = "list-import.deleted"
LIST_NOT_CONNECTED = "list-import.not-connected"
# Of values.
UNKNOWN_PROPERTY = "handover.value-unknown-property"
READ_ONLY = "handover.value-read-only"
NO_OPTION = "handover.value-no-option"
WRONG_TYPE = "handover.value-wrong-type"
TOO_LONG = "handover.value-too-long"
VALUE_REFUSED = "handover.value-refused"
