"""Every page, button and export by every role and anonymously. A new URL without an entry here must
be closed to all but marketers and operators, or fails."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from simulators.gotowebinar.process import SimulatorProcess
from tests.fixtures.addresses import addresses
from tests.fixtures.world import signed_in
from webinarsync import roles

# Permissions are independent of the database.
pytestmark = [pytest.mark.django_db, pytest.mark.pure]

# They use neither session nor permissions, so that everyone may open them.
PUBLIC = {
    "admin:login", "registration_forms:form", "registration_forms:answer",
    "registration_forms:status", "registration_forms:calendar", "platforms:webhook",
    "mailings:unsubscribe", "mailings:example_link", "forgotten_password",
    "forgotten_password_sent", "choose_password",
}  # fmt: skip
# For users without permissions yet: signing in, their own settings. They show no data.
EVERY_STAFF = {
    "admin:index", "admin:search", "admin:password_change", "admin:password_change_done",
    "my_profile", "help",
}  # fmt: skip
OPERATORS = (
    "admin:auth_", "send_password_link", "admin:django_q_schedule_", "admin:platforms_connection_",
    "admin:registration_forms_consenttext_add", "platforms:connect", "platforms:connected",
    "sync:connection", "platforms:begin_connecting", "sync:test_connection",
    "sync:webhooks", "sync:disconnect", "contacts:retention",
    "destinations:connect_hubspot", "destinations:test_hubspot", "destinations:disconnect_hubspot",
    "destinations:hubspot_mapping", "destinations:hubspot_defaults",
)  # fmt: skip
# Created and deleted only by the program, or stored permanently.
NO_ONE = {
    *(f"admin:admin_logentry_{page}" for page in ("add", "delete")),
    *(f"admin:auth_group_{page}" for page in ("add", "delete")),
    *(f"admin:django_q_schedule_{page}" for page in ("add", "delete")),
    *(
        f"admin:django_q_{model}_{page}"
        for model in ("failure", "ormq", "success")
        for page in ("add", "change", "changelist", "delete", "history")
    ),
    *(
        f"admin:{model}_{page}"
        for model in (
            "platforms_connection", "webinars_registration", "registration_forms_submission",
            "sync_syncrun", "webinars_webinar",
        )
        for page in ("add", "delete")
    ),
    "admin:mailings_mailing_add", "admin:mailings_mailing_delete",
    "admin:registration_forms_consenttext_delete", "admin:autocomplete",
}  # fmt: skip
# These only redirect to a page that is listed itself.
REDIRECTS = {
    "admin:admin_logentry_history",
    "admin:mailings_mailing_change",
    "admin:platforms_connection_change",
}
READ_ONLY = {
    "admin:auth_group_change", "admin:contacts_optout_change",
    "admin:webinars_registration_change", "admin:registration_forms_submission_change",
    "admin:sync_syncrun_change", "admin:admin_logentry_change",
}  # fmt: skip


# A former staff user, without the flag.
OUTSIDE = {
    "a user who is no staff": "is_staff",
    "an operator without the staff flag": "is_staff",
    "an operator who is not active": "is_active",
}


def is_for(name: str, role: str) -> bool:
    if name in PUBLIC:
        return True
    if name in NO_ONE or role == "nobody" or role in OUTSIDE:
        return False
    if name in EVERY_STAFF:
        return True
    if name in REDIRECTS:
        return True
    if role == "staff":
        return False
    return role == "operator" or not name.startswith(OPERATORS)


def is_forbidden(client: Client, path: str) -> bool:
    """Return whether `path` is refused, or redirects to the sign-in, for every method."""
    found = set()
    for method in ("get", "post"):
        with transaction.atomic():
            answer: Any = getattr(client, method)(path)
            transaction.set_rollback(True)
        to_sign_in = answer.status_code == 302 and "/login/" in answer["Location"]
        if answer.status_code != 405:
            found.add(to_sign_in or answer.status_code == 403)
        assert answer.status_code < 500
    assert found, f"{path} answers neither way of asking"
    return all(found)


def client_of(role: str) -> Client:
    if role == "nobody":
        return Client()
    if role == "a user who is no staff":
        client = Client()
        client.force_login(User.objects.create_user("plain"))
        return client
    if role in OUTSIDE:
        # Signed in while the flag was set; the groups stay.
        client = signed_in(roles.OPERATORS)
        User.objects.filter(groups__name=roles.OPERATORS).update(**{OUTSIDE[role]: False})
        return client
    named = {"staff": None, "marketer": roles.MARKETERS, "operator": roles.OPERATORS}
    return signed_in(named[role])


@pytest.mark.parametrize("role", ["nobody", *OUTSIDE, "staff", "marketer", "operator"])
def test_every_page_is_open_to_its_roles_and_closed_to_all_others(
    examples: Mapping[str, object], role: str, simulator: SimulatorProcess
) -> None:
    # GoTo answers, so that no page waits for a server that does not.
    client = client_of(role)
    wrong = []
    for name, path in addresses(examples):
        # Staff without permissions find no app there, and get a 404.
        if name == "admin:app_list" and role == "staff":
            continue
        if is_forbidden(client, path) == is_for(name, role):
            wrong.append(name)
    assert wrong == []


def test_read_only_pages_accept_no_form_data(examples: Mapping[str, object]) -> None:
    client = signed_in(roles.MARKETERS)
    taken = [
        name
        for name, path in addresses(examples)
        if name in READ_ONLY and client.post(path).status_code != 403
    ]
    assert taken == []


def test_an_expired_session_redirects_to_the_sign_in_and_back(
    examples: Mapping[str, object],
) -> None:
    path = f"/webinars/{examples['webinar_id']}/audience/registered/?name=ana"
    answer = Client().get(path)
    assert answer.status_code == 302
    assert "next=/webinars/" in answer["Location"] and "%3Fname%3Dana" in answer["Location"]
    # A script of an open page would insert the sign-in page into it.
    script = Client().get("/webinars/progress/", headers={"sec-fetch-mode": "cors"})
    assert script.status_code == 403
