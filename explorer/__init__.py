"""CNN Explorer: see a convolutional network, train it live, and try it."""

__version__ = "0.1.0"
