"""The keys of a run are remembered exactly, in little memory."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from sync.pull.seen_keys import SeenKeys

KEYS = st.one_of(
    st.integers(0, 2**64 + 10).map(str),
    st.integers(0, 30).map(str),
    st.sampled_from(["", "0", "00", "007", "7", "-7", "+7", " 7", "7.0", "٧", "²", "a-7"]),
    st.text(max_size=8),
)


@given(pages=st.lists(st.lists(KEYS, max_size=5), max_size=5), others=st.lists(KEYS))
def test_it_equals_a_set(pages: list[list[str]], others: list[str]) -> None:
    seen, expected = SeenKeys(), set[str]()
    for page in pages:
        seen.update(page)
        expected.update(page)
        assert all(key in seen for key in expected)
    assert all((key in seen) == (key in expected) for key in others)


def test_a_large_webinar_takes_little_memory() -> None:
    seen = SeenKeys()
    tracemalloc.start()
    for page in range(500):
        seen.update(str(10**18 + number * 7919) for number in range(page * 200, page * 200 + 200))
    assert "1000000000000000000" in seen and "1000000000000000001" not in seen
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(seen) == 100_000
    assert taken < 2_000_000
