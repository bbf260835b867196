"""Contracts of the indicators that the made-up tiers know."""

from federation.api.schemas import IndicatorOut, TextOut

FINANCE = TextOut(vi="Sở Tài chính", en="Department of Finance")
NATURE = TextOut(
    vi="Sở Nông nghiệp và Môi trường", en="Department of Agriculture and Environment"
)


def text(vi: str, en: str) -> TextOut:
    return TextOut(vi=vi, en=en)


def indicator(
    name: str,
    short: TextOut,
    *,
    unit: str,
    unit_text: TextOut,
    decimals: int,
    measure: str = "sum",
    over_time: str = "sum",
    over_place: str = "sum",
    frequency: str = "month",
    calendar: str = "vn",
    level: str = "province",
    direction: str = "neutral",
    target: str | None = None,
    watch_limit: str | None = None,
    owner: TextOut = FINANCE,
    full: TextOut | None = None,
) -> IndicatorOut:
    return IndicatorOut(
        id=name,
        subsystem=name.partition(".")[0],
        name=full or short,
        short_name=short,
        definition=text(
            "Theo biểu thống kê tháng của cơ quan chủ trì.",
            "As in the monthly tables of the responsible agency.",
        ),
        unit=unit,
        unit_text=unit_text,
        scale=6,
        decimals=decimals,
        measure=measure,
        over_time=over_time,
        over_place=over_place,
        frequency=frequency,
        calendar=calendar,
        level=level,
        dimensions=[],
        owner_agency="H41.STC",
        owner_agency_name=owner,
        deadline_hours=120,
        direction=direction,
        target=target,
        watch_limit=watch_limit,
        national_code=None,
        definition_version=1,
        valid_from="2000-01-01",
        leading_basis="reported",
        contract_hash="00" * 32,
    )


BILLION = text("tỷ đồng", "bn VND")
USD = text("triệu USD", "m USD")
DUST = text("µg/m³", "µg/m³")

INDICATORS = {
    item.id: item
    for item in (
        indicator(
            "socio_economic.investment_realised",
            text("Đầu tư công thực hiện", "Public investment"),
            full=text(
                "Vốn đầu tư thực hiện từ ngân sách nhà nước",
                "Investment realised from the state budget",
            ),
            unit="billion_vnd",
            unit_text=BILLION,
            decimals=1,
            direction="up",
        ),
        indicator(
            "socio_economic.investment_against_plan",
            text("Đầu tư công so kế hoạch", "Investment against plan"),
            unit="percent",
            unit_text=text("%", "%"),
            decimals=1,
            measure="ratio",
            over_time="none",
            over_place="ratio",
            direction="up",
            target="8.3",
            watch_limit="6.5",
        ),
        indicator(
            "socio_economic.fdi_new",
            text("FDI đăng ký mới", "New FDI"),
            unit="million_usd",
            unit_text=USD,
            decimals=1,
            measure="published",
            over_time="none",
            over_place="none",
            direction="up",
        ),
        indicator(
            "socio_economic.fdi_adjusted",
            text("FDI điều chỉnh", "Adjusted FDI"),
            unit="million_usd",
            unit_text=USD,
            decimals=1,
            measure="published",
            over_time="none",
            over_place="none",
        ),
        indicator(
            "environment.pm25_modelled",
            text("Bụi mịn PM2.5 ước tính", "PM2.5, modelled"),
            unit="ug_m3",
            unit_text=DUST,
            decimals=1,
            measure="published",
            over_time="none",
            over_place="none",
            frequency="day",
            calendar="utc",
            level="commune",
            direction="down",
            target="45",
            owner=NATURE,
        ),
        indicator(
            "environment.pm25_24h",
            text("Bụi mịn PM2.5 tại trạm", "PM2.5 at station"),
            unit="ug_m3",
            unit_text=DUST,
            decimals=1,
            measure="weighted_mean",
            over_time="none",
            over_place="none",
            frequency="day",
            direction="down",
            target="45",
            owner=NATURE,
        ),
        indicator(
            "environment.temperature",
            text("Nhiệt độ trung bình", "Mean temperature"),
            unit="celsius",
            unit_text=text("°C", "°C"),
            decimals=1,
            measure="weighted_mean",
            over_time="none",
            over_place="none",
            owner=NATURE,
        ),
        indicator(
            "environment.rain",
            text("Lượng mưa", "Rainfall"),
            unit="millimetre",
            unit_text=text("mm", "mm"),
            decimals=1,
            over_place="none",
            owner=NATURE,
        ),
        indicator(
            "environment.violations_found",
            text("Vi phạm môi trường phát hiện", "Violations found"),
            unit="case",
            unit_text=text("vụ", "cases"),
            decimals=0,
            frequency="day",
            level="commune",
            direction="down",
            target="30",
            watch_limit="60",
            owner=NATURE,
        ),
    )
}
