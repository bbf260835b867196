"""Comparing the tiers: every value a child may pass on, by numbers.

The children of a tier say what they hold; the tier must hold the same: value,
numerator, denominator, status, provenance and coverage. Sums over communes are
added up here from what the nodes reported and held against the rollups of the
province and of the nation, coverage included.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from scripts.federation_demo.layout import NATION, PROVINCE
from scripts.federation_demo.reading import PAGE_ITEMS, TierAddress, TierReader

POLL_S = 1.0
# Periods of each real series in the table.
PERIODS_SHOWN = 3
# What two tiers must agree on, to the digit.
COMPARED = (
    "value",
    "numerator",
    "denominator",
    "quantiles",
    "distinct",
    "top",
    "status",
    "provenance",
    "unit",
)

Key = tuple[str, str, str, str, str, str]
Values = dict[Key, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Tiers from the top down: the top, the one below, and that one's children."""

    top: TierAddress
    middle: TierAddress
    nodes: Sequence[TierAddress]


@dataclass(kw_only=True)
class Comparison:
    """What was compared and what differs.

    ``revised`` are the indicators and periods whose expected set a person changed.
    """

    node_values: Values
    middle_values: Values
    top_values: Values
    indicators: dict[str, dict[str, Any]]
    places: dict[str, dict[str, Any]]
    revised: set[tuple[str, str]]
    differences: list[str] = field(default_factory=list)
    compared: int = 0

    @property
    def agreed(self) -> bool:
        """Return whether there was something to compare and all of it is equal."""
        return self.compared > 0 and not self.differences


def key_of(value: dict[str, Any]) -> Key:
    """Return what names a value at every tier."""
    return (
        value["indicator"],
        value["locality"],
        value["agency"] or "",
        value["breakdown"] or "",
        value["basis"],
        value["period"],
    )


async def compare_until_equal(chain: Chain, timeout_s: float) -> Comparison:
    """Compare again and again until the tiers agree or the time is over."""
    deadline = time.monotonic() + timeout_s
    async with AsyncExitStack() as stack:
        readers = {
            address.name: await stack.enter_async_context(TierReader(address))
            for address in (chain.top, chain.middle, *chain.nodes)
        }
        while True:
            comparison = await _compare(chain, readers)
            if comparison.agreed or time.monotonic() > deadline:
                return comparison
            await asyncio.sleep(POLL_S)


async def _compare(chain: Chain, readers: dict[str, TierReader]) -> Comparison:
    node_values: Values = {}
    indicators: dict[str, dict[str, Any]] = {}
    for node in chain.nodes:
        reader = readers[node.name]
        known = await reader.indicators()
        indicators |= known
        node_values |= await _all_values(reader, known, basis="reported")
    middle = readers[chain.middle.name]
    top = readers[chain.top.name]
    middle_values = await _all_values(middle, await middle.indicators())
    top_values = await _all_values(top, await top.indicators())
    comparison = Comparison(
        node_values=node_values,
        middle_values=middle_values,
        top_values=top_values,
        indicators=indicators,
        places={
            place["id"]: place
            for place in await middle.pages("/localities", limit=PAGE_ITEMS)
        },
        revised={
            (one["indicator"], one["period"])
            for reader in (middle, top)
            for one in (await reader.get("/expected-sets", revised=True))["items"]
        },
    )
    _match(comparison, chain.middle.name, node_values, middle_values)
    _match(comparison, chain.top.name, middle_values, top_values)
    _match_totals(comparison, chain)
    return comparison


async def _all_values(
    reader: TierReader,
    indicators: dict[str, dict[str, Any]],
    basis: str | None = None,
) -> Values:
    values: Values = {}
    for indicator, contract in indicators.items():
        found = await reader.values(indicator)
        if _adds_up_to_years(contract):
            found += await reader.values(indicator, frequency="year")
        for value in found:
            if basis is None or value["basis"] == basis:
                values[key_of(value)] = value
    return values


def _adds_up_to_years(contract: dict[str, Any]) -> bool:
    return (contract["over_time"], contract["frequency"]) == ("sum", "month")


def _match(comparison: Comparison, tier: str, below: Values, above: Values) -> None:
    for key, value in below.items():
        comparison.compared += 1
        other = above.get(key)
        if other is None:
            if value["status"] != "deleted":
                comparison.differences.append(f"{tier}: thiếu / lacks {_said(key)}")
            continue
        for name in COMPARED:
            if value[name] != other[name]:
                comparison.differences.append(
                    f"{tier}: {_said(key)}: {name} {value[name]} ≠ {other[name]}"
                )
        counts = ("reported", "expected")
        if any(value["coverage"][n] != other["coverage"][n] for n in counts):
            comparison.differences.append(
                f"{tier}: {_said(key)}: coverage {value['coverage']} ≠ "
                f"{other['coverage']}"
            )


def _match_totals(comparison: Comparison, chain: Chain) -> None:
    """Add up what the nodes reported and hold it against the rollups above."""
    totals: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for value in comparison.node_values.values():
        contract = comparison.indicators[value["indicator"]]
        place = comparison.places.get(value["locality"], {})
        # What was said of a former city is no report of its wards.
        counted = (
            contract["over_place"] == "sum"
            and contract["level"] == place.get("level") == "commune"
        )
        if counted and value["value"] is not None:
            named = (value["indicator"], value["breakdown"] or "", value["period"])
            totals[named].append(Decimal(value["value"]))
    for tier, whole, held in (
        (chain.middle.name, PROVINCE.locality, comparison.middle_values),
        (chain.top.name, NATION.locality, comparison.top_values),
    ):
        for (indicator, breakdown, period), parts in totals.items():
            comparison.compared += 1
            key = (indicator, whole, "", breakdown, "rolled_up", period)
            rollup = held.get(key)
            found = (
                None
                if rollup is None
                else (
                    Decimal(rollup["value"] or 0),
                    rollup["coverage"]["reported"],
                )
            )
            reported = len(parts)
            if rollup is not None and (indicator, period) in comparison.revised:
                # A person took somebody out, whose report is in the sum and not in n.
                reported = rollup["coverage"]["reported"]
            if found != (sum(parts), reported):
                comparison.differences.append(
                    f"{tier}: {_said(key)}: tổng/total {found} ≠ "
                    f"{(sum(parts), reported)}"
                )


def _said(key: Key) -> str:
    return " · ".join(part for part in key if part)


def print_tables(
    comparison: Comparison, tiers: tuple[str, str, str], console: Console
) -> None:
    """Print the newest periods of every series, real and simulated apart."""
    for simulated, title in (
        (False, "Số liệu thật / Real figures"),
        (True, "Số liệu mô phỏng / Simulated figures"),
    ):
        table = Table(title=title, title_justify="left")
        for heading in (
            "indicator",
            "locality",
            "period",
            *tiers,
            "coverage",
            "provenance",
            "status",
        ):
            table.add_column(heading, overflow="fold")
        rows = _newest(comparison, simulated=simulated)
        for value in rows:
            table.add_row(*_cells(comparison, value))
        if rows:
            console.print(table)


def _newest(comparison: Comparison, *, simulated: bool) -> list[dict[str, Any]]:
    """Return the newest periods of every series, and its newest complete year."""
    values = comparison.top_values
    by_series: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    years: dict[tuple[str, ...], dict[str, Any]] = {}
    for key in sorted(values):
        value = values[key]
        if value["simulated"] != simulated:
            continue
        base = comparison.indicators[value["indicator"]]["frequency"]
        if value["frequency"] == base:
            by_series[key[:5]].append(value)
        elif _is_whole(value):
            years[key[:5]] = value
    shown = 1 if simulated else PERIODS_SHOWN
    return [
        value
        for series, found in sorted(by_series.items())
        for value in (*found[-shown:], *filter(None, [years.get(series)]))
    ]


def _is_whole(value: dict[str, Any]) -> bool:
    coverage = value["coverage"]
    return bool(coverage["expected"] == coverage["reported"])


def _cells(comparison: Comparison, value: dict[str, Any]) -> list[str]:
    key = key_of(value)
    found = comparison.places.get(value["locality"])
    place = found["name"]["vi"] if found is not None else ""
    name = f"{value['locality'].split('@')[0]} {place}".strip()
    if value["breakdown"] and not value["simulated"]:
        name += f" ({value['breakdown']})"
    coverage = value["coverage"]
    shown = [
        _shown(values.get(key), key)
        for values in (
            comparison.node_values,
            comparison.middle_values,
            comparison.top_values,
        )
    ]
    basis = " (gộp/rollup)" if value["basis"] == "rolled_up" else ""
    return [
        value["indicator"] + basis,
        name,
        value["period"],
        *shown,
        f"{coverage['reported']}/{coverage['expected']}",
        value["provenance"],
        value["status"],
    ]


def _shown(value: dict[str, Any] | None, key: Key) -> str:
    if value is None:
        # A node does not make the rollups of the tiers above it.
        return "·" if key[4] == "rolled_up" else "–"
    return value["value"] if value["value"] is not None else f"({value['status']})"
