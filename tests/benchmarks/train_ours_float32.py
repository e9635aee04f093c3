"""`fit` with the bits that its rivals compute with, wherever it runs."""

from tests.benchmarks.train_ours import main

if __name__ == "__main__":
    main("float32")
