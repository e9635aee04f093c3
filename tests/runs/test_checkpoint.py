import dataclasses
import errno
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from explorer.networks import catalogue
from explorer.runs.checkpoint import CheckpointError, Position, load_checkpoint, save_checkpoint
from explorer.system import files
from explorer.system.files import StorageError


def position(epoch: int) -> Position:
    return Position(
        epoch=epoch,
        step=epoch * 10,
        seconds=epoch * 1.1,
        trained_images=640 * epoch,
        trained_seconds=epoch / 3,
        test_accuracy=0.9,
        test_loss=0.25,
        best_epoch=1,
        best_accuracy=0.95,
        commands=("epoch 1, step 3: pause",),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "resume").mkdir()
    return tmp_path


def trained(optimiser: str, seed: int = 0) -> tuple[nn.Module, torch.optim.Optimizer]:
    """LeNet-5 in the layout that training uses, two updates old."""
    torch.manual_seed(seed)
    network = catalogue.get("lenet5").build().to(memory_format=torch.channels_last)
    kind = {"adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}[optimiser]
    extra = {"momentum": 0.9} if optimiser == "sgd" else {}
    made = kind(network.parameters(), lr=0.1, fused=True, **extra)
    for _ in range(2):
        update(network, made)
    return network, made


def update(network: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    network(torch.linspace(-1, 1, 784).reshape(1, 1, 28, 28)).square().sum().backward()
    optimiser.step()
    optimiser.zero_grad()


def tensors(network: nn.Module) -> list[Tensor]:
    return list(network.state_dict().values())


def same(left: nn.Module, right: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(tensors(left), tensors(right), strict=True))


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_a_restored_network_goes_on_with_the_same_bits(folder: Path, optimiser: str) -> None:
    network, made = trained(optimiser)
    save_checkpoint(folder, position(1), network, made)
    other, its_own = trained(optimiser, seed=1)
    checkpoint = load_checkpoint(folder)
    checkpoint.restore(other, its_own)
    assert checkpoint.position == position(1)
    for _ in range(3):
        update(network, made)
        update(other, its_own)
    assert same(network, other)


def test_restoring_keeps_the_memory_layout_of_weights_and_optimiser(folder: Path) -> None:
    network, made = trained("adamw")
    save_checkpoint(folder, position(1), network, made)
    other, its_own = trained("adamw", seed=1)
    load_checkpoint(folder).restore(other, its_own)
    weight = other.get_parameter("features.c3.weight")
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert its_own.state[weight]["exp_avg"].stride() == weight.stride()


def test_the_newest_two_generations_are_kept(folder: Path) -> None:
    network, made = trained("sgd")
    for epoch in (9, 10, 11):
        save_checkpoint(folder, position(epoch), network, made)
    names = sorted(path.name for path in (folder / "resume").iterdir())
    assert names == [f"epoch-00{epoch}.{end}" for epoch in (10, 11) for end in ("json", "safetensors")]


@pytest.mark.parametrize("name", ["epoch-0002.safetensors", "epoch-0002.json"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "gone", "empty"])
def test_a_damaged_newest_generation_falls_back_to_the_older(folder: Path, name: str, damage: str) -> None:
    network, made = trained("adamw")
    for epoch in (1, 2):
        save_checkpoint(folder, position(epoch), network, made)
    path = folder / "resume" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes({"cut": bytes(content[:-10]), "flipped": bytes(content), "empty": b""}[damage])
    assert load_checkpoint(folder).position == position(1)


def test_nothing_saved_yet_is_no_checkpoint(folder: Path) -> None:
    assert load_checkpoint(folder) is None


def test_damage_to_all_generations_is_told(folder: Path) -> None:
    network, made = trained("sgd")
    save_checkpoint(folder, position(1), network, made)
    (folder / "resume" / "epoch-0001.safetensors").write_bytes(b"")
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(folder)


@pytest.mark.parametrize("manifest", ["[]", "{}", '{"body": 1, "sha256": "x"}', '{"body": null, "sha256": 1}', "1"])
def test_a_manifest_of_another_form_is_told_as_damage(folder: Path, manifest: str) -> None:
    (folder / "resume" / "epoch-0001.json").write_text(manifest)
    (folder / "resume" / "epoch-0001.safetensors").write_bytes(b"")
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(folder)


def test_a_state_of_another_network_is_refused(folder: Path) -> None:
    network, made = trained("sgd")
    save_checkpoint(folder, position(1), network, made)
    other = nn.Linear(2, 2)
    with pytest.raises(CheckpointError, match="another network"):
        load_checkpoint(folder).restore(other, torch.optim.SGD(other.parameters(), lr=0.1))


def test_a_full_disk_leaves_the_older_generation_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, made = trained("adamw")
    save_checkpoint(folder, position(1), network, made)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(StorageError, match="epoch-0002"):
        save_checkpoint(folder, position(2), network, made)
    assert load_checkpoint(folder).position == position(1)
    assert sorted(path.suffix for path in (folder / "resume").iterdir()) == [".json", ".safetensors"]


def test_no_pickle_is_in_the_files(folder: Path) -> None:
    network, made = trained("adamw")
    save_checkpoint(folder, dataclasses.replace(position(1)), network, made)
    for path in (folder / "resume").iterdir():
        content = path.read_bytes()
        assert content[8:9] == b"{" or content[:1] == b"{"
