"""Numbers, days and ages as people here write them.

Vietnamese: 1.234.567,8 · 97,3 % · 22/11/2026 · Tháng 11/2026 · Quý IV/2026. English:
1,234,567.8 · 97.3% · 22 Nov 2026. Times are shown in Vietnam time. Nothing asks the
browser's language, and zero is never shown with a minus sign.
"""

import unicodedata
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from dashboard.text import Texts
from federation.errors import FederationError
from federation.model.period import (
    Frequency,
    Period,
    parse_period,
    period_of_day,
)

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MINUS = "−"
_QUARTERS = ("I", "II", "III", "IV")
_LETTER_MARKS = "\u0335\u0306\u0302\u031b"
_TONE_MARKS = "\u0300\u0309\u0303\u0301\u0323"
_DAYS_SHOWN_MAX = 60
"""Older than this, an age in days is told in months."""


def decimal_of(text: str | None) -> Decimal | None:
    """Return the number of the tier's decimal notation, or None for no value."""
    if text is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def number_text(
    number: Decimal, decimals: int, texts: Texts, *, signed: bool = False
) -> str:
    """Return a number with a fixed count of decimals, half rounded away from zero."""
    step = Decimal(1).scaleb(-decimals)
    rounded = number.quantize(step, rounding=ROUND_HALF_UP)
    plain = f"{abs(rounded):,f}"
    if texts.language == "vi":
        plain = plain.translate(str.maketrans(",.", ".,"))
    if rounded == 0:
        return plain
    if rounded < 0:
        return MINUS + plain
    return f"+{plain}" if signed else plain


def count_text(count: int, texts: Texts) -> str:
    """Return a whole number with its thousands parted: 3.321."""
    return number_text(Decimal(count), 0, texts)


def unit_gap(unit: str, texts: Texts) -> str:
    """Return what stands between number and unit: English sets % close."""
    return "" if unit == "%" and texts.language == "en" else "\u00a0"


def collation_key(name: str) -> tuple[tuple[tuple[str, int], ...], tuple[int, ...]]:
    """Return the key that sorts names as a Vietnamese dictionary: letters, then tones.

    a ă â b c d đ e ê … o ô ơ …; level, huyền, hỏi, ngã, sắc, nặng.
    """
    letters: list[tuple[str, int]] = []
    tones: list[int] = []
    for sign in unicodedata.normalize("NFD", name.casefold().replace("đ", "d\u0335")):
        if sign in _LETTER_MARKS and letters:
            letters[-1] = (letters[-1][0], _LETTER_MARKS.index(sign) + 1)
        elif sign in _TONE_MARKS and letters:
            tones[-1] = _TONE_MARKS.index(sign) + 1
        else:
            letters.append((sign, 0))
            tones.append(0)
    return tuple(letters), tuple(tones)


def local(moment: datetime) -> datetime:
    """Return a moment in Vietnam time."""
    return moment.astimezone(VIETNAM)


def parsed_moment(text: str | None) -> datetime | None:
    """Return an RFC 3339 moment as an aware datetime, or None."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def day_text(day: date, texts: Texts) -> str:
    """Return a day: 22/11/2026, or 22 Nov 2026."""
    if texts.language == "vi":
        return f"{day:%d/%m/%Y}"
    return f"{day.day} {texts(f'month.{day.month}')} {day.year}"


def moment_text(moment: datetime, texts: Texts, *, seconds: bool = False) -> str:
    """Return a moment in Vietnam time: 22/11/2026 08:05."""
    there = local(moment)
    clock = f"{there:%H:%M:%S}" if seconds else f"{there:%H:%M}"
    return f"{day_text(there.date(), texts)} {clock}"


def period_text(text: str, texts: Texts, *, calendar: str = "vn") -> str:
    """Return a period in words: Tháng 11/2026, Quý IV/2026, 21/05/2026 (ngày UTC)."""
    try:
        period = parse_period(text)
    except FederationError:
        return text
    first = period.first_day
    iso_year, week, _ = first.isocalendar()
    match period.frequency:
        case Frequency.HOUR:
            hour = datetime.fromtimestamp(period.start * 3600, UTC)
            return texts("period.hour", moment=moment_text(hour, texts))
        case Frequency.DAY:
            key = "period.utc_day" if calendar == "utc" else "period.day"
            return texts(key, day=day_text(first, texts))
        case Frequency.WEEK:
            return texts("period.week", week=f"{week:02d}", year=iso_year)
        case Frequency.MONTH:
            month = (
                f"{first.month:02d}"
                if texts.language == "vi"
                else texts(f"month.{first.month}")
            )
            return texts("period.month", month=month, year=first.year)
        case Frequency.QUARTER:
            quarter = _QUARTERS[(first.month - 1) // 3]
            return texts("period.quarter", quarter=quarter, year=first.year)
        case Frequency.YEAR:
            return texts("period.year", year=first.year)
        case Frequency.SCHOOL_YEAR:
            return texts("period.school_year", year=first.year, next=first.year + 1)


def period_in_sentence(text: str, texts: Texts, *, calendar: str = "vn") -> str:
    """Return a period for the middle of a sentence: tháng 01/2025, Jan 2025."""
    words = period_text(text, texts, calendar=calendar)
    return words[:1].lower() + words[1:] if texts.language == "vi" else words


def following_period(text: str) -> str:
    """Return the period right after one, or the same text where it is no period."""
    try:
        period = parse_period(text)
    except FederationError:
        return text
    if period.frequency is Frequency.HOUR:
        return Period(frequency=period.frequency, start=period.start + 1).text
    return period_of_day(period.frequency, period.end_day).text


def age_text(period: str, now: datetime, texts: Texts) -> str:
    """Return how long ago a period was, in its own unit: 22 tháng trước."""
    try:
        parsed = parse_period(period)
    except FederationError:
        return ""
    if parsed.frequency is Frequency.HOUR:
        hours = int(now.timestamp() // 3600) - parsed.start
        if hours < 48:
            return _ago(hours, "hour", texts)
    return _age_in_days_or_more(parsed, local(now).date(), texts)


def _age_in_days_or_more(period: Period, today: date, texts: Texts) -> str:
    first = period.first_day
    days = (today - first).days
    months = (today.year - first.year) * 12 + today.month - first.month
    match period.frequency:
        case Frequency.YEAR | Frequency.SCHOOL_YEAR:
            return _ago(today.year - first.year, "year", texts)
        case Frequency.QUARTER:
            # The first month of this quarter, not this month, is what is compared.
            return _ago((months - (today.month - 1) % 3) // 3, "quarter", texts)
        case Frequency.MONTH:
            return _ago(months, "month", texts)
        case Frequency.WEEK:
            return _ago(days // 7, "week", texts)
    if days > _DAYS_SHOWN_MAX:
        return _ago(months, "month", texts)
    return _ago(days, "day", texts)


def _ago(count: int, unit: str, texts: Texts) -> str:
    if unit == "month" and count >= 36:
        years, months = divmod(count, 12)
        return texts("age.years_over" if months else "age.year_n", count=years)
    if count <= 0:
        return texts(f"age.{unit}_0")
    if count == 1:
        return texts(f"age.{unit}_1")
    return texts(f"age.{unit}_n", count=count)


def duration_text(seconds: float, texts: Texts) -> str:
    """Return a short span of time: 45 giây, 12 phút, 3 giờ, 5 ngày."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return texts(f"span.{unit}", count=int(seconds // length))
    return texts("span.second", count=max(0, int(seconds)))
