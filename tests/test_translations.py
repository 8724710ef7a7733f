"""Every text that a person sees has a French translation, with the same placeholders."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.test import Client
from django.utils.translation import override

from registration_forms.fields import LABELS

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "locale" / "fr" / "LC_MESSAGES"
_PLACE = re.compile(r"%\(\w+\)[0-9]*[sd]|%%|\{\w+\}|</?\w+>")


def entries() -> Iterator[polib.POEntry]:
    yield from polib.pofile(str(FOLDER / "django.po"))


def places(text: str) -> set[str]:
    return set(_PLACE.findall(text))


def test_nothing_is_left_untranslated() -> None:
    assert [entry.msgid for entry in entries() if not entry.translated() or entry.fuzzy] == []


def test_placeholders_survive() -> None:
    for entry in entries():
        one, many = places(entry.msgid), places(entry.msgid_plural or entry.msgid)
        for index, text in (entry.msgstr_plural or {0: entry.msgstr}).items():
            # One person may be written as a word in one language and as a figure in another.
            assert places(text) == (many if index else one) or (
                entry.msgid_plural and not index and places(text) <= many
            ), entry.msgid


def test_the_compiled_file_is_the_one_that_belongs_to_it() -> None:
    compiled = {
        (entry.msgctxt, entry.msgid): entry for entry in polib.mofile(str(FOLDER / "django.mo"))
    }
    for entry in entries():
        found = compiled.pop((entry.msgctxt, entry.msgid))
        assert (found.msgstr, found.msgstr_plural) == (entry.msgstr, entry.msgstr_plural)
    assert not compiled


def test_each_text_of_the_code_is_in_the_file(tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("needs GNU gettext: install the package gettext, as .ci/run does")
    ours = (
        "accounts",
        "contact_imports",
        "contacts",
        "core",
        "locale",
        "mailings",
        "destinations",
        "operations",
        "platforms",
        "registration_forms",
        "segments",
        "simulators",
        "sync",
        "templates",
        "webinars",
        "webinarsync",
        "manage.py",
    )
    for name in ours:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path)
    command = [sys.executable, "manage.py", "makemessages", "-l", "fr", "--no-location"]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "webinarsync.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}",
    }
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    made = polib.pofile(str(tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po"))
    now = {entry.msgid for entry in made if not entry.obsolete}
    assert now == {entry.msgid for entry in entries()}, "run `make messages` and translate"


@pytest.mark.parametrize("code", ["fr", "en"])
def test_labels_differ_where_languages_do(code: str) -> None:
    with override(code):
        assert (str(LABELS["first_name"]) == "Prénom") == (code == "fr")


@pytest.mark.django_db
def test_a_page_for_anonymous_visitors_is_in_their_language() -> None:
    page = Client(headers={"Accept-Language": "fr-CA,fr;q=0.9"}).get("/register/none/")
    assert "Il n’y a pas de formulaire d’inscription ici" in page.content.decode()
