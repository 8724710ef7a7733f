"""Below each list stands how many rows it has, in the word that its own title uses."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.fixtures.world import World, signed_in
from webinarsync import roles

SITE: dict[Any, Any] = admin.site._registry
LIBRARY_NAMES = re.compile(
    r"log entr|scheduled task|successful task|failed task|queued task|success|"
    r"entrées? d.historique|tâches? planifiée",
    re.IGNORECASE,
)
# Lists that are not called after what their rows are.
CALLED_OTHERWISE = {"admin.LogEntry", "webinars.InternalAddress"}


def footers(client: Client, language: str) -> dict[str, str]:
    """Return the text below each list that a user may open, by the model's label."""
    found = {}
    for model in SITE:
        meta = model._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        reply = client.get(address, headers={"Accept-Language": language})
        if reply.status_code == 200:
            footer = reply.content.decode().rpartition('<div class="py-4">')[2].partition("<")[0]
            found[meta.label] = " ".join(footer.split())
    return found


@pytest.mark.pure
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("role", [roles.MARKETERS, roles.OPERATORS, "superuser"])
def test_no_footer_has_the_names_that_libraries_give_to_models(
    world: World, role: str, language: str
) -> None:
    if role == "superuser":
        client = Client()
        client.force_login(User.objects.create_superuser("root", password=None))
    else:
        client = signed_in(role)
    found = footers(client, language)
    assert len(found) > 5
    for label, footer in found.items():
        assert re.match(r"\d+ \w", footer), (label, footer)
        assert not LIBRARY_NAMES.search(footer), (label, footer)


@pytest.mark.pure
def test_the_word_is_in_the_title_of_the_list() -> None:
    with translation.override("en"):
        for model, shown in SITE.items():
            if model._meta.label not in CALLED_OTHERWISE:
                word = shown.count_in_words(2).partition(" ")[2]
                assert shown.name_of_list().lower().endswith(word), shown


@pytest.mark.pure
def test_one_row_is_counted_in_the_singular(world: World, marketer: Client) -> None:
    assert footers(marketer, "en")["webinars.Webinar"] == "1 webinar"
    assert footers(marketer, "en")["contacts.Contact"] == "6 contacts"


@pytest.mark.pure
def test_thousands_are_grouped() -> None:
    with translation.override("en"):
        assert SITE[LogEntry].count_in_words(12345) == "12,345 entries"
        assert SITE[LogEntry].count_in_words(1) == "1 entry"
