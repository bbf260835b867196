"""Which column means what, from the headings of a table alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from city_node.sources.headings import words
from city_node.sources.mapped.form import (
    ColumnRule,
    PeriodFrom,
    PeriodRule,
    Several,
    TableMapping,
)
from city_node.sources.times import HeadingSaid, Span, TimeSaid, heading_said
from city_node.sources.units import without_units
from federation.model.indicator import Text
from federation.model.period import Frequency, Period, period_of_day

NO_INDICATOR = Text(
    vi="Chưa có chỉ tiêu nào dùng cột này.", en="No indicator uses this column."
)
_BETTER = Text(
    vi="Cột khác nói rõ hơn cùng nội dung này.", en="Another column says this better."
)
_OTHER_PERIOD = Text(
    vi="Tiêu đề cột không ghi kỳ mà chỉ tiêu dùng.",
    en="The heading names no period that the indicator takes.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnMeaning:
    """What a column means; ``period`` is its own, where it has one.

    ``status`` is that of its figures ("" where nothing is said); ``unused`` says why
    a column without a rule is not used.
    """

    column: int
    heading: str
    rule: ColumnRule | None = None
    period: Period | None = None
    status: str = ""
    unused: Text | None = None

    @property
    def letter(self) -> str:
        """Return the column as a spreadsheet names it."""
        return column_letter(self.column)


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnsFound:
    """The columns of a table, its period, and columns that say the same."""

    columns: tuple[ColumnMeaning, ...]
    period: Period | None
    alike: tuple[tuple[ColumnMeaning, ColumnMeaning], ...] = ()

    @property
    def used(self) -> tuple[ColumnMeaning, ...]:
        """Return the columns that mean something."""
        return tuple(column for column in self.columns if column.rule is not None)

    def has(self, names: Iterable[str]) -> bool:
        """Return whether there is a column of any of some fields."""
        wanted = set(names)
        return any(each.rule.field in wanted for each in self.used if each.rule)


def column_letter(column: int) -> str:
    """Return the letters of a column counted from 0: A, B, …, Z, AA."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def find_meanings(
    mapping: TableMapping, headings: Mapping[int, str], title: str
) -> ColumnsFound:
    """Return what the columns of a table mean."""
    said = {column: _said(text) for column, text in headings.items()}
    period = _table_period(mapping, said.values(), title)
    found = [
        _meaning(mapping, column, heading, period) for column, heading in said.items()
    ]
    return _without_doubles(found, period)


def list_meanings(mapping: TableMapping, headings: Sequence[str]) -> ColumnsFound:
    """Return what the columns of a list mean; its lines say the period."""
    found = [
        _meaning(mapping, column, _said(text), None)
        for column, text in enumerate(headings)
        if text
    ]
    return _without_doubles(found, None)


def shifted(period: Period, offset: int) -> Period:
    """Return the period that is so many periods later, or earlier."""
    while offset > 0:
        period = period_of_day(period.frequency, period.end_day)
        offset -= 1
    while offset < 0:
        before = period.first_day.toordinal() - 1
        period = period_of_day(period.frequency, period.first_day.fromordinal(before))
        offset += 1
    return period


def _said(text: str) -> HeadingSaid:
    """Return what a heading says; a unit in parentheses is not what it is called."""
    return replace(heading_said(text), rest=heading_said(without_units(text)).rest)


def _table_period(
    mapping: TableMapping, headings: Iterable[HeadingSaid], title: str
) -> Period | None:
    """Return the one period of a table: what its title says, or its latest column."""
    rule = mapping.period
    if rule.said_in is PeriodFrom.TITLE:
        times = heading_said(title).times
        # The longest form first: "từ 01/01 - 31/12/2024" is no year.
        ordered = sorted(times, key=lambda time: time.span is not Span.TO_DATE)
        return next((made for time in ordered if (made := _period(rule, time))), None)
    if rule.said_in is not PeriodFrom.HEADINGS:
        return None
    named = [
        made
        for heading in headings
        if heading.time.span.value == rule.frequency.slug
        or heading.time.span is Span.DAY
        if any(_phrases_fit(column, heading) for column in mapping.columns)
        if (made := _period(rule, heading.time))
    ]
    return max(named, default=None)


def _period(rule: PeriodRule, time: TimeSaid) -> Period | None:
    return time.period(rule.frequency, school_year_begins=rule.school_year_begins)


def _phrases_fit(rule: ColumnRule, heading: HeadingSaid) -> bool:
    if rule.whole and heading.rest not in rule.whole:
        return heading.words in rule.whole and rule.phrases.fit(heading.words)
    return rule.phrases.fit(heading.words)


def _meaning(
    mapping: TableMapping, column: int, heading: HeadingSaid, table: Period | None
) -> ColumnMeaning:
    unused = ColumnMeaning(column=column, heading=heading.text, unused=NO_INDICATOR)
    for rule in mapping.columns:
        if not _phrases_fit(rule, heading):
            continue
        if mapping.period.said_in is PeriodFrom.EACH_HEADING:
            own = _period(mapping.period, heading.time)
            if own is None:
                unused = replace(unused, unused=_OTHER_PERIOD)
                continue
        elif not _time_fits(rule, heading, table, mapping.period):
            unused = replace(unused, unused=_OTHER_PERIOD)
            continue
        else:
            own = None if table is None else shifted(table, rule.offset)
        return ColumnMeaning(
            column=column,
            heading=heading.text,
            rule=rule,
            period=own,
            status=_status(mapping, rule, heading),
        )
    for known in mapping.unused:
        if not known.phrases.fit(heading.words) or (
            known.whole and heading.words not in known.whole
        ):
            continue
        return replace(unused, unused=known.reason)
    return unused


def _status(mapping: TableMapping, rule: ColumnRule, heading: HeadingSaid) -> str:
    """Return how sure a column's figures are, where records tell."""
    said = rule.status or heading.status
    return said if mapping.has_status and said != "normal" else ""


def _time_fits(
    rule: ColumnRule, heading: HeadingSaid, table: Period | None, period: PeriodRule
) -> bool:
    time = heading.time
    if rule.spans and _preference(rule, time, period.frequency) is None:
        return False
    if table is None or time.span is Span.UNSAID:
        return True
    wanted = shifted(table, rule.offset)
    if not rule.spans:
        return True
    months = time.months_to_date
    if months is not None and period.frequency is Frequency.MONTH:
        same_year = time.year in (None, wanted.first_day.year)
        return same_year and months == wanted.first_day.month
    own = _period(period, time)
    return own is None or own == wanted


def _preference(rule: ColumnRule, time: TimeSaid, frequency: Frequency) -> int | None:
    """Return how well a heading's time suits a rule: 0 is best, None is not at all."""
    span = time.span
    if span is Span.YEAR and frequency is Frequency.MONTH:
        span = Span.TO_DATE
    return rule.spans.index(span) if span in rule.spans else None


def _without_doubles(
    found: Sequence[ColumnMeaning], period: Period | None
) -> ColumnsFound:
    """Return the columns with one for each meaning; the rest are not used, or alike."""
    best: dict[tuple[str, str, Period | None, str], ColumnMeaning] = {}
    alike: list[tuple[ColumnMeaning, ColumnMeaning]] = []
    dropped: dict[int, ColumnMeaning] = {}
    for each in found:
        rule = each.rule
        if rule is None:
            continue
        key = (rule.field, rule.breakdown, each.period, each.status)
        before = best.get(key)
        if before is None:
            best[key] = each
            continue
        first, second = _rank(before), _rank(each)
        if first == second and rule.several is Several.REFUSE:
            alike.append((before, each))
        takes_later = second < first or (
            first == second and rule.several is Several.LAST
        )
        loser = before if takes_later else each
        if takes_later:
            best[key] = each
        dropped[loser.column] = replace(loser, rule=None, unused=_BETTER)
    return ColumnsFound(
        columns=tuple(dropped.get(each.column, each) for each in found),
        period=period,
        alike=tuple(alike),
    )


def _rank(meaning: ColumnMeaning) -> int:
    if meaning.rule is None or not meaning.rule.spans:
        return 0
    time = heading_said(meaning.heading).time
    preference = _preference(meaning.rule, time, Frequency.MONTH)
    return len(meaning.rule.spans) if preference is None else preference


def heading_position(texts: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return the column under the first of some headings, or None."""
    folded = [words(text) for text in texts]
    for heading in wanted:
        if words(heading) in folded:
            return folded.index(words(heading))
    return None
