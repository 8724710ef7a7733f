"""The content of an email: what was written, and nothing else."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Activity, Contact, OptOut
from contacts.tombstones import email_hash
from core.typed_text import BREAK
from mailings import default_templates, sender, tasks
from mailings.composer import compose, values_of
from mailings.models import Mailing, MailTemplate, Recipient
from mailings.opt_outs import token_for
from mailings.placeholders import NAMES, filled, used_in, validate_placeholders
from tests.mailings.conftest import MailingBuilder, contact
from webinars.audiences import Audience


def written(mailing_builder: MailingBuilder, subject: str, text: str) -> Any:
    mailing = mailing_builder.to(Audience.REGISTERED, subject, text)
    first = mailing.recipients.order_by("pk").first()
    assert first is not None
    return compose(first, values_of(mailing))


@given(st.text())
def test_any_text_can_be_written_and_no_placeholder_is_a_program(text: str) -> None:
    assert filled(text, {}).count("{") <= text.count("{")
    assert filled("{first_name}", {"first_name": text}) == text


@pytest.mark.parametrize("text", ["{first_name.__class__}", "{0}", "{}", "{password}"])
def test_a_placeholder_that_does_not_exist_is_reported_with_those_that_do(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_placeholders(text)
    assert "{join_link}" in caught.value.messages[0]


def test_values_are_escaped_in_html_and_plain_in_text(mailing_builder: MailingBuilder) -> None:
    Contact.objects.update(first_name="<b>Bo</b> & {last_name}", last_name="X")
    made = written(
        mailing_builder, "For {first_name}", "Dear {first_name}\n\nhttps://example.com/a"
    )
    assert "Dear <b>Bo</b> & {last_name}" in made.text.replace(BREAK, "")
    assert "<b>Bo</b>" not in made.html and "&lt;b&gt;Bo" in made.html
    assert 'href="https://example.com/a"' in made.html


def test_a_subject_is_one_line(mailing_builder: MailingBuilder) -> None:
    Contact.objects.update(first_name="Bo\r\nBcc: all@example.com")
    mailing = mailing_builder.to(Audience.REGISTERED, "Hello {first_name}")
    sender.start(mailing)
    tasks.send(mailing.pk)
    assert mail.outbox[0].subject.replace(BREAK, "") == "Hello Bo Bcc: all@example.com"
    assert mail.outbox[0].recipients() == [mail.outbox[0].to[0]]


def test_a_name_that_is_an_advertisement_is_rejected(mailing_builder: MailingBuilder) -> None:
    Contact.objects.update(first_name="Win at https://spam.example")
    made = written(mailing_builder, "x", "Dear {first_name}")
    assert "spam" not in made.text + made.html and made.lacking == {"first_name"}


def test_the_webinars_own_values(mailing_builder: MailingBuilder) -> None:
    text = "{webinar_title} | {webinar_time} | {form_link} | {own_link}"
    body = written(mailing_builder, "x", text).text
    assert "A webinar |" in body and " Europe/Berlin |" in body
    assert "https://webinars.example.com/register/a-webinar-77/" in body


def test_the_default_texts_exist_once_and_use_existing_placeholders(
    mailing_builder: MailingBuilder,
) -> None:
    assert MailTemplate.objects.count() == 10
    for template in MailTemplate.objects.all():
        template.full_clean()
        assert used_in(template.text) <= NAMES.keys()
    MailTemplate.objects.filter(purpose="full").delete()
    assert default_templates.install() == 0, "what was deleted stays deleted"


def test_a_draft_starts_from_the_default_text_of_its_audience(
    mailing_builder: MailingBuilder,
) -> None:
    from mailings import audience
    from webinars.audiences import members

    webinar = mailing_builder.world.webinar
    mailing = audience.for_audience(
        webinar,
        Audience.OVERFLOW,
        members(webinar, Audience.OVERFLOW),
        user_id=None,
        language="fr",
    )
    assert "liste d’attente" in mailing.subject and mailing.language == "fr"


def test_each_email_can_be_unsubscribed_with_one_click(mailing_builder: MailingBuilder) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    sender.start(mailing)
    tasks.send(mailing.pk)
    message = mail.outbox[0]
    address = re.search(r"https://webinars\.example\.com(/unsubscribe/\S+/)", str(message.body))
    assert address and "p0@example.com" not in address[1]
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address[1] in message.extra_headers["List-Unsubscribe"]
    strict = Client(enforce_csrf_checks=True)
    assert "Unsubscribe?" in strict.get(address[1]).content.decode()
    assert not OptOut.objects.exists(), "scanners follow links"
    for _ in range(2):
        answer = strict.post(address[1], {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert OptOut.objects.get().email_hash == email_hash(message.to[0])
    lines = Activity.objects.filter(kind=Activity.Kind.UNSUBSCRIBED)
    assert lines.get().contact.email == message.to[0]


def test_who_is_deleted_in_the_meantime_can_still_unsubscribe(
    mailing_builder: MailingBuilder,
) -> None:
    mailing = mailing_builder.to(Audience.OVERFLOW)
    row = mailing.recipients.get(contact=contact(0))
    token = token_for(row)
    contact(0).delete()
    assert Client().post(f"/unsubscribe/{token}/").status_code == 200
    assert OptOut.objects.filter(email_hash=email_hash("p0@example.com")).exists()


@pytest.mark.parametrize("token", ["x", "x:y:z", "WyJhIiwxXQ:1:abc"])
def test_a_forged_link_unsubscribes_no_one(db: None, token: str) -> None:
    assert Client().post(f"/unsubscribe/{token}/").status_code == 404
    assert not OptOut.objects.exists()


@pytest.mark.rule(13)
def test_fixed_words_are_in_the_mailings_language_whatever_the_worker_speaks(
    mailing_builder: MailingBuilder,
) -> None:
    mailing = mailing_builder.to(Audience.REGISTERED)
    Mailing.objects.filter(pk=mailing.pk).update(language="fr")
    row = Recipient.objects.filter(mailing=mailing).first()
    assert row is not None
    with override("en"):
        made = compose(row, values_of(row.mailing))
    assert 'lang="fr"' in made.html
