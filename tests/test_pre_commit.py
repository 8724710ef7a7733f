"""The hooks that `make hooks` installs: local, of the project's environment, and effective."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / ".pre-commit-config.yaml"


def hooks() -> list[dict[str, Any]]:
    config = yaml.safe_load(CONFIG.read_text())
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    return [hook for repository in config["repos"] for hook in repository["hooks"]]


def test_nothing_is_downloaded() -> None:
    for hook in hooks():
        assert hook["language"] == "system", hook["id"]
        assert hook["entry"].startswith(".local/venv-dev/bin/"), hook["id"]


def test_what_the_hooks_run_is_there() -> None:
    # Next to the Python that runs the tests: the environment may be elsewhere.
    programs = Path(sys.executable).parent
    for hook in hooks():
        program, *words = hook["entry"].split()
        assert (programs / Path(program).name).exists(), hook["id"]
        for word in words:
            if word.endswith(".py"):
                assert (ROOT / word).exists(), f"{hook['id']}: {word}"


def commit(folder: Path, **files: str) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    git(folder, "add", "-A")
    return git(folder, "commit", "-qm", "Try")


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # If a hook runs these tests, git passes them its own repository.
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"PRE_COMMIT_HOME": str(folder / ".git" / "cache"), "SKIP": "import-linter"}
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    return subprocess.run(
        ["git", *author, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_a_commit_with_a_mistake_is_refused_and_a_good_one_is_made(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    shutil.copy(CONFIG, tmp_path)
    (tmp_path / ".gitignore").write_text(".local\n")
    programs = tmp_path / ".local" / "venv-dev"
    programs.mkdir(parents=True)
    (programs / "bin").symlink_to(Path(sys.executable).parent)
    installed = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert installed.returncode == 0, installed.stderr
    refused = commit(tmp_path, first="import os\n")
    assert refused.returncode != 0 and "F401" in refused.stderr + refused.stdout
    made = commit(tmp_path, first="X = 1\n")
    assert made.returncode == 0, made.stderr + made.stdout
    refused = commit(tmp_path, second="X=1\n")
    assert refused.returncode != 0
    # It is formatted: adding it again is all that is left to do.
    assert (tmp_path / "second.py").read_text() == "X = 1\n"
