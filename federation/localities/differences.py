"""From which day on a change of a place changes what is in it, or what it is in."""

from collections.abc import Iterable
from datetime import date, timedelta

from federation.model.locality import Locality, Member

_ONE_DAY = timedelta(days=1)
_NEVER = date.max


def first_day_affected(before: Locality | None, after: Locality | None) -> date | None:
    """Return the first day on which totals may differ; None where a name changed.

    None in place of a place: it was not there before, or is not any more.
    """
    days = [
        _members_differ(
            before.members if before is not None else (),
            after.members if after is not None else (),
        )
    ]
    if before is None or after is None:
        # An area alone adds nothing but its members.
        one = before or after
        if one is not None and one.level != "area":
            days.append(one.valid_from or date.min)
    elif (before.level, before.parent) != (after.level, after.parent):
        if after.level != "area":
            days.append(date.min)
    else:
        spans = [(one.valid_from, one.valid_to) for one in (before, after)]
        days.append(_spans_differ(*spans))
    first = min(days)
    return None if first == _NEVER else first


_Span = tuple[date | None, date | None]


def _members_differ(before: Iterable[Member], after: Iterable[Member]) -> date:
    spans = [
        {(one.locality, one.valid_from): (one.valid_from, one.valid_to) for one in each}
        for each in (before, after)
    ]
    days = [_NEVER]
    for key in spans[0].keys() | spans[1].keys():
        if key in spans[0] and key in spans[1]:
            days.append(_spans_differ(spans[0][key], spans[1][key]))
        else:
            days.append(key[1] or date.min)
    return min(days)


def _spans_differ(one: _Span, other: _Span) -> date:
    """Return the first day that is in one span and not in the other."""
    if one == other:
        return _NEVER
    if one[0] != other[0]:
        return min(one[0] or date.min, other[0] or date.min)
    ends = [end for end in (one[1], other[1]) if end is not None]
    return min(ends) + _ONE_DAY
