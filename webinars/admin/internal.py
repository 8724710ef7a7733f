"""The page Internal people: addresses and domains of people who are left out."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator, validate_email
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.bounded_admin import BoundedAdmin
from core.changed_fields import SaveChangedFields
from core.emails import email_key
from webinars import internal
from webinars.models import InternalAddress

# Domains where anyone can have an address: single addresses are entered instead.
_FREE_MAIL = frozenset(
    {
        "126.com", "163.com", "aol.com", "bluewin.ch", "bol.com.br", "comcast.net", "free.fr",
        "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net",
        "googlemail.com", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.fr", "hotmail.it",
        "icloud.com", "laposte.net", "libero.it", "live.com", "live.fr", "mac.com", "mail.com",
        "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr", "outlook.com", "outlook.de",
        "outlook.fr", "pm.me", "posteo.de", "proton.me", "protonmail.com", "qq.com",
        "rediffmail.com", "seznam.cz", "sfr.fr", "t-online.de", "terra.com.br", "tutanota.com",
        "uol.com.br", "verizon.net", "wanadoo.fr", "web.de", "wp.pl", "yahoo.co.in", "yahoo.co.jp",
        "yahoo.co.uk", "yahoo.com", "yahoo.com.br", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it",
        "yandex.com", "yandex.ru", "zoho.com",
    }
)  # fmt: skip
# Second levels under which countries register domains: "co.uk" is no one's.
_SECOND_LEVELS = frozenset(
    {"ac", "co", "com", "edu", "gob", "gov", "gouv", "ltd", "mil", "ne", "net", "or", "org", "sch"}
)
_is_domain_name = DomainNameValidator()


class InternalAddressForm(forms.ModelForm[InternalAddress]):
    """An address or a domain, validated and normalized."""

    class Meta:
        model = InternalAddress
        fields = ("text",)
        help_texts = {
            "text": gettext_lazy(
                "An email address, such as ann@example.com, or a domain, such as "
                "example.com: everyone with an address at the domain or a subdomain is "
                "internal."
            )
        }

    def clean_text(self) -> str:
        written = str(self.cleaned_data["text"]).strip().removeprefix("@")
        return _address(written) if "@" in written else _domain(written)


def _address(written: str) -> str:
    try:
        validate_email(written)
    except ValidationError:
        raise _neither(written) from None
    return email_key(written)


def _domain(written: str) -> str:
    # Normalized like the domain of an address.
    domain = email_key(f"x@{written}").partition("@")[2]
    try:
        _is_domain_name(domain)
    except ValidationError:
        raise _neither(written) from None
    labels = domain.split(".")
    if len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SECOND_LEVELS:
        raise ValidationError(
            _("“%(domain)s” is shared by many companies. Enter a whole domain, such as %(whole)s."),
            params={"domain": domain, "whole": f"example.{domain}"},
        )
    if domain in _FREE_MAIL:
        raise ValidationError(
            _(
                "Anyone can have an address at %(domain)s, so all of them would be left "
                "out of figures and emails. Enter the addresses of your own people one by "
                "one."
            ),
            params={"domain": domain},
        )
    return domain


def _neither(written: str) -> ValidationError:
    return ValidationError(
        _(
            "“%(text)s” is neither an email address nor a domain. Enter one such as "
            "ann@example.com or example.com."
        ),
        params={"text": written},
    )


@admin.register(InternalAddress)
class InternalAddressAdmin(SaveChangedFields, BoundedAdmin):
    empty_text = gettext_lazy(
        "No internal people yet. Add the addresses or domains of your company; they are "
        "left out of figures and emails."
    )
    list_name = gettext_lazy("Internal people")
    form = InternalAddressForm
    add_label = gettext_lazy("Add address or domain")
    list_display = ("text", "kind", "created_by", "created_at")
    list_select_related = ("created_by",)
    list_before_template = "webinars/internal_people.html"
    search_fields = ("text",)
    search_help_text = gettext_lazy("Address or domain")

    @admin.display(description=gettext_lazy("Kind"), ordering="is_domain")
    def kind(self, row: InternalAddress) -> str:
        return _("Domain") if row.is_domain else _("Address")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = (extra_context or {}) | {"marked": internal.percent_marked()}
        return super().changelist_view(request, context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
