"""GoTo's names of the fields of its registration form, and ours."""

# Of the optional properties of a contact.
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
# Where a registrant's details have them under another name, or a webhook has.
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
    """Return our name of a field; one that we have none for keeps GoTo's."""
    return _OURS.get(goto_name, goto_name)


def goto_name(name: str) -> str:
    """Return GoTo's name of a field that `our_name` has named."""
    return GOTO_NAMES.get(name, name)
