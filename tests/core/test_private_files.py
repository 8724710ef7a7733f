"""SQLite's database and its folder are readable only by their owner, and doctor reports if they are
not."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.private_files import open_to_others, prepare_database

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]
WRITE = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE people (name text)")
    import os, stat
    folder = os.path.dirname(connection.settings_dict["NAME"])
    for name in sorted(os.listdir(folder)):
        print(name, oct(stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)))
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_written_files_are_private(tmp_path: Path) -> None:
    file = tmp_path / "new" / "people.sqlite3"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "webinarsync.settings", "DATABASE_URL": f"sqlite:///{file}",
        "SECRET_KEY": "k" * 50,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", WRITE], cwd=ROOT, env=env, capture_output=True, text=True,
        check=True, umask=0o022,
    )  # fmt: skip
    assert done.stdout.split("\n")[:-1] == [
        "people.sqlite3 0o600", "people.sqlite3-shm 0o600", "people.sqlite3-wal 0o600",
    ]  # fmt: skip
    assert mode(file.parent) == 0o700
    assert list(open_to_others(str(file))) == []


def test_existing_settings_stay_and_are_reported(tmp_path: Path) -> None:
    file = tmp_path / "people.sqlite3"
    file.write_bytes(b"kept")
    file.chmod(0o640)
    tmp_path.chmod(0o755)
    prepare_database(str(file))
    assert (file.read_bytes(), mode(file), mode(tmp_path)) == (b"kept", 0o640, 0o755)
    assert list(open_to_others(str(file))) == [(file, "600"), (tmp_path, "700")]


@pytest.mark.parametrize("name", ["", ":memory:", "file:memorydb?mode=memory"])
def test_a_database_in_memory_is_no_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    prepare_database(name)
    assert list(tmp_path.iterdir()) == []
    assert list(open_to_others(name)) == []


def test_a_folder_that_cannot_be_written_to_is_reported_when_the_database_is_needed(
    tmp_path: Path,
) -> None:
    prepare_database(str(tmp_path))
    assert tmp_path.is_dir()
