"""How fast an uplink goes."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from federation.uplink.pacing import Backoff, Credits, SealAhead


@given(st.integers(0, 2**32), st.integers(1, 200))
def test_waits_grow_to_the_bound_and_never_beyond(seed: int, failures: int) -> None:
    backoff = Backoff(min_s=0.5, max_s=60.0, random=Random(seed))
    waits = [backoff.next_s() for _ in range(failures)]
    for number, wait_s in enumerate(waits):
        assert 0 <= wait_s <= min(60.0, 0.5 * 2.0 ** min(number, 32))
    backoff.reset()
    assert backoff.next_s() <= 0.5


@given(st.lists(st.integers(1, 3_000_000), max_size=100))
def test_no_more_is_in_flight_than_credited(sizes: list[int]) -> None:
    credits_ = Credits(frames_max=8, bytes_max=4_000_000)
    flight: list[int] = []
    for size in sizes:
        while not credits_.fits(size):
            credits_.release(flight.pop(0))
        credits_.take(size)
        flight.append(size)
        assert credits_.frames == len(flight) <= 8
        assert credits_.bytes == sum(flight) <= 4_000_000


def test_one_frame_passes_whatever_the_credit() -> None:
    assert Credits(frames_max=1, bytes_max=10).fits(11)
    assert Credits(frames_max=0, bytes_max=0).fits(1)


def test_sealing_ahead_follows_the_last_second_of_acknowledgements() -> None:
    ahead = SealAhead(frames_max=16)
    assert ahead.frames(0.0) == 1
    ahead.note(4, 0.0)
    assert ahead.frames(0.5) == 5
    ahead.note(500, 0.6)
    assert ahead.frames(0.7) == 16
    assert ahead.frames(2.0) == 1
