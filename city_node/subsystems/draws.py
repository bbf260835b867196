"""Repeatable chance: a draw is a function of what it is for, never of what came before.

So figures that were generated once come out the same however often, from whenever and
in whatever order they are generated again.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

_STEPS = 10**6


def share(seed: int, *key: object) -> Decimal:
    """Return a decimal in [0, 1) with six digits that depends on seed and key."""
    text = "\x1f".join(map(str, (seed, *key)))
    digest = hashlib.sha256(text.encode()).digest()
    return Decimal(int.from_bytes(digest[:8], "big") % _STEPS) / _STEPS


def months_between(since: date, until: date) -> Iterator[date]:
    """Yield the first day of each month from ``since`` that is over by ``until``."""
    month = since.replace(day=1)
    while True:
        following = (month + timedelta(days=32)).replace(day=1)
        if following > until:
            return
        yield month
        month = following


def days_between(since: date, until: date) -> Iterator[date]:
    """Yield each day from ``since`` that is over when ``until`` begins."""
    for offset in range((until - since).days):
        yield since + timedelta(days=offset)
