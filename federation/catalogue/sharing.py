"""What an operator decides on sharing, over what the indicators say of themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from federation.errors import ErrorCode, FederationError
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Basis, Indicator, SharingPolicy
from federation.model.row import SeriesKey

EVERY = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class SharingRule:
    """Whether figures are passed on, from one day to another (None: open).

    ``indicator`` is an id, ``subsystem.*`` or ``*``; ``locality`` an id, empty for all.
    ``detail`` and ``rollup`` None leave it as it is.
    """

    indicator: str
    locality: str = ""
    includes_parts: bool = False
    detail: bool | None = None
    rollup: bool | None = None
    ground: str = ""
    first: date | None = None
    last: date | None = None

    def fits(self, indicator: str, day: date) -> bool:
        """Return whether the rule is about an indicator on a day."""
        held = (self.first or date.min) <= day <= (self.last or date.max)
        return held and self.names(indicator)

    def names(self, indicator: str) -> bool:
        """Return whether the rule is about an indicator."""
        return self.indicator in (EVERY, indicator) or (
            self.indicator.endswith("." + EVERY)
            and indicator.startswith(self.indicator.removesuffix(EVERY))
        )


class Sharing:
    """Policies of a tier. Of several rules that fit, the last one decides."""

    def __init__(
        self,
        rules: Sequence[SharingRule],
        places: LocalityGraph,
        indicators: Iterable[Indicator] = (),
    ) -> None:
        """Decide by ``rules``; without one that fits, by the indicator.

        ``indicators`` are those of this tier itself, which answers for them.

        Raises:
            FederationError: ``CONFIGURATION`` for a refusal without a legal ground, or
                a rule about a place that is not known, or about none of the tier's own
                indicators: what was meant would be passed on.
        """
        self._rules = tuple(rules)
        self._places = places
        own = {indicator.id: indicator for indicator in indicators}
        for rule in rules:
            if own and not any(map(rule.names, own)):
                raise _about_nothing(rule.indicator)
            if False in (rule.detail, rule.rollup) and not rule.ground.strip():
                raise _without_ground(f"[[sharing]] {rule.indicator}")
            if rule.locality and places.get(rule.locality) is None:
                raise FederationError(
                    ErrorCode.CONFIGURATION,
                    f"[[sharing]] nêu địa bàn không có trong danh mục: "
                    f"{rule.locality}.",
                    f"[[sharing]] names a locality that the lists don't have: "
                    f"{rule.locality}.",
                    {"locality": rule.locality},
                )
        for indicator in own.values():
            for policy in (indicator.share_detail, indicator.share_rollup):
                if not policy.shared and not policy.ground.strip():
                    raise _without_ground(indicator.id)

    def policy(self, indicator: Indicator, key: SeriesKey, day: date) -> SharingPolicy:
        """Return whether a series is passed on, on a day."""
        detail = key.basis is Basis.REPORTED
        for rule in reversed(self._rules):
            shared = rule.detail if detail else rule.rollup
            if shared is None or not rule.fits(indicator.id, day):
                continue
            if self._about(rule, key.locality):
                return SharingPolicy(shared=shared, ground=rule.ground)
        return indicator.share_detail if detail else indicator.share_rollup

    def _about(self, rule: SharingRule, locality: str) -> bool:
        if rule.locality in ("", locality):
            return True
        return rule.includes_parts and self._places.contains(
            rule.locality, locality, date.min, date.max
        )


def _about_nothing(indicator: str) -> FederationError:
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"[[sharing]] nêu “{indicator}” nhưng ở đây không có chỉ tiêu nào như vậy, nên "
        "không có gì được giữ lại. Hãy sửa tên chỉ tiêu hoặc bỏ mục này.",
        f"[[sharing]] names “{indicator}”, but there is no such indicator here, so "
        "nothing would be withheld. Correct the name or remove the entry.",
        {"indicator": indicator},
    )


def _without_ground(what: str) -> FederationError:
    return FederationError(
        ErrorCode.CONFIGURATION,
        f"{what}: không chia sẻ thì phải nêu căn cứ pháp lý (ground).",
        f"{what}: whoever does not share must name the legal ground (ground).",
        {"indicator": what},
    )
