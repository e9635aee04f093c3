"""What can go wrong with a network of the user's own, in words."""

from __future__ import annotations


class ForeignError(ValueError):
    """A network of the user's own cannot be read; one or two sentences say where and why, and what would do."""


class ArgumentsNeededError(ForeignError):
    """The network is built with arguments that have no default: `names`. Ask for them, and try again with them."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names


class SeveralNetworksError(ForeignError):
    """A Python file defines the networks `names`, and which one is meant was not said. Ask, and try again with one."""

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names
