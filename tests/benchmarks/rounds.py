"""Rounds in turn, so that a noisy machine disturbs all contenders alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from tests.benchmarks.report import Spread

Contender = Callable[[int], Awaitable[float]]
"""Does the whole task once and returns the seconds it took; takes the round, 0 = the
one that is thrown away."""


async def interleaved(
    contenders: Mapping[str, Contender],
    rounds: int,
    *,
    tell: Callable[[str], None],
    warm_up: bool = True,
) -> dict[str, list[float]]:
    """Return the seconds of each contender in each round.

    A round before the first warms everything up and is thrown away, unless that was
    done already. Every round begins with another contender, so that none always comes
    after the same one.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(0 if warm_up else 1, rounds + 1):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            took_s = await contenders[name](number)
            if number:
                seconds[name].append(took_s)
            tell(f"round {number} of {rounds}: {name} {took_s:.3f} s")
    return seconds


def speed_ratio(ours: list[float], peer: list[float]) -> Spread:
    """Return how many times faster ours is, round by round."""
    return Spread.of([theirs / our for our, theirs in zip(ours, peer, strict=True)])
