"""Generated reports of citizens, for a demonstration.

Wards of the size of Vinh's get a few reports on a working day, fewer at week-ends,
more about drains in the months of rain. Most are answered in time, some late, few not
at all; a ward that is given up takes in nothing it can't be due for any more, and
answers the rest by its last day. Some turn out to be about something else a day later,
some repeat another. A report is a function of (seed, place, time) alone; what is known
of it, also of the moment until which is generated: a later run brings the answers and
corrections since.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from city_node.contract import Record, SourceInfo
from city_node.subsystems.citizen_feedback.records import (
    QuietDay,
    Report,
    quiet_record,
    report_record,
)
from city_node.subsystems.citizen_feedback.services import OTHER, SERVICES
from city_node.subsystems.citizen_feedback.words import OFFICE, TEXTS
from city_node.subsystems.draws import share
from city_node.subsystems.statements import begin_of
from federation.model.locality import Locality
from federation.model.period import LOCAL
from federation.model.status import Provenance

SIMULATED_SOURCE = SourceInfo(
    id="simulated_citizen_feedback", name=TEXTS["source.simulated"], publisher=OFFICE
)
# How often reports are about what, of a thousand; the rest is of no category.
_WEIGHTS = {
    "waste": 210,
    "lighting": 150,
    "roads": 140,
    "urban_order": 130,
    "drainage": 90,
    "construction": 70,
    "noise": 60,
    "utilities": 50,
    "vehicles": 30,
    "trees": 20,
    "signals": 20,
    "procedures": 10,
}
_RAINY_MONTHS = (9, 10, 11)
_LEAST_A_DAY, _MORE_A_DAY = 2, 6
_ON_TIME, _LATE = Decimal("0.86"), Decimal("0.97")
_CORRECTED, _DUPLICATE = Decimal("0.05"), Decimal("0.96")
_CORRECTED_AFTER = timedelta(days=1)
_FIRST_MINUTE, _LAST_MINUTE = 6 * 60, 22 * 60
_LAST_WORK = timedelta(hours=7)


def simulate(
    localities: Sequence[Locality], since: date, until: datetime, seed: int
) -> Iterator[Record]:
    """Yield the reports of communes from a day on, as they stand at ``until``.

    A day that is over and had none is a quiet day.
    """
    today = until.astimezone(LOCAL.zone).date()
    for ward in localities:
        if ward.level != "commune":
            continue
        for offset in range((today - since).days + 1):
            day = since + timedelta(days=offset)
            if ward.holds_on(day):
                yield from _day(ward, day, until, seed, over=day < today)


def _day(
    ward: Locality, day: date, until: datetime, seed: int, *, over: bool
) -> Iterator[Record]:
    size = _LEAST_A_DAY + share(seed, "size", ward.id) * _MORE_A_DAY
    busy = Decimal(1) if day.isoweekday() <= 5 else Decimal("0.5")
    count = int(size * busy * 2 * share(seed, "count", ward.id, day))
    if count == 0 and over:
        quiet = QuietDay(locality=ward.id, day=day.isoformat())
        yield quiet_record(
            quiet, source=SIMULATED_SOURCE.id, provenance=Provenance.SIMULATED
        )
    for turn in range(count):
        record = _report(ward, day, turn, until, seed)
        if record is not None:
            yield record


def _report(
    ward: Locality, day: date, turn: int, until: datetime, seed: int
) -> Record | None:
    def chance(name: str) -> Decimal:
        return share(seed, name, ward.id, day, turn)

    minute = _FIRST_MINUTE + int(chance("minute") * (_LAST_MINUTE - _FIRST_MINUTE))
    received = begin_of(day) + timedelta(minutes=minute)
    if received > until:
        return None
    category = _category(chance("category"), day)
    due = SERVICES.due(category, received)
    answered = _answered(category, received, chance("late"), chance("length"))
    if ward.valid_to is not None:
        given_up = begin_of(ward.valid_to + timedelta(days=1))
        if due >= given_up:
            return None
        answered = min(answered or given_up, given_up - _LAST_WORK)
    known = answered if answered is not None and answered <= until else None
    corrected = None
    if chance("corrected") < _CORRECTED:
        corrected = received + _CORRECTED_AFTER
    shown = OTHER if corrected is not None and corrected > until else category
    duplicate = turn > 0 and chance("duplicate") >= _DUPLICATE
    report = Report(
        locality=ward.id,
        category=shown,
        received=received.isoformat(),
        due=due.isoformat(),
        answered=None if known is None else known.isoformat(),
        duplicate_of=_number(ward, day, turn - 1) if duplicate else None,
    )
    changes = [received, *(each for each in (known, corrected) if each is not None)]
    return report_record(
        report,
        _number(ward, day, turn),
        source=SIMULATED_SOURCE.id,
        provenance=Provenance.SIMULATED,
        published_at=max(each for each in changes if each <= until),
    )


def _number(ward: Locality, day: date, turn: int) -> str:
    return f"SIM-{ward.code}-{day:%Y%m%d}-{turn:02}"


def _category(chance: Decimal, day: date) -> str:
    weights = dict(_WEIGHTS)
    if day.month in _RAINY_MONTHS:
        weights["drainage"] *= 3
    drawn = chance * (sum(weights.values()) + 20)
    for code, weight in weights.items():
        if drawn < weight:
            return code
        drawn -= weight
    return OTHER


def _answered(
    category: str, received: datetime, late: Decimal, length: Decimal
) -> datetime | None:
    """Return when a report is answered, None where nobody does for long."""
    if late >= _LATE:
        return None
    allowed = SERVICES.allowed(category)
    # In time: within a tenth to nineteen twentieths; late: up to three times as long.
    low, high = (10, 95) if late < _ON_TIME else (105, 300)
    percent = low + int(length * (high - low))
    return SERVICES.working_time.after(received, allowed * percent / 100)
