"""The next version of the product: this one's code with an additional column and its migration."""

import shutil
from pathlib import Path

from tests.installation import ROOT, Installation

# The column's values in rows of this version's code, and of the next one's.
BY_THIS, BY_NEXT = 0, 7
_PARTS = (
    "core",
    "accounts",
    "contacts",
    "platforms",
    "webinars",
    "registration_forms",
    "sync",
    "segments",
    "contact_imports",
    "mailings",
    "destinations",
    "operations",
    "webinarsync",
    "simulators",
    "templates",
    "static",
    "locale",
)
_CHANGE = (
    f'\n\nRegistration.add_to_class("tomorrow", '
    f"models.IntegerField(default={BY_NEXT}, db_default={BY_THIS}))\n"
)


def make(folder: Path, installation: Installation) -> Path:
    """Copy the next version's code into `folder` and return its path. Its migration is the one that
    Django creates for the change."""
    home = folder / "next"
    for part in _PARTS:
        shutil.copytree(ROOT / part, home / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", home)
    with (home / "webinars" / "models" / "registration.py").open("a") as file:
        file.write(_CHANGE)
    installation.manage("makemigrations", "webinars", "-n", "tomorrow", "-v0", home=home)
    return home
