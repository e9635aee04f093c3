"""What the processes of a team do, as tests start them, with RANK and WORLD_SIZE set."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from small_data import load_small, small_config

from explorer.cli import run
from explorer.networks.entries.lenet import LeNet5Options
from explorer.training import preparation
from explorer.training.config import TrainingConfig
from explorer.training.events import Change, Command, Event, Order, Paused, RunEnded, StepsTrained, Warned
from explorer.training.fit import fit
from explorer.training.sitting import Sitting
from explorer.training.team import Team

# Fifty steps of plain SGD: what several processes have to do as one does.
PLAIN = small_config(optimiser="sgd", batch_size=40, epochs=10, schedule="constant")
# 200 images in batches of 33 leave two, which batch norm cannot share.
VARIED = small_config(
    options=LeNet5Options(batch_norm=True),
    batch_size=33,
    averaging=0.9,
    gradient_clipping=1.0,
    validation_share=0.1,
    label_smoothing=0.1,
)
LONG = small_config(epochs=50)
# Every step multiplies each weight by -99.
DIVERGING = small_config(optimiser="sgd", learning_rate=100.0, momentum=0.0, weight_decay=1.0, epochs=2)


def go_through(
    name: str, team: Team, folder: Path, config: TrainingConfig | None = None, resume: Path | None = None
) -> Path:
    """Trains with a team; the leading process gives the orders of that name."""
    training = fit(config, resume, team=team)
    orders = list(ORDERS.get(name, ())) if team.leads else []
    kinds: list[str] = []
    warnings: list[str] = []
    event: Event = next(training)
    while True:
        kinds.append(type(event).__name__)
        if isinstance(event, Warned):
            warnings.append(event.message)
        if isinstance(event, RunEnded):
            break
        event = training.send(_order(orders, event))
    torch.save(left[-1], folder / f"{name}-{team.rank}.pt")
    training.close()
    said = {"name": name, "outcome": event.outcome.value, "epochs": event.epochs, "kinds": sorted(set(kinds))}
    sys.stdout.write(json.dumps({**said, "warnings": warnings, "folder": str(event.folder)}) + "\n")
    return event.folder


def _order(orders: list[Order], event: Event) -> Order | None:
    if not orders or not isinstance(event, Paused | StepsTrained):
        return None
    # Only a paused training hears of going on.
    if orders[0] is Command.CONTINUE and not isinstance(event, Paused):
        return None
    return orders.pop(0)


ORDERS: dict[str, list[Order]] = {
    "ordered": [Change(learning_rate=0.002, epochs=8), Command.PAUSE, Command.CONTINUE, Command.STOP_AFTER_EPOCH],
}
left: list[dict[str, torch.Tensor]] = []


def main(meeting_point: str, kept: str) -> None:
    """Goes through several trainings, leaves what its network has become in `kept/name-rank.pt`, says what it saw."""
    folder = Path(kept)
    preparation.datasets.load = load_small
    torch.set_num_threads(1)
    end = Sitting.end

    def ending(self, outcome):
        left.append({name: each.clone() for name, each in self._material.network.state_dict().items()})
        return end(self, outcome)

    Sitting.end = ending
    team = Team.join(meeting_point)

    def given(config: TrainingConfig) -> TrainingConfig | None:
        return config if team.leads else None

    go_through("plain", team, folder, given(PLAIN))
    go_through("varied", team, folder, given(VARIED))
    stopped = go_through("ordered", team, folder, given(LONG))
    go_through("resumed", team, folder, resume=stopped if team.leads else None)
    go_through("diverged", team, folder, given(DIVERGING))
    team.leave()


def command() -> int:
    """Trains without an end, as from a terminal."""
    preparation.datasets.load = load_small
    return run(["train", "lenet5", "--data", "digits", "--epochs", "100000", "--threads", "1", "--json"])
