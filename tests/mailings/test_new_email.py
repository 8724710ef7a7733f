"""Creating an email from the list: to an audience, a segment or chosen contacts."""

import pytest
from django.test import Client

from mailings.models import Mailing
from segments.models import Segment
from tests.factories import MailingFactory
from tests.fixtures.world import World, signed_in
from webinars.models import Webinar
from webinarsync import roles

LIST = "/admin/mailings/mailing/"


def test_the_empty_list_shows_what_an_email_is_and_how_to_begin(
    world: World, marketer: Client
) -> None:
    page = marketer.get(LIST).content.decode()
    assert "No emails yet." in page and 'href="/mailings/new/"' in page


def test_recipients_are_an_audience_a_segment_or_contacts(world: World, marketer: Client) -> None:
    Segment.objects.create(name="From Chile", query="country=Chile")
    page = marketer.get("/mailings/new/").content.decode()
    key = world.webinar.pk
    assert f'formaction="/mailings/to/{key}/attended/"' in page
    # An audience without people is not offered.
    assert f'formaction="/mailings/to/{key}/overflow/"' not in page
    assert "From Chile" in page and 'value="country=Chile"' in page
    assert 'href="/admin/contacts/contact/"' in page
    answer = marketer.post(f"/mailings/to/{key}/attended/")
    assert answer["Location"] == f"/mailings/{Mailing.objects.get().pk}/"


def test_without_anything_it_reports_it(marketer: Client) -> None:
    Webinar.objects.all().delete()
    Segment.objects.all().delete()
    page = marketer.get("/mailings/new/").content.decode()
    assert "No webinar has people yet." in page and "No segments yet." in page


def test_only_users_who_may_write_start_one(world: World) -> None:
    assert signed_in(None).get("/mailings/new/").status_code == 403
    assert signed_in(roles.MARKETERS).get("/mailings/new/").status_code == 200


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("We missed you at {webinar_title}", "We missed you at A webinar"),
        ("{first_name}, thank you", "…, thank you"),
        ("Hello", "Hello"),
        ("", "Email without a subject"),
    ],
)
def test_a_subject_is_shown_with_the_webinars_title(
    world: World, marketer: Client, subject: str, shown: str
) -> None:
    Webinar.objects.update(subject="A webinar")
    mailing = MailingFactory.create(webinar=world.webinar, subject=subject)
    mailing.refresh_from_db()
    assert str(mailing) == shown
    assert shown in marketer.get(LIST).content.decode()
