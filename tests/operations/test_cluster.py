"""Which end of a worker restarts the whole cluster."""

from types import SimpleNamespace
from typing import Any

import pytest
from django_q import cluster

from operations.cluster import Sentinel, _Ended


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Processes that django-q2 itself replaced."""
    found: list[Any] = []
    monkeypatch.setattr(
        cluster.Sentinel, "reincarnate", lambda self, process: found.append(process)
    )
    return found


@pytest.mark.parametrize("exitcode", [0, 1, None])
def test_a_worker_that_did_its_share_or_took_too_long_is_replaced(
    replaced: list[Any], exitcode: int | None
) -> None:
    process: Any = SimpleNamespace(exitcode=exitcode)
    Sentinel.__new__(Sentinel).reincarnate(process)
    assert replaced == [process]


def test_a_killed_worker_takes_its_locks_along_so_all_begin_again(replaced: list[Any]) -> None:
    process: Any = SimpleNamespace(exitcode=-9)
    with pytest.raises(_Ended):
        Sentinel.__new__(Sentinel).reincarnate(process)
    assert replaced == []
