"""What the programs declare stands in the guide."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from federation.errors import ERROR_RULES, ErrorCode
from federation.observability.metrics import METRICS
from federation.wire.refusal import RETRIABLE, RefusalCode
from scripts.guide.commands import commands, options
from scripts.guide.indicators import subsystems
from scripts.guide.markdown import filled, names
from scripts.guide.operations import operations
from scripts.guide.settings import setting_names
from scripts.guide.tables import GUIDE, PROGRAMS, tables

ROOT = Path(__file__).parents[2]
TABLES = tables()
DOCUMENTS = sorted(GUIDE.glob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def text(name: str) -> str:
    return (GUIDE / name).read_text(encoding="utf-8")


def row_of(document: str, name: str) -> str:
    rows = [line for line in document.splitlines() if line.startswith(f"| `{name}` |")]
    assert len(rows) == 1, f"{name}: {len(rows)} rows"
    return rows[0]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_tables_say_what_the_code_says(path: Path) -> None:
    document = path.read_text(encoding="utf-8")
    assert document == filled(document, TABLES), "run scripts/write_guide"


def test_every_table_has_its_place() -> None:
    placed = [name for path in DOCUMENTS for name in names(path.read_text("utf-8"))]
    assert sorted(placed) == sorted(TABLES)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_setting_is_documented_with_its_meaning(program: str) -> None:
    settings = PROGRAMS[program][1]
    for name in setting_names(settings):
        assert not row_of(TABLES[f"settings-{program}"], name).endswith("|  |"), name


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_and_option_is_documented_in_both_languages(
    program: str,
) -> None:
    document = text("commands.md")
    for name, command in commands(PROGRAMS[program][0], program):
        assert " / " in command.help, name
        part = document.partition(f"### `{name}`\n")[2].partition("\n###")[0]
        for option in options(command):
            assert " / " in row_of(part, option), f"{name} {option}"


def test_every_metric_is_documented() -> None:
    document = text("metrics.md")
    for metric in METRICS:
        assert metric.meaning in row_of(document, metric.name)


def test_every_error_code_is_documented_with_its_statuses() -> None:
    document = text("errors.md")
    for code in ErrorCode:
        rule = ERROR_RULES[code]
        cells = [cell.strip() for cell in row_of(document, code).split("|")[1:-1]]
        again = "yes" if rule.retriable else "no"
        assert cells[1:4] == [str(rule.http_status), rule.grpc_status, again], code
        assert all(cells[4:])


def test_every_refusal_code_is_documented_with_who_acts() -> None:
    document = text("errors.md")
    for code in RefusalCode:
        cells = [cell.strip() for cell in row_of(document, code.name).split("|")[1:-1]]
        who = "itself" if code in RETRIABLE else "a person"
        assert cells[1:3] == [str(int(code)), who], code
        assert all(cells[3:])


def test_every_indicator_is_documented() -> None:
    document = text("indicators.md")
    for subsystem in subsystems().values():
        for measured in subsystem.indicators:
            indicator = measured.indicator
            row = row_of(document, indicator.id)
            assert indicator.name.vi in row
            assert indicator.name.en in row
            assert indicator.over_place.slug in row
        for source in subsystem.sources:
            assert source.publisher in row_of(document, source.id)


def test_every_rest_operation_is_documented() -> None:
    document = text("api.md").partition("## Operations")[2].partition("## Param")[0]
    for path, method, operation, at in operations():
        row = row_of(document, operation["operationId"])
        assert f"`{method.upper()} {path}`" in row
        assert at in row


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*DOCUMENTS, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_readme_draws_only_folders_that_are_there() -> None:
    drawn = re.findall(r"^(\w+)/ ", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert drawn
    assert [name for name in drawn if not (ROOT / name).is_dir()] == []


def test_programs_are_named_as_they_are_installed() -> None:
    for program, (app, _) in PROGRAMS.items():
        assert not isinstance(app, ModuleType)
        assert app.info.name == program
