"""What an indicator is: definition, unit, how it merges, when it is due, in words."""

from datetime import date

from dashboard.components.figures import figure, unit_of
from dashboard.components.tile_details import Detail
from dashboard.formatting import count_text, day_text, decimal_of
from dashboard.text import Texts
from federation.api.schemas import IndicatorOut, TextOut

_HOURS_A_DAY = 24


def contract_lines(indicator: IndicatorOut, texts: Texts) -> list[Detail]:
    """Return the lines about an indicator; what it has not, has no line."""
    no_target = texts("detail.no_target")
    rows = (
        ("definition", texts.of(indicator.definition)),
        ("unit", unit_of(indicator, texts)),
        ("measure", texts.get(f"measure_kind.{indicator.measure}", indicator.measure)),
        ("over_time", _rule("over_time", indicator, indicator.time_refusal, texts)),
        ("over_place", _rule("over_place", indicator, indicator.place_refusal, texts)),
        ("composed_of", _components(indicator, texts)),
        ("frequency", texts(f"frequency.{indicator.frequency}")),
        ("calendar", texts.get(f"calendar.{indicator.calendar}", indicator.calendar)),
        ("level", texts.get(f"place_level.{indicator.level}", indicator.level)),
        ("deadline", _deadline(indicator, texts)),
        ("agency", texts.of(indicator.owner_agency_name)),
        ("target", _limit(indicator.target, indicator, texts) or no_target),
        ("watch_limit", _limit(indicator.watch_limit, indicator, texts)),
        ("maximum", _limit(indicator.maximum, indicator, texts)),
        ("national_code", indicator.national_code or ""),
        ("validity", _validity(indicator, texts)),
        ("code", indicator.id),
    )
    return [
        Detail(label=texts(f"detail.{key}"), value=words)
        for key, words in rows
        if words
    ]


def without_code(reason: TextOut | None, indicator: IndicatorOut, texts: Texts) -> str:
    """Return a refusal without the indicator's code, which says nothing to a reader."""
    if reason is None:
        return ""
    return texts.of(reason).replace(f" ({indicator.id})", "")


def _rule(
    axis: str, indicator: IndicatorOut, refusal: TextOut | None, texts: Texts
) -> str:
    if refusal is not None:
        return without_code(refusal, indicator, texts)
    rule = indicator.over_time if axis == "over_time" else indicator.over_place
    words = texts.get(f"{axis}.{rule}", rule)
    if rule != "weighted_mean" or not indicator.weight:
        return words
    weight = texts.get(f"weight.{indicator.weight}", indicator.weight)
    return texts("detail.weighted_by", rule=words, weight=weight)


def _components(indicator: IndicatorOut, texts: Texts) -> str:
    return "; ".join(
        texts(
            "detail.component",
            name=part.indicator,
            points=count_text(part.points, texts),
        )
        for part in indicator.composed_of
    )


def _deadline(indicator: IndicatorOut, texts: Texts) -> str:
    words = texts("detail.deadline_in", span=_span(indicator.deadline_hours, texts))
    if not indicator.grace_hours:
        return words
    grace = texts("detail.grace_in", span=_span(indicator.grace_hours, texts))
    return f"{words}; {grace}"


def _span(hours: int, texts: Texts) -> str:
    if hours and hours % _HOURS_A_DAY == 0:
        return texts("span.day_long", count=count_text(hours // _HOURS_A_DAY, texts))
    return texts("span.hour_long", count=count_text(hours, texts))


def _limit(text: str | None, indicator: IndicatorOut, texts: Texts) -> str:
    number = decimal_of(text)
    return "" if number is None else figure(number, indicator, texts)


def _validity(indicator: IndicatorOut, texts: Texts) -> str:
    begin = day_text(date.fromisoformat(indicator.valid_from), texts)
    version = count_text(indicator.definition_version, texts)
    if indicator.valid_to is None:
        return texts("detail.valid_from", version=version, begin=begin)
    end = day_text(date.fromisoformat(indicator.valid_to), texts)
    return texts("detail.valid_to", version=version, begin=begin, end=end)
