"""Axe finds no violation of WCAG 2.2 AA on any page, and no page of the admin loads too much."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django_q.models import Schedule
from playwright.sync_api import Page

from accounts.models import PasswordLink
from accounts.password_links import make_link
from contact_imports.models import ContactImport
from contacts.models import Contact, OptOut
from contacts.opt_outs import opt_out
from core.audit import Action
from mailings import audience
from operations import schedules
from platforms.models import WebhookSetup
from platforms.records import RegistrationField, RegistrationFields, RegistrationQuestion
from registration_forms import fields as formfields
from registration_forms.links import form_path
from registration_forms.models import ConsentText, Submission
from tests.browser.axe import find_nothing
from tests.browser.page_weight import weigher
from tests.browser.sign_in import sign_in
from tests.factories import UserFactory, registration_in
from tests.fixtures.world import World
from webinars.audiences import Audience, members
from webinars.models import Registration, Webinar
from webinarsync import roles

pytestmark = pytest.mark.django_db(transaction=True)
State = Registration.State
CheckPage = Callable[[str], None]


@pytest.fixture
def check_page(transactional_db: None, live_server: Any, page: Page) -> CheckPage:
    """Return a function that opens a URL and fails for each violation of axe, each error of the
    page, and if it loads too much."""
    open_first = weigher(page)

    def check_page(address: str) -> None:
        open_first(live_server.url + address)
        find_nothing(page)

    return check_page


@pytest.fixture
def submission(world: World) -> Submission:
    """A submission, and a form with every kind of field."""
    fields = RegistrationFields(
        (
            RegistrationField("job_title", True, 128, ()),
            RegistrationField("industry", False, 128, ("Software", "Banking")),
        ),
        (RegistrationQuestion("5", "Why do you come?", True, "shortAnswer", 500, ()),),
    )
    Webinar.objects.filter(pk=world.webinar.pk).update(form_fields=formfields.stored(fields))
    for purpose in ConsentText.Purpose.values:
        ConsentText.objects.create(
            purpose=purpose, language="en", version=1, text="I agree", link="https://example.com/"
        )
    return Submission.objects.create(
        registration=world.registrations[0], submitted={"first_name": "Ana"}, created_by_form=True
    )


def test_the_form_and_its_mistakes(
    world: World, submission: Submission, check_page: CheckPage, page: Page
) -> None:
    check_page(form_path(world.webinar))
    page.get_by_role("button", name="Register").click()
    find_nothing(page)


@pytest.mark.parametrize("state", State.values)
def test_each_answer(
    world: World, submission: Submission, check_page: CheckPage, state: str
) -> None:
    Registration.objects.filter(pk=submission.registration_id).update(
        **registration_in(state, platform_message="Their words", source="form")
    )
    check_page(f"/register/{world.webinar.slug}/{submission.secret}/")


def test_a_closed_form_and_none(world: World, check_page: CheckPage) -> None:
    Webinar.objects.filter(pk=world.webinar.pk).update(state=Webinar.State.GONE)
    check_page(form_path(world.webinar))
    check_page("/register/none/")


def test_signing_in(world: World, check_page: CheckPage, settings: Any) -> None:
    settings.MAIL_READY = True
    user = UserFactory.create(username="ana", role=roles.MARKETERS)
    for address in (
        "/admin/login/",
        "/admin/forgotten-password/",
        "/admin/forgotten-password/sent/",
        urlsplit(make_link(user)).path,
        "/admin/choose-password/MQ/none/",
        "/nothing/here/",
    ):
        check_page(address)


def test_unsubscribing(world: World, check_page: CheckPage) -> None:
    from mailings.opt_outs import token_for

    mailing = audience.for_contacts([Contact.objects.all()[0].pk], user_id=None, language="en")
    row = mailing.recipients.first()
    assert row is not None
    check_page(f"/unsubscribe/{token_for(row)}/")
    check_page("/example-link/")


@pytest.mark.slow
@pytest.mark.long
def test_a_marketers_pages(
    world: World, submission: Submission, check_page: CheckPage, page: Page, live_server: Any
) -> None:
    user = sign_in(page, live_server.url)
    webinar, refused = world.webinar, world.registrations[1]
    Registration.objects.filter(pk=world.registrations[2].pk).update(
        **registration_in(State.OVERFLOW)
    )
    Registration.objects.filter(pk=refused.pk).update(
        **registration_in(State.REJECTED, problem_code="push.refused")
    )
    contact = refused.contact
    opt_out(contact.email, OptOut.Source.COLLEAGUE)
    contact.email = "new@example.com"
    contact.save()
    draft = audience.for_audience(
        webinar,
        Audience.OVERFLOW,
        members(webinar, Audience.OVERFLOW),
        user_id=user.pk,
        language="en",
    )
    now = timezone.now()
    sent = audience.for_contacts([refused.contact_id], user_id=user.pk, language="en")
    type(sent).objects.filter(pk=sent.pk).update(
        state="done", subject="Sent", started_at=now, finished_at=now
    )
    imports = [
        ContactImport.objects.create(
            filename="people.csv", state=state, columns=["E-mail"], mapping=["email"],
            sample=[["a@example.com"]], total=1, encoding="utf-8", changed=1,
            finished_at=now if state in ("done", "failed", "undone") else None,
            error="failed" if state == "failed" else "",
        ).pk
        for state in ContactImport.State
    ]  # fmt: skip
    logged = LogEntry.objects.create(
        user=user, action_flag=Action.EXPORTED, object_repr="contacts",
        change_message="2 contacts exported. (country=…)",
    )  # fmt: skip
    for address in (
        "/admin/",
        "/me/",
        "/admin/contacts/contact/",
        f"/admin/contacts/contact/{refused.contact_id}/change/",
        f"/admin/contacts/contact/{refused.contact_id}/change/?edit=1",
        f"/admin/contacts/contact/{refused.contact_id}/delete/",
        f"/contacts/{refused.contact_id}/merge/?q=p",
        "/admin/webinars/webinar/",
        f"/admin/webinars/webinar/{webinar.pk}/change/",
        "/admin/webinars/registration/",
        "/admin/registration_forms/submission/",
        "/admin/sync/syncrun/",
        "/admin/mailings/mailing/",
        "/admin/mailings/mailtemplate/",
        "/admin/contacts/optout/",
        "/admin/contacts/optout/add/",
        "/admin/webinars/internaladdress/",
        "/admin/webinars/internaladdress/add/",
        "/admin/admin/logentry/",
        f"/admin/webinars/registration/{refused.pk}/change/",
        f"/admin/registration_forms/submission/{submission.pk}/change/",
        f"/admin/sync/syncrun/{webinar.sync_runs.get().pk}/change/",
        f"/admin/admin/logentry/{logged.pk}/change/",
        "/admin/help/marketers/",
        "/admin/help/exports/",
        f"/webinars/{webinar.pk}/audience/overflow/",
        f"/webinars/{webinar.pk}/audience/internal/",
        f"/webinars/{webinar.pk}/waiting-list/",
        f"/webinars/{webinar.pk}/differences/",
        f"/webinars/{webinar.pk}/submitted-values/",
        f"/webinars/{webinar.pk}/questions/",
        f"/webinars/{webinar.pk}/form/",
        f"/webinars/{webinar.pk}/syncs/",
        f"/webinars/registrations/{refused.pk}/correct/",
        f"/webinars/{refused.webinar_id}/rejected/",
        "/contacts/find/?attended_at_least=1",
        "/contacts/segments/",
        "/contacts/import/",
        f"/contacts/merge/{refused.contact_id}/{world.registrations[3].contact_id}/",
        *(f"/contacts/import/{pk}/" for pk in imports),
        f"/mailings/{draft.pk}/",
        f"/mailings/{draft.pk}/recipients/",
        f"/mailings/{sent.pk}/",
    ):
        check_page(address)


def test_an_operators_pages(
    world: World, check_page: CheckPage, page: Page, live_server: Any
) -> None:
    sign_in(page, live_server.url, roles.OPERATORS)
    connection = world.webinar.connection_id
    WebhookSetup.objects.create(
        connection_id=connection,
        state=WebhookSetup.State.FAILED,
        error_code="webhooks.not-offered",
        platform_message="Theirs",
    )
    schedules.install()
    invited = UserFactory.create(username="ana@example.com", role=roles.MARKETERS)
    invited.set_unusable_password()
    invited.save()
    PasswordLink.objects.create(user=invited, sent_at=timezone.now())
    for address in (
        "/connections/",
        f"/connections/{connection}/",
        f"/connections/{connection}/disconnect/",
        "/admin/platforms/connection/",
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        f"/admin/auth/user/{invited.pk}/change/",
        "/admin/django_q/schedule/",
        f"/admin/django_q/schedule/{Schedule.objects.all()[0].pk}/change/",
        "/admin/registration_forms/consenttext/",
        "/contacts/retention/",
        "/hubspot/",
    ):
        check_page(address)
