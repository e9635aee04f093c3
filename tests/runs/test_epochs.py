from pathlib import Path

from explorer.runs import epochs


def test_every_epoch_is_kept_below_the_limit() -> None:
    assert epochs.epochs_to_drop(dict.fromkeys(range(1, 10), 100), best=3, last=9, limit=901) == ()


def test_beyond_the_limit_the_best_the_last_and_powers_of_two_stay() -> None:
    dropped = epochs.epochs_to_drop(dict.fromkeys(range(1, 21), 100), best=13, last=20, limit=2000)
    assert set(range(1, 21)) - set(dropped) == {1, 2, 4, 8, 16, 13, 20}


def test_surplus_weights_are_removed_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    for epoch in range(1, 8):
        epochs.weights_path(tmp_path, epoch).write_bytes(b"12345")
    (tmp_path / "weights" / "notes.txt").write_text("mine")
    assert epochs.drop_surplus(tmp_path, best=3, last=7, limit=35) == (5, 6)
    assert epochs.saved_epochs(tmp_path) == (1, 2, 3, 4, 7)
    assert (tmp_path / "weights" / "notes.txt").exists()


def test_the_default_limit_is_one_gigabyte() -> None:
    sizes = dict.fromkeys(range(1, 5), 250_000_000)
    assert epochs.epochs_to_drop(sizes, best=1, last=4) == (3,)
    assert epochs.epochs_to_drop({**sizes, 4: 249_999_999}, best=1, last=4) == ()
