"""Search for contacts, with HubSpot's limits and delay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import contacts
from .calls import Answer, Call
from .errors import Shape, invalid
from .records import Contact, record_id

# Documented.
MOST_GROUPS, MOST_FILTERS, MOST_IN_ALL = 5, 6, 18
MOST_A_PAGE, MOST_RESULTS, LONGEST_BODY = 200, 10_000, 3_000


def search(call: Call) -> Answer:
    """POST search. Recent changes are not found yet; archived contacts never are."""
    body = call.json()
    if len(json.dumps(body)) > LONGEST_BODY:
        raise invalid(f"The request body is longer than {LONGEST_BODY} characters")
    groups = [group.get("filters", []) for group in body.get("filterGroups") or []]
    if len(groups) > MOST_GROUPS:
        raise invalid(f"There are more than {MOST_GROUPS} filterGroups")
    if any(len(group) > MOST_FILTERS for group in groups) or sum(map(len, groups)) > MOST_IN_ALL:
        raise invalid(f"There are more than {MOST_FILTERS} filters in a group, or {MOST_IN_ALL}")
    limit, start = int(body.get("limit") or 10), _after(body)
    if not 1 <= limit <= MOST_A_PAGE:
        raise invalid(f"limit must be between 1 and {MOST_A_PAGE}")
    if start + limit > MOST_RESULTS:
        raise invalid(f"A query has at most {MOST_RESULTS} results")
    latest = call.portal.readable_until(call.portal.lags.search)
    query = str(body.get("query") or "").casefold()
    found = [
        contact
        for contact in call.portal.contacts.values()
        if contact.archived_at is None
        and contact.updated_at <= latest
        and (not groups or any(_all(contact, group) for group in groups))
        and (not query or any(query in value.casefold() for value in contact.properties.values()))
    ]
    names = body.get("properties") or None
    page = found[start : start + limit]
    answer: Shape = {
        "total": len(found),
        "results": [contacts.shape(contact, names) for contact in page],
    }
    if start + limit < len(found):
        answer["paging"] = {"next": {"after": str(start + limit)}}
    return Answer(200, answer)


def _after(body: Mapping[str, Any]) -> int:
    after = record_id(body.get("after") or 0)
    if after is None:
        raise invalid("after must be an integer")
    return after


def _all(contact: Contact, filters: list[Mapping[str, Any]]) -> bool:
    return all(_fits(contact, each) for each in filters)


def _fits(contact: Contact, one: Mapping[str, Any]) -> bool:
    """Return whether a filter matches. Of several addresses only the primary one is searched
    (seen)."""
    known = {**contact.properties, **contacts.owned(contact)}
    value = known.get(str(one.get("propertyName")), "").casefold()
    wanted = str(one.get("value", "")).casefold()
    values = [str(each).casefold() for each in one.get("values", [])]
    operator = one.get("operator")
    results = {
        "EQ": value == wanted,
        "NEQ": value != wanted,
        "IN": value in values,
        "NOT_IN": value not in values,
        "HAS_PROPERTY": value != "",
        "NOT_HAS_PROPERTY": value == "",
        "CONTAINS_TOKEN": wanted.strip("*") in value,
    }
    if operator not in results:
        raise invalid(f"operator is one of {', '.join(results)}")
    return results[operator]
