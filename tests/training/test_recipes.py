import subprocess
import sys

import pytest

from explorer.data.augmentation import Augmentation
from explorer.networks import catalogue
from explorer.networks.entries.lenet import LeNet5Options
from explorer.training.config import TrainingConfig
from explorer.training.recipes import default_config


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


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no network 'lenet6'"):
        default_config("lenet6")


def test_recipes_and_configurations_need_no_torch() -> None:
    script = "import sys, explorer.training.recipes, explorer.training.events; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0


def test_a_configuration_survives_json() -> None:
    for config in (default_config("lenet5"), TrainingConfig(options=LeNet5Options(form="original"), seed=2**62)):
        assert TrainingConfig.from_json(config.to_json()) == config
