"""What is doubtful about figures that can be: they land, and somebody looks at them.

A figure that can't be (negative, above its maximum) is refused. One that may be is not:
a real jump would be lost with no way to enter it, and which of two statements is wrong
nobody can tell from them. So it lands, travels, and is named with both numbers.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from city_node.contract import Accepted, Flag, MeasuredIndicator, Observation, Place
from city_node.observations.history import Neighbour
from city_node.observations.stored import KeptObservation
from city_node.summaries.dirty import next_of_year, previous_of_year
from federation.algebra.value import decimal_value
from federation.model.indicator import Indicator, Measure, Text
from federation.model.period import Frequency, Period
from federation.model.row import SeriesKey, State

STATED_TWICE = "stated-twice"
JUMP = "jump"
CUMULATIVE_FELL = "cumulative-fell"

# Days differ by any factor; a month in another unit differs by a thousand or more.
_LONG = frozenset(
    {Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR, Frequency.SCHOOL_YEAR}
)
_ASKED = frozenset({Measure.SUM, Measure.LAST, Measure.PUBLISHED})


def asks_history(rules: MeasuredIndicator) -> bool:
    """Return whether a figure is held against those before it."""
    return rules.cumulative or (
        rules.jump_factor > 0
        and not rules.counts_intervals
        and rules.indicator.measure in _ASKED
        and rules.indicator.frequency in _LONG
        and rules.indicator.unit != "percent"
    )


@dataclass(kw_only=True)
class StatedFacts:
    """The facts of one input, so that a second statement of one is noticed."""

    _stated: dict[object, tuple[State | None, Place]] = field(default_factory=dict)

    def doubt(
        self, rules: MeasuredIndicator, kept: KeptObservation, place: Place
    ) -> Flag | None:
        """Remember a statement; return a flag where the input said otherwise before."""
        observation = kept.observation
        one = rules.cumulative or rules.indicator.measure is Measure.PUBLISHED
        if not observation.fact and not one:
            return None
        key = (kept.series, observation.period, observation.fact, observation.rank)
        before, first = self._stated.setdefault(key, (observation.state, place))
        if before == observation.state or first == place:
            return None
        here, there = _shown(rules, observation.state), _shown(rules, before)
        name, period = rules.indicator.name, observation.period.text
        return Flag(
            code=STATED_TWICE,
            text_vi=f"{name.vi}, kỳ {period}: tệp nêu hai số khác nhau, {there.vi} ở "
            f"{first} và {here.vi} ở {place}. Hãy hỏi lại đơn vị lập báo cáo.",
            text_en=f"{name.en}, {period}: the file states two figures, {there.en} at "
            f"{first} and {here.en} at {place}. Ask whoever made the report.",
        )


def repeated(before: Accepted, after: Accepted) -> Flag:
    """Return the flag of a record that is stated twice and not alike."""
    key = after.record.source_key
    return Flag(
        code=STATED_TWICE,
        text_vi=f"Bản ghi “{key}” được nêu hai lần với nội dung khác nhau, ở "
        f"{before.place} và {after.place}; lấy dòng sau. Hãy kiểm tra cả hai.",
        text_en=f"The record “{key}” is stated twice and not alike, at {before.place} "
        f"and {after.place}; the later row stands. Check both.",
    )


def doubts_of(
    measured: Mapping[str, MeasuredIndicator],
    statements: Sequence[KeptObservation],
    known: Mapping[tuple[SeriesKey, Period], Collection[Neighbour]],
) -> dict[int, list[Flag]]:
    """Return flags by the place of a statement in the sequence.

    Args:
        measured: The indicators.
        statements: Figures that are about to land; all of them ``asks_history``.
        known: What the node holds of other periods of the same series.
    """
    landing: dict[SeriesKey, list[KeptObservation]] = defaultdict(list)
    for one in statements:
        landing[one.series].append(one)
    found: dict[int, list[Flag]] = {}
    for number, one in enumerate(statements):
        observation = one.observation
        rules = measured[observation.indicator]
        beside = _beside(one, landing[one.series], known)
        flags = [
            flag
            for flag in (_fall(rules, one, beside), _jump(rules, one, beside))
            if flag is not None
        ]
        if flags:
            found[number] = flags
    return found


def _beside(
    one: KeptObservation,
    landing: Sequence[KeptObservation],
    known: Mapping[tuple[SeriesKey, Period], Collection[Neighbour]],
) -> list[Neighbour]:
    """Return figures of other periods: what lands goes before what is held."""
    period = one.observation.period
    same_input = [
        Neighbour(period=other.observation.period, value=_value(other))
        for other in landing
        if other.observation.period != period
    ]
    replaced = {each.period for each in same_input}
    held = known.get((one.series, period), ())
    return same_input + [each for each in held if each.period not in replaced]


def _jump(
    rules: MeasuredIndicator, one: KeptObservation, beside: Sequence[Neighbour]
) -> Flag | None:
    observation = one.observation
    value, factor = abs(_value(one)), rules.jump_factor
    earlier = [each for each in beside if each.period < observation.period]
    if rules.cumulative:
        year = observation.period.first_day.year
        earlier = [each for each in earlier if each.period.first_day.year == year]
    sizes = [abs(each.value) for each in earlier or beside if each.value]
    if not (value and sizes and factor):
        return None
    if min(sizes) < value * factor and value < max(sizes) * factor:
        return None
    least, most = (
        _shown(rules, State(value=size)) for size in (min(sizes), max(sizes))
    )
    now, indicator = _shown(rules, observation.state), rules.indicator
    return Flag(
        code=JUMP,
        text_vi=f"{indicator.name.vi}, kỳ {observation.period.text}: {now.vi}, trong "
        f"khi các kỳ gần đó từ {least.vi} đến {most.vi}. Có thể sai đơn vị; hãy kiểm "
        "tra, nếu sai thì nạp lại tệp đã sửa.",
        text_en=f"{indicator.name.en}, {observation.period.text}: {now.en}, where "
        f"periods near it have {least.en} to {most.en}. The unit may be another; check "
        "it, and feed the corrected file if it is.",
    )


def _fall(
    rules: MeasuredIndicator, one: KeptObservation, beside: Sequence[Neighbour]
) -> Flag | None:
    if not rules.cumulative or rules.indicator.may_be_negative:
        return None
    observation = one.observation
    before = previous_of_year(observation.period)
    after = next_of_year(observation.period)
    for each in beside:
        if each.period == before and each.value > _value(one):
            return _fell(rules, observation, each)
        if each.period == after and each.value < _value(one):
            return _fell(rules, observation, each)
    return None


def _fell(rules: MeasuredIndicator, observation: Observation, other: Neighbour) -> Flag:
    here = _shown(rules, observation.state)
    there = _shown(rules, State(value=other.value))
    name, period = rules.indicator.name, observation.period.text
    return Flag(
        code=CUMULATIVE_FELL,
        text_vi=f"{name.vi}: lũy kế từ đầu năm đến {period} là {here.vi}, đến "
        f"{other.period.text} là {there.vi}; lũy kế không thể giảm nên số của tháng "
        "sau bị để trống. Hãy kiểm tra cả hai tháng.",
        text_en=f"{name.en}: since January it was {here.en} up to {period} and "
        f"{there.en} up to {other.period.text}; it can't fall, so the later month is "
        "left missing. Check both months.",
    )


def _value(kept: KeptObservation) -> int:
    state = kept.observation.state
    return 0 if state is None else state.value


def _shown(rules: MeasuredIndicator, state: State | None) -> Text:
    """Return a figure with its unit as a person reads it."""
    indicator: Indicator = rules.indicator
    value = None if state is None else decimal_value(indicator, state)
    if value is None:
        return Text(vi="không có số", en="no figure")
    text = f"{value.normalize():,f}"
    local = text.translate(str.maketrans(",.", ".,"))
    unit = indicator.unit_text
    return Text(vi=f"{local} {unit.vi}", en=f"{text} {unit.en}")
