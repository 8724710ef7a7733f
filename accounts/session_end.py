"""End sessions when their user's rights change: roles, password, or a flag.

The session that makes the change is kept, so operators who change their own groups or password stay
signed in.
"""

from collections.abc import Callable, Collection
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django.http import HttpRequest, HttpResponse

from accounts.models import UserSession

_WATCHED = ("password", "is_staff", "is_active", "is_superuser")
_CHANGED = "_rights_changed"
# The session key of the request that this thread handles.
_current: ContextVar[str | None] = ContextVar("current_session", default=None)
View = Callable[[HttpRequest], HttpResponse]


def end_sessions(user_ids: Collection[int]) -> int:
    """End the sessions of `users`, except the current one; return how many ended."""
    rows = UserSession.objects.filter(user__in=user_ids)
    return rows.exclude(session_key=_current.get() or "").delete()[0]


def current_session(get_response: View) -> View:
    """Middleware: remember the session of the current request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = _current.set(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        try:
            return get_response(request)
        finally:
            _current.reset(token)

    return middleware


def connect() -> None:
    """Connect to changes of users, their groups and permissions, and of groups."""
    name = "accounts.session_end"
    pre_save.connect(_compare, sender=User, dispatch_uid=name)
    post_save.connect(_end_if_changed, sender=User, dispatch_uid=name)
    for through in (User.groups.through, User.user_permissions.through):
        m2m_changed.connect(_roles_changed, sender=through, dispatch_uid=name)
    m2m_changed.connect(_group_changed, sender=Group.permissions.through, dispatch_uid=name)
    pre_delete.connect(_group_deleted, sender=Group, dispatch_uid=name)


def _compare(instance: User, raw: bool, update_fields: Collection[str] | None, **_: Any) -> None:
    written = [name for name in _WATCHED if update_fields is None or name in update_fields]
    before = None
    if written and not raw and instance.pk is not None:
        before = User.objects.filter(pk=instance.pk).values(*written).first()
    changed = before is not None and any(
        value != getattr(instance, name) for name, value in before.items()
    )
    setattr(instance, _CHANGED, changed)


def _end_if_changed(instance: User, **_: Any) -> None:
    if instance.__dict__.pop(_CHANGED, False):
        end_sessions([instance.pk])


def _roles_changed(
    instance: User | Group, action: str, reverse: bool, pk_set: set[int] | None, **_: Any
) -> None:
    """End sessions when a user gained or lost a group or permission, from either side of the
    relation."""
    if action in ("post_add", "post_remove") and pk_set:
        end_sessions(pk_set if reverse else [instance.pk])
    elif action == "pre_clear":
        members = getattr(instance, "user_set", None)
        end_sessions([instance.pk] if members is None else members.values_list("pk", flat=True))


def _group_changed(
    instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any
) -> None:
    if action in ("post_add", "post_remove") and pk_set:
        groups = pk_set if reverse else [instance.pk]
    elif action == "pre_clear":
        groups = instance.group_set.values_list("pk", flat=True) if reverse else [instance.pk]
    else:
        return
    _end_of_members(groups)


def _group_deleted(instance: Group, **_: Any) -> None:
    _end_of_members([instance.pk])


def _end_of_members(groups: Collection[int]) -> None:
    end_sessions(User.objects.filter(groups__in=groups).values_list("pk", flat=True))
