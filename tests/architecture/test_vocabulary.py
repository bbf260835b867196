"""Words mean one thing: the floor knows parents and children, not tiers."""

import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Names that a floor without tiers may not have; text for people and the levels of
# localities are data, not code.
TIERS = re.compile(r"(?:^|_)(?:city|cities|province|provinces|nation)(?:_|$)", re.I)
HOMELESS = {"common", "utils", "util", "helpers", "helper", "misc", "manager"}


def names(path: Path) -> set[str]:
    source = io.StringIO(path.read_text(encoding="utf-8"))
    return {
        token.string
        for token in tokenize.generate_tokens(source.readline)
        if token.type == tokenize.NAME
    }


def test_inside_the_floor_nobody_says_city_province_or_nation() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "federation").rglob("*.py")
        if "wire/v1" not in path.as_posix()
        for name in names(path)
        if TIERS.search(name) and not name.startswith("vietnam_provinces")
    }
    assert found == set()


def test_every_file_has_a_home_that_says_what_is_in_it() -> None:
    found = {
        path.relative_to(ROOT)
        for package in ("federation", "city_node", "province_hub", "dashboard")
        for path in (ROOT / package).rglob("*")
        if path.stem.lower() in HOMELESS
    }
    assert found == set()


def test_nothing_is_left_for_later() -> None:
    words = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error")
    found = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for package in ("federation", "city_node", "province_hub", "dashboard", "tests")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "wire/v1" not in path.as_posix()
        for number, line in enumerate(
            path.read_text(encoding="utf-8").splitlines(), start=1
        )
        if any(re.search(rf"\b{word}\b", line) for word in words)
    ]
    assert found == []
