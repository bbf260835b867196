"""Who is missing in a value, by reason; which former places it can't take in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.formatting import count_text, period_text
from dashboard.text import Texts
from federation.api.schemas import CoverageOut, UnapportionedOut

_REASONS = (
    "silent",
    "reported_missing",
    "not_connected",
    "contract_differs",
    "withheld",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AbsentGroup:
    """Those who are missing for one reason."""

    reason: str
    names: str


def absent_groups(
    coverage: CoverageOut, name: Callable[[str], str], texts: Texts
) -> list[AbsentGroup]:
    """Return the absent by reason; of those not named only how many they are."""
    groups = []
    for reason in _REASONS:
        found = [one.locality for one in coverage.absent if one.reason == reason]
        if found:
            groups.append(
                AbsentGroup(
                    reason=texts(f"absent.{reason}"),
                    names=", ".join(name(locality) for locality in found),
                )
            )
    told = {one.locality for one in coverage.absent}
    unnamed = [place for place in coverage.missing if place not in told]
    if unnamed:
        groups.append(
            AbsentGroup(
                reason=texts("absent.unknown"),
                names=", ".join(name(place) for place in unnamed),
            )
        )
    total = coverage.missing_count + coverage.withheld_count
    rest = total - len(told) - len(unnamed)
    if rest > 0:
        more = texts("absent.more", count=count_text(rest, texts))
        groups.append(AbsentGroup(reason=texts("absent.others"), names=more))
    return groups


def unapportioned_lines(
    found: Sequence[UnapportionedOut], name: Callable[[str], str], texts: Texts
) -> list[AbsentGroup]:
    """Return the former places that today's boundaries leave out, and why."""
    return [
        AbsentGroup(
            reason=texts.of(one.name),
            names=texts(
                f"boundaries.{one.reason}",
                into=", ".join(name(place) for place in one.into),
                count=count_text(len(one.periods), texts),
                first=period_text(one.periods[0], texts) if one.periods else "",
                last=period_text(one.periods[-1], texts) if one.periods else "",
            ),
        )
        for one in found
    ]
