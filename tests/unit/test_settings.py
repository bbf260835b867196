"""What the settings promise."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, Field, SecretStr

from federation.settings import MASK, SettingsBase, SettingsError, load


class Database(BaseModel, extra="forbid", frozen=True):
    url: SecretStr = Field(SecretStr(""), description="address")
    connections_max: int = Field(8, gt=0, description="pool size")


class Sample(SettingsBase):
    name: str = Field("vinh", description="who this is")
    database: Database = Field(default_factory=Database)
    hosts: list[str] = Field(default_factory=list, description="list")


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "node.toml"
    path.write_text('name = "from-file"\n[database]\nconnections_max = 3\n')
    return path


def test_defaults_alone_are_valid() -> None:
    loaded = load(Sample)
    assert loaded.values.database.connections_max == 8
    assert {row.source for row in loaded.rows()} == {"default"}


def test_stronger_source_wins_and_is_named(
    toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOC_DATABASE__CONNECTIONS_MAX", "4")
    monkeypatch.setenv("IOC_HOSTS", '["a", "b"]')
    loaded = load(Sample, toml=toml, overrides={"name": "given", "hosts": None})
    assert loaded.values.name == "given"
    assert loaded.values.hosts == ["a", "b"]
    assert {row.name: (row.value, row.source) for row in loaded.rows()} == {
        "name": ("given", "command line"),
        "database.url": ("", "default"),
        "database.connections_max": ("4", "IOC_DATABASE__CONNECTIONS_MAX"),
        "hosts": ("['a', 'b']", "IOC_HOSTS"),
    }


def test_file_named_by_the_environment_holds_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://a:hidden@h/d\n")
    monkeypatch.setenv("IOC_DATABASE__URL_FILE", str(secret))
    loaded = load(Sample)
    assert loaded.values.database.url.get_secret_value() == "postgresql://a:hidden@h/d"
    row = next(row for row in loaded.rows() if row.name == "database.url")
    assert row.value == MASK
    assert row.source == f"{secret}, named by IOC_DATABASE__URL_FILE"


def test_file_named_by_toml_holds_the_secret(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://x\n")
    toml = tmp_path / "n.toml"
    toml.write_text(f'[database]\nurl_file = "{tmp_path / "url"}"\n')
    values = load(Sample, toml=toml).values
    assert values.database.url.get_secret_value() == "postgresql://x"


def test_every_problem_is_told_at_once_in_both_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = tmp_path / "node.toml"
    toml.write_text('nmae = "x"\n[database]\nconnections_max = 0\n')
    monkeypatch.setenv("IOC_NAME", "ok")
    with pytest.raises(SettingsError) as caught:
        load(Sample, toml=toml, overrides={"hosts": 5})
    found = {item.setting: item.source for item in caught.value.problems}
    assert found == {
        "nmae": str(toml),
        "database.connections_max": str(toml),
        "hosts": "command line",
    }
    text = str(caught.value)
    assert "không có thiết lập nào tên như vậy" in text
    assert "phải lớn hơn 0" in text
    assert "greater than 0" in text


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe"])
def test_unreadable_file_is_named(tmp_path: Path, content: bytes) -> None:
    toml = tmp_path / "node.toml"
    toml.write_bytes(content)
    with pytest.raises(SettingsError, match=r"node\.toml"):
        load(Sample, toml=toml)


def test_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOC_DATABASE__URL_FILE", "/nowhere/url")
    with pytest.raises(SettingsError, match="/nowhere/url"):
        load(Sample)


def test_variable_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOC_HOSTS", "[a")
    with pytest.raises(SettingsError, match="hosts"):
        load(Sample)


def test_wrong_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Strict(SettingsBase):
        key: SecretStr = Field(min_length=40)

    monkeypatch.setenv("IOC_KEY", "hunter2")
    with pytest.raises(SettingsError) as caught:
        load(Strict)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_a_stronger_source_overrides_need_not_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, secret = tmp_path / "node.toml", tmp_path / "url"
    config.write_text('[database]\nurl_file = "/nowhere/url"\n')
    secret.write_text("postgresql://h/d\n")
    monkeypatch.setenv("IOC_DATABASE__URL_FILE", str(secret))
    loaded = load(Sample, toml=config)
    assert loaded.values.database.url.get_secret_value() == "postgresql://h/d"
    monkeypatch.setenv("IOC_DATABASE__URL", "postgresql://h/other")
    monkeypatch.delenv("IOC_DATABASE__URL_FILE")
    loaded = load(Sample, toml=config)
    assert loaded.values.database.url.get_secret_value() == "postgresql://h/other"
