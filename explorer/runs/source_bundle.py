"""Parts of this program as one piece of source: what some definitions need, without the rest, under one roof."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_PACKAGE = "explorer"
_ROOT = Path(__file__).parents[1]
_Key = tuple[str, str]  # a module ("networks.lenet") and a name that it defines


class BundleError(ValueError):
    """A definition is not there, or is made in a way that cannot be taken out of its module."""


@dataclass
class _Module:
    """A module's definitions by name, its imports, and statements that complete a class after it."""

    name: str
    source: str
    lines: list[bytes]
    definitions: dict[str, ast.stmt] = field(default_factory=dict)
    own_imports: dict[str, _Key] = field(default_factory=dict)  # "" as the name: the module itself
    other_imports: dict[str, str] = field(default_factory=dict)
    additions: dict[str, list[ast.stmt]] = field(default_factory=dict)


class Bundle:
    """Takes definitions out of the package, each after those that it needs.

    Definitions are copied as they stand, with the comments above them; where two modules use one name for different
    things, the later one is renamed.
    """

    def __init__(self) -> None:
        self._modules: dict[str, _Module] = {}
        self._names: dict[_Key, str] = {}
        self._taken: dict[str, _Key] = {}
        self._order: list[_Key] = []
        self._imports: dict[str, None] = {}

    def add(self, module: str, name: str) -> str:
        """Takes a definition and all that it needs; returns what it is called in the bundle."""
        key = self._origin((module, name))
        if key in self._names:
            return self._names[key]
        found = self._module(key[0])
        if key[1] not in found.definitions:
            raise BundleError(f"{_PACKAGE}.{key[0]} does not define {key[1]}")
        free = key[1]
        while free in self._taken:
            free = f"{free}_{key[0].rpartition('.')[2]}"
        self._names[key], self._taken[free] = free, key
        for node in (found.definitions[key[1]], *found.additions.get(key[1], [])):
            self._need(found, node)
        self._order.append(key)
        return free

    def source(self, imports: Iterable[str] = ()) -> str:
        """The imports, with `imports` among them, then the definitions."""
        parts = [self._text(key) for key in self._order]
        return "\n".join(sorted({*self._imports, *imports})) + "\n\n\n" + "\n\n\n".join(parts) + "\n"

    def _need(self, module: _Module, node: ast.AST) -> None:
        for name, attribute, is_annotation in _uses(node):
            if name in module.other_imports:
                self._imports[module.other_imports[name]] = None
            elif is_annotation:
                # Annotations stay texts; only what dataclasses look for in them must be there, and that is imported.
                continue
            elif name in module.own_imports:
                origin = module.own_imports[name]
                if origin[1]:
                    self.add(*origin)
                elif attribute:
                    self.add(origin[0], attribute)
                else:
                    raise BundleError(f"{_PACKAGE}.{module.name} passes the module {name} on")
            elif name in module.definitions:
                self.add(module.name, name)

    def _text(self, key: _Key) -> str:
        module = self._module(key[0])
        nodes = [module.definitions[key[1]], *module.additions.get(key[1], [])]
        return "\n\n".join(self._rewritten(module, node) for node in nodes)

    def _rewritten(self, module: _Module, node: ast.stmt) -> str:
        """A definition's source with names as the bundle has them."""
        first = _first_line(module, node)
        changes: list[tuple[int, int, int, str]] = []
        for line, begin, end, text in self._changes(module, node):
            changes.append((line, begin, end, text))
        lines = list(module.lines)
        for line, begin, end, text in sorted(changes, reverse=True):
            lines[line] = lines[line][:begin] + text.encode() + lines[line][end:]
        return b"\n".join(lines[first : node.end_lineno]).decode()

    def _changes(self, module: _Module, node: ast.stmt) -> Iterator[tuple[int, int, int, str]]:
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                origin = module.own_imports.get(each.value.id)
                key = None if origin is None or origin[1] else self._origin((origin[0], each.attr))
                if key in self._names and each.lineno == each.end_lineno:
                    yield each.lineno - 1, each.col_offset, each.end_col_offset or 0, self._names[key]
            elif isinstance(each, ast.Name):
                origin = module.own_imports.get(each.id)
                key = self._origin(origin if origin and origin[1] else (module.name, each.id))
                called = self._names.get(key)
                if called is not None and called != each.id:
                    yield each.lineno - 1, each.col_offset, each.end_col_offset or 0, called
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            called = self._names.get((module.name, node.name))
            if called is not None and called != node.name:
                begin = module.lines[node.lineno - 1].index(node.name.encode())
                yield node.lineno - 1, begin, begin + len(node.name.encode()), called

    def _origin(self, key: _Key) -> _Key:
        """Where a name that is imported on is defined."""
        module = self._module(key[0]) if _path(key[0]).is_file() else None
        if module is not None and key[1] in module.own_imports and module.own_imports[key[1]][1]:
            return self._origin(module.own_imports[key[1]])
        return key

    def _module(self, name: str) -> _Module:
        if name not in self._modules:
            self._modules[name] = _read(name)
        return self._modules[name]


def _read(name: str) -> _Module:
    try:
        source = _path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise BundleError(f"the source of {_PACKAGE}.{name} is not installed; a script cannot be made") from error
    module = _Module(name, source, source.encode().split(b"\n"))
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            # Of several with one name the last is the real one; those before it are overloads for the type checker.
            module.definitions[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    module.definitions[target.id] = node
                elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                    module.additions.setdefault(target.value.id, []).append(node)
                elif isinstance(target, ast.Tuple):
                    module.definitions.update({each.id: node for each in target.elts if isinstance(each, ast.Name)})
        elif isinstance(node, ast.Import):
            for alias in node.names:
                text = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
                module.other_imports[alias.asname or alias.name.partition(".")[0]] = text
        elif isinstance(node, ast.ImportFrom) and node.module:
            _take_import(module, node, node.module)
    return module


def _take_import(module: _Module, node: ast.ImportFrom, source: str) -> None:
    for alias in node.names:
        called = alias.asname or alias.name
        if source.partition(".")[0] != _PACKAGE:
            text = f"from {source} import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
            module.other_imports[called] = text
            continue
        inner = source.partition(".")[2]
        whole = f"{inner}.{alias.name}" if inner else alias.name
        module.own_imports[called] = (whole, "") if _path(whole).is_file() else (inner, alias.name)


def _uses(node: ast.AST, *, is_annotation: bool = False) -> Iterable[tuple[str, str, bool]]:
    """The names that a piece of source uses, an attribute of it or "", and whether that is in an annotation."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield node.value.id, node.attr, is_annotation
        return
    if isinstance(node, ast.Name):
        yield node.id, "", is_annotation
    for name, value in ast.iter_fields(node):
        inside = is_annotation or name in {"annotation", "returns"}
        for each in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.ClassDef) and isinstance(each, ast.AnnAssign):
                # What kind of value a field holds is looked at while the program runs.
                yield from _uses(each.annotation)
            if isinstance(each, ast.AST):
                yield from _uses(each, is_annotation=inside)


def _first_line(module: _Module, node: ast.stmt) -> int:
    """The line, counted from 0, at which a definition begins with its decorators and the comments above it."""
    decorators = getattr(node, "decorator_list", [])
    first: int = min([node.lineno, *(each.lineno for each in decorators)]) - 1
    while first and module.lines[first - 1].startswith(b"#"):
        first -= 1
    return first


def _path(name: str) -> Path:
    return _ROOT.joinpath(*name.split(".")).with_suffix(".py")
