"""Which series a hub passes on to its parent, and why it withholds others."""

from collections.abc import Mapping
from typing import Protocol

from federation.catalogue.sharing import Sharing
from federation.clock import Clock, SystemClock
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Indicator, Measure
from federation.model.period import LOCAL
from federation.model.row import SeriesKey
from federation.warehouse.store import Route


class Contracts(Protocol):
    """What is known of indicators at the moment."""

    @property
    def indicators(self) -> Mapping[str, Indicator]:
        """Return the current contract of each indicator, by id."""
        ...

    def ground_of(self, key: SeriesKey) -> str | None:
        """Return on what ground a child withholds a series; None where none does."""
        ...


class Passing:
    """Routes everything a hub holds into its one stream; a ``StreamOf``.

    Without a parent nothing leaves. What a child withholds, the hub announces as
    withheld on the child's ground. Of the rest it decides by its own rules, then by the
    indicator: reports of children and its own totals separately. Of a withheld series
    only the ground travels, and that there are values.
    """

    def __init__(
        self,
        stream: str | None,
        contracts: Contracts,
        *,
        sharing: Sharing | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Send on ``stream``; None where there is no parent.

        Without ``sharing`` the indicators alone decide.
        """
        self._stream = stream
        self._contracts = contracts
        self._sharing = sharing or Sharing((), LocalityGraph())
        self._clock = clock or SystemClock()

    def __call__(self, key: SeriesKey) -> Route:
        """Return where a series goes today."""
        indicator = self._contracts.indicators.get(key.indicator)
        if self._stream is None or indicator is None:
            return Route()
        if indicator.measure is Measure.COMPOSITE:
            # Every tier computes it from its own components.
            return Route()
        ground = self._contracts.ground_of(key)
        if ground is None:
            today = self._clock.now().astimezone(LOCAL.zone).date()
            policy = self._sharing.policy(indicator, key, today)
            ground = None if policy.shared else policy.ground
        return Route(stream=self._stream, withheld_ground=ground)
