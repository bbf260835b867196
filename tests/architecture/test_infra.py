"""What is shipped for installations fits the programs."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from city_node.installed import available
from federation.localities.areas import read_areas
from federation.observability.metrics import METRICS, Kind
from federation.settings import load
from scripts.guide.commands import commands
from scripts.guide.tables import PROGRAMS

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
UNITS = sorted((INFRA / "systemd").glob("*.service"))
EXAMPLES = sorted((INFRA / "examples").glob("*.toml"))
METRIC_NAME = re.compile(r"\bioc_[a-z0-9_]+")
# How a histogram is asked.
SUFFIXES = ("_bucket", "_count", "_sum")


def yaml_of(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules() -> Iterator[dict[str, Any]]:
    for group in yaml_of(INFRA / "prometheus" / "alerts.yml")["groups"]:
        yield from group["rules"]


def runs(arguments: list[str]) -> tuple[str, str]:
    """Return program and settings file of a command that is known to exist."""
    program = Path(arguments[0]).name
    known = {name for name, _ in commands(PROGRAMS[program][0], program)}
    assert f"{program} {arguments[1]}" in known
    assert arguments[2] == "--config"
    return program, arguments[3]


def test_there_is_an_example_and_a_unit_for_every_program() -> None:
    assert {path.stem for path in EXAMPLES} == set(PROGRAMS)
    assert {path.stem for path in UNITS} == set(PROGRAMS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_valid_settings(path: Path, tmp_path: Path) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql://ioc:x@127.0.0.1/ioc\n")
    here = path.read_text(encoding="utf-8").replace(
        "/etc/ioc/secrets/database_url", str(secret)
    )
    copy = tmp_path / path.name
    copy.write_text(here, encoding="utf-8")
    settings: Any = load(PROGRAMS[path.stem][1], toml=copy).values
    if path.stem == "city-node":
        assert set(settings.subsystems) <= set(available())


def test_the_examples_fit_each_other() -> None:
    hub, node, page = (
        tomllib.loads((INFRA / "examples" / f"{name}.toml").read_text("utf-8"))
        for name in ("province-hub", "city-node", "ioc-dashboard")
    )
    assert node["parent"]["address"].endswith(f":{hub['uplinks']['port']}")
    assert page["tier"]["api_url"].endswith(f":{node['api']['port']}")
    assert page["tier"]["level"] == node["tier"]["level"]


def test_the_example_node_speaks_for_an_area_that_is_listed() -> None:
    content = (INFRA / "demo" / "nghe-an" / "areas.toml").read_bytes()
    places = {place.id for place in read_areas(content, name="areas.toml")}
    node = tomllib.loads((INFRA / "examples" / "city-node.toml").read_text("utf-8"))
    assert {one for area in node["areas"] for one in area["localities"]} <= places


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_units_start_commands_that_exist_and_stay_confined(path: Path) -> None:
    unit = path.read_text(encoding="utf-8")
    started = re.search(r"^ExecStart=(.+)$", unit, re.M)
    assert started
    program, config = runs(shlex.split(started[1]))
    assert program == path.stem
    assert config == f"/etc/ioc/{program}.toml"
    for line in ("User=ioc", "NoNewPrivileges=true", "ProtectSystem=strict"):
        assert line in unit.splitlines()
    documented = re.search(r"^Documentation=file:/opt/ioc-federation/(.+)$", unit, re.M)
    assert documented
    assert (ROOT / documented[1]).is_file()


def test_compose_starts_commands_that_exist() -> None:
    compose = yaml_of(INFRA / "compose" / "compose.yaml")
    started = [
        runs(service["command"])
        for service in compose["services"].values()
        if "command" in service
    ]
    assert {program for program, _ in started} == set(PROGRAMS)
    assert all(config == f"/etc/ioc/{program}.toml" for program, config in started)


def test_compose_opens_the_ports_of_the_examples() -> None:
    services = yaml_of(INFRA / "compose" / "compose.yaml")["services"]
    read = {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES
    }
    hub, node = read["province-hub"], read["city-node"]
    opened = {
        "hub": {hub["api"]["port"], hub["uplinks"]["port"]},
        "node": {node["api"]["port"]},
        "page": {read["ioc-dashboard"]["port"]},
    }
    for name, ports in opened.items():
        given = {int(port.rpartition(":")[2]) for port in services[name]["ports"]}
        assert given == ports, name


def test_compose_refers_to_files_and_names_that_are_there() -> None:
    compose = yaml_of(INFRA / "compose" / "compose.yaml")
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= compose["secrets"].keys()
        if "build" in service:
            context = INFRA / "compose" / service["build"]["context"]
            assert (context / service["build"]["dockerfile"]).is_file()
    container = (INFRA / "compose" / "Containerfile").read_text(encoding="utf-8")
    for copied in re.findall(r"^COPY (.+) \S+$", container, re.M):
        for source in copied.split():
            assert (ROOT / source).exists(), source


def test_alerts_ask_only_for_metrics_that_exist() -> None:
    known = {metric.name for metric in METRICS}
    known |= {
        metric.name + suffix
        for metric in METRICS
        if metric.kind is Kind.HISTOGRAM
        for suffix in SUFFIXES
    }
    for rule in rules():
        asked = set(METRIC_NAME.findall(rule["expr"]))
        assert asked <= known, rule["alert"]
        assert asked or "up" in rule["expr"]


def test_alerts_speak_both_languages_and_say_what_to_do() -> None:
    for rule in rules():
        assert " / " in rule["annotations"]["summary"], rule["alert"]
        assert rule["annotations"]["action"], rule["alert"]
        for document in re.findall(r"docs/\S+\.md", rule["annotations"]["action"]):
            assert (ROOT / document).is_file()


def test_prometheus_reads_the_rules_and_names_jobs_after_programs() -> None:
    config = yaml_of(INFRA / "prometheus" / "prometheus.yml")
    for name in config["rule_files"]:
        assert (INFRA / "prometheus" / name).is_file()
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    assert jobs == set(PROGRAMS) - {"ioc-dashboard"}
