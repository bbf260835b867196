"""What the folders of ``city_node/subsystems`` keep beside the contract suite."""

import importlib
import tomllib
from pathlib import Path

import pytest

import city_node.subsystems
from city_node.subsystems.texts import load_texts
from federation.errors import ErrorCode, FederationError

ROOT = Path(city_node.subsystems.__file__).parent
FOLDERS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))


@pytest.fixture(params=FOLDERS)
def folder(request) -> str:
    return request.param


def test_every_source_says_how_its_data_arrives(folder):
    manifest = tomllib.loads((ROOT / folder / "manifest.toml").read_text("utf-8"))
    # What the node adds to every folder (templates) is not the folder's to declare.
    found = importlib.import_module(f"city_node.subsystems.{folder}").SUBSYSTEM
    assert set(manifest["arrival"]) == {source.id for source in found.sources}
    assert set(manifest["arrival"].values()) <= {
        "automatic",
        "file",
        "manual",
        "simulated",
    }
    assert {source.publisher for source in found.sources} <= found.agencies.keys()


def test_every_rule_of_quality_is_done_or_says_why_not(folder):
    rules = tomllib.loads((ROOT / folder / "quality.toml").read_text("utf-8"))
    for rule, state in rules.items():
        assert state in ("done", "todo") or state["exempt"], rule


def test_the_department_is_told_in_both_languages(folder):
    text = (ROOT / folder / "README.md").read_text("utf-8")
    assert "## Gửi số liệu" in text
    assert "## Sending figures" in text


def test_a_text_in_one_language_only_is_a_wrong_configuration(tmp_path, monkeypatch):
    (tmp_path / "half" / "text").mkdir(parents=True)
    (tmp_path / "half" / "__init__.py").touch()
    (tmp_path / "half" / "text" / "vi.toml").write_text('name = "Y tế"\n', "utf-8")
    (tmp_path / "half" / "text" / "en.toml").write_text("", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(FederationError) as caught:
        load_texts("half")
    assert caught.value.code is ErrorCode.CONFIGURATION
