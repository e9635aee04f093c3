import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from explorer.data.augmentation import Augmentation
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture, Task
from explorer.networks.entries.lenet import LeNet5Options
from explorer.training.recipes import default_config
from explorer.ui.training_form import TrainingForm

LENET = catalogue.get("lenet5")


@pytest.fixture
def form(qtbot: QtBot) -> Iterator[TrainingForm]:
    window = QWidget()
    qtbot.addWidget(window)
    form = TrainingForm(window)
    form.resize(300, 700)
    window.resize(400, 800)
    form.show_architecture(LENET, LeNet5Options())
    form.set_available({"mnist": True, "fashion-mnist": False, "digits": True})
    window.show()
    yield form
    window.close()


def write(qtbot: QtBot, form: TrainingForm, name: str, text: str) -> None:
    line = form._fields[name].control
    assert isinstance(line, QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, text)


def error(form: TrainingForm, name: str) -> str:
    return form._fields[name].error.text()


def test_begins_with_the_recipe(form: TrainingForm) -> None:
    assert form.config() == default_config("lenet5", LeNet5Options(), "mnist")


def test_takes_the_built_in_digits_where_mnist_is_missing(form: TrainingForm) -> None:
    form.set_available({"mnist": False, "fashion-mnist": False, "digits": True})
    assert form.config().dataset == "digits"


def test_a_chosen_data_set_stays_when_others_turn_up(form: TrainingForm) -> None:
    form.set_value("dataset", "digits")
    form.set_available({"mnist": True, "fashion-mnist": True, "digits": True})
    assert form.config().dataset == "digits"


def test_says_which_data_sets_would_be_downloaded(form: TrainingForm) -> None:
    texts = {choice.value: choice.text for choice in form._choice("dataset").choices}
    assert texts["mnist"] == "MNIST"
    assert texts["fashion-mnist"] == "Fashion-MNIST · will be downloaded"


def test_what_is_typed_is_in_the_config(qtbot: QtBot, form: TrainingForm) -> None:
    write(qtbot, form, "epochs", "3")
    write(qtbot, form, "batch_size", "1,024")
    write(qtbot, form, "learning_rate", "0.01")
    form.set_value("augmentation", Augmentation.STRONG)
    config = form.config()
    assert (config.epochs, config.batch_size, config.learning_rate) == (3, 1024, 0.01)
    assert config.augmentation == Augmentation.STRONG


def test_a_decimal_comma_is_understood(qtbot: QtBot, form: TrainingForm) -> None:
    write(qtbot, form, "learning_rate", "0,004")
    assert form.config().learning_rate == 0.004


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("epochs", "0", "epochs is 1 to 100000, not 0"),
        ("learning_rate", "200", "learning_rate is 1e-09 to 100, not 200.0"),
        ("learning_rate", "fast", "learning_rate is a number such as 0.003, not 'fast'"),
        ("batch_size", "1.5", "batch_size is a whole number such as 128, not '1.5'"),
        ("batch_size", "", "batch_size is a whole number such as 128, not ''"),
    ],
)
def test_a_wrong_value_is_said_below_its_field(
    qtbot: QtBot, form: TrainingForm, name: str, text: str, sentence: str
) -> None:
    if text:
        write(qtbot, form, name, text)
    else:
        line = form._fields[name].control
        line.selectAll()
        qtbot.keyClick(line, Qt.Key.Key_Delete)
    shown = error(form, name)
    assert shown == sentence or shown.startswith(sentence.rsplit(", not", 1)[0])
    assert form._fields[name].error.isVisible()
    assert not form.is_valid()
    with pytest.raises(ValueError, match=name):
        form.config()


def test_two_wrong_values_are_both_said_and_one_set_right_is_not(qtbot: QtBot, form: TrainingForm) -> None:
    write(qtbot, form, "epochs", "0")
    write(qtbot, form, "learning_rate", "x")
    assert error(form, "epochs")
    assert error(form, "learning_rate")
    write(qtbot, form, "epochs", "2")
    assert not error(form, "epochs")
    assert error(form, "learning_rate")


def test_the_first_wrong_field_gets_the_focus_even_from_under_the_fold(qtbot: QtBot, form: TrainingForm) -> None:
    form._set_folded(False)
    write(qtbot, form, "seed", "-1")
    form._set_folded(True)
    assert not form._fields["seed"].control.isVisible()
    form.focus_error()
    assert form._fields["seed"].control.isVisible()


def test_reset_takes_back_what_was_typed(qtbot: QtBot, form: TrainingForm) -> None:
    assert not form._reset.isEnabled()
    write(qtbot, form, "epochs", "3")
    form.set_value("dataset", "digits")
    form._reset.click()
    assert form.config() == default_config("lenet5", LeNet5Options(), "mnist")
    assert not form._reset.isEnabled()


def test_a_loss_is_offered_only_where_there_are_several(form: TrainingForm) -> None:
    form._set_folded(False)
    assert not form._fields["loss"].control.isVisible()
    original = LeNet5Options(form="original")
    form.show_architecture(LENET, original)
    assert form._fields["loss"].control.isVisible()
    assert [choice.value for choice in form._choice("loss").choices] == ["rbf_map", "rbf_mse"]
    assert form.config().options == original


def test_momentum_is_offered_with_sgd_alone(form: TrainingForm) -> None:
    form._set_folded(False)
    assert not form._fields["momentum"].control.isVisible()
    form.set_value("optimiser", "sgd")
    assert form._fields["momentum"].control.isVisible()


def test_rarely_used_fields_are_under_a_fold(qtbot: QtBot, form: TrainingForm) -> None:
    assert form._fields["learning_rate"].control.isVisible()
    assert not form._fields["seed"].control.isVisible()
    form._more.click()
    assert form._fields["seed"].control.isVisible()


def test_what_was_set_is_remembered(qtbot: QtBot, form: TrainingForm) -> None:
    write(qtbot, form, "epochs", "3")
    form.set_value("augmentation", Augmentation.LIGHT)
    stored = json.loads(json.dumps(form.state()))
    form.reset()
    form.restore(stored)
    assert form.config().epochs == 3
    assert form.config().augmentation == Augmentation.LIGHT


def test_a_remembered_device_is_taken_once_it_is_known(form: TrainingForm) -> None:
    form.restore({"fields": {"device": "cuda"}})
    assert form.config().device == "auto"
    assert form.state()["fields"] == {"device": "cuda"}
    form.set_devices({"cpu": "CPU, 2 cores", "cuda": "CUDA, NVIDIA T4, 15 GB"})
    assert form.config().device == "cuda"


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"fields": 3},
        {"fields": {"epochs": "many", "colour": 1, "dataset": "mist", "augmentation": [1]}},
        {"fields": {"epochs": True}},
    ],
)
def test_what_does_not_fit_is_not_taken_from_memory(form: TrainingForm, stored: dict) -> None:
    form.restore(stored)
    assert form.config() == default_config("lenet5", LeNet5Options(), "mnist")


def test_without_a_network_there_is_nothing_to_train(qtbot: QtBot) -> None:
    form = TrainingForm()
    qtbot.addWidget(form)
    with pytest.raises(ValueError, match="choose one in the catalogue"):
        form.config()


def test_every_control_has_a_name_and_a_tooltip(form: TrainingForm) -> None:
    for field in form._fields.values():
        assert field.control.accessibleName()
        assert field.control.toolTip()


@pytest.mark.parametrize(
    ("architecture", "reason"),
    [
        (replace(LENET, source="nets/net.py:Net"), "Networks of your own can be read here, not trained."),
        (replace(LENET, title="U-Net", task=Task.SEGMENTATION), "U-Net says for each pixel what it belongs to."),
    ],
)
def test_says_why_a_network_is_not_trained(form: TrainingForm, architecture: Architecture, reason: str) -> None:
    form.show_architecture(architecture, LeNet5Options())
    assert form.why_not.startswith(reason)
    assert form.summary() == form.why_not
    with pytest.raises(ValueError, match="can be read"):
        form.config()
    form.set_available({"mnist": True})
    form.show_architecture(LENET, LeNet5Options())
    assert form.why_not == ""
    assert form.config().architecture == "lenet5"


@pytest.mark.parametrize("name", [entry.name for entry in catalogue.CATALOGUE if entry.task is Task.CLASSIFICATION])
def test_every_network_of_the_catalogue_has_a_recipe(form: TrainingForm, name: str) -> None:
    architecture = catalogue.get(name)
    form.show_architecture(architecture, architecture.options_type())
    assert form.config().architecture == name
    assert form.is_valid()
