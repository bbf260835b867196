"""The real input beside the checkout: left out elsewhere, but never in CI."""

import json
import os
from pathlib import Path

import pytest

from city_node.contract import InputFile
from federation.model.locality import Locality
from tests.subsystems.localities import PLACES, REFORM, ward_id

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
DECEMBER = "statistics_monthly/2024-12_tables.xlsx"
JANUARY = "statistics_monthly/2025-01_tables.xlsx"
SERIES = "statistics_monthly/public_investment_to_2025-01.csv"
WEATHER = "weather/vinh_monthly_1961_2017.csv"
STATIONS = "air_traffic/vinh_station_measurements_to_2026-05-21.csv"
WARDS = "air_traffic/nghe_an_daily_by_ward_to_2026-05-21.csv"


def real_path(name: str) -> Path:
    if not DATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"the real input is missing: {DATA}")
        pytest.skip("needs ../shared/data")
    return DATA / name


def real_file(name: str) -> InputFile:
    path = real_path(name)
    return InputFile(name=path.name, content=path.read_bytes())


def real_places() -> tuple[Locality, ...]:
    """Return the test places and every commune of the official list of the province."""
    path = real_path("admin_units/current_2026-07.json")
    provinces = json.loads(path.read_text(encoding="utf-8"))
    known = {place.id for place in PLACES}
    communes = tuple(
        Locality(
            id=ward_id(ward["Code"]),
            code=ward["Code"],
            name_vi=ward["FullName"],
            name_en=ward["FullNameEn"],
            level="commune",
            parent="40",
            valid_from=REFORM,
        )
        for province in provinces
        if province["Code"] == "40"
        for ward in province["Wards"]
        if ward_id(ward["Code"]) not in known
    )
    return PLACES + communes
