"""From checked figures to records, in the order of their periods."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from city_node.contract import Accepted, Flag, Place, ReadItem, Record
from city_node.sources.mapped.checks import check_figures
from city_node.sources.mapped.figures import (
    Amount,
    GroupKey,
    RowFigures,
    group_of,
    number_of,
)
from city_node.sources.mapped.finding import TableFound
from city_node.sources.places import rejected
from federation.model.locality import Locality
from federation.model.period import Period
from federation.model.status import Provenance

NUMBER_FORM = "number-form"
"""Code of a flag: the decimal sign of a table was guessed by its language."""

_THOUSAND = 1000


def landed(
    subsystem: str,
    found: TableFound,
    figures: RowFigures,
    *,
    published_at: datetime | None = None,
) -> Iterator[ReadItem]:
    """Yield the records of a row's figures, or why they don't land."""
    check_figures(found.mapping, figures, found.names)
    for key, amounts in sorted(figures.amounts.items()):
        if key in figures.refused:
            refused = figures.refused[key]
            yield rejected(refused.place, refused.error)
            continue
        recorded = _recorded(found, amounts)
        if not recorded:
            continue
        record = _record(subsystem, found, figures, key, recorded, published_at)
        if found.form_doubted and any(map(_has_separator, recorded.values())):
            figures.flag(key, _form_doubt(found))
        yield Accepted(
            record=record,
            place=figures.place,
            flags=tuple(figures.flags.get(key, ())),
        )


def _has_separator(amount: Amount) -> bool:
    """Return whether a figure may be a thousand times another one."""
    number = number_of(amount)
    return number is not None and (number % 1 != 0 or abs(number) >= _THOUSAND)


def _form_doubt(found: TableFound) -> Flag:
    sign = found.form.value
    return Flag(
        code=NUMBER_FORM,
        text_vi=f"Bảng không cho biết dấu thập phân; đã hiểu là “{sign}”. Hãy kiểm tra "
        "số có bị nhân hoặc chia 1000 không.",
        text_en=f"The table doesn't tell its decimal sign; “{sign}” was assumed. Check "
        "whether figures are off by a factor of 1000.",
    )


def missing(
    subsystem: str, found: TableFound, locality: Locality, period: Period, place: Place
) -> Iterator[Accepted]:
    """Yield what a table says of a place that it leaves out: nothing, for each field.

    It was told from what the table does name, so it replaces nothing that stands.
    """
    figures = RowFigures(place=place, locality=locality, period=period)
    for meaning in found.columns.used:
        rule = meaning.rule
        if rule is None:
            continue
        key = group_of(found.mapping, meaning, period)
        figures.amounts.setdefault(key, {})[rule.field] = None
        if rule.period_field:
            figures.periods[rule.period_field] = meaning.period or period
    for key, amounts in sorted(figures.amounts.items()):
        recorded = _recorded(found, amounts)
        if recorded:
            record = _record(subsystem, found, figures, key, recorded, None)
            yield Accepted(record=record, place=place, inferred=True)


def in_order(items: Iterable[ReadItem]) -> Iterator[ReadItem]:
    """Yield what isn't a record, then the records, oldest period first."""
    accepted: list[tuple[str, Accepted]] = []
    for item in items:
        if isinstance(item, Accepted):
            accepted.append((item.record.source_key.split(":")[2], item))
        else:
            yield item
    for _, item in sorted(accepted, key=lambda pair: pair[0]):
        yield item


def _recorded(found: TableFound, amounts: dict[str, Amount]) -> dict[str, Amount]:
    wanted: Sequence[str] = found.mapping.fields
    return {name: amounts[name] for name in wanted if name in amounts}


def _record(
    subsystem: str,
    found: TableFound,
    figures: RowFigures,
    key: GroupKey,
    amounts: dict[str, Amount],
    published_at: datetime | None,
) -> Record:
    mapping, locality = found.mapping, figures.locality.id
    period = key.period.text
    parts = [mapping.record, locality, period, key.breakdown, key.status]
    fields: dict[str, Amount] = {
        "locality": locality,
        mapping.period.field: period,
        "unit": found.unit.text,
    }
    if mapping.has_status:
        fields["status"] = key.status
    if mapping.has_breakdowns:
        fields["breakdown"] = key.breakdown
    fields |= {name: when.text for name, when in figures.periods.items()}
    return Record(
        subsystem=subsystem,
        source=mapping.source,
        source_key=":".join(part for part in parts if part),
        kind=mapping.record,
        scope=mapping.scope.format(period=period, locality=locality),
        fields=fields | amounts,
        provenance=Provenance.FILE,
        published_at=published_at,
    )
