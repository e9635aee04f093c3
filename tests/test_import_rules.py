"""The house: imports point down only, Qt stays in the window, torch stays out of its start."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from pathlib import Path

import explorer

PACKAGE = Path(explorer.__file__).parent

# Lower numbers may be imported by higher ones; what shares a number may not import each other.
LAYERS = {
    "system": 0,
    "networks": 1,
    "structure": 1,
    "data": 1,
    "foreign": 2,
    "trial_network": 2,
    "reading": 3,
    "throughput": 3,
    "timing": 3,
    "paper_check": 3,
    "runs": 4,
    "training": 5,
    "inference": 5,
    "claims": 6,
    "experiments": 7,
    "ui": 8,
    "cli": 9,
    "__main__": 10,
}


def _modules() -> list[tuple[str, Path]]:
    return [
        (".".join(path.relative_to(PACKAGE).with_suffix("").parts), path)
        for path in sorted(PACKAGE.rglob("*.py"))
        if "resources" not in path.parts and path != PACKAGE / "__init__.py"
    ]


@functools.cache
def _imports(path: Path) -> frozenset[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def test_imports_point_down_only() -> None:
    wrong = []
    for name, path in _modules():
        own = name.split(".")[0]
        for imported in _imports(path):
            parts = imported.split(".")
            if parts[0] != "explorer" or len(parts) < 2 or parts[1] not in LAYERS or parts[1] == own:
                continue
            if LAYERS[parts[1]] >= LAYERS[own]:
                wrong.append(f"{name} imports {imported}")
    assert wrong == []


def test_every_part_of_the_package_has_its_place_in_the_order() -> None:
    parts = {name.split(".")[0] for name, _ in _modules()}
    assert parts <= set(LAYERS)


def test_qt_is_imported_only_in_the_window() -> None:
    wrong = [
        name
        for name, path in _modules()
        if not name.startswith("ui.")
        for imported in _imports(path)
        if imported.split(".")[0] in {"PySide6", "pyqtgraph", "shiboken6"}
    ]
    assert wrong == []


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_the_window_is_imported_without_torch() -> None:
    assert not {"torch", "torchvision"} & _loaded_by("import explorer.ui.app")


def test_the_catalogue_is_listed_without_torch_and_without_qt() -> None:
    loaded = _loaded_by("from explorer.cli import run; run(['list', '--catalogue', '--json'])")
    assert not {"torch", "torchvision", "PySide6", "pyqtgraph"} & loaded


def test_the_experiments_are_listed_without_torch_and_without_qt() -> None:
    loaded = _loaded_by("from explorer.cli import run; run(['experiment', '--list', '--json'])")
    assert not {"torch", "torchvision", "PySide6", "pyqtgraph"} & loaded


def test_files_stay_short_enough_to_hold_one_thing() -> None:
    long = {name: lines for name, path in _modules() if (lines := len(path.read_text().splitlines())) > 450}
    assert long == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not {name.split(".")[-1] for name, _ in _modules()} & {"utils", "helpers", "base", "manager", "common"}
