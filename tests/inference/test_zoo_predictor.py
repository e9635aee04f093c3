"""Published weights answer as torchvision's own pipeline does; a server on this machine gives out made-up ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import made_weights
import numpy as np
import pytest
import torch
from made_weights import LABELS, NETWORK, Made, WeightsServer
from PIL import Image
from torch import nn

from explorer.data.sketch import Sketch, Stroke
from explorer.inference import zoo_predictor
from explorer.inference.kinds import Takes, takes_of_file
from explorer.networks import catalogue, zoo_files, zoo_twins, zoo_weights
from explorer.networks.entries.alexnet import AlexNetOptions
from explorer.networks.entries.vgg import VGG11Options
from explorer.runs.weights_header import WeightsError
from explorer.system.download import Cancelled, DownloadError
from explorer.system.settings import Settings


@pytest.fixture(scope="module")
def made() -> Made:
    return made_weights.make()


@pytest.fixture
def published(made: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[zoo_weights.PublishedWeights]:
    """The made-up entry stands in for what torchvision has for that network."""
    real = zoo_weights._choices
    monkeypatch.setattr(zoo_weights, "_choices", lambda name: made.entries if name == NETWORK else real(name))
    zoo_weights._published.cache_clear()
    yield zoo_weights.wanted(f"torchvision/{NETWORK}")
    zoo_weights._published.cache_clear()


@pytest.fixture
def server(made: Made) -> Iterator[WeightsServer]:
    with WeightsServer(made.file_name, made.content) as running:
        yield running


def place(made: Made, own_home: Path) -> Path:
    path = zoo_files.paths.weights_folder() / made.file_name
    path.parent.mkdir(parents=True)
    path.write_bytes(made.content)
    return path


def picture(height: int = 90, width: int = 131) -> np.ndarray:
    small = np.random.default_rng(4).integers(0, 256, (9, 13, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def test_what_is_published_is_read_from_the_entry(published: zoo_weights.PublishedWeights, made: Made) -> None:
    assert published.labels == LABELS
    assert (published.top1, published.top5, published.dataset) == (61.25, 83.5, "Made-up-12")
    assert published.input_shape == (3, 48, 48)
    assert published.size == pytest.approx(len(made.content), rel=1e-3)
    assert made.file_name.endswith(f"-{published.digest}.pth")


@pytest.mark.parametrize("size", [(90, 131), (300, 47), (48, 48), (57, 200)])
def test_the_answer_is_that_of_torchvisions_own_pipeline(
    published: zoo_weights.PublishedWeights, made: Made, own_home: Path, size: tuple[int, int]
) -> None:
    place(made, own_home)
    predictor = zoo_predictor.open_predictor(f"torchvision/{NETWORK}")
    pixels = picture(*size)
    seen = predictor.see(pixels)
    preset = made.entries.MADE_UP.transforms()(Image.fromarray(pixels))
    assert torch.equal(predictor.prepared(seen)[0], preset)
    with torch.inference_mode():
        expected = made.network(preset[None]).double().softmax(1)[0]
    answer = predictor.answer(seen)
    assert answer.labels == LABELS
    assert answer.probabilities == pytest.approx(expected.tolist(), abs=1e-6)
    assert predictor.provenance["test_accuracy"] == 0.6125


def test_transparent_and_gray_pictures_are_answered_too(
    published: zoo_weights.PublishedWeights, made: Made, own_home: Path
) -> None:
    place(made, own_home)
    predictor = zoo_predictor.open_predictor(f"torchvision/{NETWORK}")
    pixels = picture()
    clear = np.dstack([pixels, np.zeros(pixels.shape[:2], np.uint8)])
    assert (predictor.see(clear) == 255).all()
    assert predictor.see(pixels[..., 0]).shape == (3, 48, 48)
    drawn = predictor.see(Sketch((Stroke(((40, 40), (200, 220))),)))
    assert drawn.shape == (3, 48, 48)
    assert drawn.min() < 60


def test_weights_are_downloaded_from_a_mirror_and_checked(
    published: zoo_weights.PublishedWeights, made: Made, server: WeightsServer
) -> None:
    told: list[tuple[int, int | None]] = []
    path = zoo_files.download(published, server.mirror, lambda done, total: told.append((done, total)))
    assert path.read_bytes() == made.content
    assert told[-1] == (len(made.content), len(made.content))
    assert zoo_files.kept() == (path,)
    assert [asked for asked, _ in server.requests] == [f"/weights/{made.file_name}"]


def test_a_broken_download_goes_on_where_it_ended(
    published: zoo_weights.PublishedWeights, made: Made, server: WeightsServer
) -> None:
    server.cut = 500_000
    with pytest.raises(DownloadError, match=r"broke off after 500,000"):
        zoo_files.download(published, server.mirror)
    assert zoo_files.begun(made.file_name) == 500_000
    server.cut = None
    assert zoo_files.download(published, server.mirror).read_bytes() == made.content
    assert server.requests[-1][1] == "bytes=500000-"


def test_a_cancelled_download_keeps_what_came(
    published: zoo_weights.PublishedWeights, made: Made, server: WeightsServer
) -> None:
    came = threading.Event()
    with pytest.raises(Cancelled):
        zoo_files.download(published, server.mirror, lambda _done, _total: came.set(), came.is_set)
    assert 0 < zoo_files.begun(made.file_name) < len(made.content)
    assert zoo_files.find(made.file_name) is None


def test_another_file_than_the_published_one_is_not_kept(
    published: zoo_weights.PublishedWeights, made: Made, server: WeightsServer
) -> None:
    server.content = made.content[:-1] + b"?"
    with pytest.raises(DownloadError, match="sha256"):
        zoo_files.download(published, server.mirror)
    assert zoo_files.kept() == ()
    assert zoo_files.begun(made.file_name) == 0


def test_a_server_that_sends_far_too_much_is_stopped(
    published: zoo_weights.PublishedWeights, made: Made, server: WeightsServer
) -> None:
    server.content = made.content * 3
    with pytest.raises(DownloadError, match="are published"):
        zoo_files.download(published, server.mirror)


def test_without_the_weights_a_sentence_says_what_to_do_and_what_is_there(
    published: zoo_weights.PublishedWeights, made: Made, own_home: Path
) -> None:
    with pytest.raises(ValueError, match=r"download torchvision/resnet18` fetches them$") as caught:
        zoo_predictor.open_predictor("torchvision/resnet18")
    assert "47 MB" in str(caught.value)
    place(made, own_home)
    with pytest.raises(ValueError, match=f"on this machine are those of torchvision/{NETWORK}$"):
        zoo_predictor.open_predictor("resnet50")


def test_panels_look_into_the_network_on_screen_with_published_weights(
    published: zoo_weights.PublishedWeights, made: Made, own_home: Path
) -> None:
    from explorer.ui.inside_subject import Wish, find, load

    architecture = catalogue.get(f"torchvision/{NETWORK}")
    options = architecture.options_type()
    wish = Wish(1, architecture, options, (3, 64, 64))
    assert not find(wish).info.trained
    path = place(made, own_home)
    found = find(wish)
    assert (found.path, found.info.trained) == (path, True)
    predictor, _graph = load(found)
    ours, theirs = predictor.network.state_dict(), made.network.state_dict()
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_a_damaged_file_is_refused(published: zoo_weights.PublishedWeights, made: Made, own_home: Path) -> None:
    path = place(made, own_home)
    path.write_bytes(made.content[:-1])
    with pytest.raises(WeightsError, match="is not the one in its name"):
        zoo_predictor.open_predictor(f"torchvision/{NETWORK}")


def test_a_pickle_that_runs_code_is_not_loaded(tmp_path: Path) -> None:
    import pickle

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "touched",)

    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps({"weight": Evil()}, protocol=2))
    with pytest.raises(WeightsError):
        zoo_predictor._tensors(path)
    torch.save({"weight": Evil()}, path)
    with pytest.raises(WeightsError):
        zoo_predictor._tensors(path)
    assert not (tmp_path / "touched").exists()


def test_older_files_without_a_zip_are_read(tmp_path: Path) -> None:
    path = tmp_path / "old.pth"
    torch.save({"weight": torch.arange(3.0)}, path, _use_new_zipfile_serialization=False)
    assert zoo_predictor._tensors(path)["weight"].tolist() == [0, 1, 2]


def test_a_file_of_the_zoo_is_known_by_its_name_without_reading_it(tmp_path: Path) -> None:
    assert takes_of_file(tmp_path / "resnet18-f37072fd.pth") is Takes.PHOTOGRAPHS
    assert takes_of_file(tmp_path / "mine.pth") is None


def _their_state(name: str) -> dict[str, torch.Tensor]:
    from torchvision import models

    with torch.device("meta"):
        return models.get_model(name, weights=None).state_dict()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("resnet18", None),
        ("resnet50", None),
        ("densenet121", None),
        ("alexnet", AlexNetOptions(form="torchvision")),
        ("vgg11", None),
        ("vgg11", VGG11Options(batch_norm=True)),
    ],
)
def test_a_network_of_the_catalogue_that_is_the_same_gives_the_same_answers(name: str, options: object) -> None:
    from torchvision import models

    architecture = catalogue.get(name)
    chosen = options or architecture.options_type()
    twin = zoo_twins.twin_of(name, chosen)
    assert twin == (f"{name}_bn" if getattr(options, "batch_norm", False) else name)
    with torch.device("meta"):
        theirs, ours = models.get_model(twin, weights=None), architecture.build(chosen, 1000)
    # All weights for real, but for the large dense ones of VGG, which share one tensor.
    torch.manual_seed(1)
    tensors = {key: _made_up(key, tensor) for key, tensor in theirs.state_dict().items()}
    theirs.load_state_dict(tensors, assign=True)
    ours.load_state_dict(zoo_twins.translated(tensors, theirs.state_dict(), ours.state_dict()), assign=True)
    image = torch.rand(1, 3, 224, 224)
    with torch.inference_mode():
        assert torch.allclose(ours.eval()(image), theirs.eval()(image), atol=1e-4, rtol=1e-4)


def _made_up(key: str, like: torch.Tensor) -> torch.Tensor:
    if key.endswith("num_batches_tracked"):
        return torch.zeros((), dtype=torch.int64)
    if key.endswith("running_var"):
        return torch.rand(like.shape) + 0.5
    fan_in = like[0].numel() if like.ndim > 1 else 4
    spread = (2 / fan_in) ** 0.5
    if like.numel() > 5_000_000:
        return nn.init.uniform_(torch.empty(like.shape[1]), -spread, spread).expand(like.shape).clone()
    return torch.randn(like.shape) * spread + (1.0 if like.ndim == 1 and key.endswith("weight") else 0.0)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("resnet18", {"shortcut": "A"}),
        ("resnet50", {"stride": "1x1"}),
        ("resnet18", {"pre_activation": True}),
        ("alexnet", {}),
        ("alexnet", {"form": "torchvision", "pooling": "average"}),
        ("vgg16", {"form": "c"}),
        ("vgg16", {"classifier": "global_pooling"}),
        ("densenet121", {"growth": 24}),
        ("googlenet", {"batch_norm": True}),
        ("lenet5", {}),
        ("resnet20", {}),
    ],
)
def test_a_network_that_is_another_one_is_offered_no_weights(name: str, changed: dict[str, object]) -> None:
    options = catalogue.get(name).options_type(**changed)
    assert zoo_weights.published(name, options) == ()


def test_layers_that_do_not_agree_are_not_translated() -> None:
    theirs, ours = _their_state("resnet18"), _their_state("resnet34")
    with pytest.raises(ValueError, match="tensors"):
        zoo_twins.translated(theirs, theirs, ours)
    first, second = {"a.weight": torch.empty(2, 3)}, {"b.weight": torch.empty(3, 2)}
    with pytest.raises(ValueError, match="is not"):
        zoo_twins.translated(first, first, second)


def test_old_names_in_densenets_files_become_todays() -> None:
    old = {"features.denseblock1.denselayer1.norm.1.weight": torch.zeros(1), "classifier.bias": torch.zeros(1)}
    assert list(zoo_twins.renamed("densenet121", old)) == [
        "features.denseblock1.denselayer1.norm1.weight",
        "classifier.bias",
    ]


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("https://example.org/weights", True),
        ("http://127.0.0.1:8000", True),
        ("http://192.168.1.20/weights", True),
        ("http://lab-server", True),
        ("http://school.local/w", True),
        ("http://example.org/weights", False),
        ("http://8.8.8.8/weights", False),
        ("ftp://192.168.1.20", False),
        ("https://user:secret@example.org", False),
        ("weights", False),
        ("https://example.org/a b", False),
        ("http://[::1", False),
    ],
)
def test_a_mirror_is_https_or_in_the_same_building(address: str, fits: bool) -> None:
    if fits:
        assert Settings(weights_mirror=address).weights_mirror == address
    else:
        with pytest.raises(ValueError, match=r"mirror|address|https"):
            Settings(weights_mirror=address)
