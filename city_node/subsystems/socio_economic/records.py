"""What the statistics office says about a province, month by month.

Numbers are decimal texts in the unit the publication uses, ``-`` where it prints
that there was none, None where it prints nothing.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from city_node.contract import Record
from city_node.sources.dates import read_month
from city_node.subsystems.statements import number_in, text_in
from federation.model.status import Provenance

SUBSYSTEM_ID = "socio_economic"
INVESTMENT_MONTH = "investment_month"
FOREIGN_INVESTMENT = "foreign_investment_to_date"
INDUSTRIAL_LABOUR = "industrial_labour_month"
POVERTY = "poverty_year"


@dataclass(frozen=True, kw_only=True, slots=True)
class InvestmentMonth:
    """One province's line in a monthly report on investment from the state budget.

    ``estimate`` ("ước tính") and ``realised`` ("thực hiện") are of the report's own
    month; ``previous_realised`` of ``previous_month``. ``year_to_date`` counts from
    1 January, ``plan`` is the year's. ``percent_of_plan`` is year to date.
    ``year_on_year_index`` is year to date against the same months of the year
    before, in per cent.
    """

    locality: str
    month: str
    unit: str
    estimate: str | None = None
    realised: str | None = None
    previous_month: str | None = None
    previous_realised: str | None = None
    year_to_date: str | None = None
    plan: str | None = None
    percent_of_plan: str | None = None
    year_on_year_index: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignInvestmentToDate:
    """One province's line in a table of foreign investment since 1 January.

    ``newly_registered`` ("cấp mới") and ``adjusted`` ("điều chỉnh") are capital;
    adjusted capital may be negative. ``month`` is that of the table's last day.
    """

    locality: str
    month: str
    unit: str
    projects: str | None = None
    newly_registered: str | None = None
    adjusted: str | None = None


def record_of(
    statement: InvestmentMonth | ForeignInvestmentToDate,
    *,
    source: str,
    scope: str,
    provenance: Provenance,
    published_at: datetime | None = None,
) -> Record:
    """Return a statement as a record, keyed by place and month."""
    investment = isinstance(statement, InvestmentMonth)
    kind = INVESTMENT_MONTH if investment else FOREIGN_INVESTMENT
    return Record(
        subsystem=SUBSYSTEM_ID,
        source=source,
        source_key=f"{kind}:{statement.locality}:{statement.month}",
        kind=kind,
        scope=scope,
        fields=asdict(statement),
        provenance=provenance,
        published_at=published_at,
    )


def month_of(record: Record) -> date:
    """Return the first day of the month a record is about.

    Raises:
        FederationError: ``INPUT_ROW`` when it names none.
    """
    return read_month(text_in(record.fields, "month"))


def investment_month(record: Record) -> InvestmentMonth:
    """Return a record's statement.

    Raises:
        FederationError: ``INPUT_ROW`` when a field is absent or of another type.
    """
    fields = record.fields
    return InvestmentMonth(
        locality=text_in(fields, "locality"),
        month=text_in(fields, "month"),
        unit=text_in(fields, "unit"),
        estimate=number_in(fields, "estimate"),
        realised=number_in(fields, "realised"),
        previous_month=number_in(fields, "previous_month"),
        previous_realised=number_in(fields, "previous_realised"),
        year_to_date=number_in(fields, "year_to_date"),
        plan=number_in(fields, "plan"),
        percent_of_plan=number_in(fields, "percent_of_plan"),
        year_on_year_index=number_in(fields, "year_on_year_index"),
    )
