"""Static files have the hash of their content in their names, and pages work without them."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import Client

pytestmark = pytest.mark.pure
ICON = "webinarsync/icon.svg"


@pytest.fixture
def collected(settings: Any, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.WHITENOISE_USE_FINDERS = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "core.static_files.StaticFilesStorage"}
    }
    return tmp_path / "static"


@pytest.mark.slow
def test_a_page_loads_files_that_change_their_name_with_their_content(
    collected: Path, db: None
) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    name = staticfiles_storage.url(ICON).rsplit("/", 1)[-1]
    assert name.startswith("icon.") and name.endswith(".svg") and name != "icon.svg"
    assert (collected / "webinarsync" / name).read_bytes() == (collected / ICON).read_bytes()
    # Compressed beforehand, in both encodings that browsers accept.
    styles = staticfiles_storage.url("webinarsync/admin.css").rsplit("/", 1)[-1]
    assert {f"{styles}.gz", f"{styles}.br"} <= {
        path.name for path in (collected / "webinarsync").iterdir()
    }
    assert f"icon{name.removeprefix('icon')}" in Client().get("/admin/login/").content.decode()


def test_a_page_works_before_files_are_collected(collected: Path, db: None) -> None:
    page = Client().get("/admin/login/")
    assert page.status_code == 200 and ICON in page.content.decode()
