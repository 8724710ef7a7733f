"""Problems with HubSpot that need a person are on the dashboard, in doctor, in metrics and in an
email.

Without problems, nothing is shown."""

import datetime as dt
import html

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from destinations.hubspot import access, form_intake
from destinations.hubspot.errors import TokenRefused
from destinations.hubspot.form_switch import save_mapping, switch_on
from destinations.hubspot.forms_client import HubSpotForm
from destinations.models import FormSource, Portal, WebinarHandover
from destinations.notifications import report_refused_token
from destinations.tasks import sweep
from operations import doctor, metrics
from operations.doctor import Tone
from simulators.hubspot.process import HubSpotProcess
from tests.destinations.portal import send, switched_on
from tests.factories import RegistrationFactory, WebinarFactory
from tests.fixtures.world import signed_in
from webinars.models import Webinar
from webinarsync import roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule(9)]


@pytest.fixture
def refused(portal: Portal) -> Webinar:
    """A webinar of which HubSpot accepted one person and refused another."""
    registration = RegistrationFactory.create(contact__email="bad@example.con")
    RegistrationFactory.create(webinar=registration.webinar)
    send(switched_on(portal, registration.webinar))
    webinar: Webinar = registration.webinar
    return webinar


def front_page(role: str = roles.MARKETERS) -> str:
    roles.set_up()
    return html.unescape(signed_in(role).get("/admin/").content.decode())


def test_who_was_refused_is_counted_and_leads_to_the_tab(refused: Webinar) -> None:
    text = front_page()
    assert "1 person was refused by HubSpot" in text
    assert f'href="/hubspot/webinars/{refused.pk}/"' in text
    findings = list(doctor._hubspot())
    assert [item.tone for item in findings] == [Tone.GOOD, Tone.WARNING]
    assert findings[1].message == "It refused 1 people at 1 webinars."
    assert 'webinarsync_hubspot_participations{state="refused"} 1.0' in metrics.text().decode()


def test_nothing_is_shown_where_no_one_is_needed(portal: Portal) -> None:
    registration = RegistrationFactory.create()
    send(switched_on(portal, registration.webinar))
    assert "by HubSpot" not in front_page()
    assert [item.tone for item in doctor._hubspot()] == [Tone.GOOD]


def test_a_webinar_that_hubspot_does_not_take_is_named(refused: Webinar) -> None:
    WebinarHandover.objects.update(
        error_code="hubspot.unreachable", platform_message="Service unavailable"
    )
    findings = list(doctor._hubspot())
    assert findings[-1].message.startswith(f"{refused}: ")
    assert findings[-1].todo == "Service unavailable"


def test_a_form_that_hubspot_refuses_is_reported(hubspot: HubSpotProcess, portal: Portal) -> None:
    """Polling continues automatically: users are notified if no one is registered in the
    meantime."""
    made = hubspot.control("POST", "form", {"name": "Spring"})
    source = save_mapping(
        portal,
        WebinarFactory.create(),
        HubSpotForm(str(made["id"]), "Spring"),
        {"email": "email", "first_name": "firstname", "last_name": "lastname"},
    )
    switch_on(source)
    hubspot.control("POST", "scopes", {"missing": ["forms"]})
    assert form_intake.poll_due() == 0
    roles.set_up()
    marketer = signed_in(roles.MARKETERS)

    def dashboard() -> str:
        return html.unescape(marketer.get("/admin/").content.decode())

    assert "1 HubSpot form cannot be read" in dashboard()
    finding = list(doctor._hubspot())[-1]
    assert finding.tone == Tone.WARNING
    assert finding.message.startswith(
        f"Form Spring, {source.webinar}: The access token lacks a scope"
    )
    hubspot.control("POST", "scopes", {"missing": []})
    # A transient problem is reported if it lasts.
    FormSource.objects.update(next_poll_at=timezone.now(), error_code="hubspot.unreachable")
    assert "cannot be read" not in dashboard()
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    FormSource.objects.update(enabled_at=hour_ago)
    assert "1 HubSpot form cannot be read" in dashboard()
    assert form_intake.poll_due() == 0
    assert "cannot be read" not in dashboard()
    assert [item.tone for item in doctor._hubspot()] == [Tone.GOOD]


def test_a_date_with_an_event_of_others_waits_for_a_choice(
    hubspot: HubSpotProcess, portal: Portal
) -> None:
    registration = RegistrationFactory.create()
    webinar = registration.webinar
    hubspot.control(
        "POST",
        "event",
        {"name": webinar.subject, "starts_at": f"{webinar.starts_at:%Y-%m-%dT%H:%M:%SZ}"},
    )
    send(switched_on(portal, webinar))
    text = front_page()
    assert "1 date has a marketing event in HubSpot already" in text
    assert f'href="/hubspot/webinars/{webinar.pk}/"' in text
    finding = list(doctor._hubspot())[-1]
    assert finding.message == "1 dates have a marketing event there already."


@pytest.fixture
def operator(settings: object) -> User:
    roles.set_up()
    settings.MAIL_READY = True  # type: ignore[attr-defined]
    signed_in(roles.OPERATORS)
    user = User.objects.get(groups__name=roles.OPERATORS)
    user.email = "op@example.com"
    user.save()
    return user


def refuse(portal: Portal) -> None:
    access.note_error(portal, TokenRefused("Expired <b>", kind=TokenRefused.EXPIRED))


def test_operators_are_emailed_once_each_time_that_a_token_is_refused(
    hubspot: HubSpotProcess, portal: Portal, operator: User
) -> None:
    sweep()
    assert mail.outbox == []
    refuse(portal)
    sweep()
    sweep()
    [sent] = mail.outbox
    assert sent.to == ["op@example.com"]
    assert str(portal) in sent.subject
    assert "/hubspot/" in sent.body and "Nothing is lost" in sent.body
    assert str(hubspot.ready["access_token"]) not in f"{sent.subject} {sent.body}"
    # HubSpot accepts it again, and refuses it again: that is a new occurrence.
    access.verify_connection(Portal.objects.get())
    refuse(Portal.objects.get())
    assert report_refused_token()
    assert len(mail.outbox) == 2


def test_an_email_that_the_mail_server_does_not_take_is_tried_again(
    portal: Portal, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(portal)

    def away(*_: object) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", away)
        assert not report_refused_token()
    assert report_refused_token()
    assert Portal.objects.get().notified_at is not None


@pytest.mark.pure
def test_a_marketer_without_permission_to_view_portals_sees_nothing(refused: Webinar) -> None:
    client = Client()
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_webinar"))
    client.force_login(user)
    assert "refused by HubSpot" not in client.get("/admin/").content.decode()
