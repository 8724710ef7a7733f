"""The list of contacts, and the page of a contact with the form to edit it."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import label_for_field, unquote
from django.contrib.admin.views.main import ChangeList
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from unfold.decorators import display

from contacts import events, tags
from contacts.admin.deletion import DeletionDialog
from contacts.admin.filters import TagFilter
from contacts.admin.page import about
from contacts.forms import ContactForm
from contacts.list_settings import COLUMNS, ListSettings, apply_settings
from contacts.matching import address_begins
from contacts.models import Contact, ListName
from contacts.panels import contact_panels
from core import dates
from core.audit import FilterValue
from core.bounded_admin import BoundedAdmin
from core.changed_fields import SaveChangedFields
from core.emails import email_key
from core.list_filters import ChoiceFilter, PeopleDayRangeFilter
from core.panels_admin import PanelsAdmin

# The columns of users who chose none, beside those of packages above.
_USUAL = ("organization", "country", "source")
# The query parameter that shows the form to edit a contact.
EDIT = "edit"


@admin.register(Contact)
class ContactAdmin(DeletionDialog, PanelsAdmin, SaveChangedFields, BoundedAdmin):
    form = ContactForm
    add_label = _("Add contact")
    row_count = ngettext_lazy("%(n)s contact", "%(n)s contacts", "count")
    # Each user chooses among these and the columns of packages above.
    list_display = (
        "person",
        "organization",
        "country",
        "source",
        "job_title",
        "industry",
        "phone",
        "city",
        "created",
    )
    list_display_links = ("person",)
    phone_columns = ("person", "registered", "attended", "organization")
    search_fields = ("email_key", "first_name", "last_name", "organization")
    search_help_text = _("Name, email or organization")
    list_filter = (
        TagFilter,
        ("created_at", PeopleDayRangeFilter),
        ("source", ChoiceFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": (("first_name", "last_name"), ("email", "organization"), "tag_names")}),
        (
            _("More details"),
            {
                "fields": (
                    ("job_title", "industry"),
                    ("phone", "country"),
                    ("address", "city"),
                    ("state", "zip_code"),
                ),
            },
        ),
    )
    change_form_template = "contacts/edit.html"
    list_before_template = "contacts/list_actions.html"
    warn_unsaved_form = True
    actions: tuple[Any, ...] = ("merge_two", "delete_selected")
    panels = contact_panels

    class Media:
        css = {"all": ("webinarsync/people.css",)}

    # -- the list ------------------------------------------------------------------------------

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        """Look up an email address, or its beginning, by its index; search other words in all
        columns."""
        words = search_term.split()
        if len(words) == 1 and "@" in words[0].lstrip("@"):
            return queryset.filter(address_begins(email_key(words[0]))), False
        found: tuple[QuerySet[Contact], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    def list_settings(self) -> ListSettings:
        """Return which columns there are to choose from: the usual ones, and others."""
        labels = {
            str(name): label_for_field(name, Contact, self)
            for name in self.list_display
            if name not in self.list_display_links
        }
        registered = {column.name: column.label for column in contact_panels.columns}
        return ListSettings(ListName.CONTACTS, labels | registered, (*_USUAL, *registered))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns that the user chose."""
        kept = {*self.list_display_links, *self.list_settings().shown(request)}
        every = super().get_list_display(request)
        return [column for column in every if getattr(column, "__name__", column) in kept]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        found: Any = super().get_changelist(request, **kwargs)

        class ContactList(found):
            def get_filters_params(self, params: Any = None) -> dict[str, Any]:
                # The parameter for columns is no filter.
                left: dict[str, Any] = super().get_filters_params(params)
                return {name: value for name, value in left.items() if name != COLUMNS}

        return ContactList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the list; keep which columns and views were chosen for it."""
        settings = self.list_settings()
        if request.method == "POST" and self.has_view_permission(request):
            changed = apply_settings(request, settings)
            if changed is not None:
                return redirect(f"{reverse('admin:contacts_contact_changelist')}?{changed}")
        shown = settings.shown(request)
        context = settings.context(request, shown) | (extra_context or {})
        return super().changelist_view(request, context)

    def listed(self, request: HttpRequest) -> QuerySet[Contact]:
        """Return the contacts of the list, filtered and sorted as the query of `request` says."""
        people: QuerySet[Contact] = self.get_changelist_instance(request).get_queryset(request)
        return people

    def logged_filters(self) -> dict[str, FilterValue]:
        """Return the query parameters that filter the list, and how each is logged."""
        registered = [str(item.shown.parameter_name) for item in contact_panels.filters]
        own = ("created_at_from", "created_at_to", "source__exact")
        return {"q": FilterValue.TYPED} | dict.fromkeys((*registered, *own), FilterValue.CODE)

    @display(description=_("Created"), ordering="created_at")
    def created(self, contact: Contact) -> str:
        return dates.day(contact.created_at)

    @display(description=_("Person"), ordering="last_name", header=True)
    def person(self, contact: Contact) -> list[str]:
        initials = f"{contact.first_name[:1]}{contact.last_name[:1]}".upper()
        return [contact.full_name, contact.email, initials]

    # -- the page ------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the contact, or the form to edit it if the query has `EDIT`."""
        contact = None
        if not self._is_edited(request):
            contact = self.get_object(request, unquote(object_id))
        if contact is None or not self.has_view_permission(request, contact):
            title = {"title": _("Edit contact")}
            return super().change_view(request, object_id, form_url, title | (extra_context or {}))
        context = {
            **self.admin_site.each_context(request),
            "title": str(contact),
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            # The theme's header needs these for its links.
            "adminform": {"model_admin": self},
            "may_change": self.has_change_permission(request, contact),
            "may_delete": self.has_delete_permission(request, contact),
            **about(request, contact),
        }
        return TemplateResponse(request, "contacts/page.html", context)

    def _is_edited(self, request: HttpRequest) -> bool:
        if request.method == "POST":
            return True
        return EDIT in request.GET and self.has_change_permission(request)

    def response_post_save_add(self, request: HttpRequest, obj: Contact) -> HttpResponse:
        return self._to_page(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Contact) -> HttpResponse:
        return self._to_page(request, obj)

    def _to_page(self, request: HttpRequest, contact: Contact) -> HttpResponse:
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        page = reverse("admin:contacts_contact_change", args=[contact.pk])
        return redirect(add_preserved_filters(filters, page))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Someone took the address after the form was validated. Validated again, it reports
            # that.
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        if not change:
            obj.source = Contact.Source.PERSON
        super().save_model(request, obj, form, change)
        if "tag_names" in form.changed_data:
            names = tags.names_in(form.cleaned_data["tag_names"])
            tags.write(obj.pk, names, user_id=request.user.pk)
        if change:
            changed = ["tags" if name == "tag_names" else name for name in form.changed_data]
            events.contacts_changed([(obj.pk, changed)])

    # -- merging -------------------------------------------------------------------------------

    @admin.action(description=_("Merge contacts…"), permissions=["change", "delete"])
    def merge_two(self, request: HttpRequest, queryset: QuerySet[Contact]) -> HttpResponse | None:
        pks = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
        if len(pks) != 2:
            message = _("Choose exactly two contacts to merge.")
            self.message_user(request, message, messages.WARNING)
            return None
        return redirect("contacts:merge", *pks)
