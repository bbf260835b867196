"""What must not be merged, why, and what can be done instead.

One place for the reasons: a node that declares an indicator, a hub that rolls it up and
the API that is asked for a total refuse with the same texts.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Indicator, Measure, MergeRule
from federation.model.period import Frequency, Period


class Axis(StrEnum):
    """Along what a merge goes."""

    TIME = "time"
    PLACE = "place"


# The rules each measure may have along time and along place. Whatever is not here is
# an average of averages, a stock added over days, or a merge of something else.
_OVER_TIME: dict[Measure, set[MergeRule]] = {
    Measure.SUM: {MergeRule.SUM, MergeRule.NONE},
    Measure.LAST: {MergeRule.LAST, MergeRule.NONE},
    Measure.RATIO: {MergeRule.RATIO, MergeRule.LAST, MergeRule.NONE},
    Measure.WEIGHTED_MEAN: {
        MergeRule.WEIGHTED_MEAN,
        MergeRule.LAST,
        MergeRule.NONE,
    },
    Measure.MAX: {MergeRule.MAX, MergeRule.NONE},
    Measure.MIN: {MergeRule.MIN, MergeRule.NONE},
    Measure.QUANTILES: {MergeRule.QUANTILES, MergeRule.NONE},
    Measure.DISTINCT: {MergeRule.DISTINCT, MergeRule.NONE},
    Measure.TOP: {MergeRule.TOP, MergeRule.NONE},
    Measure.PUBLISHED: {MergeRule.NONE},
    Measure.COMPOSITE: {MergeRule.COMPOSITE},
}
_OVER_PLACE: dict[Measure, set[MergeRule]] = {
    measure: rules - {MergeRule.LAST} for measure, rules in _OVER_TIME.items()
} | {Measure.LAST: {MergeRule.SUM, MergeRule.NONE}}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reason:
    """Why something does not merge; the texts follow the indicator's name."""

    slug: str
    vi: str
    en: str


_PUBLISHED = _Reason(
    slug="published",
    vi="là số do nơi khác công bố, không tính lại được từ các phần. "
    "Hãy dùng số công bố của chính kỳ và địa bàn cần xem.",
    en="is a figure published by others; it can't be recomputed from parts. "
    "Use the figure published for the very period and place you need.",
)
_COMPOSITE = _Reason(
    slug="composite",
    vi="là điểm tổng hợp: mỗi cấp tính lại từ các chỉ tiêu thành phần, "
    "không gộp từ các điểm đã có. Hãy xem điểm của từng kỳ, từng địa bàn "
    "hoặc gộp các chỉ tiêu thành phần.",
    en="is a composite score: every tier computes it anew from its components and "
    "never from other scores. See the score of each period and place, "
    "or merge the components.",
)
_STOCK_SUMMED = _Reason(
    slug="stock-over-time",
    vi="là số tồn tại một thời điểm; cộng qua các ngày là đếm một đối tượng nhiều lần. "
    "Hãy xem số cuối kỳ.",
    en="is a stock at a moment; adding it over days counts one thing many times. "
    "Read the state at the period's end.",
)
_LAST_OVER_PLACE = _Reason(
    slug="last-over-place",
    vi="lấy số mới nhất, mà số mới nhất của một nơi không nói thay các nơi khác. "
    "Hãy khai báo quy tắc cộng theo địa bàn hoặc xem từng địa bàn.",
    en="takes the newest figure, and that of one place does not speak for the others. "
    "Declare a sum over place, or see each place.",
)
_AVERAGES_OVER_TIME = _Reason(
    slug="average-of-averages",
    vi="là số bình quân hoặc tỷ lệ không kèm đủ thành phần để tính cho kỳ dài hơn; "
    "lấy trung bình của các số trung bình cho kết quả sai. Hãy xem từng kỳ.",
    en="is an average or rate without the parts that a longer period needs; "
    "an average of averages is wrong. See each period.",
)
_AVERAGES_OVER_PLACE = _Reason(
    slug="average-of-averages",
    vi="là số bình quân hoặc tỷ lệ chưa có quyền số giữa các địa bàn; lấy trung bình "
    "của các số trung bình cho kết quả sai. Hãy xem từng địa bàn.",
    en="is an average or rate for which no weight between places is declared; "
    "an average of averages is wrong. See each place.",
)
_NONE_OVER_TIME = _Reason(
    slug="not-over-time",
    vi="được khai báo là không gộp theo thời gian. Hãy xem từng kỳ.",
    en="is declared not to merge over time. See each period.",
)
_NONE_OVER_PLACE = _Reason(
    slug="not-over-place",
    vi="được khai báo là không gộp theo địa bàn: tổng của nhiều nơi không có nghĩa. "
    "Hãy xem từng địa bàn.",
    en="is declared not to merge over place: a total of several places means nothing. "
    "See each place.",
)
_MISMATCH = _Reason(
    slug="rule-does-not-fit",
    vi="khai báo một quy tắc gộp không hợp với loại số liệu của nó. "
    "Hãy sửa khai báo của chỉ tiêu.",
    en="declares a merge rule that does not fit its measure. "
    "Correct the indicator's declaration.",
)

_QUOTIENTS = {Measure.RATIO, Measure.WEIGHTED_MEAN}


def check_over_time(indicator: Indicator) -> None:
    """Raise ``MERGE_REFUSED`` where an indicator does not merge over time."""
    if not merges_over_time(indicator):
        raise over_time_refused(indicator)


def merges_over_time(indicator: Indicator) -> bool:
    """Return whether an indicator merges over time."""
    return _merges(indicator.over_time, _OVER_TIME[indicator.measure])


def check_over_place(indicator: Indicator) -> None:
    """Raise ``MERGE_REFUSED`` where an indicator does not merge over place."""
    allowed = _OVER_PLACE[indicator.measure]
    if not _merges(indicator.over_place, allowed) or _lacks_weight(indicator):
        raise over_place_refused(indicator)


def check_contract(indicator: Indicator) -> None:
    """Raise ``MERGE_REFUSED`` for rules that no indicator of its measure may have."""
    if indicator.over_time not in _OVER_TIME[indicator.measure]:
        raise over_time_refused(indicator)
    allowed = _OVER_PLACE[indicator.measure]
    if indicator.over_place not in allowed or _lacks_weight(indicator):
        raise over_place_refused(indicator)


def over_time_refused(indicator: Indicator) -> FederationError:
    """Return the error that says why an indicator does not merge over time."""
    return _refused(indicator, Axis.TIME, indicator.over_time, _why_not_time(indicator))


def over_place_refused(indicator: Indicator) -> FederationError:
    """Return the error that says why an indicator does not merge over place."""
    return _refused(
        indicator, Axis.PLACE, indicator.over_place, _why_not_place(indicator)
    )


def states_refused(what: str, rule: MergeRule) -> FederationError:
    """Return the error for two states of a rule that merges none."""
    return FederationError(
        ErrorCode.MERGE_REFUSED,
        f"{what}: quy tắc “{rule.slug}” không gộp các giá trị. Hãy xem từng giá trị.",
        f"{what}: the rule “{rule.slug}” merges no values. See each value.",
        {"indicator": what, "rule": rule.slug},
    )


def periods_refused(base: Frequency, longer: Frequency) -> FederationError:
    """Return the error for periods that do not fill a longer kind of period."""
    return FederationError(
        ErrorCode.MERGE_REFUSED,
        f"Không ghép được kỳ “{longer.slug}” từ kỳ “{base.slug}”: ranh giới của chúng "
        "không trùng nhau. Hãy xem từng kỳ đã báo cáo.",
        f"Periods of “{base.slug}” do not make a “{longer.slug}”: their borders "
        "differ. See each period as it was reported.",
        {"frequency": longer.slug, "base": base.slug, "reason": "periods-do-not-fill"},
    )


def window_refused(
    base: Frequency, first: Period, last: Period, first_day: date, last_day: date
) -> FederationError:
    """Return the error for days that base periods do not fill, with those they do.

    ``first`` to ``last`` is the nearest run of whole base periods, which begins on
    ``first_day`` and ends with ``last_day``.
    """
    return FederationError(
        ErrorCode.MERGE_REFUSED,
        f"Số liệu có theo kỳ “{base.slug}”, không tách được thành ngày. Hãy chọn từ "
        f"{first_day.isoformat()} đến {last_day.isoformat()} "
        f"({first.text} – {last.text}).",
        f"The figures are known by “{base.slug}” and can't be cut into days. Choose "
        f"{first_day.isoformat()} to {last_day.isoformat()} "
        f"({first.text} – {last.text}).",
        {
            "base": base.slug,
            "reason": "periods-do-not-fill",
            "from": first_day.isoformat(),
            "to": last_day.isoformat(),
        },
    )


def _merges(rule: MergeRule, allowed: set[MergeRule]) -> bool:
    return rule in allowed and rule not in (MergeRule.NONE, MergeRule.COMPOSITE)


def _lacks_weight(indicator: Indicator) -> bool:
    # Unweighted, one place of ten people would speak as loud as one of ten thousand.
    return indicator.over_place is MergeRule.WEIGHTED_MEAN and not indicator.weight


def _why_not_time(indicator: Indicator) -> _Reason:
    match indicator.measure:
        case Measure.PUBLISHED:
            return _PUBLISHED
        case Measure.COMPOSITE:
            return _COMPOSITE
        case Measure.LAST:
            return _STOCK_SUMMED
        case measure if measure in _QUOTIENTS:
            return _AVERAGES_OVER_TIME
    return _NONE_OVER_TIME if indicator.over_time is MergeRule.NONE else _MISMATCH


def _why_not_place(indicator: Indicator) -> _Reason:
    if indicator.over_place is MergeRule.LAST:
        return _LAST_OVER_PLACE
    match indicator.measure:
        case Measure.PUBLISHED:
            return _PUBLISHED
        case Measure.COMPOSITE:
            return _COMPOSITE
        case measure if measure in _QUOTIENTS:
            return _AVERAGES_OVER_PLACE
    return _NONE_OVER_PLACE if indicator.over_place is MergeRule.NONE else _MISMATCH


def _refused(
    indicator: Indicator, axis: Axis, rule: MergeRule, reason: _Reason
) -> FederationError:
    return FederationError(
        ErrorCode.MERGE_REFUSED,
        f"{indicator.name.vi} ({indicator.id}) {reason.vi}",
        f"{indicator.name.en} ({indicator.id}) {reason.en}",
        {
            "indicator": indicator.id,
            "axis": axis.value,
            "rule": rule.slug,
            "reason": reason.slug,
        },
    )
