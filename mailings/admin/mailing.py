"""The admin of mailings and their templates."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from unfold.decorators import display

from core.bounded_admin import BoundedAdmin
from core.changed_fields import SaveChangedFields
from core.list_filters import ChoiceFilter
from core.numbers import whole_number
from mailings.models import Mailing, MailTemplate, Recipient

_TONES = {
    Mailing.State.SENDING: "info",
    Mailing.State.PAUSED: "warning",
    Mailing.State.DONE: "success",
}


@admin.register(Mailing)
class MailingAdmin(BoundedAdmin):
    """The list of mailings; each has a page of its own."""

    list_name = _("Emails")
    row_count = ngettext_lazy("%(n)s email", "%(n)s emails", "count")
    list_display = ("subject_shown", "webinar", "status", "people", "sent", "by", "created_at")
    phone_columns = ("subject_shown", "status", "sent", "webinar")
    list_select_related = ("webinar", "created_by")
    list_filter = (("state", ChoiceFilter),)
    search_fields = ("subject", "webinar__subject")
    show_full_result_count = False
    list_before_template = "mailings/list_actions.html"
    empty_text = _(
        "No emails yet. An email goes to the people of a webinar, to a segment, or to contacts "
        "that you choose."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mailing]:
        rows: QuerySet[Mailing] = super().get_queryset(request)
        sent = Count("recipients", filter=Q(recipients__state=Recipient.State.SENT))
        return rows.annotate(people_count=Count("recipients"), sent_count=sent)

    @display(description=_("Subject"), ordering="subject")
    def subject_shown(self, mailing: Mailing) -> str:
        return str(mailing)

    @display(description=_("Status"), ordering="state", label=_TONES)
    def status(self, mailing: Mailing) -> tuple[str, str]:
        return mailing.state, mailing.get_state_display()

    @display(description=_("People"))
    def people(self, mailing: Any) -> int:
        return mailing.people_count

    @display(description=_("Sent"))
    def sent(self, mailing: Any) -> int:
        return mailing.sent_count

    @display(description=_("By"))
    def by(self, mailing: Mailing) -> str:
        return str(mailing.created_by or "–")

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        mailing_id = whole_number(object_id)
        if mailing_id is None:
            raise Http404
        return redirect("mailings:mailing", mailing_id)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(MailTemplate)
class MailTemplateAdmin(SaveChangedFields, BoundedAdmin):
    empty_text = _("No templates yet. A template is the text that an email starts with.")
    list_name = _("Email templates")
    row_count = ngettext_lazy("%(n)s template", "%(n)s templates", "count")
    add_label = _("New template")
    list_display = ("name", "purpose", "language", "subject")
    list_filter = (("purpose", ChoiceFilter), ("language", ChoiceFilter))
    search_fields = ("name", "subject")
