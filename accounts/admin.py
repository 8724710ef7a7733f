"""The admin pages of users and schedules, restricted to what operators may change."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django_q.admin import FailAdmin, QueueAdmin, TaskAdmin
from django_q.conf import Conf
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm

from accounts.roles import LABELS, set_role
from accounts.user_pages import InviteForm, UserForm, give_link
from core.bounded_admin import BoundedAdmin, shown_column
from core.list_filters import RelatedFilter
from core.record_pages import FOLDED, moment_or_dash

for model in (User, Group, Schedule, Success, Failure, OrmQ):
    # The last page has no data when the queue is in Redis.
    if admin.site.is_registered(model):
        admin.site.unregister(model)

_JOBS = ngettext_lazy("%(n)s job", "%(n)s jobs", "count")
_DATES = tuple(shown_column(User, name) for name in ("last_login", "date_joined"))


@admin.register(User)
class UserAdmin(DjangoUserAdmin, BoundedAdmin):
    """Edit users. Only superusers edit superusers."""

    form = UserForm
    add_label = _("Invite a colleague")
    row_count = ngettext_lazy("%(n)s user", "%(n)s users", "count")
    add_form = InviteForm
    add_form_template = "accounts/invite.html"
    change_password_form = AdminPasswordChangeForm
    list_display = (
        "username", "full_name", "email", "role", "sign_in", "last_login", "invitation",
    )  # fmt: skip
    phone_columns = ("username", "full_name", "role", "sign_in")
    list_filter = (("groups", RelatedFilter), "is_active")
    list_before_template = "accounts/user_list.html"
    change_form_outer_before_template = "accounts/user_links.html"
    list_select_related = ("password_link",)
    readonly_fields = _DATES
    filter_horizontal = ()
    add_fieldsets = ((None, {"fields": ("email", ("first_name", "last_name"), "role")}),)
    fieldsets = (
        (None, {"fields": ("username", "email", ("first_name", "last_name"))}),
        (_("Permissions"), {"fields": ("role", "is_active")}),
        (_("Dates"), {"fields": (_DATES,)}),
    )

    @display(description=_("Name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @display(description=_("Role"))
    def role(self, user: User) -> str:
        names = [_("Superuser")] if user.is_superuser else []
        names += [LABELS.get(group.name, group.name) for group in user.groups.all()]
        return ", ".join(map(str, names)) or "–"

    @display(
        description=_("Can sign in"), label={"yes": "success", "invited": "info", "no": "danger"}
    )
    def sign_in(self, user: User) -> tuple[str, Any]:
        """Return whether the user is let in; who has no role, or no flag, sees no page at all."""
        if not (user.is_active and user.is_staff):
            return "no", _("No")
        if not user.has_usable_password():
            return "invited", _("Invitation pending")
        return "yes", _("Yes")

    @display(description=_("Invitation"))
    def invitation(self, user: User) -> str:
        if user.has_usable_password() or not user.is_active:
            return "–"
        sent = getattr(user, "password_link", None)
        return render_to_string("accounts/invitation.html", {"user": user, "sent": sent})

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return users if _is_superuser(request) else users.filter(is_superuser=False)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and _is_superuser(request):
            return (*fieldsets, (_("Superuser"), {"fields": ("is_superuser", "groups")}))
        return fieldsets

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save the user; a user with a role may sign in."""
        obj.is_staff = bool(form.cleaned_data["role"]) or obj.is_superuser
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        set_role(form.instance, form.cleaned_data["role"])

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {"show_save_and_add_another": False}
        return super().add_view(request, form_url, context | (extra_context or {}))

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Send the invitation, or show its link."""
        answer = give_link(request, obj)
        if isinstance(answer, TemplateResponse):
            own = answer.context_data or {}
            answer.context_data = {**self.admin_site.each_context(request), **own}
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"mail_ready": settings.MAIL_READY} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, BoundedAdmin):
    """Show the groups. The project defines two; only superusers add others."""

    add_label = _("Add group")
    row_count = ngettext_lazy("%(n)s group", "%(n)s groups", "count")


@admin.register(Schedule)
class ScheduleAdmin(BoundedAdmin):
    """Edit how often each job runs. Operators cannot edit what it runs, which would be arbitrary
    code."""

    list_name = _("Background jobs")
    row_count = _JOBS
    list_display = ("job", "rhythm", "next_time", "status")
    phone_columns = ("job", "rhythm", "status")
    fieldsets = (
        (None, {"fields": ("schedule_type", "minutes", "next_run")}),
        (_("Technical details"), {"classes": FOLDED, "fields": ("func",)}),
    )
    readonly_fields = ("func",)
    ordering = ("name",)

    def name_of(self, row: Schedule) -> str:
        return self.job(row)

    @display(description=_("Job"), ordering="name")
    def job(self, schedule: Schedule) -> str:
        """Return the job's name, which `operations.schedules` lists, in the reader's language."""
        name = schedule.name
        return gettext(name) if name else "–"

    @display(description=_("Next run"), ordering="next_run")
    def next_time(self, schedule: Schedule) -> str:
        return moment_or_dash(schedule.next_run)

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

    list_name = _("Successful jobs")
    row_count = _JOBS


@admin.register(Failure)
class FailureAdmin(BoundedAdmin, FailAdmin):
    """Show the jobs that failed, to superusers."""

    list_name = _("Failed jobs")
    row_count = _JOBS


class QueuedTaskAdmin(BoundedAdmin, QueueAdmin):
    """Show the jobs queued in the database, to superusers."""

    list_name = _("Queued jobs")
    row_count = _JOBS


if Conf.ORM:
    admin.site.register(OrmQ, QueuedTaskAdmin)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
