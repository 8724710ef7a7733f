"""The output of `make audit` and `make outdated` for answers of the registry, and without any."""

import subprocess
from pathlib import Path

import pytest

from tests import dependencies
from tests.dependencies import audited, compared, held_back, lags

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parent.parent
MISSED = {"name": "a", "version": "1.0", "skip_reason": "not found"}
GOOD = {"name": "b", "version": "1.0", "vulns": []}
BAD = {"name": "c", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}


def test_an_audit_of_nothing_reports_it_and_does_not_fail() -> None:
    report = audited({"dependencies": [MISSED, MISSED]})
    assert report.lines[-1].startswith("The dependencies were NOT audited: ")
    assert not report.failed


def test_an_audit_of_a_part_shows_of_which() -> None:
    report = audited({"dependencies": [MISSED, GOOD]})
    assert "1 were NOT audited: a." in report.lines[-1] and not report.failed
    assert "NOT" not in audited({"dependencies": [GOOD]}).lines[-1]


def test_a_known_fault_fails() -> None:
    report = audited({"dependencies": [MISSED, GOOD, BAD]})
    assert report.failed
    assert report.lines[0] == "c 1.0: PYSEC-1, mended in 1.1"


@pytest.mark.parametrize(
    ("ours", "newest", "lagging"),
    [
        ("5.2.19", "5.2.20", False), ("5.2", "5.3.1", False), ("5.2", "5.4", True),
        ("5.9", "6.0", True), ("2026.10.18", "2026.10.19.post1", False), ("0.16.0", "0.18", True),
    ],
)  # fmt: skip
def test_more_than_a_minor_version_is_too_far(ours: str, newest: str, lagging: bool) -> None:
    assert lags(ours, newest) is lagging


def test_what_lags_needs_a_reason_for_the_version_that_is_in_use() -> None:
    newer = [
        {"name": "Django", "version": "5.2.19", "latest_version": "6.0.1"},
        {"name": "near", "version": "1.0", "latest_version": "1.1"},
    ]
    assert compared(newer, {}).failed
    assert compared(newer, {"django": "4.2"}).failed
    report = compared(newer, {"django": "5.2"})
    assert not report.failed
    assert report.lines[1] == "near 1.0, newest 1.1"


def test_reasons_are_lines_of_decisions(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("# x\n\nGood.\n\nHeld at 5.2: the next one needs more.\n")
    (tmp_path / "y.md").write_text("# y\n\nIs not Held at 5.2: no.\n")
    assert held_back(tmp_path) == {"x": "5.2"}
    pinned = (ROOT / "requirements-dev.txt").read_text().lower()
    # A package that has moved on is no reason any more.
    for name, version in held_back().items():
        assert f"\n{name}=={version}" in pinned, name


def test_a_registry_that_cannot_be_asked_is_reported_in_the_last_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dependencies, "PROJECT", tmp_path)
    monkeypatch.setattr(dependencies, "PROGRAMS", tmp_path)
    for name in ("uv", "pip-audit"):
        (tmp_path / name).write_text("#!/bin/sh\necho no network >&2; exit 2\n")
        (tmp_path / name).chmod(0o700)
    assert dependencies.main("audit") == dependencies.main("outdated") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("The dependencies were NOT audited: pip-audit could not ask")
    assert lines[1].startswith("The versions were NOT compared with the newest: uv could not ask")
    assert (tmp_path / ".local" / "audit.txt").read_text().startswith("The dependencies were NOT")


def test_one_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def never(*args: object, **kwargs: object) -> None:
        raise subprocess.TimeoutExpired("uv", 1)

    monkeypatch.setattr(subprocess, "run", never)
    assert "did not answer" in dependencies.ask(["uv"])


def test_the_whole_check_ends_with_what_was_not_checked() -> None:
    check = (ROOT / ".ci" / "run").read_text().rstrip().splitlines()
    assert check[-1] == "cat .local/audit.txt .local/outdated.txt"
    makefile = (ROOT / "Makefile").read_text()
    assert "-m tests.dependencies audit" in makefile
    assert "-m tests.dependencies outdated" in makefile


def test_an_installation_takes_what_the_lock_names_and_resolves_nothing() -> None:
    """With `coverage` pinned, pip still installs the newest `coverage[toml]`, which has no hash."""
    files = subprocess.run(
        ["git", "grep", "-n", "--", "--require-hashes", ":!tests"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert len(files) > 4
    assert [line for line in files if "--no-deps --require-hashes" not in line] == []
