"""A year at a node and its hub: figures that come late, are corrected, go and return.

Nothing here merges or remembers as the product does: ``Truth`` is a list of what a
tier was told and when, and every total is added up anew from it.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from federation.model.indicator import Basis, Indicator, Measure, MergeRule
from federation.model.period import Frequency, Period, period_of_day
from federation.model.row import VINTAGE_ESTIMATE, Row, SeriesKey, State, base_row
from federation.model.status import Provenance, Status
from tests.indicators import an_indicator

WARDS = tuple(f"w{number}" for number in range(1, 7))
AREA, PROVINCE = "vinh", "40"
FIRST_DAY = date(2025, 1, 1)
DAYS = 365
BEGIN = datetime(2025, 1, 1, 17, tzinfo=UTC)

FINES = an_indicator(
    "test.fines", frequency=Frequency.DAY, leading_basis=Basis.ROLLED_UP
)
ON_TIME = an_indicator(
    "test.on_time",
    measure=Measure.RATIO,
    over_time=MergeRule.RATIO,
    over_place=MergeRule.RATIO,
    scale=2,
    leading_basis=Basis.ROLLED_UP,
)
INVESTMENT = an_indicator("test.investment", level="province", scale=3)
INDICATORS = (FINES, ON_TIME, INVESTMENT)

Said = tuple[int | None, int, str]
"""Value, second and status of a row."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """What becomes known at the node at a moment."""

    moment: datetime
    row: Row


def _row(key: SeriesKey, period: Period, value: int | None, status: Status) -> Row:
    second = 7 if key.indicator == ON_TIME.id else 0
    state = None if value is None else State(value=value, second=second)
    return base_row(
        series=key,
        period=period,
        state=state,
        status=status,
        provenance=Provenance.FILE,
        recorded_at_us=1,
        source="office",
    )


def year(seed: int) -> list[Event]:
    """Return the events of a year in the order in which they become known."""
    chance = random.Random(seed)
    events: list[Event] = []
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        for ward in WARDS:
            key = SeriesKey(indicator=FINES.id, locality=ward)
            period = period_of_day(Frequency.DAY, day)
            events += _told(chance, key, period, number + 1)
        if (day + timedelta(days=1)).day == 1:
            events += _month(chance, day, number + 1)
    return sorted(events, key=lambda event: event.moment)


def _month(chance: random.Random, day: date, number: int) -> Iterator[Event]:
    month = period_of_day(Frequency.MONTH, day)
    for ward in WARDS:
        key = SeriesKey(indicator=ON_TIME.id, locality=ward)
        yield from _told(chance, key, month, number + 2)
    # An estimate before the month is over, then what was realised, then a correction.
    whole = SeriesKey(indicator=INVESTMENT.id, locality=PROVINCE, agency="H41.STC")
    estimate = SeriesKey(
        indicator=INVESTMENT.id,
        locality=PROVINCE,
        agency="H41.STC",
        breakdown=VINTAGE_ESTIMATE,
    )
    value = chance.randrange(10**6)
    early = _moment(chance, number - 4)
    for key in (whole, estimate):
        yield Event(moment=early, row=_row(key, month, value, Status.ESTIMATED))
    late = _moment(chance, number + chance.randrange(10, 40))
    realised = value + chance.randrange(-900, 900)
    yield Event(moment=late, row=_row(whole, month, realised, Status.NORMAL))
    if chance.random() < 0.5:
        later = late + timedelta(days=chance.randrange(1, 90))
        row = _row(whole, month, realised + 1, Status.NORMAL)
        yield Event(moment=later, row=row)


def _moment(chance: random.Random, day: float) -> datetime:
    """Return one of a few moments of a day; several events share one."""
    hour = chance.choice((1, 1, 1, 1, 1.25, 4, 4.5, 8))
    return BEGIN + timedelta(days=int(day), hours=hour)


def _told(
    chance: random.Random, key: SeriesKey, period: Period, day: int
) -> Iterator[Event]:
    """Yield the reports of one value: in time or late, corrected, gone, back again."""
    fate = chance.random()
    if fate < 0.03:
        return
    at = float(day if fate < 0.85 else day + chance.randrange(1, 30))
    value: int | None = chance.randrange(1, 40)
    status = chance.choices(
        (Status.NORMAL, Status.PROVISIONAL, Status.ZERO, Status.NO_ACTIVITY),
        (80, 8, 6, 6),
    )[0]
    if status in (Status.ZERO, Status.NO_ACTIVITY):
        value = 0
    while True:
        yield Event(moment=_moment(chance, at), row=_row(key, period, value, status))
        next_one = chance.random()
        if next_one > 0.25:
            return
        # At times within the same hour, so that thinning has something to do.
        at += chance.choice((0, 0, 1, 2, 9, 45))
        gone = next_one < 0.06 and status is not Status.DELETED
        value = None if gone else chance.randrange(1, 40)
        status = Status.DELETED if gone else Status.NORMAL


@dataclass
class Truth:
    """What one tier was told, in order; it forgets nothing."""

    told: list[tuple[datetime, SeriesKey, Period, Said]] = field(default_factory=list)

    def learn(self, moment: datetime, row: Row) -> None:
        """Write down a row."""
        said = (None, 0) if row.state is None else (row.state.value, row.state.second)
        told = (*said, row.status.slug)
        self.told.append((moment, row.series, row.period, told))

    def as_of(self, moment: datetime) -> dict[tuple[SeriesKey, Period], Said]:
        """Return what stood at a moment."""
        return {
            (key, period): said for at, key, period, said in self.told if at <= moment
        }

    def totals(
        self, known: Mapping[tuple[SeriesKey, Period], Said], locality: str
    ) -> dict[tuple[SeriesKey, Period], tuple[int | None, int, int]]:
        """Return value, second and n of each total of the wards, added up anew."""
        parts: dict[tuple[str, Period], list[Said]] = {}
        for (key, period), said in known.items():
            if key.locality in WARDS:
                parts.setdefault((key.indicator, period), []).append(said)
        found = {}
        for (indicator, period), said in parts.items():
            given = [(value, second) for value, second, _ in said if value is not None]
            total = SeriesKey(
                indicator=indicator, locality=locality, basis=Basis.ROLLED_UP
            )
            found[total, period] = (
                sum(value for value, _ in given) if given else None,
                sum(second for _, second in given),
                len(given),
            )
        return found


def contract_of(row: Row) -> Indicator:
    """Return the contract of a row."""
    return next(one for one in INDICATORS if one.id == row.series.indicator)
