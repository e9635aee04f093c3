from collections.abc import Callable

import pytest

from explorer.training.config import TrainingConfig

Config = Callable[..., TrainingConfig]


@pytest.mark.parametrize("name", ["epochs", "batch_size", "extra_digits", "seed", "threads"])
def test_a_fraction_where_a_whole_number_is_meant_is_refused(config: Config, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is a whole number, not 2.5"):
        config(**{name: 2.5})


@pytest.mark.parametrize("wrong", [3, None, "light"])
def test_an_augmentation_of_another_type_is_refused(config: Config, wrong: object) -> None:
    with pytest.raises(ValueError, match="augmentation is an Augmentation"):
        config(augmentation=wrong)


def test_extra_digits_are_refused_for_pictures_of_other_things(config: Config) -> None:
    with pytest.raises(ValueError, match="not into fashion-mnist"):
        config(dataset="fashion-mnist", extra_digits=10)
