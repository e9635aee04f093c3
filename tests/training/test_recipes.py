import subprocess
import sys

import pytest

from explorer.data.augmentation import Augmentation
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture
from explorer.networks.entries.lenet import LeNet5Options
from explorer.training.config import TrainingConfig
from explorer.training.recipes import default_config, default_dataset, small_form


def test_every_architecture_has_a_recipe_for_its_default_form() -> None:
    for architecture in catalogue.CATALOGUE:
        config = default_config(architecture.name)
        assert config.options == architecture.options_type()
        assert config.loss == architecture.interface(config.options).losses[0]


def test_every_form_has_a_recipe() -> None:
    for centres in ("fixed", "trainable"):
        options = LeNet5Options(form="original", centres=centres)
        assert default_config("lenet5", options).options == options


def test_only_digits_are_distorted() -> None:
    assert default_config("lenet5", dataset="mnist").augmentation == Augmentation.LIGHT
    assert default_config("lenet5", dataset="fashion-mnist").augmentation == Augmentation.NONE


def test_photographs_are_cropped_and_mirrored() -> None:
    assert default_config("resnet20", dataset="cifar10").augmentation == Augmentation.PHOTOS
    assert not default_config("resnet20", dataset="mnist").augmentation.mirror


@pytest.mark.parametrize("architecture", catalogue.CATALOGUE, ids=lambda entry: entry.name)
def test_every_network_has_a_form_for_small_images(architecture: Architecture) -> None:
    name, options = small_form(architecture.name) or (architecture.name, architecture.options_type())
    small = catalogue.get(name)
    assert small.family == architecture.family
    assert max(small.interface(options).input_shape[1:]) <= 64
    assert small_form(name, options) is None
    assert default_config(name, options).dataset == default_dataset(name)


def test_a_network_learns_from_what_fits_it_by_default() -> None:
    datasets = {name: default_dataset(name) for name in ("lenet5", "resnet20", "unet")}
    assert datasets == {"lenet5": "mnist", "resnet20": "cifar10", "unet": "segments"}


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no network 'lenet6'"):
        default_config("lenet6")


def test_recipes_and_configurations_need_no_torch() -> None:
    script = "import sys, explorer.training.recipes, explorer.training.events; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0


def test_a_configuration_survives_json() -> None:
    for config in (default_config("lenet5"), TrainingConfig(options=LeNet5Options(form="original"), seed=2**62)):
        assert TrainingConfig.from_json(config.to_json()) == config
