"""GoTo's names of the fields of its registration form, and ours."""

# Optional properties of a contact.
PROPERTIES = {
    "organization": "organization",
    "job_title": "jobTitle",
    "industry": "industry",
    "phone": "phone",
    "address": "address",
    "city": "city",
    "state": "state",
    "zip_code": "zipCode",
    "country": "country",
}
# Standard fields of GoTo's form that are no property of a contact.
EXTRAS = {
    "employees": "numberOfEmployees",
    "purchasing_time_frame": "purchasingTimeFrame",
    "purchasing_role": "purchasingRole",
    "comments": "questionsAndComments",
}
# Other names of fields in registrants' details and webhooks.
OTHER_EXTRAS = {
    "employees": "employeeCount",
    "purchasing_time_frame": "implementationTimeFrame",
    "comments": "comments",
}
GOTO_NAMES = (
    {"first_name": "firstName", "last_name": "lastName", "email": "email"} | PROPERTIES | EXTRAS
)
_OURS = {goto: ours for ours, goto in GOTO_NAMES.items()}


def our_name(goto_name: str) -> str:
    """Return our name of a field; GoTo's name if we have none."""
    return _OURS.get(goto_name, goto_name)


def goto_name(name: str) -> str:
    """Return GoTo's name of a field named by `our_name`."""
    return GOTO_NAMES.get(name, name)
