"""What a tile says when somebody asks for more: where the figure comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from dashboard.components.figures import figure, unit_of
from dashboard.components.headline import measure_details, number_words
from dashboard.components.judgement import state_view
from dashboard.formatting import (
    count_text,
    decimal_of,
    moment_text,
    number_text,
    parsed_moment,
    period_text,
    unit_gap,
)
from dashboard.text import Texts
from federation.api.schemas import IndicatorOut, TileOut, ValueOut
from federation.model.row import SIMULATED_FEED


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """One line: what is told, and what it is."""

    label: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Namer:
    """Names of places by id, and the place the whole page is about.

    Of a composite the absent are indicators, so those are named too.
    """

    names: Mapping[str, str]
    indicators: Mapping[str, IndicatorOut]
    title_locality: str
    texts: Texts

    def place(self, locality: str) -> str:
        """Return a place's name, or its code where no name is known."""
        if locality in self.indicators:
            return self.texts.of(self.indicators[locality].short_name)
        return self.names.get(locality, locality.partition("@")[0])

    def place_of(self, tile: TileOut) -> str:
        """Return the name of a tile's place, with the part it is about."""
        name = self.texts.of(tile.locality_name)
        part = self.part_of(tile)
        return f"{part} · {name}" if part else name

    def part_of(self, tile: TileOut) -> str:
        """Return the name of the part of its place that a tile is about, if any."""
        if tile.simulated:
            return ""
        contract = self.indicators[tile.indicator]
        return part_name(tile.breakdown or "", contract, self.texts)

    def place_beside_title(self, tile: TileOut) -> str:
        """Return the place without what the page's title says already."""
        if tile.locality == self.title_locality:
            return self.part_of(tile)
        return self.place_of(tile)

    def place_in_brackets(self, tile: TileOut) -> str:
        """Return the shortest name of the place that tells tiles apart."""
        return self.part_of(tile) or self.place_beside_title(tile)

    def listed(self, localities: list[str], total: int) -> str:
        """Return names in a row, and how many more there are."""
        names = ", ".join(self.place(locality) for locality in localities)
        rest = total - len(localities)
        if rest > 0:
            more = count_text(rest, self.texts)
            return self.texts("detail.missing_more", names=names, count=more)
        return names


def part_name(breakdown: str, indicator: IndicatorOut, texts: Texts) -> str:
    """Return what a breakdown (``dimension=code``) is called; the whole has no name."""
    dimension, _, code = breakdown.partition("=")
    if breakdown == SIMULATED_FEED:
        return texts("simulated.tag")
    named = [
        texts.of(known.name)
        for known in indicator.dimension_codes
        if (known.dimension, known.code) == (dimension, code)
    ]
    return named[0] if named else code


def tile_details(
    tile: TileOut, indicator: IndicatorOut, *, names: Namer, texts: Texts
) -> list[Detail]:
    """Return the lines of a tile's details; what is not known has no line."""
    value = tile.value
    number = decimal_of(value.value)
    coverage = value.coverage
    expected = count_text(coverage.expected or 0, texts)
    reported = f"{count_text(coverage.reported, texts)}/{expected}"
    rows = (
        ("definition", texts.of(indicator.definition)),
        ("exact", "" if number is None else _exact(number, indicator, texts)),
        *measure_details(value, indicator, texts),
        ("period", period_text(value.period, texts, calendar=value.calendar)),
        ("place", names.place_of(tile)),
        ("agency", texts.of(indicator.owner_agency_name)),
        ("judgement", _judgement(tile, texts)),
        (
            "target",
            _limit(indicator.target, indicator, texts) or texts("detail.no_target"),
        ),
        ("watch_limit", _limit(indicator.watch_limit, indicator, texts)),
        ("status", _counted(value.statuses, value.status, "status", texts)),
        (
            "provenance",
            _counted(value.provenances, value.provenance, "provenance", texts),
        ),
        ("ground", _ground(value, texts)),
        ("basis", texts.get(f"basis.{tile.basis}", tile.basis)),
        ("twin", twin_words(value, indicator, texts)),
        ("timeliness", _timeliness(value, texts)),
        ("source", _source(value.source, texts)),
        ("coverage", reported if coverage.expected else texts("tile.coverage_unknown")),
        ("missing", names.listed(coverage.missing, coverage.missing_count)),
        ("recorded", _moment(value.recorded_at, texts)),
        ("known", _moment(value.known_at, texts)),
        ("origin", _origin(value, texts)),
    )
    return [
        Detail(label=texts(f"detail.{key}"), value=words)
        for key, words in rows
        if words
    ]


def _exact(number: Decimal, indicator: IndicatorOut, texts: Texts) -> str:
    """Return the value with every digit the tier gave but idle zeros at its end."""
    exponent = number.normalize().as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) else 0
    decimals = max(digits, indicator.decimals)
    unit = unit_of(indicator, texts)
    return number_text(number, decimals, texts) + unit_gap(unit, texts) + unit


def _ground(value: ValueOut, texts: Texts) -> str:
    if value.status != "withheld":
        return ""
    return value.ground or texts("value.no_ground")


def twin_words(value: ValueOut, indicator: IndicatorOut, texts: Texts) -> str:
    """Return the other statement about the same place and period, if there is one."""
    twin = value.twin
    if twin is None:
        return ""
    words = number_words(decimal_of(twin.value), twin.status, indicator, texts)
    told = texts("detail.twin_value", basis=texts(f"basis.{twin.basis}"), value=words)
    difference = decimal_of(twin.difference)
    if difference is None:
        return told
    apart = texts("detail.difference", value=figure(difference, indicator, texts))
    return f"{told}; {apart}"


def _timeliness(value: ValueOut, texts: Texts) -> str:
    if value.timeliness is None:
        return ""
    word = texts(f"timeliness.{value.timeliness}")
    due = parsed_moment(value.due_at)
    if due is None:
        return word
    return texts("detail.due", word=word, moment=moment_text(due, texts))


def _source(name: str | None, texts: Texts) -> str:
    return texts.get(f"source.{name}", name) if name else ""


def _judgement(tile: TileOut, texts: Texts) -> str:
    view = state_view(tile, texts)
    return f"{view.word} · {view.last}" if view.last else view.word


def _limit(text: str | None, indicator: IndicatorOut, texts: Texts) -> str:
    number = decimal_of(text)
    return "" if number is None else figure(number, indicator, texts)


def _counted(
    counts: Mapping[str, int], leading: str, section: str, texts: Texts
) -> str:
    """Return the kinds that are there; with their counts when there are several."""
    there = {name: count for name, count in counts.items() if count}
    if len(there) < 2:
        only = next(iter(there), leading)
        return texts.get(f"{section}.{only}", only)
    return " · ".join(
        texts(
            "detail.count",
            word=texts.get(f"{section}.{name}", name),
            count=count_text(count, texts),
        )
        for name, count in there.items()
    )


def _moment(text: str, texts: Texts) -> str:
    moment = parsed_moment(text)
    return "" if moment is None else moment_text(moment, texts)


def _origin(value: ValueOut, texts: Texts) -> str:
    origin = value.origin
    if origin is None or not origin.stream:
        return texts("detail.made_here")
    return texts(
        "detail.origin_value",
        stream=origin.stream,
        epoch=origin.epoch,
        sequence=origin.sequence,
    )
