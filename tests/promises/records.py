"""Records as sources push them, and files as they send them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

VIOLATIONS = "environment.violations_found"
RAIN = "environment.rain"
TEMPERATURE = "environment.temperature"
HUMIDITY = "environment.humidity"
WARD_AIR = "environment.pm25_modelled"
STATION_AIR = "environment.pm25_24h"
INVESTMENT = "socio_economic.investment_realised"

VINH_WARDS = ("16681", "16690", "16702", "16708", "16732", "17920")
COMMUNES = ("17443", "16903", "16858", "17254", "17935")
REFORM = "2025-07-01"


def place(code: str) -> str:
    """Return the id of a commune of today."""
    return f"{code}@{REFORM}"


def violations(
    code: str, day: str, found: int, *, provenance: str = "automatic"
) -> dict[str, Any]:
    """Return an inspection's day in a commune of today."""
    simulated = provenance == "simulated"
    return {
        "source": "simulated_environment" if simulated else "inspection",
        "source_key": f"{code}:{day}",
        "kind": "violations_day",
        "fields": {"locality": place(code), "day": day, "found": found},
        "provenance": provenance,
    }


def ward_air(code: str, day: str, pm25: str | None) -> dict[str, Any]:
    """Return a model's day for a commune of today."""
    return {
        "source": "ward_air_model",
        "source_key": f"{code}:{day}",
        "kind": "ward_air_day",
        "fields": {
            "locality": place(code),
            "day": day,
            "model": "openweather",
            "pm25": pm25,
        },
    }


def investment(month: str, **figures: str | None) -> dict[str, Any]:
    """Return a department's line on the province's investment in a month."""
    return {
        "source": "monthly_tables",
        "source_key": f"40:{month}",
        "kind": "investment_month",
        "fields": {"locality": "40", "month": month, "unit": "Tỷ đồng", **figures},
    }


def weather_file(path: Path, rows: Iterable[tuple[int, int, str, str, str]]) -> Path:
    """Write months of the station: year, month, temperature, rain, humidity."""
    lines = ["year,month,station,Ta,Tx,Tm,Rf,aH,rH,Sh"]
    lines += [
        f"{year},{month},Vinh,{temperature},25.1,17.2,{rain},20,{humidity},100"
        for year, month, temperature, rain, humidity in rows
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
