"""How far the axes of the curves go."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from explorer.ui.curve_range import _without_the_wildest


def test_one_step_in_a_hundred_at_either_end_does_not_decide_about_the_range() -> None:
    values = np.concatenate([np.linspace(1, 2, 101), [np.nan, np.inf]])
    values[0], values[100] = -50.0, 900.0
    assert _without_the_wildest(np.random.default_rng(1).permutation(values)).tolist() == [1.01, 1.99]


def test_values_that_are_all_broken_say_nothing() -> None:
    assert len(_without_the_wildest(np.array([np.nan, np.inf]))) == 0


def test_the_first_update_of_a_training_loads_no_library() -> None:
    code = (
        "import sys, numpy, explorer.ui.curve_range as made; made._without_the_wildest(numpy.arange(9.0)); "
        "sys.exit('numpy.ma' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
