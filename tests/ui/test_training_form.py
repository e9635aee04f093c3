import json
import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from explorer.data import datasets
from explorer.data.augmentation import Augmentation
from explorer.data.datasets import DATASETS, DatasetEntry
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture, Interface
from explorer.networks.entries.lenet import LeNet5Options
from explorer.training.config import TrainingConfig
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
        ("epochs", "0", "Epochs is 1 to 100,000, not 0"),
        ("learning_rate", "200", "Learning rate is 1e-09 to 100, not 200.0"),
        ("learning_rate", "fast", "Learning rate is a number such as 0.003, not 'fast'"),
        ("batch_size", "1.5", "Batch size is a whole number such as 128, not '1.5'"),
        ("batch_size", "1,5", "Batch size is a whole number such as 128, not '1,5'"),
        ("batch_size", "", "Batch size is a whole number such as 128, not ''"),
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
    form._groups["Machine"].fold(is_folded=False)
    write(qtbot, form, "seed", "-1")
    form._groups["Machine"].fold(is_folded=True)
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
    assert not form._fields["loss"].control.isVisible()
    original = LeNet5Options(form="original")
    form.show_architecture(LENET, original)
    assert form._fields["loss"].control.isVisible()
    assert [choice.value for choice in form._choice("loss").choices] == ["rbf_map", "rbf_mse"]
    assert form.config().options == original


def test_momentum_is_offered_with_sgd_alone(form: TrainingForm) -> None:
    assert not form._fields["momentum"].control.isVisible()
    form.set_value("optimiser", "sgd")
    assert form._fields["momentum"].control.isVisible()


def test_rarely_used_fields_are_under_a_fold(qtbot: QtBot, form: TrainingForm) -> None:
    assert form._fields["learning_rate"].control.isVisible()
    assert not form._fields["seed"].control.isVisible()
    qtbot.mouseClick(form._groups["Machine"]._fold, Qt.MouseButton.LeftButton)
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


def test_cuda_graphs_are_offered_where_a_card_trains(form: TrainingForm) -> None:
    assert form._fields["captured"].control.isHidden()
    form.set_devices({"cpu": "CPU, 2 cores", "cuda": "CUDA, NVIDIA T4, 15 GB"})
    assert not form._fields["captured"].control.isHidden()
    form.restore({"fields": {"device": "cpu", "captured": True}})
    assert form._fields["captured"].control.isHidden()
    assert not form.config().captured


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
        (
            replace(LENET, title="LeNet-7", interface=lambda _: Interface((1, 28, 28), classes=7, classes_fixed=True)),
            "LeNet-7 in this form has 7 outputs, and no data set here has so many classes.",
        ),
    ],
)
def test_says_why_a_network_is_not_trained(form: TrainingForm, architecture: Architecture, reason: str) -> None:
    form.show_architecture(architecture, LeNet5Options())
    assert form.why_not.startswith(reason)
    assert form.summary() == form.why_not
    with pytest.raises(ValueError, match=reason):
        form.config()
    form.set_available({"mnist": True})
    form.show_architecture(LENET, LeNet5Options())
    assert form.why_not == ""
    assert form.config().architecture == "lenet5"


@pytest.mark.parametrize("name", [entry.name for entry in catalogue.CATALOGUE])
def test_every_network_of_the_catalogue_has_a_recipe(form: TrainingForm, name: str) -> None:
    architecture = catalogue.get(name)
    form.show_architecture(architecture, architecture.options_type())
    assert form.config().architecture == name
    assert form.is_valid()


def test_fits_beside_the_curves_with_everything_unfolded(form: TrainingForm) -> None:
    form.set_value("optimiser", "sgd")
    form._fields["augmentation"]._adjust.setChecked(True)
    for group in form._groups.values():
        group.fold(is_folded=False)
    assert form.minimumSizeHint().width() <= 306


def test_every_setting_of_a_run_has_a_field(form: TrainingForm) -> None:
    settings = {field.name for field in fields(TrainingConfig)}
    # The network is that on screen, threads are chosen by measurement, and twins belong to experiments.
    assert settings - set(form._fields) == {"architecture", "options", "threads", "twin_of"}


def test_a_folded_group_says_what_it_holds(form: TrainingForm) -> None:
    group = form._groups["Regularisation"]
    assert group.is_folded
    form.set_value("averaging", 0.999)
    assert group._summary == "weight decay 0.01 · averaging 0.999"


def test_a_folded_group_does_not_say_of_what_is_automatic_that_it_is(form: TrainingForm) -> None:
    group = form._groups["Machine"]
    form.set_value("precision", "bfloat16")
    assert group._summary == "bfloat16, mixed · seed 0"
    form.set_value("precision", "auto")
    assert group._summary == "seed 0"


def test_seeds_are_as_many_runs(form: TrainingForm) -> None:
    form.set_value("seed", 7)
    form.set_value("seeds", 3)
    assert [config.seed for config in form.configs()] == [7, 8, 9]
    form.set_value("seeds", 0)
    assert error(form, "seeds") == "Seeds is 1 to 100, not 0"


def test_a_switch_of_augmentation_is_in_the_config(qtbot: QtBot, form: TrainingForm) -> None:
    form._fields["augmentation"]._adjust.setChecked(True)
    form.findChild(QCheckBox, "augmentation_mirror").click()
    assert form.config().augmentation == replace(Augmentation.LIGHT, mirror=True)
    assert form._fields["augmentation"].text() == "own"
    amount = form.findChild(QLineEdit, "augmentation_rotation_amount")
    amount.selectAll()
    qtbot.keyClicks(amount, "30")
    assert form.config().augmentation.rotation == 30
    stored = json.loads(json.dumps(form.state()))
    form.reset()
    form.restore(stored)
    assert form.config().augmentation == replace(Augmentation.LIGHT, mirror=True, rotation=30)


def test_a_wrong_amount_is_said_below_augmentation(qtbot: QtBot, form: TrainingForm) -> None:
    form._fields["augmentation"]._adjust.setChecked(True)
    amount = form.findChild(QLineEdit, "augmentation_rotation_amount")
    amount.selectAll()
    qtbot.keyClicks(amount, "x")
    assert error(form, "augmentation") == "augmentation's rotation is a number such as 10, not 'x'"


def test_a_preset_moves_the_switches(form: TrainingForm) -> None:
    form.set_value("augmentation", Augmentation.PHOTOS)
    assert form.findChild(QCheckBox, "augmentation_mirror").isChecked()
    assert form.findChild(QLineEdit, "augmentation_crop_amount").text() == "4"
    assert not form.findChild(QCheckBox, "augmentation_rotation").isChecked()
    assert form._fields["augmentation"].text() == "photos"


def offered(form: TrainingForm) -> set[str]:
    return {choice.value for choice in form._choice("dataset").choices}


def test_networks_that_draw_masks_are_offered_data_with_masks_alone(form: TrainingForm) -> None:
    unet = catalogue.get("unet")
    form.show_architecture(unet, unet.options_type(form="padded"))
    assert form.why_not == ""
    assert form.config().dataset == "segments"
    assert "mnist" not in offered(form)
    form.show_architecture(LENET, LeNet5Options())
    assert "segments" not in offered(form)
    assert form.config().dataset == "mnist"


def test_a_form_with_ten_outputs_is_offered_no_data_of_a_hundred_classes(form: TrainingForm) -> None:
    hundred = replace(DATASETS[0], name="/pictures/hundred", title="hundred", classes=("a",) * 100, digits=False)
    form.offer_folder(hundred)
    assert hundred.name in offered(form)
    form.show_architecture(LENET, LeNet5Options(form="original"))
    assert hundred.name not in offered(form)


@pytest.fixture
def birds(tmp_path: Path) -> DatasetEntry:
    """A folder with a few pictures of owls and tits."""
    for name in ("owl", "tit"):
        (tmp_path / name).mkdir()
        for number in range(10):
            Image.new("RGB", (32, 32), (20 * number, 0, 0)).save(tmp_path / name / f"{number}.png")
    return datasets.get(str(tmp_path))


def test_a_folder_of_images_is_remembered(form: TrainingForm, birds: DatasetEntry) -> None:
    form.offer_folder(birds)
    form.set_value("dataset", birds.name)
    assert form.config().dataset == birds.name
    stored = json.loads(json.dumps(form.state()))
    form.reset()
    form.restore(stored)
    assert form.known_folders == (birds.name,)
    assert form.config().dataset == birds.name


def test_a_folder_that_is_gone_is_offered_no_longer(form: TrainingForm, birds: DatasetEntry) -> None:
    form.offer_folder(birds)
    shutil.rmtree(birds.name)
    form.set_value("dataset", birds.name)
    assert birds.name not in offered(form)
    assert form.config().dataset == "mnist"


def test_the_last_choice_asks_for_a_folder_and_changes_nothing(qtbot: QtBot, form: TrainingForm) -> None:
    box = form._choice("dataset").control
    with qtbot.waitSignal(form.folder_asked, timeout=1000):
        box.setCurrentIndex(box.count() - 1)
        box.activated.emit(box.count() - 1)
    assert box.itemText(box.count() - 1) == "Folder of images…"
    assert form.config().dataset == "mnist"
