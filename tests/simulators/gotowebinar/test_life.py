"""The activity of the demo, step by step without a clock."""

from __future__ import annotations

from collections import Counter

from simulators.gotowebinar.goto import GoTo
from simulators.gotowebinar.life import LIVE_FOR, Life
from simulators.gotowebinar.options import parse_moment
from simulators.gotowebinar.process import SimulatorProcess
from simulators.gotowebinar.seed import PLAN, seeded

NOW = parse_moment("2026-03-01T12:00:00Z")


def alive() -> Life:
    goto = GoTo(seeded(1, NOW, len(PLAN), 30))
    goto.offset = NOW - goto.now()
    return Life(goto)


def test_people_register_and_cancel_and_webinars_start_and_end() -> None:
    life = alive()
    happened = Counter(life.step() for _ in range(200))
    assert happened["registered"] > happened["cancelled"] > 5
    assert min(happened["live"], happened["ended"]) > 5
    assert happened["scheduled"] > 0


def test_what_goes_live_ends_one_round_later_with_attendees() -> None:
    life = alive()
    steps = [life.step() for _ in range(4 * LIVE_FOR)]
    assert steps[LIVE_FOR - 1 :: LIVE_FOR][:3] == ["ended", "live", "ended"]
    ended = [webinar for webinar in life.goto.listed() if webinar.label == "live"]
    assert ended[0].ended_sessions()[0].attendances
    for webinar in life.goto.listed():
        assert all(start <= end for start, end in webinar.times)


def test_the_same_steps_from_the_same_account() -> None:
    first, second = alive(), alive()
    assert [first.step() for _ in range(40)] == [second.step() for _ in range(40)]


def test_a_live_simulator_changes_automatically() -> None:
    with SimulatorProcess(webinars=12, live=True, live_seconds=0.01) as simulator:
        before = simulator.webinars()
        assert any(simulator.webinars() != before for _ in range(10_000))
        assert simulator.stop() == 0
