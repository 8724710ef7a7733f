"""One budget of calls for all processes of an installation."""

import threading

import pytest

from webinars.sync.budget import SharedBudget


@pytest.mark.django_db(transaction=True)
def test_turns_are_a_little_over_a_tenth_of_a_second_apart_whoever_takes_them() -> None:
    lock, moments = threading.Lock(), []

    def call(budget: SharedBudget) -> None:
        for _ in range(5):
            budget.wait_turn()

    def note(delay: float) -> None:
        with lock:
            moments.append(round(delay, 6))

    # The clock stands still, so that the waits are the moments themselves.
    budgets = [SharedBudget("goto", 10, now=lambda: 1000.0, sleep=note) for _ in range(3)]
    threads = [threading.Thread(target=call, args=(budget,)) for budget in budgets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Fifteen turns: the first at once, each other a little over a tenth of a second after another.
    assert sorted(moments) == [round(n * 0.103, 6) for n in range(1, 15)]


def test_without_a_limit_nobody_waits_and_nothing_is_asked() -> None:
    SharedBudget("goto", 0).wait_turn()
