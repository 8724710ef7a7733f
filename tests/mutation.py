"""Mutation testing of the planner: `make mutate`.

mutmut writes next to the code that it changes, so it works in a copy of the project under .local/.
pyproject.toml defines what it changes, and by which tests. This module is also the pytest plugin
with which Hypothesis reports the first failing example instead of searching for the simplest one.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from hypothesis import Phase, settings

settings.register_profile(
    "mutation",
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
)

PROJECT = Path(__file__).resolve().parent.parent
COPY = PROJECT / ".local" / "mutmut"
# The packages in pyproject.toml, and their requirements.
COPIED = (
    *tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["mutmut"]["source_paths"],
    "manage.py",
    "pyproject.toml",
    "tests",
)
# mutmut's names for mutants that the tests detected.
KILLED = {"killed", "timeout", "segfault", "caught by type check"}


def main() -> int:
    """Run all mutants, print the score and the survivors, and return an exit code."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in COPIED:
        if (PROJECT / name).is_dir():
            shutil.copytree(
                PROJECT / name, COPY / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy2(PROJECT / name, COPY / name)
    run = mutmut("run", *sys.argv[1:])
    if run.returncode:
        return run.returncode
    listed = mutmut("results", "--all", "true", capture=True).stdout
    results = dict(line.strip().split(": ", 1) for line in listed.splitlines() if ": " in line)
    survivors = [name for name, result in results.items() if result not in KILLED]
    for name in survivors:
        print(f"\n{name}: {results[name]}")
        print(mutmut("show", name, capture=True).stdout, flush=True)
    print(", ".join(f"{number} {result}" for result, number in Counter(results.values()).items()))
    print(f"{len(results) - len(survivors)} of {len(results)} mutants killed.")
    return 0


def mutmut(*arguments: str, capture: bool = False) -> "subprocess.CompletedProcess[str]":
    """Run mutmut in the copy, with the tests' other output under .local/ too."""
    return subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=COPY,
        env=os.environ | {"PYTHONPYCACHEPREFIX": str(PROJECT / ".local" / "pycache")},
        capture_output=capture,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
