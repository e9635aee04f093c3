"""A network of the user's own: Python code, an exported program, bare weights. Read in a child process, with limits."""

from explorer.foreign.errors import ArgumentsNeededError, ForeignError, SeveralNetworksError
from explorer.foreign.own import open_own, own_architecture, read_own
from explorer.foreign.spec import is_own
from explorer.foreign.weights import recognise

__all__ = [
    "ArgumentsNeededError",
    "ForeignError",
    "SeveralNetworksError",
    "is_own",
    "open_own",
    "own_architecture",
    "read_own",
    "recognise",
]
