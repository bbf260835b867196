"""Series, states and rows: what tiers exchange.

A row is the state of one series in one period. Its version is the (epoch,
sequence) of the frame that carries it, so it holds no clock that orders it.
"""

from dataclasses import dataclass

from federation.model.indicator import Basis
from federation.model.period import Period
from federation.model.status import Counts, Provenance, Status

# One breakdown every indicator has: what was generated stands on series of its
# own and can never be added to what was measured.
SIMULATED_FEED = "feed=simulated"
# Another: earlier vintages of a published fact ("ước tính" before "thực hiện").
VINTAGE_ESTIMATE = "vintage=estimate"

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class SeriesKey:
    """Indicator × locality × agency × breakdown, reported or rolled up.

    ``breakdown`` is ``dimension=code`` for one declared dimension, or empty.
    """

    indicator: str
    locality: str
    agency: str = ""
    breakdown: str = ""
    basis: Basis = Basis.REPORTED

    @property
    def simulated(self) -> bool:
        """Return whether the series holds generated figures."""
        return self.breakdown == SIMULATED_FEED


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Mergeable state, in the columns every store and frame uses.

    ============== ==================== ===================
    measure        ``value``            ``second``
    ============== ==================== ===================
    sum, max, min  scaled value         0
    published      scaled value         0
    last           scaled value         moment, us since 1970
    ratio          numerator            denominator
    weighted mean  Σ(weight · value)    Σ weight
    sketches       0                    0 (``detail`` holds it)
    ============== ==================== ===================

    Both integers are checked to fit in 64 bits wherever they are made.
    """

    value: int
    second: int = 0
    detail: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """(epoch, sequence) of the frame that carries a row, on that frame's stream."""

    stream: str
    epoch: int
    sequence: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """The state of one series in one period.

    ``state`` is None where no contributor has one (missing, withheld, deleted …).
    ``expected`` and ``reported`` are the coverage: how many owed a report, how many
    of them gave one. ``recorded_at_us`` is when the newest contributing fact was
    learned by the tier that first took it in. ``origin`` is set when the row was
    re-issued from further down; its ``stream`` is then the path of streams it took,
    the first issuer first: ``17443/vinh``.
    """

    series: SeriesKey
    period: Period
    state: State | None
    counts: Counts
    expected: int
    reported: int
    recorded_at_us: int
    source: str = ""
    origin: Version | None = None
    unconfirmed: bool = False
    adjusted: bool = False

    @property
    def status(self) -> Status:
        """Return the status the row is shown with."""
        return self.counts.leading_status

    @property
    def provenance(self) -> Provenance:
        """Return the provenance the row is shown with."""
        return self.counts.leading_provenance


def base_row(
    *,
    series: SeriesKey,
    period: Period,
    state: State | None,
    status: Status,
    provenance: Provenance,
    recorded_at_us: int,
    source: str = "",
) -> Row:
    """Return the row of a single report: coverage 1 of 1, or 0 of 1."""
    return Row(
        series=series,
        period=period,
        state=state if status.carries_state else None,
        counts=Counts.one(status, provenance),
        expected=0 if status is Status.DELETED else 1,
        reported=1 if status.carries_state else 0,
        recorded_at_us=recorded_at_us,
        source=source,
    )
