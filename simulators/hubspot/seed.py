"""A realistic portal: the same seed gives the same people, with the same ids.

Its people are those of a simulated GoToWebinar with the same seed, with other values, and some of
them with a second address.
"""

from __future__ import annotations

import uuid

from simulators.gotowebinar.people import someone

from .portal import Portal
from .records import Contact, Form, fold

DAY_MS = 86_400_000
SECOND_ADDRESS_EVERY, OPTED_OUT_EVERY = 20, 33
TITLES = ("Head of Sales", "Buyer", "Founder", "Consultant", "Teacher")
COMPANIES = ("Northwind", "Umbrella & Söhne", "Globex", "Initech", "Hooli")
_SPACE = uuid.UUID("5d9f5b5e-95d8-4f2c-8b07-7a3a1bd0b1fd")


def fill(portal: Portal, seed: int, contacts: int) -> None:
    """Create the forms and this many contacts in an empty portal."""
    now = portal.clock.now()
    # From midnight, so that a portal that is reset is the same one.
    made = now - now % DAY_MS - 400 * DAY_MS
    for name in ("Webinar registration", "Newsletter"):
        form = Form(str(uuid.uuid5(_SPACE, f"{seed}/{name}")), name, made)
        portal.forms[form.id] = form
    taken: set[str] = set()
    number = 0
    while len(portal.contacts) < contacts:
        who = someone(number, seed)
        number += 1
        address = fold(who.email)
        if address in taken:
            continue
        taken.add(address)
        at = made + len(portal.contacts) * 1000
        properties = {
            "email": address,
            "firstname": who.first_name,
            "lastname": who.last_name,
            "jobtitle": TITLES[number % len(TITLES)],
            "company": COMPANIES[number % len(COMPANIES)],
        }
        contact = Contact(portal.next_id(), at, at, "IMPORT", properties)
        if number % SECOND_ADDRESS_EVERY == 0:
            contact.additional_emails = [address]
            properties["email"] = f"private.{number}@home.example"
        contact.opted_out = number % OPTED_OUT_EVERY == 0
        portal.add(contact)
    portal.changed_at = now
