"""REST shapes that stand beside a value: who is missing, the other statement."""

from typing import Literal

import msgspec


class AbsentOut(msgspec.Struct, kw_only=True):
    """A place that is missing in a total, and why.

    ``reason``: ``silent`` (owes and said nothing) | ``reported_missing`` |
    ``withheld`` | ``contract_differs`` (its definition of the indicator is another) |
    ``not_connected`` (no node speaks for it).
    """

    locality: str
    reason: Literal[
        "silent", "reported_missing", "withheld", "contract_differs", "not_connected"
    ]


class TwinOut(msgspec.Struct, kw_only=True):
    """The other statement about one place and period: reported, or rolled up.

    ``difference`` is what the value it stands beside has more than it; null where one
    of them has no value. The two are never added.
    """

    basis: str
    agency: str | None
    value: str | None
    status: str
    reported: int
    expected: int | None
    difference: str | None
    known_at: str
