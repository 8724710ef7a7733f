"""Text typed by visitors is shown in our emails, and never a link (table over all emails)."""

import re
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from contacts.models import Contact
from core.typed_text import BREAK, LONGEST_NAME, has_address, one_line, unlinked, unlinked_name
from destinations.models import Portal
from destinations.notifications import report_refused_token
from mailings import sender, tasks
from mailings.composer import compose, values_of
from mailings.preview import send_test
from platforms.models import Connection
from platforms.notifications import report_refused_sign_ins
from registration_forms import address_confirmation
from registration_forms.forms import RegistrationForm
from registration_forms.models import Submission
from tests.factories import UserFactory
from tests.mailings.conftest import MailingBuilder, mailing_builder  # noqa: F401 (a fixture)
from webinars.audiences import Audience
from webinars.models import Registration, Webinar
from webinarsync import roles

# The content of an email is independent of the database.
pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
# What email programs turn into links, as liberally as any of them: with a scheme, or of a host that
# ends with what could be a top-level domain, or of an email address.
_LINKED = re.compile(
    r"\w+:/|//\w|\bwww\.\w|\w@\w|\\\\\w|[\w-][.。．｡]\w{2,}|(?:\d+[.]){3}\d", re.IGNORECASE
)
TYPED = [
    "Claim your prize at evil.example/win",
    "evil.example",
    "EVIL.COM",
    "evil。example",
    "evil．example／win",
    "a@evil.example",
    "a＠evil.example",
    "mailto:a@evil.example",
    "javascript:alert(1)",
    "1.2.3.4/win",
    "\\\\evil\\share",
    "//evil.example",
    "evil.",
    ".example",
    "evil\u200b.example",
    "<a href='https://evil.example'>x</a>",
    "xn--vil-loa.example",
    "\u202eelpmaxe.live",
]
PEOPLE = ["St.John", "Dr.Müller", "J.R.R. Tolkien", "O’Brien-Smith", "Núñez y García", "王小明"]


class _Links(HTMLParser):
    """Collects the URLs of links, and the text outside of links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.plain: list[str] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs.append(dict(attrs)["href"] or "")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "a"

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.plain.append(data)


def links(text: str) -> list[str]:
    """Return what an email program turns into links, other than our own URLs and times."""
    ours = re.sub(r"https://webinars\.example\.com/\S*", " ", text)
    ours = re.sub(r"\b\d\d:\d\d\b|Europe/Berlin", " ", ours)
    return _LINKED.findall(ours)


@pytest.mark.parametrize("typed", TYPED)
def test_the_table_is_about_what_would_be_linked(typed: str) -> None:
    harmless = ("evil.", ".example", "evil\u200b.example", "javascript:alert(1)", "a＠evil.example")
    assert links(typed) or typed in harmless


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("around", ["{}", "{}.com", "https{}", "www.{}", "evil.{}"])
def test_nothing_typed_is_linked(typed: str, around: str) -> None:
    assert not links(unlinked(around.format(typed)))


@given(st.text())
@example("a.b")
@example("http://x")
def test_what_is_read_is_what_was_typed(typed: str) -> None:
    shown = unlinked(typed, longest=10**6)
    assert not links(shown)
    assert unlinked(shown, longest=10**6).replace(BREAK, "") == shown.replace(BREAK, "")
    assert not any(unicodedata.category(sign) in {"Cc", "Zl", "Zp"} for sign in shown)
    if BREAK not in typed and not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", typed):
        assert shown.replace(BREAK, "") == one_line(typed)


@pytest.mark.parametrize("name", PEOPLE)
def test_people_keep_their_names(name: str) -> None:
    assert unlinked_name(name).replace(BREAK, "") == name
    assert not has_address(name)


def test_a_long_name_is_cut() -> None:
    shown = unlinked_name("Win " * 100)
    assert len(shown) <= LONGEST_NAME
    assert shown.endswith("…")


# -- all emails ------------------------------------------------------------------------------------

EVERYTHING = (
    "Dear {first_name} {last_name}, {first_name}{last_name} {last_name}.{first_name}\n"
    "{webinar_title}: {webinar_time}{first_name}\n{own_link}{first_name}\n{first_name}{form_link}\n"
    "See {first_name}.com {join_link} {next_webinar_title} {next_webinar_link}\n"
    "https://webinars.example.com/?n={first_name} {recording_link}"
)


def _sent(mailing_builder: MailingBuilder) -> list[Any]:  # noqa: F811
    mailing = mailing_builder.to(
        Audience.REGISTERED, "Hello {first_name}, {webinar_title}", EVERYTHING
    )
    mailing.recording_url = "https://webinars.example.com/recording"
    mailing.save()
    sender.start(mailing)
    tasks.send(mailing.pk)
    return mail.outbox


def _tested(mailing_builder: MailingBuilder) -> list[Any]:  # noqa: F811
    mailing = mailing_builder.to(
        Audience.REGISTERED, "Hello {first_name}, {webinar_title}", EVERYTHING
    )
    row = mailing.recipients.first()
    assert row is not None
    send_test(row, "author@example.com")
    return mail.outbox


def _sign_in_alert(mailing_builder: MailingBuilder) -> list[Any]:  # noqa: F811
    UserFactory.create(role=roles.OPERATORS)
    report_refused_sign_ins()
    return mail.outbox


def _refused_token(mailing_builder: MailingBuilder) -> list[Any]:  # noqa: F811
    UserFactory.create(role=roles.OPERATORS)
    Portal.objects.create(
        portal_id="1",
        state=Portal.State.TOKEN_REFUSED,
        error_code="hubspot.token-expired",
        platform_message=Connection.objects.get().platform_message,
    )
    report_refused_token()
    return mail.outbox


def _confirmed(mailing_builder: MailingBuilder) -> list[Any]:  # noqa: F811
    mailing_builder.world.webinar.refresh_from_db()
    assert address_confirmation.request_link(mailing_builder.world.webinar, "a@straße.example", "x")
    assert address_confirmation.send_due() == 1
    return mail.outbox


_SENDS = re.compile(r"\b(?:send_mail|mail_operators|EmailMultiAlternatives|EmailMessage)\(")
MAILS = {"mailing": _sent, "test": _tested, "sign-in": _sign_in_alert, "token": _refused_token,
    "confirmation": _confirmed,
}  # fmt: skip


def test_the_table_has_all_emails() -> None:
    """Everything that sends emails is in the table, except emails without external text."""
    senders = {
        file.relative_to(ROOT).as_posix()
        for folder in (path.parent for path in ROOT.glob("*/apps.py"))
        for file in folder.rglob("*.py")
        if _SENDS.search(file.read_text())
    }
    assert senders == {
        "accounts/operator_mail.py",  # for the notifications
        "mailings/composer.py",  # of mailings and of tests
        "registration_forms/address_confirmation.py",
        "accounts/password_links.py",  # only links of ours
    }


@pytest.mark.parametrize("make", MAILS.values(), ids=list(MAILS))
@pytest.mark.parametrize("typed", TYPED)
def test_no_email_links_what_strangers_typed(
    mailing_builder: MailingBuilder,  # noqa: F811
    make: Callable[[MailingBuilder], list[Any]],
    typed: str,
    settings: Any,
) -> None:
    """From the form or the platform: names, titles, texts and addresses of accounts."""
    settings.MAIL_READY = True
    now = timezone.now()
    starts_at = mailing_builder.world.webinar.starts_at
    assert starts_at is not None
    Contact.objects.update(first_name=typed, last_name=typed)
    Registration.objects.update(join_url="https://webinars.example.com/join")
    Webinar.objects.update(subject=typed[:200])
    Webinar.objects.create(
        connection=mailing_builder.world.webinar.connection, key="9", slug="next", subject=typed,
        form_enabled=True, starts_at=now, ends_at=now + 3 * (now - starts_at),
    )  # fmt: skip
    Connection.objects.update(
        state=Connection.State.SIGN_IN_NEEDED,
        refused_since=now,
        platform_message=typed,
        email=typed,
    )
    sent = make(mailing_builder)
    # A name that is only an address is no name: that person is left out.
    assert sent or "://" in typed
    for message in sent:
        assert "\n" not in message.subject
        assert links(message.subject) == []
        assert links(message.body) == []
        for html, _kind in getattr(message, "alternatives", ()):
            found = _Links(html)
            assert links(" ".join(found.plain)) == []
            assert all(href.startswith("https://webinars.example.com/") for href in found.hrefs)
            assert len(found.hrefs) > 3


def test_a_colleagues_text_is_linked_as_usual(mailing_builder: MailingBuilder) -> None:  # noqa: F811
    Contact.objects.update(first_name="St.John", last_name="B")
    text = "{first_name}: https://example.com/a and shop.example.com, {join_link}."
    mailing = mailing_builder.to(Audience.REGISTERED, "x", text)
    row = mailing.recipients.first()
    assert row is not None
    made = compose(row, values_of(mailing))
    assert {"https://example.com/a", "http://shop.example.com"} <= set(_Links(made.html).hrefs)
    assert row.registration is not None and row.registration.join_url in _Links(made.html).hrefs
    assert made.text.replace(BREAK, "").startswith("St.John: https://example.com/a and ")


# -- the form --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("Claim your prize at evil.example/win", True),
        ("https://evil.example", True),
        ("www.evil.example", True),
        ("a@evil.example", True),
        *((name, False) for name in PEOPLE),
        ("A/B Smith", False),
        ("Ana @ Acme", False),
    ],
)
def test_the_form_asks_for_a_name(
    mailing_builder: MailingBuilder,  # noqa: F811
    name: str,
    refused: bool,
) -> None:
    submitted = {"first_name": name, "last_name": "B", "email": "a@example.com"}
    form = RegistrationForm(mailing_builder.world.webinar, submitted)
    assert form.is_valid() != refused
    if refused:
        page = (
            Client()
            .post(f"/register/{mailing_builder.world.webinar.slug}/", submitted)
            .content.decode()
        )
        assert "Please enter a name without a web or email address." in page
        assert not Submission.objects.exists()
