"""What a benchmark answers, as JSON and as a table."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """What several rounds gave."""

    median: float
    minimum: float
    maximum: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of at least one value."""
        return cls(
            median=statistics.median(values), minimum=min(values), maximum=max(values)
        )

    def document(self) -> dict[str, float]:
        """Return the JSON form."""
        return {
            "median": _short(self.median),
            "min": _short(self.minimum),
            "max": _short(self.maximum),
        }


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A measured quantity with its unit."""

    spread: Spread
    unit: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """What was wanted of a figure of the performance goals, and what it is."""

    value: float
    aim: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Tell whether the value is on the right side of the aim."""
        return self.value <= self.aim if self.at_most else self.value >= self.aim


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Growth:
    """How a cost grows with the size of the task.

    ``values`` are costs (seconds, bytes …), one for each size, all above zero.
    """

    sizes: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """Return the slope in log–log: 1 is proportional, 2 is square."""
        logs = [math.log(size) for size in self.sizes]
        return statistics.linear_regression(logs, [math.log(v) for v in self.values])[0]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """Whether what was moved is what was meant to be moved.

    ``wrong`` names every difference; a report with one holds no speed.
    """

    rows: int
    wrong: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The answer of one benchmark. ``ratios`` are ours divided by the peer's."""

    bench: str
    rounds: int
    checked: Checked
    figures: Mapping[str, Figure] = dataclasses.field(default_factory=dict)
    ratios: Mapping[str, Spread] = dataclasses.field(default_factory=dict)
    aims: Mapping[str, Aim] = dataclasses.field(default_factory=dict)
    growth: Growth | None = None
    load_average: tuple[float, float, float] | None = None
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the JSON form; what is not there is left out."""
        right = not self.checked.wrong
        document: dict[str, Any] = {
            "bench": self.bench,
            "rounds": self.rounds,
            "figures": {
                name: figure.spread.document() | {"unit": figure.unit}
                for name, figure in self.figures.items()
                if right
            },
            "ratios": {
                peer: spread.document() for peer, spread in self.ratios.items() if right
            },
            "aims": {
                name: {"value": _short(aim.value), "aim": aim.aim, "met": aim.met}
                for name, aim in self.aims.items()
                if right
            },
            "growth": _growth_document(self.growth) if right else None,
            "checked": {"rows": self.checked.rows, "digest_equal": right},
            "load_average": list(self.load_average or ()),
            "versions": dict(self.versions),
        }
        return {
            name: part for name, part in document.items() if part not in ({}, [], None)
        }


def _growth_document(growth: Growth | None) -> dict[str, Any] | None:
    if growth is None:
        return None
    return {
        "sizes": list(growth.sizes),
        "values": [_short(value) for value in growth.values],
        "exponent": round(growth.exponent, 3),
    }


def table(report: Report) -> str:
    """Return the report for a person."""
    right = not report.checked.wrong
    lines = [f"{report.bench}: {report.rounds} rounds, {report.checked.rows:,} rows"]
    lines += ["checked: " + ("right" if right else "WRONG")]
    lines += [f"  {difference}" for difference in report.checked.wrong]
    if right:
        lines += _measured(report)
    load = " ".join(f"{value:.2f}" for value in report.load_average or ())
    lines += ["", f"load average {load}"]
    lines += [", ".join(f"{name} {text}" for name, text in report.versions.items())]
    return "\n".join(lines)


def _measured(report: Report) -> list[str]:
    width = max(map(len, ("ratio", *report.figures, *report.ratios))) + 2
    head = "".join(f"{word:>14}" for word in ("median", "min", "max"))
    lines = ["", f"{'figure':<{width}}{head}"]
    for name, figure in report.figures.items():
        lines += [f"{name:<{width}}{_columns(figure.spread, 2)}  {figure.unit}"]
    if report.ratios:
        lines += ["", f"{'ratio':<{width}}{head}"]
    for peer, spread in report.ratios.items():
        lines += [f"{peer:<{width}}{_columns(spread, 3)}"]
    for name, aim in report.aims.items():
        wanted = f"{'≤' if aim.at_most else '≥'} {aim.aim}"
        word = "met" if aim.met else "not met"
        lines += ["", f"{name}: {aim.value:.3f}, aim {wanted}: {word}"]
    if report.growth is not None:
        pairs = zip(report.growth.sizes, report.growth.values, strict=True)
        points = ", ".join(f"{size:,.0f} → {value:.3f}" for size, value in pairs)
        lines += ["", f"growth: {points}; exponent {report.growth.exponent:.2f}"]
    return lines


def _columns(spread: Spread, digits: int) -> str:
    values = (spread.median, spread.minimum, spread.maximum)
    return "".join(f"{value:>14,.{digits}f}" for value in values)


def _short(value: float) -> float:
    """Return a value with as many digits as a measurement deserves."""
    return float(f"{value:.5g}")
