"""The mail that one person gets."""

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
    """A mail ready to go; `lacking` names the placeholders that this person has no value for.

    `unsubscribe` is the recipient's link; "" in an example.
    """

    subject: str
    text: str
    html: str
    unsubscribe: str
    lacking: frozenset[str]


def next_webinar(mailing: Mailing) -> Webinar | None:
    """Return the next webinar that takes registrations, other than the mailing's own."""
    rows = Webinar.objects.taking_registrations(timezone.now()).soonest_first()
    return rows.exclude(pk=mailing.webinar_id).first() if mailing.webinar_id else rows.first()


def values_of(mailing: Mailing) -> dict[str, str]:
    """Return the values that are the same for everybody; call it once a mailing."""
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
    """Return the placeholders that the mailing uses and nobody has a value for."""
    values = values_of(mailing)
    of_person = {"first_name", "last_name"}
    if mailing.webinar_id:
        of_person |= {"join_link", "own_link"}
    used = used_in(mailing.subject, mailing.text)
    return {name for name in used if name not in of_person and not values.get(name)}


def compose(recipient: Recipient, common: dict[str, str], *, example: bool = False) -> Mail:
    """Return the mail of `recipient`; `common` is what `values_of` gave for its mailing.

    In an `example`, which others look at, the links that belong to the recipient do nothing.
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
    """Return an address that says that the link is an example."""
    return absolute(reverse("mailings:example_link"))


def _name(text: str) -> str:
    """Return a name as it may stand in a mail: anybody can fill our form in for anybody, and one
    that is a web address would make an advertisement of our mail."""
    return "" if _ADDRESS.search(text) else unlinked_name(text)


def message(mail: Mail, to: str, identity: str) -> EmailMultiAlternatives:
    """Return `mail` to one address. `identity` is the same whenever it is sent again, so that a
    mail server can tell a repetition."""
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
