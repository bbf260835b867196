"""The headings of a template, in both languages, and what stands under them."""

from dataclasses import dataclass

from federation.model.indicator import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A column: its name in code, its heading, its width in characters."""

    name: str
    text: Text
    width: int
    typed: bool = False

    @property
    def shown(self) -> str:
        """Return the heading as it stands in the sheet."""
        return f"{self.text.vi} / {self.text.en}"


KEY = Heading(name="key", text=Text(vi="Khóa", en="Key"), width=4)
INDICATOR = Heading(
    name="indicator", text=Text(vi="Chỉ tiêu", en="Indicator"), width=46
)
UNIT = Heading(name="unit", text=Text(vi="Đơn vị", en="Unit"), width=16)
PLACE = Heading(name="place", text=Text(vi="Địa bàn", en="Place"), width=24)
PART = Heading(name="part", text=Text(vi="Phân tổ", en="Breakdown"), width=22)
PREVIOUS = Heading(
    name="previous", text=Text(vi="Kỳ trước", en="Previous period"), width=22
)
STANDING = Heading(name="standing", text=Text(vi="Đang có", en="Standing"), width=16)
VALUE = Heading(name="value", text=Text(vi="Giá trị", en="Value"), width=18, typed=True)
NUMERATOR = Heading(
    name="numerator", text=Text(vi="Tử số", en="Numerator"), width=18, typed=True
)
DENOMINATOR = Heading(
    name="denominator", text=Text(vi="Mẫu số", en="Denominator"), width=18, typed=True
)
NOTE = Heading(name="note", text=Text(vi="Ghi chú", en="Notes"), width=32, typed=True)

HEADINGS = (
    KEY,
    INDICATOR,
    UNIT,
    PLACE,
    PART,
    PREVIOUS,
    STANDING,
    VALUE,
    NUMERATOR,
    DENOMINATOR,
    NOTE,
)
"""All columns in their order; a reader finds them by their text."""

READ = (KEY, VALUE, NUMERATOR, DENOMINATOR, NOTE)
"""The columns that an upload is read from; the others are for the person's eyes."""
