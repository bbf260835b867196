"""Gives every subsystem its template, without code of its own."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from city_node.contract import (
    MeasuredIndicator,
    Observation,
    Record,
    SourceInfo,
    Subsystem,
)
from city_node.templates.figures import (
    FIELDS,
    TEMPLATE_FIGURE,
    source_of,
    typed_observations,
)
from city_node.templates.form import calendar_of, can_be_typed
from city_node.templates.owing import owing_agencies
from city_node.templates.reading import TemplateReader
from federation.model.indicator import Text

_SOURCE_NAME = Text(
    vi="Mẫu nhập số liệu do cơ quan gửi",
    en="Template typed by the agency",
)


def with_templates(subsystem: Subsystem) -> Subsystem:
    """Return a subsystem that also takes in its templates.

    It gets a source, a reader and a kind of record; each indicator that can be typed
    listens to it. A subsystem without such an indicator stays as it is.
    """
    if not any(map(can_be_typed, subsystem.indicators)):
        return subsystem
    source = SourceInfo(
        id=source_of(subsystem.id),
        name=_SOURCE_NAME,
        publisher=subsystem.owner_agency,
    )
    return replace(
        subsystem,
        sources=(*subsystem.sources, source),
        # First: a template names its subsystem, the others must guess.
        readers=(
            TemplateReader(subsystem),
            *subsystem.readers,
        ),
        indicators=tuple(_listening(subsystem, each) for each in subsystem.indicators),
        record_kinds={**subsystem.record_kinds, TEMPLATE_FIGURE: FIELDS},
    )


def _listening(subsystem: Subsystem, measured: MeasuredIndicator) -> MeasuredIndicator:
    if not can_be_typed(measured):
        return measured
    return replace(
        measured,
        kinds=measured.kinds | {TEMPLATE_FIGURE},
        contribute=_also_typed(subsystem, measured),
    )


def _also_typed(
    subsystem: Subsystem, measured: MeasuredIndicator
) -> Callable[[Record], Iterable[Observation]]:
    indicator = measured.indicator
    calendar = calendar_of(subsystem, indicator)
    agencies = owing_agencies(subsystem, indicator)

    def either(record: Record) -> Iterable[Observation]:
        if record.kind == TEMPLATE_FIGURE:
            return typed_observations(indicator, calendar, agencies, record)
        return measured.contribute(record)

    return either
