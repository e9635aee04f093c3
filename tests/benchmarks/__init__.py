"""Speed, measured side by side: `python -m tests.benchmarks` prints one table a subject. Not part of the test suite."""
