"""Conditions on models that are written once and also used across relations."""

import datetime as dt

from django.db.models import Q


def through(relation: str, condition: Q) -> Q:
    """Return `condition`, made of plain lookups, for the rows that `relation` leads to."""
    moved = Q()
    moved.connector, moved.negated = condition.connector, condition.negated
    for child in condition.children:
        if isinstance(child, Q):
            moved.children.append(through(relation, child))
        elif isinstance(child, tuple):
            lookup, value = child
            moved.children.append((f"{relation}__{lookup}", value))
        else:
            raise TypeError("Only lookups can be moved across a relation.")
    return moved


def has_passed(column: str, now: dt.datetime) -> Q:
    """Return the condition that the time in `column` has passed or is empty: a lease is free, a
    retry is due."""
    return Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__lte": now})


def implies(first: Q, second: Q) -> Q:
    """Return the condition that `second` holds whenever `first` does, for a CheckConstraint."""
    return ~first | second


def both_or_neither(first: Q, second: Q) -> Q:
    """Return the condition that `first` and `second` hold together, for a CheckConstraint."""
    return Q(first, second) | Q(~first, ~second)
