"""The benchmarks run, and say whether what they moved is right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, main
from tests.benchmarks.report import (
    Aim,
    Checked,
    Figure,
    Growth,
    Report,
    Spread,
    table,
)
from tests.benchmarks.rounds import interleaved, speed_ratio

ROOT = Path(__file__).parents[2]


def test_durable_ingest_moves_every_row_and_answers_in_the_agreed_form() -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "durable-ingest"]
    result = subprocess.run(
        [*command, "--short", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert set(answer) == {
        "bench",
        "rounds",
        "figures",
        "ratios",
        "aims",
        "growth",
        "checked",
        "load_average",
        "versions",
    }
    assert answer["checked"] == {"rows": 3 * 4 * 100, "digest_equal": True}
    assert answer["versions"]["fsync"] == "on"
    assert answer["growth"]["sizes"] == [300.0, 600.0, 1200.0]
    assert set(answer["ratios"]) == {"copy", "copy_encoded"}
    for spread in (*answer["ratios"].values(), *answer["figures"].values()):
        assert 0 < spread["min"] <= spread["median"] <= spread["max"]
    assert {"G1", "G3"} == set(answer["aims"])
    # A frame is smaller than what carries it over the wire.
    figures = answer["figures"]
    frame, wire = figures["frame_bytes_per_row"], figures["wire_bytes_per_row"]
    assert frame["median"] < wire["median"]


def test_rollup_cost_changes_values_and_checks_every_total() -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "rollup-cost"]
    result = subprocess.run(
        [*command, "--short", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["checked"]["digest_equal"] is True
    assert answer["checked"]["rows"] > 20
    assert len(answer["growth"]["sizes"]) == len(answer["figures"]) == 3
    assert set(answer["ratios"]) == {"most stored / least stored"}
    assert set(answer["aims"]) == {"flat"}


def test_an_unknown_name_lists_what_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["nonsense"]) == 2
    said = capsys.readouterr().err
    assert "nonsense" in said
    assert all(name in said for name in BENCHMARKS)


def test_what_was_moved_wrongly_has_no_speed() -> None:
    report = Report(
        bench="some",
        rounds=1,
        figures={"speed": Figure(spread=Spread.of([7.0]), unit="rows/s")},
        ratios={"peer": Spread.of([2.0])},
        aims={"G1": Aim(value=2.0, aim=1.0)},
        growth=Growth(sizes=(1.0, 2.0), values=(1.0, 2.0)),
        checked=Checked(rows=3, wrong=("a row is missing",)),
    )
    assert report.document() == {
        "bench": "some",
        "rounds": 1,
        "checked": {"rows": 3, "digest_equal": False},
    }
    assert "a row is missing" in table(report)
    assert "7.0" not in table(report)


def test_cost_in_proportion_has_exponent_one() -> None:
    growth = Growth(sizes=(1.0, 10.0, 100.0), values=(3.0, 30.0, 300.0))
    assert growth.exponent == pytest.approx(1.0)
    square = Growth(sizes=(1.0, 10.0, 100.0), values=(1.0, 100.0, 10_000.0))
    assert square.exponent == pytest.approx(2.0)


def test_an_aim_knows_its_direction() -> None:
    assert Aim(value=1.6, aim=1.5).met
    assert not Aim(value=1.4, aim=1.5).met
    assert Aim(value=0.05, aim=0.06, at_most=True).met
    assert not Aim(value=0.07, aim=0.06, at_most=True).met


async def test_the_first_round_is_thrown_away_and_the_order_turns() -> None:
    order: list[str] = []

    async def ours(number: int) -> float:
        order.append("ours")
        return 100.0 if number == 0 else 1.0

    async def peer(number: int) -> float:
        order.append("peer")
        return 2.0 * (number + 1)

    seconds = await interleaved(
        {"ours": ours, "peer": peer}, 3, tell=lambda _text: None
    )
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer", "peer", "ours"]
    assert seconds == {"ours": [1.0, 1.0, 1.0], "peer": [4.0, 6.0, 8.0]}
    assert speed_ratio(seconds["ours"], seconds["peer"]) == Spread(
        median=6.0, minimum=4.0, maximum=8.0
    )
