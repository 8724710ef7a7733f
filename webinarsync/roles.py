"""The roles and their permissions: marketers and operators. Others see nothing."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from accounts.roles import MARKETERS, OPERATORS

__all__ = ["MARKETERS", "OPERATORS", "set_up"]

# The permissions of marketers by app and model; each is required by a page. Segments are visible
# with contacts, and imports with adding and changing contacts. Changing a webinar means switching
# its sync and form.
_MARKETER = {
    ("contacts", "contact"): ("view", "add", "change", "delete"),
    ("webinars", "webinar"): ("view", "change"),
    # Changing a registration means correcting a rejected one.
    ("webinars", "registration"): ("view", "change"),
    ("registration_forms", "consenttext"): ("view",),
    ("registration_forms", "submission"): ("view",),
    ("segments", "segment"): ("add", "change", "delete"),
    ("webinars", "internaladdress"): ("view", "add", "change", "delete"),
    ("sync", "syncrun"): ("view",),
    ("admin", "logentry"): ("view",),
    ("mailings", "mailing"): ("view", "add", "change"),
    ("mailings", "mailtemplate"): ("view", "add", "change", "delete"),
    ("contacts", "optout"): ("view", "add", "delete"),
    ("destinations", "portal"): ("view",),
    ("contacts", "tag"): ("view", "add", "change", "delete"),
}
# Additional permissions of operators.
_OPERATOR = {
    ("platforms", "connection"): ("view", "change"),
    ("destinations", "portal"): ("view", "change"),
    ("registration_forms", "consenttext"): ("view", "add", "change"),
    ("auth", "user"): ("view", "add", "change", "delete"),
    ("auth", "group"): ("view",),
    ("django_q", "schedule"): ("view", "change"),
}
Grants = dict[tuple[str, str], tuple[str, ...]]


def set_up() -> None:
    """Create or update the two groups; running it again changes nothing."""
    for app in sorted({app for app, _model in _MARKETER | _OPERATOR}):
        create_permissions(apps.get_app_config(app), verbosity=0)
    _grant(MARKETERS, _MARKETER)
    _grant(OPERATORS, _MARKETER | _OPERATOR)


def _grant(name: str, grants: Grants) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    wanted = Q(pk__in=[])
    for (app, model), verbs in grants.items():
        codenames = [f"{verb}_{model}" for verb in verbs]
        wanted |= Q(content_type__app_label=app, codename__in=codenames)
    group.permissions.set(Permission.objects.filter(wanted))
