"""What every folder of ``city_node/subsystems`` promises."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import city_node.subsystems
from city_node.contract import Subsystem
from city_node.subsystems.texts import load_texts
from federation.errors import ErrorCode, FederationError
from federation.model.indicator import Measure, MergeRule
from federation.model.locality import LEVELS
from federation.model.period import CALENDARS

ROOT = Path(city_node.subsystems.__file__).parent
FOLDERS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
FILES = (
    "manifest.toml",
    "records.py",
    "indicators.py",
    "sources.py",
    "simulate.py",
    "text/vi.toml",
    "text/en.toml",
    "quality.toml",
    "README.md",
)
TYPES = {"decimal", "integer", "text", "date", "datetime", "code"}


def subsystem(folder: str) -> Subsystem:
    return import_module(f"city_node.subsystems.{folder}").SUBSYSTEM


@pytest.fixture(params=FOLDERS)
def folder(request) -> str:
    return request.param


def test_a_folder_has_its_files(folder):
    assert [name for name in FILES if not (ROOT / folder / name).is_file()] == []


def test_the_manifest_agrees_with_the_code(folder):
    manifest = tomllib.loads((ROOT / folder / "manifest.toml").read_text())
    found = subsystem(folder)
    assert (manifest["id"], manifest["owner_agency"]) == (found.id, found.owner_agency)
    assert found.id == folder
    assert set(manifest["arrival"]) == {source.id for source in found.sources}
    assert set(manifest["arrival"].values()) <= {
        "automatic",
        "file",
        "manual",
        "simulated",
    }
    assert manifest["contains_personal_data"] is False
    assert manifest["minimum_cell_size"] >= 0


def test_every_rule_of_quality_is_done_or_says_why_not(folder):
    rules = tomllib.loads((ROOT / folder / "quality.toml").read_text())
    for rule, state in rules.items():
        assert state in ("done", "todo") or state["exempt"], rule


def test_indicators_are_well_formed(folder):
    found = subsystem(folder)
    identities = [measured.indicator.id for measured in found.indicators]
    assert len(set(identities)) == len(identities)
    for measured in found.indicators:
        indicator = measured.indicator
        assert indicator.id.startswith(f"{found.id}.")
        assert indicator.subsystem == found.id
        assert indicator.owner_agency in found.agencies
        assert indicator.level in LEVELS
        assert indicator.calendar in CALENDARS
        assert indicator.decimals <= indicator.scale
        assert measured.kinds <= found.record_kinds.keys()
        if indicator.measure is Measure.PUBLISHED:
            rules = {indicator.over_time, indicator.over_place}
            assert rules == {MergeRule.NONE}


def test_texts_say_something_in_both_languages(folder):
    for key, text in load_texts(f"city_node.subsystems.{folder}").items():
        assert text.vi, key
        assert text.en, key
    for measured in subsystem(folder).indicators:
        assert len(measured.indicator.definition.vi) > 60
        assert len(measured.indicator.short_name.vi) <= 30


def test_sources_publishers_and_kinds_are_declared(folder):
    found = subsystem(folder)
    assert {source.publisher for source in found.sources} <= found.agencies.keys()
    readers = [reader.id for reader in found.readers]
    assert set(readers) <= {source.id for source in found.sources}
    for fields in found.record_kinds.values():
        assert set(fields.values()) <= TYPES


def test_the_department_is_told_in_both_languages(folder):
    text = (ROOT / folder / "README.md").read_text()
    assert "## Gửi số liệu" in text
    assert "## Sending figures" in text


def test_a_text_in_one_language_only_is_a_wrong_configuration(tmp_path, monkeypatch):
    (tmp_path / "half" / "text").mkdir(parents=True)
    (tmp_path / "half" / "__init__.py").touch()
    (tmp_path / "half" / "text" / "vi.toml").write_text('name = "Y tế"\n')
    (tmp_path / "half" / "text" / "en.toml").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(FederationError) as caught:
        load_texts("half")
    assert caught.value.code is ErrorCode.CONFIGURATION
