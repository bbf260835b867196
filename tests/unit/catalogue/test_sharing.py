"""What an operator decides on sharing."""

from datetime import date

import pytest

from federation.catalogue.sharing import Sharing, SharingRule
from federation.errors import ErrorCode, FederationError
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Basis, SharingPolicy
from federation.model.locality import Locality, Member
from federation.model.row import SeriesKey
from tests.indicators import an_indicator

GROUND = "Điều 7 Nghị định 278/2025/NĐ-CP"
INDICATOR = an_indicator()
SUBSYSTEM = INDICATOR.id.split(".", 1)[0]
TODAY = date(2026, 11, 22)
AREA = Locality(
    id="vinh",
    code="vinh",
    name_vi="V",
    name_en="V",
    level="area",
    members=(Member(locality="w"),),
)
PLACES = LocalityGraph(
    [
        AREA,
        *(
            Locality(id=id_, code=id_, name_vi=id_, name_en=id_, level="commune")
            for id_ in ("w", "v")
        ),
    ]
)


def shared(*rules: SharingRule, locality: str = "w", rolled: bool = False) -> bool:
    basis = Basis.ROLLED_UP if rolled else Basis.REPORTED
    key = SeriesKey(indicator=INDICATOR.id, locality=locality, basis=basis)
    policy = Sharing(rules, PLACES).policy(INDICATOR, key, TODAY)
    assert policy.shared or policy.ground == GROUND
    return policy.shared


def kept(indicator: str = "*", **changes: object) -> SharingRule:
    fields: dict[str, object] = {"detail": False, "ground": GROUND} | changes
    return SharingRule(indicator=indicator, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("indicator", ["*", f"{SUBSYSTEM}.*", INDICATOR.id])
def test_a_rule_names_one_indicator_a_subsystem_or_all(indicator: str) -> None:
    assert not shared(kept(indicator))
    assert shared(kept("other.*"))
    assert shared(kept(SUBSYSTEM))


def test_detail_and_total_are_decided_separately() -> None:
    assert not shared(kept())
    assert shared(kept(), rolled=True)
    assert not shared(kept(detail=None, rollup=False), rolled=True)


def test_a_rule_is_about_a_locality_and_its_parts_only_where_it_says_so() -> None:
    assert not shared(kept(locality="w"))
    assert shared(kept(locality="w"), locality="v")
    assert shared(kept(locality="vinh"))
    assert not shared(kept(locality="vinh", includes_parts=True))


def test_a_rule_holds_from_its_first_day_to_its_last() -> None:
    assert not shared(kept(first=TODAY, last=TODAY))
    assert shared(kept(first=date(2026, 11, 23)))
    assert shared(kept(last=date(2026, 11, 21)))


def test_the_last_rule_that_fits_decides() -> None:
    opened = kept(locality="w", detail=True, ground="")
    assert shared(kept(), opened)
    assert not shared(opened, kept())
    assert not shared(kept(), opened, locality="v")


@pytest.mark.parametrize("rule", [kept(ground=" "), kept(locality="nowhere")])
def test_a_rule_that_can_not_be_is_refused_at_the_start(rule: SharingRule) -> None:
    with pytest.raises(FederationError) as caught:
        Sharing([rule], PLACES)
    assert caught.value.code is ErrorCode.CONFIGURATION


def test_a_rule_about_no_indicator_of_the_tier_is_refused_at_the_start() -> None:
    with pytest.raises(FederationError, match="misspelt") as caught:
        Sharing([kept(indicator="misspelt.name")], PLACES, [an_indicator()])
    assert caught.value.code is ErrorCode.CONFIGURATION


def test_an_indicator_withheld_without_a_ground_is_refused_at_the_start() -> None:
    groundless = an_indicator(share_rollup=SharingPolicy(shared=False))
    with pytest.raises(FederationError) as caught:
        Sharing((), PLACES, [groundless])
    assert groundless.id in caught.value.text_en
