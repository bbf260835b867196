"""Bad input gets a clear error at the right place, and everything else goes on.

Each case goes through the command line and through REST. A file of which nothing can be
used is refused whole (exit 2, 422); a bad row is refused alone (exit 1, 207).
"""

import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from scripts.federation_demo.layout import HOSTED, NATION, VINH, TierPlan
from tests.promises.federation import Federation
from tests.promises.records import (
    RAIN,
    VIOLATIONS,
    WARD_AIR,
    place,
    violations,
    weather_file,
)
from tests.subsystems.workbooks import mid_year_investment, workbook_bytes

BOTH = ("text_vi", "text_en")
AIR_COLUMNS = "date,ward_code,source,hourly_count," + ",".join(
    f"{name}_daily_avg" for name in ("pm25", "pm10", "co", "no2", "so2", "o3")
)


def truncated_workbook() -> bytes:
    whole = workbook_bytes({"Vốn đầu tư": mid_year_investment()})
    return whole[: len(whole) // 2]


def wrong_workbook() -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active.append(["Họ và tên", "Chức vụ", "Điện thoại"])
    workbook.active.append(["Nguyễn Văn A", "Chuyên viên", "0238"])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def unknown_encoding() -> bytes:
    """A file of a code page that nobody can tell from noise."""
    return bytes(range(128, 256)) * 40


UNREADABLE: tuple[tuple[str, TierPlan, str, Callable[[], bytes]], ...] = (
    ("cut.xlsx", HOSTED, "socio_economic", truncated_workbook),
    ("staff.xlsx", HOSTED, "socio_economic", wrong_workbook),
    ("noise.csv", VINH, "environment", unknown_encoding),
    ("empty.csv", VINH, "environment", lambda: b""),
)


async def upload(
    federation: Federation, node: TierPlan, subsystem: str, path: Path
) -> tuple[int, dict[str, Any]]:
    client = await federation.client(node)
    answer = await client.post(
        f"/files/{subsystem}", files={"file": (path.name, path.read_bytes())}
    )
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("name", "node", "subsystem", "content"), UNREADABLE, ids=[u[0] for u in UNREADABLE]
)
async def test_a_file_of_which_nothing_can_be_used_is_refused_whole(
    federation: Federation,
    tmp_path: Path,
    name: str,
    node: TierPlan,
    subsystem: str,
    content: Callable[[], bytes],
) -> None:
    path = tmp_path / name
    path.write_bytes(content())
    ran = await federation.ingest(node, subsystem, path)
    assert ran.code == 2, ran
    told = json.loads(ran.errors or ran.output)
    assert "Traceback" not in ran.errors
    assert name in json.dumps(told, ensure_ascii=False)

    status, problem = await upload(federation, node, subsystem, path)
    assert (status, problem["code"]) == (422, "input-unreadable")
    assert name in problem["detail_vi"]
    assert name in problem["detail_en"]
    assert problem["detail_vi"] != problem["detail_en"]
    await goes_on(
        federation, f"2026-07-{1 + [u[0] for u in UNREADABLE].index(name):02d}"
    )


async def goes_on(federation: Federation, day: str) -> None:
    """Check that good input still arrives at the nation."""
    await federation.push(VINH, "environment", violations("16681", day, 2))
    await federation.arrives(NATION, VIOLATIONS, place("16681"), day)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1258"])
async def test_another_encoding_is_read_as_what_it_says(
    federation: Federation, tmp_path: Path, encoding: str
) -> None:
    year = {"utf-8-sig": 1962, "utf-16": 1963, "cp1258": 1964}[encoding]
    path = tmp_path / f"{encoding}.csv"
    heading = "Năm;Tháng;Trạm;Nhiệt độ trung bình;Lượng mưa;Độ ẩm tương đối"
    path.write_bytes(
        in_encoding(f"{heading}\r\n{year};1;Vinh;17,5;20,5;85\r\n", encoding)
    )
    ran = await federation.ingest(VINH, "environment", path)
    assert ran.code == 0, ran.errors + ran.output
    seen = await federation.arrives(NATION, RAIN, "412", f"{year}-01")
    assert float(seen["value"]) == 20.5


def in_encoding(text: str, encoding: str) -> bytes:
    if encoding != "cp1258":
        return text.encode(encoding)
    # Tone marks of this code page stand behind their letters, on their own.
    tones = "̣̀́̉̃"
    out = bytearray()
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in tones)
        base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in tones))
        out += (base + tone).encode("cp1258")
    return bytes(out)


def air_file(path: Path, *rows: tuple[str, str]) -> Path:
    lines = [AIR_COLUMNS]
    lines += [f"{day},{code},openweather,144,12.5,20,200,5,1,40" for day, code in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


BAD_ROWS = (
    ("future", "2027-03-01", "16681", "2027"),
    ("unknown_code", "2026-07-11", "99999", "99999"),
    ("before_the_reform", "2026-07-12", "16663", "16663"),
)


@pytest.mark.parametrize(
    ("name", "day", "code", "named"), BAD_ROWS, ids=[row[0] for row in BAD_ROWS]
)
async def test_a_bad_row_is_refused_alone(
    federation: Federation, tmp_path: Path, name: str, day: str, code: str, named: str
) -> None:
    good_day = f"2026-08-{1 + [row[0] for row in BAD_ROWS].index(name):02d}"
    path = air_file(tmp_path / f"{name}.csv", (day, code), (good_day, "16681"))
    ran = await federation.ingest(VINH, "environment", path)
    assert ran.code == 1, ran
    status, uploaded = await upload(federation, VINH, "environment", path)
    assert status == 207, uploaded
    for report in (ran.report, uploaded):
        refused = [row for row in report["rejected"] if named in row["text_en"]]
        assert refused, report["rejected"]
        for row in refused:
            assert all(row[text] for text in BOTH)
            assert row["text_vi"] != row["text_en"]
            assert row["place"]["file"] == path.name
    assert ran.report["landed"] >= 1
    await federation.arrives(NATION, WARD_AIR, place("16681"), good_day)
    for value in await federation.values(NATION, WARD_AIR):
        assert value["period"] != day
    await goes_on(federation, good_day)


async def test_a_weather_file_with_a_month_to_come_keeps_the_others(
    federation: Federation, tmp_path: Path
) -> None:
    path = weather_file(
        tmp_path / "weather.csv",
        [(2026, 9, "27.5", "300.5", "85"), (2031, 1, "18.5", "40.5", "88")],
    )
    ran = await federation.ingest(VINH, "environment", path)
    assert (ran.code, ran.report["rejected_count"]) == (1, 1)
    [row] = ran.report["rejected"]
    assert row["place"]["row"] == 3
    await federation.arrives(NATION, RAIN, "vinh", "2026-09")
    assert await federation.value(NATION, RAIN, "vinh", "2031-01") is None


async def test_a_bad_record_of_a_bulk_push_stops_no_other(
    federation: Federation,
) -> None:
    day = "2026-08-10"
    records = [
        violations("16681", day, 1),
        violations("99999", day, 1),
        violations("16690", "2027-08-10", 1),
        {"source": "inspection"},
        violations("16690", day, 2),
    ]
    client = await federation.client(VINH)
    answer = await client.post("/records/environment/bulk", json={"records": records})
    assert answer.status_code == 207, answer.text
    rows = answer.json()["records"]
    outcomes = [row["outcome"] for row in rows]
    assert outcomes == ["landed", "rejected", "rejected", "rejected", "landed"]
    for row in rows[1:4]:
        assert row["text"]["vi"]
        assert row["text"]["en"]
    seen = await federation.arrives(NATION, VIOLATIONS, place("16690"), day)
    assert seen["value"] == "2"
