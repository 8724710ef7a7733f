"""Conditions on models that are written once and used across relations as well."""

from django.db.models import Q


def through(relation: str, condition: Q) -> Q:
    """Return `condition`, made of plain lookups, on the rows that `relation` leads to."""
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
