"""The groups that people who sign in belong to, and how pages call a member of each."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _

MARKETERS, OPERATORS = "Marketers", "Operators"
LABELS: dict[str, Any] = {MARKETERS: _("Marketer"), OPERATORS: _("Operator")}


def role_of(user: User) -> str:
    """Return the name of the group that says what `user` may do; "" for none of the two."""
    names = {group.name for group in user.groups.all()}
    return next((name for name in (OPERATORS, MARKETERS) if name in names), "")


def set_role(user: User, role: str) -> None:
    """Make `user` a member of the group `role`, and of no other role's; further groups stay."""
    wanted = Group.objects.filter(name=role)
    user.groups.remove(*Group.objects.filter(name__in=LABELS).exclude(name=role))
    user.groups.add(*wanted)
