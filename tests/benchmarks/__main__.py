"""`python -m tests.benchmarks [SUBJECT]...`: measures and prints one table for each of training, latency and so on."""

from __future__ import annotations

import argparse

from tests.benchmarks import graph_frames, latency, long_curves, reading, startup, training, until

SUBJECTS = {
    "training": training.measure,
    "until": until.measure,
    "latency": latency.measure,
    "startup": startup.measure,
    "frames": graph_frames.measure,
    "curves": long_curves.measure,
    "reading": reading.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"{', '.join(SUBJECTS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved runs of which the median counts (default 5)")
    arguments = parser.parse_args()
    unknown = [subject for subject in arguments.subjects if subject not in SUBJECTS]
    if unknown:
        parser.error(f"there is no subject {unknown[0]!r}; the subjects are {', '.join(SUBJECTS)}")
    if arguments.rounds < 1:
        parser.error(f"--rounds is 1 or more, not {arguments.rounds}")
    for subject in arguments.subjects or SUBJECTS:
        try:
            SUBJECTS[subject](arguments.rounds)
        except RuntimeError as error:
            parser.exit(1, f"{subject}: {error}\n")


if __name__ == "__main__":
    main()
