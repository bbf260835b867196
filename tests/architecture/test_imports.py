"""The structure that the documents draw is the structure of the code."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = ("city_node", "province_hub", "dashboard")
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70


def sources() -> list[Path]:
    return [
        path
        for package in ("federation", *PROGRAMS, "scripts", "tests")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "wire/v1" not in path.as_posix()
    ]


def test_import_contracts_are_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run(
        [str(linter), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_files_and_functions_stay_readable() -> None:
    too_long = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > FILE_LINES_MAX:
            too_long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    too_long.append(f"{path.name}:{node.lineno} {node.name}: {lines}")
    assert too_long == []
