"""The admin pages of users and schedules, restricted to what operators may change."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_q.admin import FailAdmin, QueueAdmin, TaskAdmin
from django_q.conf import Conf
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.bounded_admin import BoundedAdmin

for model in (User, Group, Schedule, Success, Failure, OrmQ):
    # The last page has no data when the queue is in Redis.
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, BoundedAdmin):
    """Edit users. Only superusers edit superusers."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "roles", "is_active", "last_login")
    phone_columns = ("username", "full_name", "roles", "is_active")
    list_filter = ("groups", "is_active")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "groups")}),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )

    @display(description=_("Name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @display(description=_("Groups"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return users if _is_superuser(request) else users.filter(is_superuser=False)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and _is_superuser(request):
            return (*fieldsets, (_("Superuser"), {"fields": ("is_superuser",)}))
        return fieldsets


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, BoundedAdmin):
    """Show the groups. The project defines two; only superusers add others."""


@admin.register(Schedule)
class ScheduleAdmin(BoundedAdmin):
    """Edit how often each job runs. Operators cannot edit what it runs, which would be arbitrary
    code."""

    list_display = ("name", "rhythm", "next_run", "status")
    phone_columns = ("name", "rhythm", "status")
    fields = ("name", "schedule_type", "minutes", "next_run")
    readonly_fields = ("name",)
    ordering = ("name",)

    @display(description=_("How often"))
    def rhythm(self, schedule: Schedule) -> str:
        if schedule.schedule_type == Schedule.MINUTES:
            return _("Every %(count)d min") % {"count": schedule.minutes or 1}
        return str(schedule.get_schedule_type_display())

    @display(description=_("Last time"), label={"good": "success", "bad": "danger", "none": "info"})
    def status(self, schedule: Schedule) -> tuple[str, Any]:
        went = schedule.success()
        if went is None:
            return "none", _("Not known")
        return ("good", _("Done")) if went else ("bad", _("Failed"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Success)
class SuccessAdmin(BoundedAdmin, TaskAdmin):
    """Show the jobs that succeeded, to superusers."""


@admin.register(Failure)
class FailureAdmin(BoundedAdmin, FailAdmin):
    """Show the jobs that failed, to superusers."""


class QueuedTaskAdmin(BoundedAdmin, QueueAdmin):
    """Show the jobs queued in the database, to superusers."""


if Conf.ORM:
    admin.site.register(OrmQ, QueuedTaskAdmin)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
