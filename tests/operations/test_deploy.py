"""The image, the compose file and the units contain what the project needs, as far as it can be
checked without a container engine or an init system."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.pure, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def copied(into: Path) -> None:
    """Copy into a folder what the Containerfile copies into the image."""
    for line in (DEPLOY / "Containerfile").read_text().splitlines():
        words = line.split()
        if words[:1] != ["COPY"]:
            continue
        *names, target = words[1:]
        for name in names:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, into / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, into / name)


def test_what_is_in_the_image_is_enough(tmp_path: Path) -> None:
    copied(tmp_path)
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "webinarsync.settings",
        "SECRET_KEY": "for-the-build-only",
        "DATABASE_URL": f"sqlite:///{tmp_path}/build.sqlite3",
        "STATIC_ROOT": str(tmp_path / "collected"),
    }
    for command in ("collectstatic --noinput -v 0", "migrate --noinput -v 0", "install_schedules"):
        subprocess.run(
            [sys.executable, "manage.py", *command.split()], cwd=tmp_path, env=env, check=True
        )
    assert (tmp_path / "collected" / "webinarsync" / "form.css").exists()
    # French is available in the image too.
    assert list((tmp_path / "locale").rglob("*.mo"))


@pytest.mark.parametrize("name", ["web", "worker", "pusher"])
def test_units_and_compose_start_what_the_procfile_starts(name: str) -> None:
    wanted = re.search(
        rf"^{name}: exec (?:env (\S+) )?(.+)$", (ROOT / "Procfile").read_text(), re.M
    )
    assert wanted is not None
    variable, command = wanted[1], wanted[2]
    program = command.split()[1 if command.startswith("python") else 0 :][-1]
    unit = (DEPLOY / "systemd" / f"webinarsync-{name}.service").read_text()
    compose = (DEPLOY / "compose.yml").read_text()
    if name != "web":
        assert program in unit and f'"{program}"' in compose
    else:
        assert (
            "webinarsync.wsgi" in unit
            and "webinarsync.wsgi" in (DEPLOY / "Containerfile").read_text()
        )
    if variable:
        assert variable in unit and variable.replace("=", ": ") in compose
    # Everything it writes is inaccessible to other users of the machine.
    assert "UMask=0077" in unit
    # As docs/commands.md requires for starting workers.
    assert "Restart=always" in unit and "KillMode=mixed" in unit


def test_units_are_understood(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze, from the package systemd")
    for unit in sorted((DEPLOY / "systemd").glob("*.service")):
        # The programs that it starts are not installed here.
        here = tmp_path / unit.name
        here.write_text(re.sub(r"/opt/webinarsync/venv/bin/\w+", "/bin/true", unit.read_text()))
        done = subprocess.run([program, "verify", here], capture_output=True, text=True)
        assert done.stderr.strip() == "" and done.returncode == 0, done.stderr


# The command line is visible to everyone on a machine.
SECRET_OPTION = re.compile(
    r"--(?:refresh-)?token[= ]|--password[= ]|://[^\s:/]+:[^\s@{]+@|--dbname[= ]\S*DATABASE_URL"
)


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command line, with its file."""
    for name in ("Procfile", "Procfile.demo", "Makefile", ".ci/run", "deploy/Containerfile"):
        for line in (ROOT / name).read_text().splitlines():
            yield name, line
    for file in (DEPLOY / "systemd").iterdir():
        for line in re.findall(r"^Exec.*$", file.read_text(), re.M):
            yield file.name, line
    for line in re.findall(r"(?:command|test): .*", (DEPLOY / "compose.yml").read_text()):
        yield "compose.yml", line
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text()
        for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S):
            for line in block.splitlines():
                yield page.name, line
        for line in re.findall(r"`([^`\n]*(?:manage\.py|pg_restore|pg_dump) [^`\n]*)`", text):
            yield page.name, line


def test_no_secret_is_on_a_command_line() -> None:
    found = list(commands())
    assert len(found) > 100
    assert [where for where, line in found if SECRET_OPTION.search(line)] == []
    for wrong in ("connect_goto --refresh-token abc", 'pg_restore --dbname="$DATABASE_URL" x',
                  "psql postgresql://me:secret@host/db"):  # fmt: skip
        assert SECRET_OPTION.search(wrong)
