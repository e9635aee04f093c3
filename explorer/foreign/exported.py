"""A program of `torch.export` (.pt2) as a network, rebuilt from the archive's description of it alone.

`torch.export.load` is not used, for it does what a file says: it unpickles constants without restriction
(`weights_only=False` and `pickle.loads` in torch/export/pt2_archive/_package.py), and hands the expressions of sizes
to sympy, which evaluates them as Python (`sympy.sympify` in torch/_export/serde/serialize.py). Here the JSON in the
archive is read and nothing else: operations become layers and functions of torch found in fixed tables, sizes are the
numbers of the example, weights are not read at all. It happens in a child process all the same: what remains is a
fault in torch's own functions, met with shapes that a stranger chose.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from explorer.foreign.errors import ForeignError
from explorer.foreign.exported_calls import BATCH, Call, Value, read_call, shape_of
from explorer.foreign.exported_layers import Opaque, base_name, function_for, layer_for, own_name
from explorer.structure.graph import Shape

_DESCRIPTION_LIMIT = 200_000_000
_MOST_CALLS = 200_000
_DEEPEST = 60
# Operations whose sizes hold the number of images that the example had.
_SIZED = frozenset({"view", "reshape", "_unsafe_view", "expand", "zeros", "ones", "empty", "full"})


@dataclass(frozen=True)
class Program:
    title: str
    network: nn.Module
    input_shape: Shape


def read(path: Path) -> Program:
    """The network that an exported program describes, on the meta device.

    Raises:
        ForeignError: the file is damaged, is another kind of archive, or its program takes other things than one image.
    """
    description = _description(path)
    try:
        return _Rebuilding(path, description).program()
    except ForeignError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, RuntimeError) as error:
        raise ForeignError(f"{path.name} is damaged, or its form is that of a torch that is not known here") from error


def _description(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [
                name
                for name in archive.namelist()
                if ("/models/" in f"/{name}" and name.endswith(".json"))
                or name.rpartition("/")[2] == "serialized_exported_program.json"
            ]
            if not names:
                raise ForeignError(f"{path.name} holds no program of torch.export; write one with torch.export.save")
            with archive.open(names[0]) as stream:
                content = stream.read(_DESCRIPTION_LIMIT + 1)
        if len(content) > _DESCRIPTION_LIMIT:
            raise ForeignError(f"{path.name} describes its program at too great a length to be read")
        return json.loads(content)
    except ForeignError:
        raise
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        ValueError,
        RecursionError,
        EOFError,
        RuntimeError,
    ) as error:
        # NotImplementedError, for packings that Python does not know, is a RuntimeError.
        raise ForeignError(f"{path.name} is damaged, cut off, or no program of torch.export") from error
    except OSError as error:
        raise ForeignError(f"{path} cannot be read: {error.strerror or error}") from error


class Block(nn.Module):
    """A module of the program: calls that follow one another, and the names of the values between them."""

    def __init__(self) -> None:
        super().__init__()
        self.takes: tuple[str, ...] = ()
        self.gives: tuple[str, ...] = ()
        self.steps: list[tuple[Any, Call]] = []  # the path of a module below this one, or a function
        self.attributes: dict[str, str] = {}  # the weights that functions use: by the file's name for them, ours

    def forward(self, *values: Any) -> Any:
        known = dict(zip(self.takes, values, strict=True))

        def filled(value: Any) -> Any:
            if isinstance(value, Value):
                return (
                    getattr(self, self.attributes[value.name]) if value.name in self.attributes else known[value.name]
                )
            return [filled(member) for member in value] if isinstance(value, list) else value

        for step, call in self.steps:
            run = self.get_submodule(step) if isinstance(step, str) else step
            result = run(*map(filled, call.arguments), **{name: filled(value) for name, value in call.named.items()})
            if call.gives_list:
                known.update({name: result[position] for position, name in enumerate(call.results)})
            else:
                known[call.results[0]] = result
        given = tuple(known[name] for name in self.gives)
        return given[0] if len(given) == 1 else given


class _Program(Block):
    """The whole: it takes one image, and knows how many there are of it."""

    def forward(self, image: Any) -> Any:
        return super().forward(image, image.shape[0]) if BATCH.name in self.takes else super().forward(image)


class _Rebuilding:
    def __init__(self, path: Path, description: Any) -> None:
        self.file = path.name
        module = description["graph_module"]
        graph = module["graph"]
        self.sizes: Mapping[str, Any] = graph["tensor_values"]
        self.weights: dict[str, Tensor] = {}
        self.places: dict[str, str] = {}  # where each weight was in the network, by the file's name for it
        images = []
        for spec in module["signature"]["input_specs"]:
            ((kind, said),) = spec.items()
            if kind == "user_input":
                images.append(said["arg"])
            else:
                self._take_weight(kind, said)
        if len(images) != 1 or "as_tensor" not in images[0]:
            raise ForeignError(f"{self.file} takes {len(images)} inputs; a network that is shown takes one, images")
        self.image = str(images[0]["as_tensor"]["name"])
        shape = shape_of(self.sizes, self.image)
        self.batch, self.input_shape = shape[0], shape[1:]
        self.calls = self._with_batch(
            [read_call(node, self.sizes) for node in graph["nodes"][:_MOST_CALLS] if node["outputs"]]
        )
        self.outputs = tuple(str(said["as_tensor"]["name"]) for said in graph["outputs"] if "as_tensor" in said)
        self.last_use = {name: position for position, call in enumerate(self.calls) for name in call.uses()}
        self.last_use.update(dict.fromkeys(self.outputs, len(self.calls)))

    def program(self) -> Program:
        first = next((call.stack[0] for call in self.calls if call.stack), None)
        title = first.type_name if first is not None and first.type_name.isidentifier() else Path(self.file).stem
        root = type(title if title.isidentifier() else "Program", (_Program,), {})()
        uses_batch = any(BATCH.name in call.uses() for call in self.calls)
        root.takes = (self.image, BATCH.name) if uses_batch else (self.image,)
        root.gives = self.outputs
        self._fill(root, "", (0, len(self.calls)), 1)
        kept = {id(parameter) for parameter in root.parameters()}
        for name, weight in self.weights.items():
            if isinstance(weight, nn.Parameter) and id(weight) not in kept:
                root.register_parameter(self.places[name].replace(".", "_"), weight)
        return Program(title, root.eval(), self.input_shape)

    def _take_weight(self, kind: str, said: Mapping[str, Any]) -> None:
        name = str(said["arg"]["name"])
        if name not in self.sizes:
            raise ForeignError(f"{self.file} takes objects beside its image, which cannot be shown")
        place = next((str(said[key]) for key in said if key.endswith("_name")), name)
        empty = torch.empty(shape_of(self.sizes, name), device="meta")
        is_trained = bool(self.sizes[name].get("requires_grad", True))
        self.weights[name] = nn.Parameter(empty, requires_grad=is_trained) if kind == "parameter" else empty
        self.places[name] = place

    def _with_batch(self, calls: list[Call]) -> list[Call]:
        """Calls whose sizes name the example's number of images get the number there is, where they mean it."""
        depends = {self.image}
        changed = []
        for call in calls:
            on_image = any(name in depends for name in call.uses())
            name = base_name(call.target)
            if on_image:
                depends.update(call.results)
            at = 0 if name in {"zeros", "ones", "empty", "full"} else 1
            size = call.argument(at, "size")
            means_it = on_image or name == "expand" or (self.batch > 1 and name in _SIZED)
            if (
                name in _SIZED
                and isinstance(size, list)
                and size[:1] == [self.batch]
                and means_it
                and at < len(call.arguments)
            ):
                arguments = list(call.arguments)
                arguments[at] = [BATCH, *size[1:]]
                call = Call(**{**call.__dict__, "arguments": tuple(arguments)})  # noqa: PLW2901 - the same, mended
                depends.update(call.results)
            changed.append(call)
        return changed

    def _fill(self, block: Block, path: str, span: tuple[int, int], depth: int) -> None:
        """Puts the calls of a span into a block, and those of inner modules into blocks of their own."""
        if depth > _DEEPEST:
            raise ForeignError(f"{self.file} has modules nested more than {_DEEPEST} deep")
        position, end = span
        while position < end:
            call = self.calls[position]
            if len(call.stack) <= depth:
                self._add_function(block, path, call)
                position += 1
                continue
            key, after = call.stack[depth].key, position + 1
            while after < end and len(self.calls[after].stack) > depth and self.calls[after].stack[depth].key == key:
                after += 1
            self._add_module(block, path, (position, after), depth)
            position = after

    def _add_module(self, block: Block, path: str, span: tuple[int, int], depth: int) -> None:
        begin, end = span
        call, frame = self.calls[begin], self.calls[begin].stack[depth]
        name = frame.path.removeprefix(f"{path}.") if path else frame.path
        if end - begin == 1 and len(call.stack) == depth + 1:
            layer = layer_for(call, self.weights)
            if layer is not None:
                made, data = layer
                block.steps.append((_place(block, name, made), Call("", (data,), {}, call.results[:1], False, (), ())))
            else:
                self._add_function(block, path, call)
            return
        inner = type(frame.type_name if frame.type_name.isidentifier() else "Block", (Block,), {})()
        inside = self.calls[begin:end]
        produced = dict.fromkeys(result for each in inside for result in each.results)
        used = dict.fromkeys(value for each in inside for value in each.uses())
        inner.takes = tuple(value for value in used if value not in produced and value not in self.weights)
        inner.gives = tuple(value for value in produced if self.last_use.get(value, -1) >= end)
        self._fill(inner, frame.path, span, depth + 1)
        arguments = tuple(Value(value) for value in inner.takes)
        step = _place(block, name, inner, is_block=True)
        block.steps.append((step, Call("", arguments, {}, inner.gives, len(inner.gives) != 1, (), ())))

    def _add_function(self, block: Block, path: str, call: Call) -> None:
        function = function_for(call)
        for name in call.uses():
            if name in self.weights and name not in block.attributes:
                block.attributes[name] = self._attribute(block, path, name)
        if function is not None:
            block.steps.append((function, call))
            return
        name = own_name(call.target)
        opaque = type(name, (Opaque,), {})(call.shape, call.shape[:1] == (self.batch,))
        values = tuple(Value(used) for used in dict.fromkeys(call.uses()) if used in self.sizes)
        step = _place(block, name, opaque, is_block=True)
        block.steps.append((step, Call("", values, {}, call.results[:1], False, (), ())))

    def _attribute(self, block: Block, path: str, name: str) -> str:
        place = self.places[name]
        wanted = (place.removeprefix(f"{path}.") if path else place).replace(".", "_")
        while hasattr(block, wanted):
            wanted += "_"
        weight = self.weights[name]
        if isinstance(weight, nn.Parameter):
            block.register_parameter(wanted, weight)
        else:
            block.register_buffer(wanted, weight)
        return wanted


def _place(block: Block, name: str, module: nn.Module, *, is_block: bool = False) -> str:
    """Puts a module below a block, under its own path there or the next that is free; returns the path.

    A layer that is called again is the one that is there already.
    """
    *containers, last = name.split(".")
    holder: nn.Module = block
    for container in containers:
        if container not in holder._modules:  # noqa: SLF001 - attributes of other kinds do not count
            holder.add_module(container, nn.Module())
        holder = holder.get_submodule(container)
    free, count = last, 1
    while hasattr(holder, free):
        existing = holder._modules.get(free)  # noqa: SLF001 - as above
        if existing is not None and not is_block and type(existing) is type(module):
            return ".".join([*containers, free])
        count += 1
        free = f"{last}_{count}"
    holder.add_module(free, module)
    return ".".join([*containers, free])
