"""What is said of a typed cell that holds a formula in place of a figure."""

from dataclasses import replace

from city_node.contract import Flag, Place
from city_node.sources.mapped.figures import FORMULA
from city_node.templates.headings import Heading
from federation.model.indicator import Text

NO_RESULT = Text(
    vi="công thức không có kết quả lưu kèm. Hãy mở tệp bằng phần mềm bảng tính và lưu "
    "lại, hoặc nhập thẳng số.",
    en="a formula without a stored result. Open the file in a spreadsheet program and "
    "save it, or type the figure itself.",
)


def of_formula(place: Place, heading: Heading) -> Flag:
    """Return the doubt on a figure that is the stored result of a formula."""
    return Flag(
        code=FORMULA,
        text_vi=f"Cột “{heading.text.vi}” là công thức; đã lấy kết quả lưu kèm. Nếu "
        "công thức tham chiếu tệp khác, kết quả có thể đã cũ: hãy nhập thẳng số.",
        text_en=f"The column “{heading.text.en}” is a formula; its stored result was "
        "taken. If it refers to other files that may be old: type the figure itself.",
        place=replace(place, column=heading.shown),
    )
