"""Several organizers connected at once, and the disconnection of one."""

import datetime as dt
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.test import Client
from django.utils import timezone

from platforms.models import Connection
from registration_forms.registrations import FormData, submit
from simulators.gotowebinar.process import SimulatorProcess
from sync import runs
from sync.models import SyncRun
from sync.push.push import push
from sync.scheduling import due_webinars
from tests.fixtures.goto import run_sync
from tests.fixtures.world import signed_in
from webinars.models import Registration, Webinar
from webinarsync import roles

pytestmark = pytest.mark.django_db(transaction=True)
ANNA = {"first_name": "Anna", "last_name": "Ångström", "email": "anna@example.com"}
SOON = timezone.now() + dt.timedelta(days=20)
TIMES = [{"startTime": SOON.isoformat(), "endTime": (SOON + dt.timedelta(hours=1)).isoformat()}]


@pytest.fixture
def operator(simulator: SimulatorProcess, transactional_db: None) -> Client:
    return signed_in(roles.OPERATORS)


def allowed_by(operator: Client, who: str) -> str:
    """Press Connect, sign in at GoTo as `who`, allow, and return the resulting page."""
    asked = operator.post("/connections/connect/")["Location"]
    options = requests.get(asked, timeout=30).text.split("<option ")[1:]
    key = next(option for option in options if who in option).split("'")[1]
    chosen = {"user": key, "choice": "allow"}
    back = requests.post(asked, chosen, allow_redirects=False, timeout=30).headers["Location"]
    query = dict(parse_qsl(urlsplit(back).query))
    return operator.get("/connections/callback/", query, follow=True).content.decode()


def of(who: str) -> Connection:
    return Connection.objects.get(email__startswith=who)


def api(simulator: SimulatorProcess, connection: Connection, path: str, **more: Any) -> Any:
    """Post to GoTo as the organizer, and return the answer's JSON."""
    answer = requests.post(
        f"{simulator.api_url}/G2W/rest/v2/organizers/{connection.organizer_key}{path}",
        headers={"Authorization": f"Bearer {connection.access_token}"},
        timeout=30,
        **more,
    )
    answer.raise_for_status()
    return answer.json()


def keys_here(connection: Connection) -> set[str]:
    runs.sync_list(connection, trigger=SyncRun.Trigger.COMMAND)
    return set(connection.webinars.values_list("key", flat=True))


def test_one_organizers_webinars_never_mix_with_anothers(
    simulator: SimulatorProcess, operator: Client
) -> None:
    assert "is connected" in allowed_by(operator, "Ada")
    assert "is connected" in allowed_by(operator, "Ben")
    ada, ben = of("Ada"), of("Ben")
    made = api(simulator, ben, "/webinars", json={"subject": "Ben's", "times": TIMES})["webinarKey"]
    adas, bens = keys_here(ada), keys_here(ben)
    assert bens == {made} and made not in adas and adas
    # Each registration is made with its own organizer and in its own webinar.
    api(
        simulator,
        ben,
        f"/webinars/{made}/registrants",
        json={"firstName": "Only", "lastName": "Ben's", "email": "only@example.com"},
    )
    run_sync(Webinar.objects.get(key=made))
    assert [r.contact.email for r in Registration.objects.all()] == ["only@example.com"]
    hers = submit(Webinar.objects.get(key=min(adas)), FormData(ANNA)).registration
    push(hers.pk)
    assert all(one["email"] != ANNA["email"] for one in simulator.truth(made)["registrants"])
    # Objects of another organizer that a run does not see are not removed.
    for connection in (ada, ben):
        runs.sync_list(connection, trigger=SyncRun.Trigger.COMMAND)
    assert not Webinar.objects.exclude(state=Webinar.State.SCHEDULED).exists()


def test_one_sign_in_refused_leaves_the_other_at_work(
    simulator: SimulatorProcess, operator: Client
) -> None:
    allowed_by(operator, "Ada")
    simulator.control("POST", "revoke-refresh-token")
    allowed_by(operator, "Ben")
    simulator.control("POST", "expire-tokens")
    Connection.objects.update(expires_at=timezone.now())
    for who in ("Ada", "Ben"):
        operator.post(f"/connections/{of(who).pk}/test/")
    assert (of("Ada").state, of("Ben").state) == ("sign_in_needed", "connected")


def test_disconnecting_revokes_and_keeps_everything_and_connecting_goes_on(
    simulator: SimulatorProcess, operator: Client
) -> None:
    allowed_by(operator, "Ada")
    ada = of("Ada")
    upcoming = next(w["webinarKey"] for w in simulator.webinars() if w["label"] == "upcoming")
    keys_here(ada)
    webinar = Webinar.objects.get(key=upcoming)
    Webinar.objects.filter(pk=webinar.pk).update(sync_enabled=True)
    run_sync(webinar)
    known = Registration.objects.count()
    old = ada.refresh_token

    operator.post(f"/connections/{ada.pk}/disconnect/")
    calls = simulator.calls()
    assert calls["by_path"]["POST /oauth/revoke"] == 1
    ada = of("Ada")
    assert (ada.state, ada.refresh_token, ada.access_token) == ("disconnected", "", "")
    refused = requests.post(
        f"{simulator.ready['auth_url']}/oauth/token",
        {"grant_type": "refresh_token", "refresh_token": old},
        auth=(simulator.ready["client_id"], simulator.ready["client_secret"]),
        timeout=30,
    )
    assert refused.json()["error"] == "invalid_grant"
    assert Registration.objects.count() == known > 0
    assert not due_webinars(timezone.now()).exists()
    # A visitor submits the form in the meantime: it is stored, without a call.
    waiting = submit(webinar, FormData(ANNA)).registration
    push(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == Registration.State.PENDING
    assert simulator.calls()["total"] == calls["total"]

    allowed_by(operator, "Ada")
    again = of("Ada")
    assert (again.pk, again.state) == (ada.pk, "connected")
    push(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == Registration.State.REGISTERED
    # The runs continue from the stored data: no details are read again.
    simulator.reset_calls()
    run_sync(webinar)
    details = "GET /organizers/{organizerKey}/webinars/{webinarKey}/registrants/{registrantKey}"
    assert details not in simulator.calls()["by_path"]


def test_an_account_without_gotowebinar_is_not_connected(
    simulator: SimulatorProcess, operator: Client
) -> None:
    page = allowed_by(operator, "Cleo")
    assert "This GoTo account has no GoToWebinar" in page
    assert "User does not have a GoToWebinar licence" in page
    assert not Connection.objects.exists()


def test_a_client_without_the_scope_is_distinguished(
    simulator: SimulatorProcess, operator: Client
) -> None:
    simulator.control("POST", "client-scope", {"scope": "calls.v2.initiate"})
    page = allowed_by(operator, "Ada")
    assert "lacks the scope of GoToWebinar (collab:)" in page
    assert "The token lacks the scope collab:" in page
    assert not Connection.objects.exists()
    simulator.control("POST", "client-scope")
    assert "is connected" in allowed_by(operator, "Ada")


@pytest.mark.parametrize("answers", ["identity", "admin"])
def test_either_path_identifies_who_signed_in(
    simulator: SimulatorProcess, operator: Client, answers: str
) -> None:
    simulator.control("POST", "who-signed-in", {"identity": False, "admin": False, answers: True})
    assert "is connected" in allowed_by(operator, "Ada")
    assert of("Ada").organizer_key == simulator.ready["organizer_key"]


def test_where_neither_path_identifies_it_nothing_is_connected(
    simulator: SimulatorProcess, operator: Client
) -> None:
    simulator.control("POST", "who-signed-in", {"identity": False, "admin": False})
    page = allowed_by(operator, "Ada")
    assert "Not connected." in page and "Not authenticated" in page
    assert not Connection.objects.exists()
