"""What the registry reports about the locked versions: `make audit` and `make outdated`.

Neither fails if the registry is unavailable or returns nothing: then the last line states that
nothing was checked. `.ci/run` shows both last lines again at its end.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
DECISIONS = PROJECT / "docs" / "decisions"
PROGRAMS = Path(sys.executable).parent
# A registry that is blocked by a firewall never answers.
PATIENCE_SECONDS = 180
AUDIT = [
    "pip-audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off",
    "--format", "json", "-r", "requirements-dev.txt",
]  # fmt: skip
OUTDATED = ["uv", "pip", "list", "--outdated", "--format", "json", "--python", sys.executable]


@dataclass(frozen=True)
class Report:
    """Lines of text, the last of which is the result; `failed` if someone has to act."""

    lines: tuple[str, ...]
    failed: bool = False


def audited(answer: Mapping[str, Any]) -> Report:
    """Return the known vulnerabilities in pip-audit's `answer`, and how many packages were
    checked."""
    packages = answer["dependencies"]
    known = [package for package in packages if "skip_reason" not in package]
    faults = [
        f"{package['name']} {package['version']}: {fault['id']}, mended in "
        f"{', '.join(fault['fix_versions']) or 'no version yet'}"
        for package in known
        for fault in package["vulns"]
    ]
    missed = [package["name"] for package in packages if "skip_reason" in package]
    if faults:
        last = f"The dependencies have {len(faults)} known faults."
    elif not known:
        return not_audited(f"the registry has no data on any of the {len(packages)}")
    elif missed:
        last = (
            f"Of {len(packages)} dependencies {len(missed)} were NOT audited: "
            f"{', '.join(missed)}. The others have no known faults."
        )
    else:
        last = f"All {len(packages)} dependencies were audited: no known faults."
    return Report((*faults, last), failed=bool(faults))


def not_audited(why: str) -> Report:
    """Return the report if nothing was checked."""
    return Report((f"The dependencies were NOT audited: {why}.",))


def compared(newer: Sequence[Mapping[str, str]], reasons: Mapping[str, str]) -> Report:
    """Return what is older than the newest version.

    `reasons` are the versions, as "5.2", that a decision requires to keep, by the package's name.
    """
    lines, without = [], []
    for package in newer:
        name, ours, newest = package["name"].lower(), package["version"], package["latest_version"]
        line = f"{name} {ours}, newest {newest}"
        if lags(ours, newest):
            if reasons.get(name) == minor(ours):
                line += f": as docs/decisions/{name}.md says"
            else:
                without.append(name)
                line += (
                    f": more than a minor version, and docs/decisions/{name}.md does not say why"
                )
        lines.append(line)
    if without:
        last = f"More than a minor version behind, without a reason: {', '.join(without)}."
    else:
        last = "No dependency lags more than a minor version without a reason."
    return Report((*lines, last), failed=bool(without))


def lags(ours: str, newest: str) -> bool:
    """Return whether `newest` is more than one minor version ahead, or of another major one."""
    (major, small), (new_major, new_small) = _numbers(ours), _numbers(newest)
    return new_major > major or (new_major == major and new_small > small + 1)


def minor(version: str) -> str:
    """Return the first two numbers of `version`."""
    return "{}.{}".format(*_numbers(version))


def _numbers(version: str) -> tuple[int, int]:
    """Return the first two numbers; a year is no major version: of 2026.10.18 it is 2026, 10."""
    found = [int(number) for number in re.findall(r"\d+", version.partition("!")[2] or version)]
    first, second = [*found, 0][:2]
    return first, second


def held_back(folder: Path = DECISIONS) -> dict[str, str]:
    """Return the version that a decision requires to keep, by the package's name."""
    found = {}
    for page in folder.glob("*.md"):
        held_at = re.search(r"^Held at (\d+\.\d+): ", page.read_text(), flags=re.MULTILINE)
        if held_at:
            found[page.stem] = held_at[1]
    return found


def ask(command: list[str]) -> Any:
    """Return the JSON that `command` prints; a text with the reason if it prints none."""
    program = [str(PROGRAMS / command[0]), *command[1:]]
    try:
        done = subprocess.run(
            program, cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"the registry did not answer within {PATIENCE_SECONDS} seconds"
    try:
        return json.loads(done.stdout)
    except ValueError:
        return f"{command[0]} could not ask the registry (exit code {done.returncode})"


def main(what: str) -> int:
    """Print the report on `audit` or `outdated`, and save its last line for .ci/run."""
    if what == "audit":
        answer = ask(AUDIT)
        report = not_audited(answer) if isinstance(answer, str) else audited(answer)
    else:
        answer = ask(OUTDATED)
        report = (
            Report((f"The versions were NOT compared with the newest: {answer}.",))
            if isinstance(answer, str)
            else compared(answer, held_back())
        )
    print("\n".join(report.lines))
    saved = PROJECT / ".local" / f"{what}.txt"
    saved.parent.mkdir(exist_ok=True)
    saved.write_text(report.lines[-1] + "\n")
    return int(report.failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
