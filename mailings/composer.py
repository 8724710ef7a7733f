"""Compose the email to one person."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import dates
from core.emails import ascii_address
from core.typed_text import unlinked, unlinked_name
from mailings.models import Mailing, Recipient
from mailings.opt_outs import token_for
from mailings.placeholders import as_html, filled, used_in
from registration_forms.links import absolute, form_link, own_link
from registration_forms.outcome import waiting_list_promise
from webinars.models import Webinar

_ADDRESS = re.compile(r"://|www\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mail:
    """An email ready to be sent; `lacking` names the placeholders without a value.

    `unsubscribe` is the recipient's link; "" in an example.
    """

    subject: str
    text: str
    html: str
    unsubscribe: str
    lacking: frozenset[str]


def next_webinar(mailing: Mailing) -> Webinar | None:
    """Return the next webinar open for registration, other than the mailing's own."""
    rows = Webinar.objects.taking_registrations(timezone.now()).soonest_first()
    return rows.exclude(pk=mailing.webinar_id).first() if mailing.webinar_id else rows.first()


def values_of(mailing: Mailing) -> dict[str, str]:
    """Return the values that are the same for all recipients; call it once a mailing."""
    with translation.override(mailing.language):
        return _values(mailing)


def _values(mailing: Mailing) -> dict[str, str]:
    values = {"recording_link": mailing.recording_url}
    webinar = mailing.webinar
    if webinar is not None:
        values |= {
            "webinar_title": unlinked(webinar.subject),
            "webinar_time": _time(webinar),
            "form_link": form_link(webinar),
            "waiting_list_promise": waiting_list_promise(webinar),
        }
    following = next_webinar(mailing)
    if following is not None:
        values |= {
            "next_webinar_title": unlinked(following.subject),
            "next_webinar_link": form_link(following),
        }
    return values


def lacking_for_all(mailing: Mailing) -> set[str]:
    """Return the placeholders that the mailing uses and that have no value for anyone."""
    values = values_of(mailing)
    of_person = {"first_name", "last_name"}
    if mailing.webinar_id:
        of_person |= {"join_link", "own_link"}
    used = used_in(mailing.subject, mailing.text)
    return {name for name in used if name not in of_person and not values.get(name)}


def compose(recipient: Recipient, common: dict[str, str], *, example: bool = False) -> Mail:
    """Return the email of `recipient`; `common` is the result of `values_of` for its mailing.

    In an `example`, which others see, the recipient's own links are replaced by inactive ones.
    """
    mailing, contact, registration = (
        recipient.mailing,
        recipient.contact,
        recipient.registration,
    )
    values = common | {
        "first_name": _name(contact.first_name),
        "last_name": _name(contact.last_name),
    }
    if registration is not None:
        own = {"join_link": registration.join_url, "own_link": own_link(registration)}
        values |= {name: _inert() if example and url else url for name, url in own.items()}
    used = used_in(mailing.subject, mailing.text)
    link = absolute(reverse("mailings:unsubscribe", args=[token_for(recipient)]))
    if example:
        link = _inert()
    subject = " ".join(filled(mailing.subject, values).split())
    body = filled(mailing.text, values)
    html_body = as_html(mailing.text, values)
    context = {"body": html_body, "unsubscribe": link, "subject": subject}
    with translation.override(mailing.language):
        last = _("Unsubscribe:")
        html = render_to_string("mailings/mail.html", context)
    return Mail(
        subject=subject,
        text=f"{body}\n\n-- \n{last} {link}\n",
        html=html,
        unsubscribe="" if example else link,
        lacking=frozenset(name for name in used if not values.get(name)),
    )


def _inert() -> str:
    """Return the URL of a page that says that the link is an example."""
    return absolute(reverse("mailings:example_link"))


def _name(text: str) -> str:
    """Return a name as it may be in an email: anyone can fill in our form for anyone, and a web
    address as a name would turn our email into an advertisement."""
    return "" if _ADDRESS.search(text) else unlinked_name(text)


def message(mail: Mail, to: str, identity: str) -> EmailMultiAlternatives:
    """Return the message to one address. `identity` is the same for each attempt, so that an email
    server can recognize a repetition."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    headers = {"Message-ID": f"<{identity}@{host}>"}
    if mail.unsubscribe:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made = EmailMultiAlternatives(
        subject=mail.subject, body=mail.text, to=[ascii_address(to)], headers=headers
    )
    made.attach_alternative(mail.html, "text/html")
    return made


def _time(webinar: Webinar) -> str:
    if webinar.starts_at is None:
        return ""
    own = webinar.starts_at.astimezone(webinar.zone)
    return f"{dates.full(own)} {webinar.zone_name_at(own)}"
