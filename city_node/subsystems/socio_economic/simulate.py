"""Generated figures of a province's economy, for a demonstration without input.

Seasons are those of public investment: slow in January, doubled by December. Each
figure is a function of (seed, place, month) alone, so a later run repeats it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from city_node.contract import Record, SourceInfo
from city_node.sources.units import BILLION_VND, MILLION_USD
from city_node.subsystems.draws import months_between, share
from city_node.subsystems.socio_economic.records import (
    ForeignInvestmentToDate,
    InvestmentMonth,
    record_of,
)
from city_node.subsystems.socio_economic.words import FINANCE, TEXTS
from federation.model.locality import Locality
from federation.model.period import LOCAL
from federation.model.status import Provenance

SIMULATED_SOURCE = SourceInfo(
    id="simulated_socio_economic", name=TEXTS["source.simulated"], publisher=FINANCE
)
# Per mille of the year's plan that months realise; they leave 40 per mille undone.
_SEASON = (52, 48, 60, 66, 70, 80, 82, 86, 92, 100, 110, 114)
_PLAN_BILLION_VND = 10_000


def simulate(
    localities: Sequence[Locality], since: date, until: datetime, seed: int
) -> Iterator[Record]:
    """Yield a year-to-date statement for each province and each month that is over."""
    today = until.astimezone(LOCAL.zone).date()
    for locality in localities:
        if locality.level != "province":
            continue
        for month in months_between(since, today):
            yield _investment(locality, month, seed)
            yield _foreign(locality, month, seed)


def _plan(locality: Locality, year: int, seed: int) -> Decimal:
    growth = Decimal(year - 2020) / 20 + share(seed, "plan", locality.id, year) / 10
    return (_PLAN_BILLION_VND * (1 + growth)).quantize(Decimal("0.001"))


def _realised(locality: Locality, month: date, seed: int) -> Decimal:
    plan = _plan(locality, month.year, seed)
    chance = share(seed, "investment", locality.id, month.isoformat())
    season = Decimal(_SEASON[month.month - 1]) / 1000
    return (plan * season * (Decimal("0.9") + chance / 5)).quantize(Decimal("0.001"))


def _investment(locality: Locality, month: date, seed: int) -> Record:
    year = [month.replace(month=number) for number in range(1, month.month + 1)]
    before = [one.replace(year=one.year - 1) for one in year]
    plan = _plan(locality, month.year, seed)
    to_date = sum((_realised(locality, one, seed) for one in year), Decimal(0))
    last_year = sum((_realised(locality, one, seed) for one in before), Decimal(0))
    statement = InvestmentMonth(
        locality=locality.id,
        month=f"{month:%Y-%m}",
        unit=BILLION_VND,
        realised=str(_realised(locality, month, seed)),
        year_to_date=str(to_date),
        plan=str(plan),
        percent_of_plan=f"{100 * to_date / plan:.3f}",
        year_on_year_index=f"{100 * to_date / last_year:.3f}",
    )
    return _simulated(statement)


def _foreign(locality: Locality, month: date, seed: int) -> Record:
    new = adjusted = projects = Decimal(0)
    for number in range(1, month.month + 1):
        key = (locality.id, month.replace(month=number).isoformat())
        projects += 1 + round(4 * share(seed, "projects", *key))
        new += 140 * share(seed, "new", *key)
        adjusted += 120 * share(seed, "adjusted", *key) - 30
    statement = ForeignInvestmentToDate(
        locality=locality.id,
        month=f"{month:%Y-%m}",
        unit=MILLION_USD,
        projects=str(projects),
        newly_registered=f"{new:.6f}",
        adjusted=f"{adjusted:.6f}",
    )
    return _simulated(statement)


def _simulated(statement: InvestmentMonth | ForeignInvestmentToDate) -> Record:
    return record_of(
        statement,
        source=SIMULATED_SOURCE.id,
        scope=f"simulated:{statement.locality}:{statement.month}",
        provenance=Provenance.SIMULATED,
    )
