"""Who keeps silent, since when: obligations in the words of a tile or a line."""

from collections.abc import Iterable, Sequence

from dashboard.formatting import count_text, day_text, local, parsed_moment
from dashboard.queries import OVERDUE
from dashboard.text import Texts
from federation.api.owed_schemas import ObligationOut


def silent_for(
    owed: Iterable[ObligationOut], *, locality: str, indicator: str = ""
) -> list[ObligationOut]:
    """Return the overdue obligations of a place, the longest silent first."""
    found = [
        one
        for one in owed
        if one.state == OVERDUE
        and one.locality == locality
        and indicator in ("", one.indicator)
    ]
    return sorted(found, key=lambda one: one.since or "")


def silence_words(silent: Sequence[ObligationOut], texts: Texts) -> str:
    """Return since when nothing came and who owes it, or nothing."""
    if not silent:
        return ""
    first = silent[0]
    since = parsed_moment(first.since)
    agency = texts.of(first.agency_name)
    if since is None or first.last_period is None:
        words = texts("silence.never", agency=agency)
    else:
        day = day_text(local(since).date(), texts)
        words = texts("silence.since", day=day, agency=agency)
    if len(silent) == 1:
        return words
    lower = words[:1].lower() + words[1:]
    return texts("silence.several", first=lower, count=count_text(len(silent), texts))
