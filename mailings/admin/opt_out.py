"""The page Unsubscribes: who opted out of marketing emails, where and when."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from unfold.decorators import display

from contacts import opt_outs
from contacts.models import OptOut
from contacts.tombstones import email_hash
from core.bounded_admin import BoundedAdmin
from core.list_filters import ChoiceFilter
from core.search_words import too_much
from mailings.models import Mailing
from mailings.models.mailing import subject_in_words


class OptOutForm(forms.ModelForm[OptOut]):
    """Add the address of someone who asked to be unsubscribed."""

    address = forms.EmailField(label=_("Email"))

    class Meta:
        model = OptOut
        fields: tuple[str, ...] = ()

    def clean_address(self) -> str:
        email = str(self.cleaned_data["address"])
        entered = OptOut.objects.filter(
            email_hash=email_hash(email), source=OptOut.Source.COLLEAGUE
        )
        if entered.exists():
            raise forms.ValidationError(_("This address is unsubscribed already."))
        return email


@admin.register(OptOut)
class OptOutAdmin(BoundedAdmin):
    """Search people by name; deleted people, of whom a hash remains, by their complete address."""

    empty_text = _("No one has unsubscribed yet.")
    list_name = _("Unsubscribes")
    row_count = ngettext_lazy("%(n)s unsubscribe", "%(n)s unsubscribes", "count")
    add_label = _("Unsubscribe an address")
    form = OptOutForm
    list_display = ("person", "address", "opted_out_at", "source", "mailing")
    list_display_links = None
    phone_columns = ("person", "address", "opted_out_at", "source")
    list_filter = (("source", ChoiceFilter),)
    list_select_related = ("contact",)
    # Only enables the search box: see get_search_results.
    search_fields = ("email",)
    search_help_text = _("Name or email; for a deleted person, the complete email address")
    show_full_result_count = False

    @display(description=_("Person"), ordering="contact__last_name")
    def person(self, row: OptOut) -> str:
        if row.contact is None:
            return str(_("No contact") if row.email else _("a deleted contact"))
        address = reverse("admin:contacts_contact_change", args=[row.contact_id])
        return format_html('<a class="ws-link" href="{}">{}</a>', address, row.contact.full_name)

    @display(description=_("Email"), ordering="email")
    def address(self, row: OptOut) -> str:
        return row.email or f"… {row.email_hash[:8]}"

    @display(description=_("Email"))
    def mailing(self, row: Any) -> str:
        return subject_in_words(row.mailing_subject or "", row.mailing_webinar or "") or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OptOut]:
        mailing = Mailing.objects.filter(pk=OuterRef("mailing_id"))
        rows: QuerySet[OptOut] = super().get_queryset(request)
        return rows.annotate(
            mailing_subject=Subquery(mailing.values("subject")),
            mailing_webinar=Subquery(mailing.values("webinar__subject")),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OptOut], search_term: str
    ) -> tuple[QuerySet[OptOut], bool]:
        if too_much(search_term):
            return super().get_search_results(request, queryset, search_term)
        for word in search_term.split():
            queryset = queryset.filter(
                Q(email_hash=email_hash(word))
                | Q(email__icontains=word)
                | Q(contact__first_name__icontains=word)
                | Q(contact__last_name__icontains=word)
            )
        return queryset, False

    def save_model(self, request: HttpRequest, obj: OptOut, form: Any, change: bool) -> None:
        opt_outs.opt_out(form.cleaned_data["address"], OptOut.Source.COLLEAGUE)
        hashed = email_hash(form.cleaned_data["address"])
        obj.pk = OptOut.objects.get(email_hash=hashed, source=OptOut.Source.COLLEAGUE).pk
        obj.refresh_from_db()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
