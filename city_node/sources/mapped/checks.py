"""Relations that the figures of a row must keep: a doubt, or a refusal.

Numbers under the wrong heading, a changed unit or a wrong total show in how figures
relate: a year to date is no less than its month, a rate is what it is a rate of.
"""

from collections.abc import Iterator
from decimal import Decimal

from city_node.contract import Flag
from city_node.sources.mapped.figures import (
    Amount,
    GroupKey,
    RowFigures,
    number_of,
    plain,
)
from city_node.sources.mapped.form import Check, CheckKind, Fails, TableMapping
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Text

_RATIO_TOLERANCE = Decimal("0.1")
_HUNDRED = Decimal(100)


def check_figures(
    mapping: TableMapping, figures: RowFigures, names: dict[str, str]
) -> None:
    """Flag or refuse the records whose figures don't fit; ``names`` are headings."""
    for check in mapping.checks:
        for key, amounts in figures.amounts.items():
            if check.only_in_month not in (0, key.period.first_day.month):
                continue
            if check.kind is CheckKind.SUM:
                said = _sum(check, key, figures, names)
            else:
                said = _CHECKS[check.kind](check, amounts, names)
            if said is None:
                continue
            if check.fails is Fails.REFUSE:
                figures.refuse(key, figures.place, _error(said, check))
            else:
                flag = Flag(code=check.code, text_vi=said.vi, text_en=said.en)
                figures.flag(key, flag)


def _error(said: Text, check: Check) -> FederationError:
    return FederationError(ErrorCode.INPUT_ROW, said.vi, said.en, {"check": check.code})


def _sum(
    check: Check, key: GroupKey, figures: RowFigures, names: dict[str, str]
) -> Text | None:
    """Compare a total with its parts; of unknown parts only the excess is told."""
    total = number_of(figures.amounts[key].get(check.field))
    if key.breakdown or total is None:
        return None
    parts = list(_parts(check, key, figures))
    known = [number for number in parts if number is not None]
    if not known:
        return None
    summed = sum(known, Decimal(0))
    tolerance = check.tolerance
    if tolerance is None:
        tolerance = len(known) * _half_of_last_decimal([total, *known])
    excess = summed - total
    if abs(excess) <= tolerance or (len(known) < len(parts) and excess < 0):
        return None
    name = names.get(check.field, check.field)
    return Text(
        vi=f"“{name}” ({key.period.text}) là {plain(total)} nhưng các phần cộng lại là "
        f"{plain(summed)}. Hãy hỏi nơi phát hành.",
        en=f"“{name}” ({key.period.text}) is {plain(total)}, yet its parts make "
        f"{plain(summed)}. Ask the publisher.",
    )


def _parts(
    check: Check, key: GroupKey, figures: RowFigures
) -> Iterator[Decimal | None]:
    for other, amounts in figures.amounts.items():
        same = (other.period, other.status) == (key.period, key.status)
        one = other.breakdown.startswith(f"{check.dimension}=")
        if same and one and "," not in other.breakdown and check.field in amounts:
            yield number_of(amounts[check.field])


def _half_of_last_decimal(numbers: list[Decimal]) -> Decimal:
    exponents = [number.as_tuple().exponent for number in numbers]
    digits = max(-each for each in exponents if isinstance(each, int))
    return Decimal(1).scaleb(-digits) / 2


def _ratio(
    check: Check, amounts: dict[str, Amount], names: dict[str, str]
) -> Text | None:
    rate, part, whole = (
        number_of(amounts.get(name)) for name in (check.field, check.other, check.over)
    )
    if rate is None or part is None or not whole:
        return None
    worked_out = _HUNDRED * part / whole
    tolerance = _RATIO_TOLERANCE if check.tolerance is None else check.tolerance
    if abs(worked_out - rate) <= tolerance:
        return None
    shown = plain(round(worked_out, 3))
    name = names.get(check.field, check.field)
    return Text(
        vi=f"“{name}” là {plain(rate)} % nhưng tính từ “{names.get(check.other)}” và "
        f"“{names.get(check.over)}” thì được {shown} %. Hãy kiểm tra các cột có bị đổi "
        "chỗ không.",
        en=f"“{name}” is {plain(rate)} %, yet “{names.get(check.other)}” over "
        f"“{names.get(check.over)}” makes {shown} %. Check whether columns were "
        "swapped.",
    )


def _at_least(
    check: Check, amounts: dict[str, Amount], names: dict[str, str]
) -> Text | None:
    larger, smaller = (
        number_of(amounts.get(name)) for name in (check.field, check.other)
    )
    if larger is None or smaller is None:
        return None
    if larger >= smaller - (check.tolerance or 0):
        return None
    first, second = names.get(check.field), names.get(check.other)
    return Text(
        vi=f"“{first}” ({plain(larger)}) nhỏ hơn “{second}” ({plain(smaller)}): có thể "
        "hai cột bị đổi chỗ. Hãy kiểm tra tiêu đề.",
        en=f"“{first}” ({plain(larger)}) is less than “{second}” ({plain(smaller)}): "
        "maybe the columns were swapped. Check the headings.",
    )


def _between(
    check: Check, amounts: dict[str, Amount], names: dict[str, str]
) -> Text | None:
    number = number_of(amounts.get(check.field))
    low, high = check.minimum, check.maximum
    if number is None or (
        (low is None or number >= low) and (high is None or number <= high)
    ):
        return None
    bounds = f"{'…' if low is None else low} – {'…' if high is None else high}"
    name = names.get(check.field, check.field)
    return Text(
        vi=f"“{name}” là {plain(number)}, ngoài khoảng có thể ({bounds}). Hãy sửa ô "
        "này.",
        en=f"“{name}” is {plain(number)}, outside what can be ({bounds}). Correct the "
        "cell.",
    )


def _same_direction(
    check: Check, amounts: dict[str, Amount], names: dict[str, str]
) -> Text | None:
    number, other = (
        number_of(amounts.get(name)) for name in (check.field, check.other)
    )
    if number is None or other is None or (number - check.around) * other >= 0:
        return None
    name, second = names.get(check.field, check.field), names.get(check.other)
    return Text(
        vi=f"“{second}” ({plain(other)}) trái chiều với số đã công bố “{name}” "
        f"({plain(number)}): dùng số đã công bố. Hãy hỏi nơi phát hành.",
        en=f"“{second}” ({plain(other)}) contradicts the published “{name}” "
        f"({plain(number)}): the published one is used. Ask the publisher.",
    )


_CHECKS = {
    CheckKind.RATIO: _ratio,
    CheckKind.AT_LEAST: _at_least,
    CheckKind.BETWEEN: _between,
    CheckKind.SAME_DIRECTION: _same_direction,
}
