"""Which series a hub passes on to its parent, and why it withholds others."""

from collections.abc import Mapping
from typing import Protocol

from federation.model.indicator import Basis, Indicator
from federation.model.row import SeriesKey
from federation.warehouse.store import Route


class Contracts(Protocol):
    """The indicators known at the moment."""

    @property
    def indicators(self) -> Mapping[str, Indicator]:
        """Return the current contract of each indicator, by id."""
        ...


class Passing:
    """Routes everything a hub holds into its one stream; a ``StreamOf``.

    Without a parent nothing leaves. A series whose policy forbids it is announced as
    withheld with its ground, and none of its rows travel.
    """

    def __init__(self, stream: str | None, contracts: Contracts) -> None:
        """Send on ``stream``; None where there is no parent."""
        self._stream = stream
        self._contracts = contracts

    def __call__(self, key: SeriesKey) -> Route:
        """Return where a series goes."""
        indicator = self._contracts.indicators.get(key.indicator)
        if self._stream is None or indicator is None:
            return Route()
        detail = key.basis is Basis.REPORTED
        policy = indicator.share_detail if detail else indicator.share_rollup
        ground = None if policy.shared else policy.ground
        return Route(stream=self._stream, withheld_ground=ground)
