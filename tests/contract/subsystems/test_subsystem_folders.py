"""What every subsystem folder keeps, whoever wrote it."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import city_node.subsystems
from city_node.contract import (
    InputFile,
    MeasuredIndicator,
    Observation,
    ReadContext,
    Record,
    Subsystem,
)
from city_node.installed import available, find_subsystems
from city_node.intake.pushed import FIELD_TYPES, OPTIONAL
from federation.algebra.refusals import check_contract
from federation.errors import ErrorCode, FederationError
from federation.localities.graph import LocalityGraph
from federation.model.indicator import Measure, Text
from federation.model.locality import LEVELS
from federation.model.period import CALENDARS
from federation.model.status import Provenance

SHORT_NAME_LENGTH_MAX = 22
NOW = datetime(2026, 11, 22, tzinfo=UTC)
AGENCY = re.compile(r"[0-9A-Z]+(\.[0-9A-Z]+)*")
AGENCY_LENGTH_MAX = 35
FILES = (
    "__init__.py",
    "README.md",
    "indicators.py",
    "manifest.toml",
    "quality.toml",
    "records.py",
    "sources.py",
    "text/en.toml",
    "text/vi.toml",
)
MANIFEST = {
    "id": str,
    "version": str,
    "owner_agency": str,
    "contains_personal_data": bool,
    "minimum_cell_size": int,
}
EXAMPLES: dict[str, tuple[Any, ...]] = {
    "decimal": ("12.5", "0", None),
    "integer": (12, 0, None),
    "text": ("x", ""),
    "date": ("2026-10-05",),
    "datetime": ("2026-10-05T08:00:00+07:00",),
    "code": ("16681", "40"),
}

SUBSYSTEMS = find_subsystems(available())
INDICATORS = [
    pytest.param(subsystem, measured, id=measured.indicator.id)
    for subsystem in SUBSYSTEMS.values()
    for measured in subsystem.indicators
]
each_subsystem = pytest.mark.parametrize(
    "subsystem", SUBSYSTEMS.values(), ids=SUBSYSTEMS.keys()
)
each_indicator = pytest.mark.parametrize(("subsystem", "measured"), INDICATORS)


def folder_of(subsystem: Subsystem) -> Path:
    return Path(city_node.subsystems.__path__[0]) / subsystem.id


def assert_both_languages(text: Text) -> None:
    for said in (text.vi, text.en):
        assert said
        assert said == said.strip()


@each_subsystem
def test_a_folder_has_the_files_that_everybody_expects(subsystem: Subsystem) -> None:
    folder = folder_of(subsystem)
    assert [name for name in FILES if not (folder / name).is_file()] == []


@each_subsystem
def test_a_manifest_says_who_owns_it_and_how_data_arrives(subsystem: Subsystem) -> None:
    manifest = tomllib.loads(
        (folder_of(subsystem) / "manifest.toml").read_text(encoding="utf-8")
    )
    for name, kind in MANIFEST.items():
        assert isinstance(manifest[name], kind), name
    assert manifest["id"] == subsystem.id
    assert manifest["owner_agency"] == subsystem.owner_agency
    assert any("arriv" in name for name in manifest)


@each_subsystem
def test_every_quality_rule_has_an_answer(subsystem: Subsystem) -> None:
    rules = tomllib.loads(
        (folder_of(subsystem) / "quality.toml").read_text(encoding="utf-8")
    )
    answers = rules.get("rules", rules)
    assert answers
    for answer in answers.values():
        assert answer in ("done", "todo") or answer.keys() == {"exempt"}


@each_subsystem
def test_texts_are_the_same_in_both_languages(subsystem: Subsystem) -> None:
    texts = folder_of(subsystem) / "text"
    vi, en = (
        tomllib.loads((texts / f"{each}.toml").read_text(encoding="utf-8"))
        for each in ("vi", "en")
    )
    assert keys_of(vi) == keys_of(en)


def keys_of(tree: dict[str, Any], above: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in tree.items():
        path = f"{above}.{name}"
        found |= keys_of(value, path) if isinstance(value, dict) else {path}
    return found


@each_subsystem
def test_names_are_given_in_both_languages(subsystem: Subsystem) -> None:
    assert_both_languages(subsystem.name)
    for agency, name in subsystem.agencies.items():
        assert AGENCY.fullmatch(agency)
        assert len(agency) <= AGENCY_LENGTH_MAX
        assert_both_languages(name)
    assert subsystem.owner_agency in subsystem.agencies
    for source in subsystem.sources:
        assert_both_languages(source.name)
        assert AGENCY.fullmatch(source.publisher)
    for reader in subsystem.readers:
        assert_both_languages(reader.title)


@each_subsystem
def test_readers_and_sources_are_told_apart(subsystem: Subsystem) -> None:
    for ids in (
        [reader.id for reader in subsystem.readers],
        [source.id for source in subsystem.sources],
    ):
        assert ids
        assert len(set(ids)) == len(ids)


@each_subsystem
@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b"hello\n", b"PK\x03\x04", b"a;b\n1;2\n"]
)
def test_a_file_of_nobody_is_passed_by_or_called_unreadable(
    subsystem: Subsystem, content: bytes
) -> None:
    file = InputFile(name="thing.bin", content=content)
    context = ReadContext(now=NOW, localities=LocalityGraph(), owned=frozenset())
    for reader in subsystem.readers:
        if reader.recognises(file):
            with pytest.raises(FederationError) as caught:
                list(reader.read(file, context))
            assert caught.value.code is ErrorCode.INPUT_UNREADABLE
            assert file.name in caught.value.text_vi
            assert file.name in caught.value.text_en


@each_subsystem
def test_record_kinds_are_complete(subsystem: Subsystem) -> None:
    heard = set().union(*(each.kinds for each in subsystem.indicators))
    assert heard == subsystem.record_kinds.keys()
    for fields in subsystem.record_kinds.values():
        assert fields
        types = {wanted.removesuffix(OPTIONAL) for wanted in fields.values()}
        assert types <= FIELD_TYPES.keys()


@each_indicator
def test_an_indicator_is_well_formed(
    subsystem: Subsystem, measured: MeasuredIndicator
) -> None:
    indicator = measured.indicator
    assert re.fullmatch(rf"{subsystem.id}\.[a-z0-9_]+", indicator.id)
    for text in (
        indicator.name,
        indicator.short_name,
        indicator.definition,
        indicator.unit_text,
    ):
        assert_both_languages(text)
    assert len(indicator.short_name.vi) <= SHORT_NAME_LENGTH_MAX
    assert len(indicator.short_name.en) <= SHORT_NAME_LENGTH_MAX
    assert indicator.unit
    assert indicator.scale >= 0
    assert indicator.decimals >= 0
    assert indicator.level in LEVELS
    assert indicator.calendar in CALENDARS
    assert indicator.owner_agency in subsystem.agencies
    assert indicator.deadline_hours > 0
    for policy in (indicator.share_detail, indicator.share_rollup):
        assert policy.shared or policy.ground


@each_indicator
def test_merge_rules_fit_the_measure(
    subsystem: Subsystem, measured: MeasuredIndicator
) -> None:
    check_contract(measured.indicator)
    if measured.minimum_weight:
        assert measured.indicator.measure is Measure.WEIGHTED_MEAN


@each_subsystem
def test_a_readme_tells_the_department_how_to_send(subsystem: Subsystem) -> None:
    readme = (folder_of(subsystem) / "README.md").read_text(encoding="utf-8")
    assert f"city-node ingest {subsystem.id} " in readme


@each_indicator
def test_contributions_are_pure_and_refuse_with_a_text(
    subsystem: Subsystem, measured: MeasuredIndicator
) -> None:
    for record in example_records(subsystem, measured):
        assert contributed(measured, record) == contributed(measured, record)


def example_records(subsystem: Subsystem, measured: MeasuredIndicator) -> list[Record]:
    """Return records whose fields have the declared types, and little sense."""
    records = []
    for kind in sorted(measured.kinds):
        types = subsystem.record_kinds[kind]
        for turn in range(3):
            fields = {
                name: examples[turn % len(examples)]
                for name, wanted in types.items()
                for examples in [EXAMPLES[wanted.removesuffix(OPTIONAL)]]
            }
            records.append(
                Record(
                    subsystem=subsystem.id,
                    source=subsystem.sources[0].id,
                    source_key="k",
                    kind=kind,
                    scope="s",
                    # A contribution that writes into its record fails.
                    fields=MappingProxyType(fields),
                    provenance=Provenance.AUTOMATIC,
                )
            )
    return records


def contributed(measured: MeasuredIndicator, record: Record) -> list[Observation] | str:
    """Return what a record comes to, or the text of its refusal."""
    refused: FederationError | None = None
    observations: list[Observation] = []
    try:
        observations = list(measured.contribute(record))
    except FederationError as error:
        refused = error
    if refused is not None:
        assert refused.code in (ErrorCode.INPUT_ROW, ErrorCode.OVERFLOW)
        assert refused.text_vi
        assert refused.text_en
        return refused.text_en
    for observation in observations:
        assert observation.indicator == measured.indicator.id
        assert observation.period.frequency is measured.indicator.frequency
        assert observation.phenomenon_time.tzinfo is not None
        assert observation.status.carries_state is (observation.state is not None)
    return observations
