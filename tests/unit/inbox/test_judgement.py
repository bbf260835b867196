"""The chain that a welcome names leads to any common frame in a few steps."""

import pytest

from federation.inbox.judgement import chain_ordinals
from federation.inbox.limits import LinkLimits


def test_near_frames_follow_each_other_and_far_ones_double() -> None:
    assert chain_ordinals(0, 3) == []
    assert chain_ordinals(1, 3) == [1]
    assert chain_ordinals(5, 3) == [5, 4, 3, 1]
    assert chain_ordinals(20, 3) == [20, 19, 18, 16, 12, 4, 1]


@pytest.mark.parametrize("frames", [1, 7, 8, 9, 1_000, 12_345_678])
def test_the_first_frame_is_always_named_and_the_list_stays_short(
    frames: int,
) -> None:
    ordinals = chain_ordinals(frames, 8)
    assert ordinals[0] == frames
    assert ordinals[-1] == 1
    assert ordinals == sorted(set(ordinals), reverse=True)
    assert len(ordinals) <= 8 + frames.bit_length()


def test_limits_under_which_no_frame_could_pass_are_refused() -> None:
    with pytest.raises(ValueError):
        LinkLimits(credit_bytes=1024)
