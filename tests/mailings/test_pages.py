"""A marketer writes, previews, tests, sends and pauses; others cannot."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django_q.models import OrmQ

from contacts.models import Contact, OptOut
from contacts.tombstones import email_hash
from mailings import tasks
from mailings.models import Mailing, MailTemplate
from tests.factories import ConsentFactory
from tests.fixtures.world import signed_in
from tests.mailings.conftest import MailingBuilder
from webinars.models import Registration

OVERFLOW = "/webinars/{}/audience/overflow/"


@pytest.fixture
def draft(mailing_builder: MailingBuilder, marketer: Client) -> Mailing:
    webinar = mailing_builder.world.webinar
    answer: Any = marketer.post(f"/mailings/to/{webinar.pk}/overflow/", {"query": ""})
    mailing = Mailing.objects.get()
    assert answer.url == f"/mailings/{mailing.pk}/"
    return mailing


def save(marketer: Client, draft: Mailing, **values: str) -> Any:
    posted = {
        "subject": "Full",
        "text": "Hi {first_name}",
        "recording_url": "",
        "language": "en",
    }
    return marketer.post(f"/mailings/{draft.pk}/", posted | values)


def test_from_an_audience_to_a_sent_email(
    draft: Mailing, mailing_builder: MailingBuilder, marketer: Client
) -> None:
    audience = marketer.get(OVERFLOW.format(mailing_builder.world.webinar.pk)).content.decode()
    assert "Email these people" in audience
    page = marketer.get(f"/mailings/{draft.pk}/").content.decode()
    assert "3 people will receive this email" in page and "waiting list" in page
    save(marketer, draft)
    sure = marketer.post(f"/mailings/{draft.pk}/send/").content.decode()
    assert "“Full” goes to 3 people" in sure and not OrmQ.objects.exists()
    marketer.post(f"/mailings/{draft.pk}/send/", {"sure": "yes"})
    marketer.post(f"/mailings/{draft.pk}/send/", {"sure": "yes"})
    assert OrmQ.objects.count() == 1, "pressed twice is sent once"
    tasks.send(draft.pk)
    assert len(mail.outbox) == 3
    page = marketer.get(f"/mailings/{draft.pk}/?state=sent").content.decode()
    assert page.count("@example.com</td>") == 3
    progress = marketer.get(f"/mailings/{draft.pk}/progress/").json()
    assert (progress["total"], progress["done"], progress["going"]) == (3, 3, False)
    assert "Full" in marketer.get("/admin/mailings/mailing/").content.decode()


def test_the_list_says_that_an_email_is_a_draft(draft: Mailing, marketer: Client) -> None:
    page = marketer.get("/admin/mailings/mailing/").content.decode()
    assert '<span class="ws-status">Draft</span>' in page


def test_a_filter_chooses_exactly_those_whom_the_page_lists(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    webinar = mailing_builder.world.webinar
    marketer.post(f"/mailings/to/{webinar.pk}/registered/", {"query": "country=Peru&sort=name"})
    emails = {item.contact.email for item in Mailing.objects.get().recipients.all()}
    assert emails == {"p4@example.com"}


@pytest.mark.rule(11)
def test_a_draft_shows_who_of_its_people_declined(
    draft: Mailing, mailing_builder: MailingBuilder, marketer: Client
) -> None:
    waiting = Registration.objects.filter(webinar=mailing_builder.world.webinar, state="overflow")
    ConsentFactory.create(contact=waiting[0].contact, granted=False)
    ConsentFactory.create(contact=waiting[1].contact, granted=True)
    page = marketer.get(f"/mailings/{draft.pk}/").content.decode()
    assert "2 people in this email have not agreed to marketing" in page
    assert "1 of them said no." in page


def test_contacts_of_a_list_are_emailed(mailing_builder: MailingBuilder, marketer: Client) -> None:
    chosen = list(Contact.objects.values_list("pk", flat=True)[:2])
    action = {"action": "write_to_contacts", "_selected_action": chosen, "select_across": "0"}
    answer: Any = marketer.post("/admin/contacts/contact/", action)
    mailing = Mailing.objects.get()
    assert answer.url == f"/mailings/{mailing.pk}/" and mailing.recipients.count() == 2
    assert "Contacts chosen in the list" in marketer.get(answer.url).content.decode()


def test_mistakes_appear_at_their_field_and_nothing_is_lost(
    draft: Mailing, marketer: Client
) -> None:
    page = save(marketer, draft, text="Hi {nobody}", subject="S")
    assert page.status_code == 422
    assert "There is no placeholder {nobody}" in page.content.decode()
    assert "Hi {nobody}" in page.content.decode()
    page = save(marketer, draft, text="See {recording_link}")
    assert "enter the address of the recording" in page.content.decode()
    saved = save(marketer, draft, text="See {recording_link}", recording_url="example.com/rec")
    assert saved.status_code == 302
    draft.refresh_from_db()
    assert draft.recording_url == "https://example.com/rec"


def test_no_one_gets_an_email_whose_values_are_missing(
    draft: Mailing, mailing_builder: MailingBuilder, marketer: Client
) -> None:
    type(mailing_builder.world.webinar).objects.update(form_enabled=False)
    save(marketer, draft, text="Next: {next_webinar_link}")
    page = marketer.get(f"/mailings/{draft.pk}/").content.decode()
    assert "{next_webinar_link} is empty." in page
    page = marketer.post(f"/mailings/{draft.pk}/send/", follow=True).content.decode()
    assert "take it out of the text, then save" in page
    draft.refresh_from_db()
    assert draft.state == Mailing.State.DRAFT


def test_the_preview_is_for_the_chosen_person(draft: Mailing, marketer: Client) -> None:
    save(marketer, draft)
    row = draft.recipients.get(contact__email="p2@example.com")
    page = marketer.get(f"/mailings/{draft.pk}/?as={row.pk}").content.decode()
    assert "Hi First2" in page and "sandbox srcdoc=" in page


def test_a_test_goes_to_oneself_and_counts_for_no_one(draft: Mailing, marketer: Client) -> None:
    row = draft.recipients.first()
    assert row is not None
    save(marketer, draft)
    page = marketer.post(f"/mailings/{draft.pk}/test/", {"as": row.pk}, follow=True)
    assert "no email address" in page.content.decode()
    User.objects.update(email="mia@example.com")
    marketer.post(f"/mailings/{draft.pk}/test/", {"as": row.pk})
    assert [message.to for message in mail.outbox] == [["mia@example.com"]]
    assert mail.outbox[0].subject == "Test: Full"
    assert not draft.recipients.exclude(state="waiting").exists()


def test_without_a_mail_server_sending_is_refused_in_words(
    draft: Mailing, marketer: Client, settings: Any
) -> None:
    settings.MAIL_READY = False
    page = marketer.post(f"/mailings/{draft.pk}/send/", {"sure": "yes"}, follow=True)
    assert "Ask the operator to set EMAIL_URL and PUBLIC_URL" in page.content.decode()
    draft.refresh_from_db()
    assert draft.state == Mailing.State.DRAFT


def test_paused_and_resumed_with_buttons(draft: Mailing, marketer: Client) -> None:
    save(marketer, draft)
    marketer.post(f"/mailings/{draft.pk}/send/", {"sure": "yes"})
    marketer.post(f"/mailings/{draft.pk}/pause/")
    assert tasks.send(draft.pk) == 0
    assert "Resume" in marketer.get(f"/mailings/{draft.pk}/").content.decode()
    marketer.post(f"/mailings/{draft.pk}/resume/")
    assert tasks.send(draft.pk) == 3


def test_a_template_is_copied_into_the_draft(draft: Mailing, marketer: Client) -> None:
    template = MailTemplate.objects.get(purpose="thanks", language="en")
    marketer.post(f"/mailings/{draft.pk}/template/", {"template": template.pk})
    draft.refresh_from_db()
    assert (draft.subject, draft.text) == (template.subject, template.text)


@pytest.mark.rule(11)
def test_links_of_a_test_email_do_nothing(draft: Mailing, marketer: Client, settings: Any) -> None:
    """A click in a test email must not unsubscribe the person whom it shows, nor join as them."""
    Registration.objects.update(join_url="https://join.example/secret")
    save(marketer, draft, text="Join: {join_link}, look: {own_link}")
    User.objects.update(email="author@example.com")
    marketer.post(f"/mailings/{draft.pk}/test/", {"as": draft.recipients.all()[0].pk})
    [message] = mail.outbox
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post"} & message.extra_headers.keys()
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    links = set(re.findall(r"https?://[^\s<>\",]+", f"{message.body} {html}"))
    assert links == {f"{settings.PUBLIC_URL}/example-link/"}
    assert "This link is an example" in Client().get("/example-link/").content.decode()


def test_a_draft_is_discarded_and_a_sent_email_is_not(draft: Mailing, marketer: Client) -> None:
    save(marketer, draft)
    marketer.post(f"/mailings/{draft.pk}/send/", {"sure": "yes"})
    assert marketer.post(f"/mailings/{draft.pk}/discard/").status_code == 404
    Mailing.objects.update(state=Mailing.State.DRAFT, started_at=None)
    marketer.post(f"/mailings/{draft.pk}/discard/")
    assert not Mailing.objects.exists()


def test_an_address_is_unsubscribed_manually_and_found_by_the_complete_address(
    mailing_builder: MailingBuilder, marketer: Client
) -> None:
    add = "/admin/contacts/optout/add/"
    assert marketer.post(add, {"address": "P0@example.com"}).status_code == 302
    assert OptOut.objects.get().email_hash == email_hash("p0@example.com")
    assert (
        "unsubscribed already" in marketer.post(add, {"address": "p0@Example.com"}).content.decode()
    )
    found = marketer.get("/admin/contacts/optout/?q=p0@example.com").content.decode()
    other = marketer.get("/admin/contacts/optout/?q=p1@example.com").content.decode()
    assert "First0 Last0" in found and "First0 Last0" not in other


@pytest.mark.parametrize("path", ["", "progress/"])
def test_staff_of_no_group_sees_none_of_it(draft: Mailing, path: str) -> None:
    select_nobody = signed_in(None)
    assert select_nobody.get(f"/mailings/{draft.pk}/{path}").status_code == 403
    assert select_nobody.post(f"/mailings/{draft.pk}/send/", {"sure": "yes"}).status_code == 403
    draft.refresh_from_db()
    assert draft.state == Mailing.State.DRAFT
