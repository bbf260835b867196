"""Finds subsystems by name: a folder of ``city_node.subsystems``, or a package outside.

A package outside names itself in the entry point group ``ioc.subsystems``. Either has
the object ``SUBSYSTEM``.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import city_node.subsystems
from city_node.contract import Record, Subsystem
from city_node.sources.mapped import with_mappings
from city_node.summaries.summarise import SUMMARISED_MEASURES
from city_node.templates.attaching import with_templates
from city_node.templates.owing import with_rules
from federation.algebra.refusals import check_contract
from federation.algebra.soundness import wrong_contract
from federation.coverage.owed import OwedRule
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Measure
from federation.model.locality import Locality
from federation.model.period import CALENDARS, Frequency

ENTRY_POINT_GROUP = "ioc.subsystems"

# A composite has no records: it is computed from its components.
_MEASURES = SUMMARISED_MEASURES | {Measure.COMPOSITE}

Simulation = Callable[[Sequence[Locality], date, datetime, int], Iterator[Record]]
"""Generates records of places, from a day to a moment; a seed repeats its figures."""


def available() -> list[str]:
    """Return the names of all subsystems that can be had, in order."""
    folders = {
        module.name
        for module in pkgutil.iter_modules(city_node.subsystems.__path__)
        if module.ispkg
    }
    outside = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}
    return sorted(folders | outside)


def find_subsystems(
    names: Iterable[str],
    owed: Sequence[OwedRule] = (),
    mappings: Path | None = None,
) -> dict[str, Subsystem]:
    """Return subsystems by name, each with its templates.

    ``owed`` are the operator's rules of who owes what; they go before a subsystem's.
    ``mappings`` is a folder of the operator's mappings of tables.

    Raises:
        FederationError: ``CONFIGURATION`` when there is none of a name, or what is
            there can't be run by this node.
    """
    found = {
        name: with_templates(with_rules(with_mappings(_find(name), mappings), owed))
        for name in dict.fromkeys(names)
    }
    sources: dict[str, str] = {}
    for name, subsystem in found.items():
        _check(name, subsystem)
        for source in subsystem.sources:
            other = sources.setdefault(source.id, name)
            if other != name:
                raise _unusable(name, f"{source.id}: {other}, {name}")
    return found


def find_simulation(name: str) -> Simulation:
    """Return the generator of a subsystem, ``simulate`` in its module ``simulate``.

    Raises:
        FederationError: ``NOT_FOUND`` when there is none.
    """
    module = f"{_package(name).__name__}.simulate" if name in available() else ""
    if not module or importlib.util.find_spec(module) is None:
        raise FederationError(
            ErrorCode.NOT_FOUND,
            f"Phân hệ “{name}” không có bộ sinh số liệu mô phỏng.",
            f"The subsystem “{name}” has no generator of simulated figures.",
            {"subsystem": name},
        )
    simulation: Simulation = importlib.import_module(module).simulate
    return simulation


def _find(name: str) -> Subsystem:
    loaded = _package(name).SUBSYSTEM
    if not isinstance(loaded, Subsystem):
        raise _unusable(name, type(loaded).__name__)
    return loaded


def _package(name: str) -> ModuleType:
    """Return the package of a subsystem; one from outside goes before a folder."""
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        return importlib.import_module(point.module)
    if name in available():
        return importlib.import_module(f"{city_node.subsystems.__name__}.{name}")
    have = ", ".join(available()) or "–"
    raise FederationError(
        ErrorCode.CONFIGURATION,
        f"Không có phân hệ “{name}”. Đang có: {have}.",
        f"There is no subsystem “{name}”. There are: {have}.",
        {"subsystem": name},
    )


def _check(name: str, subsystem: Subsystem) -> None:
    if subsystem.id != name:
        raise _unusable(name, subsystem.id)
    ids = [each.indicator.id for each in subsystem.indicators]
    if len(set(ids)) < len(ids):
        raise _unusable(name, ", ".join(sorted({i for i in ids if ids.count(i) > 1})))
    for measured in subsystem.indicators:
        indicator = measured.indicator
        if indicator.subsystem != name or indicator.measure not in _MEASURES:
            raise _unusable(name, f"{indicator.id} ({indicator.measure.slug})")
        check_contract(indicator)
        if wrong := wrong_contract(indicator):
            raise _unusable(name, f"{indicator.id} ({wrong})")
        if measured.counts_intervals and indicator.measure is not Measure.LAST:
            raise _unusable(name, f"{indicator.id} (counts_intervals)")
        timed = measured.counts_intervals or measured.counts_when_due
        if timed and indicator.calendar not in CALENDARS:
            # Ends of a publisher's windows are not known ahead.
            raise _unusable(name, f"{indicator.id} ({indicator.calendar})")
        if measured.cumulative and (
            indicator.measure is not Measure.SUM
            or indicator.frequency not in (Frequency.MONTH, Frequency.QUARTER)
        ):
            raise _unusable(name, f"{indicator.id} (cumulative)")


def _unusable(name: str, what: str) -> FederationError:
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"Phân hệ “{name}” không dùng được với phiên bản này: {what}. Hãy cập nhật "
        "phân hệ hoặc bỏ khỏi cấu hình.",
        f"The subsystem “{name}” can't be used by this version: {what}. Update the "
        "subsystem or take it out of the configuration.",
        {"subsystem": name},
    )
