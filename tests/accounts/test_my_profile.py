"""Each user sees the admin in their own language and time zone."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts.models import Preferences
from registration_forms.links import form_path
from tests.fixtures.world import World
from webinars.models import Webinar

ME = "/me/"


@pytest.fixture
def mia(world: World) -> Client:
    User.objects.create_superuser("mia", password="a-Passw0rd")
    return sign_in()


def sign_in() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(User.objects.get(username="mia"))
    return client


@pytest.mark.rule(13)
def test_a_choice_shows_at_once_and_at_the_next_signing_in(
    world: World,
    mia: Client,
) -> None:
    Webinar.objects.filter(pk=world.webinar.pk).update(
        registration_limit=100,
        registrant_count=1,
        capacity_read_at=dt.datetime(2031, 1, 10, 15, tzinfo=dt.UTC),
    )
    page = f"/webinars/{world.webinar.pk}/waiting-list/"
    assert "Waiting list" in mia.get(page).content.decode()
    assert "Fri 10 Jan 2031, 15:00 UTC" in mia.get(page).content.decode()
    saved = mia.post(ME, {"language": "fr", "time_zone": "Asia/Tokyo"}, follow=True)
    assert "Enregistré." in saved.content.decode()
    for client in (mia, sign_in()):
        text = client.get(page).content.decode()
        assert "Liste d’attente" in text and "sam 11 jan. 2031, 00:00" in text


def test_without_a_choice_the_browser_and_the_installation_decide(
    world: World,
    mia: Client,
) -> None:
    mia.post(ME, {"language": "fr", "time_zone": "Asia/Tokyo"})
    mia.post(ME, {"language": "", "time_zone": ""})
    text = mia.get(f"/webinars/{world.webinar.pk}/waiting-list/").content.decode()
    assert "Waiting list" in text


@pytest.mark.parametrize(
    "posted", [{"language": "xx", "time_zone": ""}, {"language": "", "time_zone": "Mars/Base"}]
)
def test_an_invalid_value_is_not_stored(mia: Client, posted: dict[str, str]) -> None:
    assert mia.post(ME, posted).status_code == 200
    assert not Preferences.objects.exclude(language="", time_zone="").exists()


def test_a_zone_that_has_vanished_since_harms_no_one(
    world: World,
    mia: Client,
) -> None:
    Preferences.objects.create(user=User.objects.get(username="mia"), time_zone="Gone/City")
    assert sign_in().get("/admin/").status_code == 200


def test_who_is_not_signed_in_is_asked_to(world: World) -> None:
    answer = Client().get(ME)
    assert answer.status_code == 302 and "/admin/login/" in answer.headers["Location"]
    assert not Client().get(form_path(world.webinar)).cookies


def test_a_person_shows_who_they_are_and_their_address(mia: Client) -> None:
    own = {"first_name": "Mia", "last_name": "Roe", "email": "mia@example.com"}
    User.objects.filter(username="mia").update(email="old@example.com")
    answer = mia.post(ME, own | {"language": "", "time_zone": ""}, follow=True)
    page = answer.content.decode()
    assert "Saved." in page and 'value="mia@example.com"' in page
    assert 'href="/admin/password_change/"' in page
    user = User.objects.get(username="mia")
    assert (user.get_full_name(), user.email) == ("Mia Roe", "mia@example.com")


def test_an_address_that_is_none_is_refused_and_nothing_typed_is_lost(mia: Client) -> None:
    typed = {"first_name": "Mia", "last_name": "", "email": "mia@", "time_zone": "Asia/Tokyo"}
    page = mia.post(ME, typed | {"language": ""}).content.decode()
    assert "Enter a valid email address." in page and 'value="Mia"' in page
    assert (
        User.objects.get(username="mia").email == ""
        and not Preferences.objects.exclude(time_zone="").exists()
    )


def test_nothing_else_of_a_user_is_set_on_their_own_page(mia: Client) -> None:
    mia.post(ME, {"username": "root", "is_active": "", "is_superuser": "", "language": ""})
    user = User.objects.get(username="mia")
    assert user.is_active and user.is_superuser
