"""Loads mappings and says clearly what is wrong with one.

A mapping is written by people who know the table, so each error names the file, the
key and what may stand there.
"""

import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from city_node.sources.headings import words
from city_node.sources.mapped.form import (
    Check,
    CheckKind,
    ColumnRule,
    Fails,
    FillRule,
    Layout,
    PeriodFrom,
    PeriodRule,
    Phrases,
    PlaceRule,
    RepeatRule,
    Several,
    TableMapping,
    UnitRule,
    UnusedRule,
)
from city_node.sources.times import Span
from city_node.sources.units import UNITS, is_unit
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text
from federation.model.period import Frequency

_FREQUENCIES = {
    frequency.slug: frequency
    for frequency in Frequency
    if frequency not in (Frequency.HOUR, Frequency.WEEK)
}
_STATUSES = ("normal", "provisional", "estimated")
_LIST_PERIODS = ({"period"}, {"year", "month"}, {"year"}, {"day"})


def load_mappings(package: str) -> tuple[TableMapping, ...]:
    """Return the mappings of a subsystem's folder ``mappings``, by file name.

    Raises:
        FederationError: ``CONFIGURATION`` for a mapping that can't be, with the file
            and the key.
    """
    found: dict[str, TableMapping] = {}
    for file in _files(package):
        mapping = parse_mapping(file.name, file.read_text(encoding="utf-8"))
        if mapping.table in found:
            raise _wrong(file.name, "table", "một tên chưa dùng", "a name not in use")
        found[mapping.table] = mapping
    return tuple(found.values())


def _files(package: str) -> list[Traversable]:
    folder = files(package) / "mappings"
    listed = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return sorted(listed, key=lambda file: file.name)


def parse_mapping(name: str, text: str) -> TableMapping:
    """Return the mapping that a TOML text says; ``name`` is of its file.

    Raises:
        FederationError: ``CONFIGURATION`` for a mapping that can't be.
    """
    try:
        table = _Table(name, "", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _wrong(name, str(error), "TOML đúng cú pháp", "valid TOML") from error
    mapping = _mapping(table)
    table.finish()
    _check_fields(name, mapping)
    return mapping


class _Table:
    """A table of a mapping; keys that nobody asks for are errors."""

    def __init__(self, file: str, path: str, values: Mapping[str, Any]) -> None:
        self._file = file
        self._path = path
        self._values = dict(values)
        self._inner: list[_Table] = []

    def wrong(self, key: str, vi: str, en: str) -> FederationError:
        """Return the error of a key."""
        return _wrong(self._file, f"{self._path}{key}", vi, en)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._values.pop(key, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self.wrong(key, "một văn bản", "a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._values.pop(key, [])
        if not isinstance(value, list) or any(not isinstance(v, str) for v in value):
            raise self.wrong(key, "một danh sách văn bản", "a list of texts")
        return tuple(value)

    def phrases(self, key: str) -> tuple[str, ...]:
        return tuple(words(text) for text in self.texts(key))

    def first_of(self, *keys: str) -> str:
        """Return the first text of the first of some lists, without taking it."""
        for key in keys:
            value = self._values.get(key)
            if isinstance(value, list) and value:
                return str(value[0])
        return ""

    def choice(self, key: str, known: Iterable[str], default: str | None = None) -> str:
        value = self.text(key, default)
        names = sorted(known)
        if value not in names and value != default:
            raise self.wrong(key, " | ".join(names), " | ".join(names))
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._values.pop(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true hoặc false", "true or false")
        return value

    def number(self, key: str, default: int = 0) -> int:
        value = self._values.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, "một số nguyên", "a whole number")
        return value

    def decimal(self, key: str) -> Decimal | None:
        value = self._values.pop(key, None)
        if value is None:
            return None
        try:
            return Decimal(value if isinstance(value, str) else "")
        except InvalidOperation as error:
            raise self.wrong(
                key, "số viết trong ngoặc kép, ví dụ “0.5”", "a quoted number: “0.5”"
            ) from error

    def table(self, key: str) -> "_Table":
        value = self._values.pop(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"một bảng [{key}]", f"a table [{key}]")
        inner = _Table(self._file, f"{self._path}{key}.", value)
        self._inner.append(inner)
        return inner

    def tables(self, key: str) -> list["_Table"]:
        value = self._values.pop(key, [])
        if not isinstance(value, list) or any(not isinstance(v, dict) for v in value):
            raise self.wrong(key, f"các bảng [[{key}]]", f"tables [[{key}]]")
        made = [
            _Table(self._file, f"{self._path}{key}[{number}].", each)
            for number, each in enumerate(value, start=1)
        ]
        self._inner += made
        return made

    def pairs(self, key: str) -> dict[str, Any]:
        value = self._values.pop(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "các cặp tên = giá trị", "pairs of name = value")
        return value

    @property
    def is_empty(self) -> bool:
        return not self._values

    def finish(self) -> None:
        """Raise for a key that means nothing: it is mostly misspelt."""
        for key in self._values:
            raise self.wrong(key, "không có khóa này; hãy xóa", "no such key; remove")
        for inner in self._inner:
            inner.finish()


def _mapping(top: _Table) -> TableMapping:
    table = top.text("table")
    layout = Layout(top.choice("layout", list(Layout), "cross"))
    title_table = top.table("title")
    label = title_table.first_of("has", "has_any")
    title = _phrases(title_table)
    if layout is Layout.CROSS and title.is_empty:
        raise top.wrong("title", "cụm từ của tiêu đề", "phrases of the title")
    columns = tuple(_column(each) for each in top.tables("column"))
    if not columns:
        raise top.wrong("column", "ít nhất một [[column]]", "at least one [[column]]")
    headings = top.table("headings")
    return TableMapping(
        table=table,
        label=label,
        reader=top.text("reader"),
        source=top.text("source"),
        record=top.text("record"),
        scope=top.text("scope", f"{table}:{{period}}"),
        layout=layout,
        title=title,
        place=_place(top.table("place"), layout),
        period=_period(top.table("period"), layout),
        columns=columns,
        unit=_unit(top.table("unit")),
        needs_any=top.texts("needs_any"),
        fill_right=headings.flag("fill_right", default=False),
        decimals=top.choice("decimals", (".", ","), ""),
        published=top.texts("published"),
        unused=tuple(_unused(each) for each in top.tables("unused")),
        fills=tuple(
            FillRule(
                field=each.text("field"),
                sources=each.texts("from"),
                only_in_month=each.number("only_in_month"),
            )
            for each in top.tables("fill")
        ),
        repeats=tuple(
            RepeatRule(
                field=each.text("field"),
                repeats=each.text("of"),
                confirmed_by=each.text("confirmed_by"),
            )
            for each in top.tables("repeat")
        ),
        checks=tuple(_check(each) for each in top.tables("check")),
    )


def _phrases(table: _Table) -> Phrases:
    return Phrases(
        has=table.phrases("has"),
        has_any=table.phrases("has_any"),
        hasnt=table.phrases("hasnt"),
    )


def _place(table: _Table, layout: Layout) -> PlaceRule:
    headings = table.texts("headings")
    if layout is Layout.LIST and not headings:
        raise table.wrong("headings", "tên cột địa bàn", "headings of the place column")
    return PlaceRule(
        level=table.text("level"),
        by_code=table.choice("by", ("name", "code"), "name") == "code",
        headings=headings,
        sections=table.phrases("sections"),
        controls=table.phrases("controls"),
        names={words(name): str(to) for name, to in table.pairs("names").items()},
        not_listed_is_missing=(
            table.choice("not_listed", ("missing", "nothing"), "nothing") == "missing"
        ),
    )


def _period(table: _Table, layout: Layout) -> PeriodRule:
    said_in = PeriodFrom(table.choice("from", list(PeriodFrom)))
    if (layout is Layout.LIST) is not (said_in is PeriodFrom.ROWS):
        raise table.wrong(
            "from",
            "“rows” cho layout “list”, và chỉ khi đó",
            "“rows” for the layout “list”, and only there",
        )
    columns = {
        name: tuple(headings) if isinstance(headings, list) else (str(headings),)
        for name, headings in table.pairs("columns").items()
    }
    if said_in is PeriodFrom.ROWS and set(columns) not in _LIST_PERIODS:
        raise table.wrong(
            "columns", "period | year, month | year | day", "the same in English"
        )
    return PeriodRule(
        frequency=_FREQUENCIES[table.choice("frequency", _FREQUENCIES)],
        said_in=said_in,
        field=table.text("field", "period"),
        school_year_begins=table.flag("school_year_begins", default=True),
        columns=columns,
    )


def _unit(table: _Table) -> UnitRule | None:
    if table.is_empty:
        return None
    family = table.choice("of", UNITS)
    default = table.text("default", "")
    vi, en = table.text("basis_vi", ""), table.text("basis_en", "")
    if default and not is_unit(default, family):
        known = ", ".join(UNITS[family])
        raise table.wrong("default", known, known)
    if default and not (vi and en):
        raise table.wrong(
            "basis_vi", "căn cứ của đơn vị mặc định (vi, en)", "why the default holds"
        )
    return UnitRule(
        family=family, default=default, basis=Text(vi=vi, en=en) if default else None
    )


def _column(table: _Table) -> ColumnRule:
    label = table.first_of("is", "has", "has_any")
    phrases = _phrases(table)
    whole = table.phrases("is")
    if phrases.is_empty and not whole:
        raise table.wrong("is", "is, has hoặc has_any", "is, has or has_any")
    breakdown = table.pairs("breakdown")
    if any(not isinstance(code, str) for code in breakdown.values()):
        raise table.wrong("breakdown", "chiều = “mã”", "dimension = “code”")
    spans = table.texts("span")
    if unknown := set(spans) - set(Span):
        raise table.wrong("span", " | ".join(Span), f"not {', '.join(unknown)}")
    unit = table.text("unit", "")
    if unit and unit not in UNITS:
        raise table.wrong("unit", " | ".join(UNITS), " | ".join(UNITS))
    status = table.choice("status", _STATUSES, "")
    return ColumnRule(
        field=table.text("field"),
        label=label,
        phrases=phrases,
        whole=whole,
        breakdown=",".join(f"{name}={breakdown[name]}" for name in sorted(breakdown)),
        spans=tuple(Span(span) for span in spans),
        offset=table.number("offset"),
        period_field=table.text("period_field", ""),
        status=status or None,
        unit=unit,
        plus=table.decimal("plus") or Decimal(0),
        negative=table.flag("negative", default=True),
        required=table.flag("required", default=False),
        several=Several(table.choice("several", list(Several), "refuse")),
        control=table.flag("control", default=False),
    )


def _unused(table: _Table) -> UnusedRule:
    return UnusedRule(
        phrases=_phrases(table),
        whole=table.phrases("is"),
        reason=Text(vi=table.text("vi"), en=table.text("en")),
    )


_NEEDED = {
    CheckKind.SUM: ("dimension",),
    CheckKind.RATIO: ("of", "over"),
    CheckKind.AT_LEAST: ("than",),
    CheckKind.BETWEEN: (),
    CheckKind.SAME_DIRECTION: ("other",),
}


def _check(table: _Table) -> Check:
    kind = CheckKind(table.choice("kind", list(CheckKind)))
    given = {name: table.text(name) for name in _NEEDED[kind]}
    minimum, maximum = table.decimal("min"), table.decimal("max")
    if kind is CheckKind.BETWEEN and minimum is None and maximum is None:
        raise table.wrong("min", "min hoặc max", "min or max")
    default = Fails.REFUSE if kind is CheckKind.BETWEEN else Fails.FLAG
    return Check(
        kind=kind,
        field=table.text("field"),
        code=table.text("code", _CODES[kind]),
        fails=Fails(table.choice("fails", list(Fails), default)),
        other=given.get("than") or given.get("of") or given.get("other") or "",
        over=given.get("over", ""),
        dimension=given.get("dimension", ""),
        tolerance=table.decimal("tolerance"),
        minimum=minimum,
        maximum=maximum,
        around=table.decimal("around") or Decimal(0),
        only_in_month=table.number("only_in_month"),
    )


_CODES = {
    CheckKind.SUM: "total-differs",
    CheckKind.RATIO: "ratio-differs",
    CheckKind.AT_LEAST: "numbers-swapped",
    CheckKind.BETWEEN: "out-of-range",
    CheckKind.SAME_DIRECTION: "contradiction",
}


def _check_fields(name: str, mapping: TableMapping) -> None:
    """Raise for a rule that speaks of a field no column gives."""
    known = {rule.field for rule in mapping.columns}
    named = [("needs_any", field) for field in mapping.needs_any]
    for check in mapping.checks:
        named += [
            ("check", field)
            for field in (check.field, check.other, check.over)
            if field
        ]
    for repeat in mapping.repeats:
        named += [
            ("repeat", field)
            for field in (repeat.field, repeat.repeats, repeat.confirmed_by)
        ]
    for fill in mapping.fills:
        named += [("fill.from", field) for field in fill.sources]
    for key, field in named:
        if field not in known:
            have = ", ".join(sorted(known))
            raise _wrong(name, f"{key} “{field}”", have, have)


def _wrong(file: str, key: str, vi: str, en: str) -> FederationError:
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"Ánh xạ {file}: “{key}” không hợp lệ; cần: {vi}.",
        f"Mapping {file}: “{key}” can't be; wanted: {en}.",
        {"file": file, "key": key},
    )
