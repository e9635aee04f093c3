"""What a training run is told: one frozen value that validates itself and survives a trip through JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from explorer.data import datasets
from explorer.data.augmentation import Augmentation
from explorer.networks import catalogue
from explorer.training.twin import Twin

Optimiser = Literal["adamw", "adam", "sgd"]
Schedule = Literal["one_cycle", "cosine", "step", "constant"]
Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class TrainingConfig:
    """All that decides how a run goes, besides the machine.

    `options` is an instance of the architecture's options type (None: its defaults). `loss` is "" for the
    architecture's own. `learning_rate` is the peak of the schedule. `extra_digits` built-in digits, drawn anew each
    epoch, are mixed into each epoch of a digit data set. `threads` 0 means chosen by measurement.

    `warm_up_epochs` is a linear rise to the learning rate before the schedule begins; with 0 one cycle rises over its
    first fifth and the others start at the top. `gradient_clipping` is the largest norm of all gradients together (0:
    not clipped). `averaging` is the decay of an exponential moving average of the weights for each step (0: none); the
    average is then what is evaluated and saved. `precision` bfloat16 is mixed precision; auto is that
    where a step has enough work and the processor is made for it. `validation_share` of the training images is held
    out, so that the best epoch is not chosen on the test set. `compiled` uses torch.compile, `captured` CUDA graphs.
    `twin_of` is a network whose first weights this one takes over where names and shapes match (None: its own alone).

    Raises:
        ValueError: a value is out of range or does not fit the architecture; the message says what would.
    """

    architecture: str = "lenet5"
    options: Any = None
    dataset: str = "mnist"
    epochs: int = 10
    batch_size: int = 128
    optimiser: Optimiser = "adamw"
    learning_rate: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 0.01
    schedule: Schedule = "one_cycle"
    label_smoothing: float = 0.0
    loss: str = ""
    augmentation: Augmentation = field(default_factory=Augmentation)
    extra_digits: int = 0
    seed: int = 0
    device: Device = "auto"
    threads: int = 0
    nesterov: bool = True
    warm_up_epochs: float = 0.0
    gradient_clipping: float = 0.0
    averaging: float = 0.0
    precision: Precision = "float32"
    validation_share: float = 0.0
    compiled: bool = False
    captured: bool = False
    twin_of: Twin | None = None

    def __post_init__(self) -> None:
        architecture = catalogue.get(self.architecture)
        if self.options is None:
            object.__setattr__(self, "options", architecture.options_type())
        if not isinstance(self.options, architecture.options_type):
            raise ValueError(  # noqa: TRY004 - one kind of error tells of every value that does not fit
                f"options of {self.architecture} are a {architecture.options_type.__name__}"
            )
        losses = architecture.interface(self.options).losses
        if not self.loss:
            object.__setattr__(self, "loss", losses[0])
        _check_choice("loss", self.loss, losses)
        _check_choice("optimiser", self.optimiser, get_args(Optimiser))
        _check_choice("schedule", self.schedule, get_args(Schedule))
        _check_choice("device", self.device, get_args(Device))
        _check_choice("precision", self.precision, get_args(Precision))
        _check_range("epochs", self.epochs, 1, 100_000)
        _check_range("batch_size", self.batch_size, 1, 65_536)
        _check_range("learning_rate", self.learning_rate, 1e-9, 100)
        _check_range("momentum", self.momentum, 0, 0.9999)
        _check_range("weight_decay", self.weight_decay, 0, 10)
        _check_range("label_smoothing", self.label_smoothing, 0, 0.9)
        _check_range("extra_digits", self.extra_digits, 0, 10_000_000)
        _check_range("seed", self.seed, 0, 2**63 - 1)
        _check_range("threads", self.threads, 0, 256)
        _check_range("warm_up_epochs", self.warm_up_epochs, 0, 1_000)
        _check_range("gradient_clipping", self.gradient_clipping, 0, 1e6)
        _check_range("averaging", self.averaging, 0, 0.999999)
        _check_range("validation_share", self.validation_share, 0, 0.5)
        for name in ("nesterov", "compiled", "captured"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} is true or false, not {getattr(self, name)!r}")  # noqa: TRY004 - as above
        for name in ("epochs", "batch_size", "extra_digits", "seed", "threads"):
            _check_whole(name, getattr(self, name))
        if self.twin_of is not None and not isinstance(self.twin_of, Twin):
            raise ValueError(f"twin_of is a Twin or None, not {self.twin_of!r}")
        if not isinstance(self.augmentation, Augmentation):
            raise ValueError(  # noqa: TRY004 - one kind of error tells of every value that does not fit
                f"augmentation is an Augmentation, not {self.augmentation!r}"
            )
        if self.extra_digits and not datasets.get(self.dataset).digits:
            raise ValueError(f"built-in digits can be mixed into a data set of digits, not into {self.dataset}")

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> TrainingConfig:
        """The config that `to_json` gave.

        Raises:
            ValueError: a key or a value does not fit this version of the program.
        """
        values = dict(stored)
        try:
            architecture = catalogue.get(str(values.get("architecture", "lenet5")))
            if isinstance(values.get("options"), dict):
                values["options"] = architecture.options_type(**values["options"])
            if isinstance(values.get("augmentation"), dict):
                values["augmentation"] = Augmentation(**values["augmentation"])
            if isinstance(values.get("twin_of"), dict):
                values["twin_of"] = Twin.from_json(values["twin_of"])
            return cls(**values)
        except TypeError as error:
            raise ValueError(f"the stored training configuration does not fit this version: {error}") from error


def _check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is one of {', '.join(map(str, choices))}, not {value!r}")


def _check_whole(name: str, value: object) -> None:
    if not isinstance(value, int):
        raise ValueError(f"{name} is a whole number, not {value!r}")  # noqa: TRY004 - as above


def _check_range(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name} is {_written(low)} to {_written(high)}, not {value!r}")


def _written(limit: float) -> str:
    return f"{limit:,}" if isinstance(limit, int) else f"{limit:g}"
