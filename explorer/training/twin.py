"""The network that another one starts like. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.networks import catalogue


@dataclass(frozen=True)
class Twin:
    """A network whose first weights another takes over, wherever a parameter has the same name and shape in both.

    Both are built from the same seed, so that networks that are compared with one twin start alike. `options` None:
    the architecture's defaults.

    Raises:
        ValueError: there is no such architecture, or the options are another's.
    """

    architecture: str
    options: Any = None

    def __post_init__(self) -> None:
        kind = catalogue.get(self.architecture).options_type
        if self.options is None:
            object.__setattr__(self, "options", kind())
        if not isinstance(self.options, kind):
            raise ValueError(f"options of {self.architecture} are a {kind.__name__}")  # noqa: TRY004 - one kind of error

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Twin:
        """The twin that `dataclasses.asdict` gave.

        Raises:
            TypeError: a key is unknown.
            ValueError: a value does not fit this version of the program.
        """
        name = str(stored.get("architecture", ""))
        return cls(name, catalogue.get(name).options_type(**stored.get("options", {})))
