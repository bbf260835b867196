"""The versions of one value: when known, from whom, and what changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.components.figures import figure
from dashboard.components.headline import value_words
from dashboard.formatting import decimal_of, moment_text, parsed_moment
from dashboard.text import Texts
from federation.api.schemas import IndicatorOut, ValueOut


@dataclass(frozen=True, kw_only=True, slots=True)
class RevisionLine:
    """One version of a value."""

    known: str
    current: bool
    value: str
    change: str
    status: str
    provenance: str
    agency: str
    stream: str
    source: str


def revision_lines(
    versions: Sequence[ValueOut], indicator: IndicatorOut, texts: Texts
) -> list[RevisionLine]:
    """Return versions, the current one first."""
    before = [*versions[1:], None]
    return [
        _line(version, earlier, indicator, texts, current=number == 0)
        for number, (version, earlier) in enumerate(zip(versions, before, strict=True))
    ]


def _line(
    version: ValueOut,
    earlier: ValueOut | None,
    indicator: IndicatorOut,
    texts: Texts,
    *,
    current: bool,
) -> RevisionLine:
    known = parsed_moment(version.known_at)
    origin = version.origin
    source = version.source
    return RevisionLine(
        known="" if known is None else moment_text(known, texts, seconds=True),
        current=current,
        value=value_words(version, indicator, texts),
        change=texts("revision.first")
        if earlier is None
        else _changed(version, earlier, indicator, texts),
        status=texts.get(f"status.{version.status}", version.status),
        provenance=texts.get(f"provenance.{version.provenance}", version.provenance),
        agency=_agency(version, indicator, texts),
        stream=texts("detail.made_here")
        if origin is None or not origin.stream
        else texts(
            "detail.origin_value",
            stream=origin.stream,
            epoch=origin.epoch,
            sequence=origin.sequence,
        ),
        source=texts.get(f"source.{source}", source) if source else "",
    )


def _agency(version: ValueOut, indicator: IndicatorOut, texts: Texts) -> str:
    """Return who said it: nobody else than this tier says what is rolled up."""
    if version.agency is None:
        return ""
    if version.agency == indicator.owner_agency:
        return texts.of(indicator.owner_agency_name)
    return version.agency


def _changed(
    version: ValueOut, earlier: ValueOut, indicator: IndicatorOut, texts: Texts
) -> str:
    """Return what a version says that the one before it did not."""
    parts: list[str] = []
    now, then = decimal_of(version.value), decimal_of(earlier.value)
    if now is not None and then is not None and now != then:
        apart = figure(now - then, indicator, texts)
        sign = "+" if now > then else ""
        parts.append(texts("revision.value", change=f"{sign}{apart}"))
    elif (now is None) != (then is None):
        was = value_words(earlier, indicator, texts)
        parts.append(texts("revision.was", value=was))
    for field, section in (("status", "status"), ("provenance", "provenance")):
        before, after = getattr(earlier, field), getattr(version, field)
        if before != after:
            parts.append(
                texts(
                    f"revision.{field}",
                    before=texts.get(f"{section}.{before}", before).lower(),
                    after=texts.get(f"{section}.{after}", after).lower(),
                )
            )
    if version.coverage.reported != earlier.coverage.reported:
        parts.append(
            texts(
                "revision.coverage",
                before=earlier.coverage.reported,
                after=version.coverage.reported,
            )
        )
    if version.source != earlier.source and version.source:
        parts.append(texts("revision.source"))
    return "; ".join(parts) or texts("revision.same")
