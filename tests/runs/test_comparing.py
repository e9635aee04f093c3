import dataclasses

from explorer.runs.comparing import Difference, differences, seed_groups
from explorer.runs.run_folder import Run
from tests.ui.run_records import record


def run(name: str, folder, **changes: object) -> Run:
    made = record(**changes)
    config = {**made.config, "seed": made.seed}
    return Run(folder / name, dataclasses.replace(made, config=config), "finished")


def test_seeds_of_one_configuration_are_a_group_and_repeats_are_not(tmp_path) -> None:
    runs = [
        run("a", tmp_path, seed=1),
        run("b", tmp_path, seed=2),
        run("c", tmp_path, seed=2),
        run("d", tmp_path, seed=3, dataset="digits"),
        Run(tmp_path / "e", None, "broken"),
    ]
    assert [[each.name for each in group] for group in seed_groups(runs)] == [["a", "b"], ["c"], ["d"], ["e"]]


def test_only_what_differs_is_told() -> None:
    first = record()
    augmented = {**first.config, "epochs": 9, "augmentation": {"mirror": True}}
    second = dataclasses.replace(first, config=augmented, dataset="digits")
    assert differences(first, first) == ()
    assert set(differences(first, second)) == {
        Difference("data", "mnist", "digits"),
        Difference("epochs", "8", "9"),
        Difference("augmentation.mirror", "", "true"),
    }
