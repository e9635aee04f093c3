"""Tracing by running: the forward function runs once without data, and every layer and function it calls is noted.

This follows what torch.fx cannot: decisions by values, loops, any kind of arguments. A value that only real data would
give is taken to be "yes" when it is first asked for at a place in the code and "no" from then on, so that loops end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.structure.dry_run import DryRun
from explorer.structure.failure_reasons import is_too_large, own_words, reason_for
from explorer.structure.function_calls import function_name, is_in_place, tensors_in
from explorer.structure.graph import Shape
from explorer.structure.trace_fx import is_leaf
from explorer.structure.trace_nodes import BATCH, Call
from explorer.structure.trace_record import Recorder
from explorer.structure.watch import Watch

# What asks a tensor for a number; "yes" and 1 stand for what only data would tell.
_QUESTIONS: dict[str, Callable[[bool], Any]] = {
    "__bool__": bool,
    "__int__": int,
    "__float__": float,
    "__index__": int,
    "item": float,
    "is_nonzero": bool,
    "equal": bool,
    "allclose": bool,
}
# What takes a tensor's values out of torch.
_EXITS = frozenset({"numpy", "tolist", "__array__", "data_ptr", "untyped_storage", "storage"})
# What a network raises that refuses an input; other errors come with any input.
_REFUSALS = (RuntimeError, ValueError, AssertionError, IndexError, ArithmeticError)
_TORCH = str(Path(torch.__file__).parent)
# A forward function that never ends is stopped here.
_MOST_CALLS = 200_000


class CannotRunError(Exception):
    """A forward function fails outside of any layer: `reason` says why in a sentence, `where` is the module's path.

    `input_matters` says whether another input may help.
    """

    def __init__(self, reason: str, where: str, *, input_matters: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where
        self.input_matters = input_matters


def run(recorder: Recorder, shape: Shape, dry: DryRun, watch: Watch) -> tuple[bool, str]:
    """Runs a network without data and writes down what happens.

    Gives whether it reached its end (where it fails at a layer that is recorded too), and a sentence on the values
    that were made up, "" for none.

    Raises:
        CannotRunError: it fails outside of any layer.
        Cancelled: the user no longer wants it.
    """
    calls = _Calls(recorder, dry, watch)
    failed = False
    with _noting_modules(recorder.skeleton, calls), torch.no_grad(), calls:
        try:
            _start(recorder, shape)
        except watch.cancelled_error:
            raise
        except _StoppedError:
            failed = True
        except CannotRunError:
            raise
        except Exception as error:
            matters = isinstance(error, _REFUSALS)
            raise CannotRunError(own_words(error), calls.block, input_matters=matters) from error
    return not failed, calls.remark()


def _start(recorder: Recorder, shape: Shape) -> None:
    """Calls the network with as many batches of images as it asks for, or with a dictionary of them."""
    names = _arguments(recorder.skeleton)
    try:
        recorder.skeleton(*_batches(recorder, shape, names))
    except (TypeError, IndexError, KeyError) as error:
        # A tensor was used as a dictionary; nothing has run yet then.
        asked = isinstance(error, KeyError) or "indices" in str(error) or "index" in str(error)
        if recorder.failure is not None or not asked or any(node.kind.value != "input" for node in recorder.nodes):
            raise
        recorder.forget_inputs()
        recorder.skeleton(_Images(recorder, shape))


def _batches(recorder: Recorder, shape: Shape, names: list[str]) -> list[Tensor]:
    return [_input(recorder, name, shape) for name in names]


def _input(recorder: Recorder, name: str, shape: Shape) -> Tensor:
    # An input is no operation of the network.
    with torch._C.DisableTorchFunction():  # noqa: SLF001 - the public one leaves modes on
        value = torch.empty(BATCH, *shape, device="meta")
        recorder.input("input" if not recorder.nodes else name, value)
    return value


def _arguments(network: nn.Module) -> list[str]:
    """The names of the arguments that a forward function needs; at least one."""
    code = getattr(type(network).forward, "__code__", None)
    if code is None:
        return ["input"]
    names = list(code.co_varnames[1 : code.co_argcount])
    defaults = getattr(type(network).forward, "__defaults__", None) or ()
    return names[: max(len(names) - len(defaults), 1)] or ["input"]


class _Images(dict[str, Any]):
    """A dictionary that holds a batch of images under any name."""

    def __init__(self, recorder: Recorder, shape: Shape) -> None:
        super().__init__()
        self._recorder = recorder
        self._shape = shape

    def __missing__(self, key: str) -> Tensor:
        value = _input(self._recorder, str(key), self._shape)
        self[key] = value
        return value

    def get(self, key: str, _default: Any = None) -> Tensor:
        value: Tensor = self[key]
        return value

    def __contains__(self, _key: object) -> bool:
        return True


class _StoppedError(BaseException):
    """The network failed at a layer, which is recorded; not for the network's own `except Exception`."""


class _Calls(TorchFunctionMode):
    """Sees every function of torch that is called, and is told of every module."""

    def __init__(self, recorder: Recorder, dry: DryRun, watch: Watch) -> None:
        super().__init__()
        self.recorder = recorder
        self.dry = dry
        self.watch = watch
        self.stack: list[str] = []
        self.inside_leaf = 0
        self.calls = 0
        self.made_up: dict[tuple[str, int], int] = {}

    @property
    def block(self) -> str:
        return self.recorder.enter(self.stack)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in _QUESTIONS and any(tensor.is_meta for tensor in tensors_in((args, kwargs))):
            return self._answer(name, args)
        if name in _EXITS and any(tensor.is_meta for tensor in tensors_in((args, kwargs))):
            said = name.strip("_")
            raise CannotRunError(f"the forward function takes values out of torch ({said})", self.block)
        if name == "__getitem__" and isinstance(args[1], str):
            raise TypeError("indices of a tensor are no words: the network takes a dictionary")
        if self.inside_leaf:
            moved, named = self.dry.to_meta((list(args), kwargs))
            return func(*moved, **named)
        if name == "__get__" and not _gives_tensor(func):
            return func(*args, **kwargs)
        self._count()
        return self._function(func, args, kwargs)

    def _function(self, func: Any, args: Any, kwargs: Any) -> Any:
        name = function_name(func)
        call = Call(name, self.block, args, kwargs, func)
        in_place = is_in_place(func, name, args, kwargs)
        try:
            if in_place:
                moved, named = self.dry.to_meta((list(args), kwargs))
                result, products = func(*moved, **named), None
                result = args[0] if result is None or (args and result is moved[0]) else result
            else:
                result, products = self.dry.function(func, name, args, kwargs)
        except Exception as error:
            if not list(tensors_in((args, kwargs))):
                raise
            if isinstance(error, TypeError | IndexError) and name == "getitem":
                # A tensor that is used as something else: no fault of a layer.
                raise
            self.recorder.failed(call, reason_for(call, error), too_large=is_too_large(call))
            raise _StoppedError from error
        self.recorder.ran(call, result, products)
        return result

    def layer(self, module: nn.Module, path: str, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Runs a module in place of its forward function."""
        if self.inside_leaf:
            return forward(*args, **kwargs)
        self._count()
        if not is_leaf(module):
            self.stack.append(path)
            result = forward(*args, **kwargs)
            self.stack.pop()
            return result
        # What happens from here on, the book-keeping included, is no operation of the network.
        self.inside_leaf += 1
        try:
            call = Call(path, self.block, args, kwargs, module=module)
            try:
                result, products = self.dry.layer(module, args, kwargs)
            except CannotRunError:
                raise
            except Exception as error:
                self.recorder.failed(call, reason_for(call, error), too_large=is_too_large(call))
                raise _StoppedError from error
            self.recorder.ran(call, result, products)
        finally:
            self.inside_leaf -= 1
        return result

    def _answer(self, name: str, args: Any) -> Any:
        place = _place()
        asked = self.made_up.get(place, 0)
        self.made_up[place] = asked + 1
        value = _QUESTIONS[name](asked == 0)
        if name == "item" and args and not args[0].is_floating_point():
            return bool(value) if args[0].dtype is torch.bool else int(value)
        return value

    def _count(self) -> None:
        self.calls += 1
        if self.calls % 256 == 0:
            self.watch.report("Running the forward function", None)
        if self.calls > _MOST_CALLS:
            raise CannotRunError(f"the forward function makes more than {_MOST_CALLS:,} calls", self.block)

    def remark(self) -> str:
        """A sentence on the values that were made up, if any were."""
        if not self.made_up:
            return ""
        lines = sorted({f"{file} line {line}" if line else file for file, line in self.made_up})
        places = ", ".join(lines[:3]) + (f" and {len(lines) - 3} more" if len(lines) > 3 else "")
        return f"the forward function decides by values ({places}); shown is its way when the first answer is yes"


class _noting_modules:  # noqa: N801 - reads as a statement
    """Puts itself before the forward functions of a copy's modules, and takes itself away again."""

    def __init__(self, skeleton: nn.Module, calls: _Calls) -> None:
        self._skeleton = skeleton
        self._calls = calls
        self._changed: list[tuple[nn.Module, Any]] = []

    def __enter__(self) -> None:
        for path, module in self._skeleton.named_modules():
            if not path:
                continue
            self._changed.append((module, module.__dict__.get("forward")))
            module.__dict__["forward"] = self._noted(module, path)

    def __exit__(self, *_: object) -> None:
        for module, own in self._changed:
            if own is None:
                del module.__dict__["forward"]
            else:
                module.__dict__["forward"] = own

    def _noted(self, module: nn.Module, path: str) -> Callable[..., Any]:
        calls, forward = self._calls, module.forward

        def noted(*args: Any, **kwargs: Any) -> Any:
            return calls.layer(module, path, forward, args, kwargs)

        return noted


def _gives_tensor(func: Any) -> bool:
    return getattr(getattr(func, "__self__", None), "__name__", "") in {"T", "mT", "H", "mH", "real", "imag", "data"}


def _place() -> tuple[str, int]:
    """The file and line of the network's code that asks for a value."""
    frame = sys._getframe(2)  # noqa: SLF001 - the only way to the caller
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_TORCH) and name != __file__:
            return Path(name).name, frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return "", 0
