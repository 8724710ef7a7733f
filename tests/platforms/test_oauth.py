"""Connecting an organizer's account in the browser, over real HTTP with the simulator."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from platforms.models import Connection
from simulators.gotowebinar.process import SimulatorProcess
from tests.fixtures.world import signed_in
from webinarsync import roles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operator(
    simulator: SimulatorProcess,
    transactional_db: None,
    live_server: Any,
    browser: Browser,
    settings: Any,
) -> Page:
    """An operator's browser on the connect page."""
    settings.PUBLIC_URL = ""
    user = User.objects.create_user("olga", password="a-Passw0rd", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.OPERATORS))
    page = browser.new_context(base_url=live_server.url, locale="en-GB").new_page()
    page.goto("/admin/login/?next=/admin/platforms/connection/")
    page.get_by_label("Username").fill("olga")
    page.get_by_label("Password").fill("a-Passw0rd")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Connect GoToWebinar").click()
    return page


def test_an_operator_connects_and_connects_again(operator: Page) -> None:
    expect(operator.get_by_text("No account is connected yet.")).to_be_visible()
    assert operator.get_by_label("Redirect URI").input_value().endswith("/connections/callback/")
    operator.get_by_role("button", name="Connect").click()
    operator.get_by_role("button", name="Allow").click()
    expect(operator.get_by_text("is connected. The list of webinars is being read")).to_be_visible()
    connection = Connection.objects.get()
    assert connection.refresh_token and connection.access_token
    Connection.objects.update(
        state="sign_in_needed",
        error_code="platform.sign-in-needed",
        refused_since="2026-11-20T09:12Z",
    )
    # The same organizer again continues where it stopped.
    operator.get_by_role("link", name="Connect again").click()
    operator.get_by_role("button", name="Connect", exact=True).click()
    operator.get_by_role("button", name="Allow").click()
    expect(operator.get_by_text("is connected. The list of webinars is being read")).to_be_visible()
    again = Connection.objects.get()
    assert (again.pk, again.state, again.refused_since) == (connection.pk, "connected", None)
    # And again after it was disconnected.
    operator.get_by_role("link", name="Disconnect").click()
    operator.get_by_role("button", name="Disconnect").click()
    expect(operator.get_by_text("Disconnected", exact=False).first).to_be_visible()
    assert Connection.objects.get().state == "disconnected"
    operator.get_by_role("link", name="Connect again").click()
    operator.get_by_role("button", name="Connect", exact=True).click()
    operator.get_by_role("button", name="Allow").click()
    expect(operator.get_by_text("is connected. The list of webinars is being read")).to_be_visible()
    assert Connection.objects.get().pk == connection.pk


def test_connecting_while_the_queue_is_away_reports_when_the_list_comes(
    queue_away: pytest.MonkeyPatch, operator: Page
) -> None:
    operator.get_by_role("button", name="Connect").click()
    operator.get_by_role("button", name="Allow").click()
    expect(operator.get_by_text("so the list of webinars is read within the hour")).to_be_visible()
    assert Connection.objects.get().access_token


def test_someone_else_signs_in_beside(operator: Page) -> None:
    for who in ("Ada", "Ben", "Cleo"):
        operator.goto("/connections/")
        operator.get_by_role("button", name="Connect").click()
        choice = operator.get_by_label("Sign in as")
        key = choice.get_by_role("option", name=who).get_attribute("value")
        choice.select_option(key)
        operator.get_by_role("button", name="Allow").click()
        expect(operator.get_by_role("list").get_by_text("onnected").first).to_be_visible()
    expect(operator.get_by_text("This GoTo account has no GoToWebinar")).to_be_visible()
    emails = Connection.objects.order_by("email").values_list("email", flat=True)
    assert [email[:3] for email in emails] == ["Ada", "Ben"]


def test_refusing_to_confirm_reports_that_nothing_changed(operator: Page) -> None:
    operator.get_by_role("button", name="Connect").click()
    operator.get_by_role("button", name="Refuse").click()
    expect(operator.get_by_text("Access was refused on GoTo's page.")).to_be_visible()
    expect(operator.get_by_text("The user refused.")).to_be_visible()
    assert not Connection.objects.exists()


@pytest.fixture
def client(simulator: SimulatorProcess, db: None) -> Client:
    return signed_in(roles.OPERATORS)


def shown(client: Client, address: str) -> str:
    return client.get(address, follow=True).content.decode()


def test_an_answer_without_a_started_sign_in_is_rejected(client: Client) -> None:
    assert "belongs to no sign-in" in shown(client, "/connections/callback/?code=x&state=y")
    client.post("/connections/connect/")
    assert "belongs to no sign-in" in shown(client, "/connections/callback/?code=x&state=forged")
    # A state is valid once, regardless of who sends it.
    begun = client.post("/connections/connect/")["Location"]
    state = begun.partition("state=")[2].partition("&")[0]
    assert "Not connected." in shown(client, f"/connections/callback/?code=wrong&state={state}")
    assert "belongs to no sign-in" in shown(
        client, f"/connections/callback/?code=wrong&state={state}"
    )
    assert not Connection.objects.exists()


def test_the_verifier_is_stored_nowhere(client: Client) -> None:
    begun = client.post("/connections/connect/")["Location"]
    assert "code_challenge_method=S256" in begun and "code_verifier" not in begun
    assert "oauth_state" in client.session
    assert "verifier" not in str(dict(client.session.items()))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("invalid_scope", "lacks the right to GoToWebinar"),
        ("unauthorized_client", "does not let this client sign people in"),
        ("server_error", "GoTo sent no sign-in code"),
    ],
)
def test_each_refusal_is_explained_beside_gotos_message(
    client: Client, error: str, sentence: str
) -> None:
    begun = client.post("/connections/connect/")["Location"]
    state = begun.partition("state=")[2].partition("&")[0]
    answer = f"/connections/callback/?error={error}&error_description=<b>Why</b>&state={state}"
    page = shown(client, answer)
    assert sentence in page and "&lt;b&gt;Why&lt;/b&gt;" in page


def test_without_a_client_the_page_shows_what_is_missing(client: Client, settings: Any) -> None:
    settings.GOTO_CLIENT_ID = ""
    assert "Set GOTO_CLIENT_ID and GOTO_CLIENT_SECRET first" in shown(client, "/connections/")


def test_under_another_address_the_page_leads_to_the_right_one(
    client: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://webinars.example.com"
    assert 'href="https://webinars.example.com/connections/"' in shown(client, "/connections/")
    settings.PUBLIC_URL = "http://testserver"
    assert "under another address" not in shown(client, "/connections/")


@pytest.mark.parametrize("group", [None, roles.MARKETERS])
def test_marketers_connect_nothing(db: None, group: str | None) -> None:
    stranger = signed_in(group)
    assert stranger.get("/connections/").status_code == 403
    assert stranger.post("/connections/connect/").status_code == 403
    assert stranger.get("/connections/callback/?code=x&state=y").status_code == 403
