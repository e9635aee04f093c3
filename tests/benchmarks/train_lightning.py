"""Lightning as its documentation shows it, with the same DataLoader."""

from __future__ import annotations

import json
import logging
import tempfile
import time
import warnings
from pathlib import Path

import lightning
import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import MNIST

from tests.benchmarks import task


class Network(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.network = task.lenet5()
        self.loss_function = torch.nn.CrossEntropyLoss()

    def training_step(self, batch, _index):
        images, labels = batch
        loss = self.loss_function(self.network(images), labels)
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=task.LEARNING_RATE)


class Clock(lightning.Callback):
    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._began = 0.0

    def on_train_epoch_start(self, *_arguments) -> None:
        self._began = time.perf_counter()

    def on_train_epoch_end(self, *_arguments) -> None:
        self.seconds.append(time.perf_counter() - self._began)


def main() -> None:
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as scratch:
        data = MNIST(task.unpacked_data_folder(Path(scratch)), train=True, transform=transforms.ToTensor())
        loader = DataLoader(data, batch_size=task.batch_size(), shuffle=True)
        clock = Clock()
        trainer = lightning.Trainer(
            max_epochs=task.EPOCHS,
            accelerator="cpu",
            callbacks=[clock],
            default_root_dir=scratch,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(Network(), loader)
    counted = clock.seconds[1:]
    print(json.dumps({"images_per_second": len(data) * len(counted) / sum(counted)}))


if __name__ == "__main__":
    main()
