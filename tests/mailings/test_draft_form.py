"""Any button of a draft saves what was typed first, and no own input is lost."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.test import Client
from django_q.models import OrmQ

from contacts.models import Contact
from mailings import sender, tasks
from mailings.models import Mailing, MailTemplate
from tests.fixtures.world import signed_in
from tests.mailings.conftest import MailingBuilder
from webinars.audiences import Audience

OWN = {"subject": "My own", "text": "Hi {first_name}, mine", "recording_url": "", "language": "en"}


@pytest.fixture
def draft(mailing_builder: MailingBuilder, marketer: Client) -> Mailing:
    return mailing_builder.to(Audience.OVERFLOW, "Old", "The old text")


def press(client: Client, draft: Mailing, button: str, **values: object) -> Any:
    """Press a button of the draft's form, with what was typed before."""
    posted = OWN | {"do": button} | {name: str(value) for name, value in values.items()}
    return client.post(f"/mailings/{draft.pk}/", posted)


def test_what_was_typed_is_what_is_confirmed_and_what_is_sent(
    draft: Mailing, marketer: Client
) -> None:
    sure = press(marketer, draft, "send").content.decode()
    assert "“My own” goes to 3 people" in sure and "Hi First0, mine" in sure
    assert "The old text" not in sure and not OrmQ.objects.exists()
    form = re.search(r'action="(/mailings/\d+/send/)".*?</form>', sure, re.DOTALL)
    assert form is not None
    hidden = dict(re.findall(r'name="(sure|version)" value="(\w+)"', form[0]))
    marketer.post(form[1], hidden)
    assert tasks.send(draft.pk) == 3
    assert {message.subject for message in mail.outbox} == {"My own"}
    assert "mine" in str(mail.outbox[0].body)


def test_a_text_that_was_changed_after_the_confirmation_is_not_sent(
    draft: Mailing, marketer: Client
) -> None:
    sure = press(marketer, draft, "send").content.decode()
    version = re.findall(r'name="version" value="(\w+)"', sure)[0]
    Mailing.objects.update(text="A colleague's text")
    posted = {"sure": "yes", "version": version}
    again = marketer.post(f"/mailings/{draft.pk}/send/", posted).content.decode()
    assert "has been changed in the meantime" in again and "A colleague&#x27;s text" in again
    draft.refresh_from_db()
    assert draft.state == Mailing.State.DRAFT


def test_a_text_with_a_mistake_is_neither_sent_nor_lost(draft: Mailing, marketer: Client) -> None:
    for button in ("send", "test", "template", "preview"):
        page = press(marketer, draft, button, text="Hi {nobody}", template=1)
        assert page.status_code == 422 and "Hi {nobody}" in page.content.decode()
    draft.refresh_from_db()
    assert (draft.text, draft.state) == ("The old text", Mailing.State.DRAFT)
    assert not mail.outbox


def test_a_test_email_has_what_was_typed(draft: Mailing, marketer: Client) -> None:
    User.objects.update(email="mia@example.com")
    row = draft.recipients.order_by("pk")[1]
    answer = press(marketer, draft, "test", **{"as": row.pk})
    assert answer.url == f"/mailings/{draft.pk}/?as={row.pk}"
    assert mail.outbox[0].subject == "Test: My own" and "First1, mine" in str(mail.outbox[0].body)


def test_a_test_email_for_no_one_is_not_found(draft: Mailing, marketer: Client) -> None:
    for wanted in ("", "x", "²", "9" * 30, "0"):
        answer = marketer.post(f"/mailings/{draft.pk}/test/", {"as": wanted})
        assert answer.status_code == 404


def test_the_preview_shows_what_was_typed(draft: Mailing, marketer: Client) -> None:
    row = draft.recipients.order_by("pk")[2]
    answer = press(marketer, draft, "preview", **{"as": row.pk})
    assert "Hi First2, mine" in marketer.get(answer.url).content.decode()


def test_a_template_over_an_own_text_is_asked_for_first(draft: Mailing, marketer: Client) -> None:
    template = MailTemplate.objects.get(purpose="thanks", language="en")
    page = press(marketer, draft, "template", template=template.pk).content.decode()
    assert "takes the place of what you have written" in page
    assert "mine" in page and template.subject in page
    draft.refresh_from_db()
    assert (draft.subject, draft.text) == (OWN["subject"], OWN["text"]), "saved, not replaced"
    posted = {"template": template.pk, "sure": "yes"}
    marketer.post(f"/mailings/{draft.pk}/template/", posted)
    draft.refresh_from_db()
    assert (draft.subject, draft.text) == (template.subject, template.text)


def test_a_template_over_another_or_nothing_is_copied_at_once(
    draft: Mailing, marketer: Client
) -> None:
    thanks, missed = (
        MailTemplate.objects.get(purpose=purpose, language="en") for purpose in ("thanks", "missed")
    )
    for before, chosen in (((thanks.subject, thanks.text), missed), (("", ""), thanks)):
        Mailing.objects.update(subject=before[0], text=before[1])
        marketer.post(f"/mailings/{draft.pk}/template/", {"template": chosen.pk})
        draft.refresh_from_db()
        assert draft.text == chosen.text


def test_no_template_is_revealed(draft: Mailing, marketer: Client) -> None:
    page = marketer.post(f"/mailings/{draft.pk}/template/", {"template": "x"}, follow=True)
    assert "Choose a template first" in page.content.decode()


def test_saving_does_not_stop_what_a_colleague_has_started(
    draft: Mailing, marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailings.forms import MailingForm

    real = MailingForm.is_valid

    def validate_after_change(self: MailingForm) -> bool:
        sender.start(draft)
        return real(self)

    monkeypatch.setattr(MailingForm, "is_valid", validate_after_change)
    press(marketer, draft, "save")
    draft.refresh_from_db()
    assert (draft.text, draft.state) == ("The old text", Mailing.State.SENDING)


def test_a_colleagues_text_is_not_overwritten_unseen(draft: Mailing, marketer: Client) -> None:
    def opened(page: Any) -> str:
        return str(re.findall(r'name="opened" value="(\w+)"', page.content.decode())[0])

    seen = opened(marketer.get(f"/mailings/{draft.pk}/"))
    Mailing.objects.update(text="A colleague's text")
    # Errors are corrected first; the form's initial values still count.
    page = press(marketer, draft, "send", opened=seen, text="Hi {nobody}")
    assert page.status_code == 422 and opened(page) == seen
    page = press(marketer, draft, "send", opened=seen)
    shown = page.content.decode()
    assert page.status_code == 409 and "someone else has changed this email" in shown
    assert "A colleague&#x27;s text" in shown and "Hi {first_name}, mine" in shown
    draft.refresh_from_db()
    assert (draft.text, draft.state) == ("A colleague's text", Mailing.State.DRAFT)
    assert press(marketer, draft, "save", opened=opened(page)).status_code == 302
    draft.refresh_from_db()
    assert draft.text == OWN["text"]


def test_who_is_left_out_is_saved_with_the_text(draft: Mailing, marketer: Client) -> None:
    press(marketer, draft, "save", skip_recently_emailed="on", skip_without_consent="on")
    skips = Mailing.objects.values_list("skip_recently_emailed", "skip_without_consent")
    assert skips.get() == (True, True)
    press(marketer, draft, "save")
    assert skips.get() == (False, False)


def test_enter_in_a_field_saves(draft: Mailing, marketer: Client) -> None:
    """The first button of a form is the one that Enter presses."""
    page = marketer.get(f"/mailings/{draft.pk}/").content.decode()
    buttons = re.findall(r'<button[^>]*name="do" value="(\w+)"', page)
    assert buttons[0] == "save" and set(buttons) == {"save", "template", "preview", "test", "send"}


def _with(*names: str) -> Client:
    client = signed_in(None)
    wanted = Permission.objects.filter(codename__in=names)
    user = User.objects.get(username="user-of-None")
    user.user_permissions.set(wanted)
    # A change of permissions has ended the session.
    client.force_login(user)
    return client


WRITE = {"action": "write_to_contacts", "select_across": "0"}


def test_emailing_people_needs_permission_for_mailings_and_not_for_contacts(
    draft: Mailing, mailing_builder: MailingBuilder
) -> None:
    chosen = list(Contact.objects.values_list("pk", flat=True)[:2])
    action = WRITE | {"_selected_action": chosen}
    to_audience = f"/mailings/to/{mailing_builder.world.webinar.pk}/overflow/"
    see = ("view_contact", "view_registration", "view_mailing")
    steps = (
        ("/admin/contacts/contact/", action),
        (to_audience, {"query": ""}),
        ("/mailings/to-search/", {"query": "country=Chile"}),
        (f"/mailings/{draft.pk}/send/", {"sure": "yes"}),
    )
    changes = _with(*see, "change_contact", "change_mailing")
    for path, posted in steps:
        changes.post(path, posted)
    assert "Email selected contacts" not in changes.get("/admin/contacts/contact/").content.decode()
    assert "Email these people" not in changes.get("/contacts/find/?country=Chile").content.decode()
    draft.refresh_from_db()
    assert Mailing.objects.count() == 1 and draft.state == Mailing.State.DRAFT
    User.objects.filter(username="user-of-None").delete()
    writes = _with(*see, "add_mailing")
    assert "Email selected contacts" in writes.get("/admin/contacts/contact/").content.decode()
    assert "Email these people" in writes.get("/contacts/find/?country=Chile").content.decode()
    for path, posted in steps:
        assert writes.post(path, posted).status_code == 302
    draft.refresh_from_db()
    assert Mailing.objects.count() == 4 and draft.state == Mailing.State.SENDING
