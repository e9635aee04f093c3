"""Lightning as its documentation shows it, with the same DataLoader."""

from __future__ import annotations

import json
import logging
import tempfile
import warnings

import lightning
import torch
from torch.utils.data import DataLoader

from tests.benchmarks import task


class Network(lightning.LightningModule):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.task = name
        self.network = task.network(name)
        self.loss_function = torch.nn.CrossEntropyLoss()

    def training_step(self, batch, _index):
        images, labels = batch
        loss = self.loss_function(self.network(images), labels)
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return task.optimiser(self.task, self.parameters())


class Clock(lightning.Callback):
    def __init__(self, name: str) -> None:
        self.clock = task.Clock(name)

    def on_train_batch_end(self, trainer, _module, _outputs, batch, _index) -> None:
        if self.clock.tick(len(batch[1]), epoch=trainer.current_epoch):
            trainer.should_stop = True


def main() -> None:
    name, batch_size = task.asked()
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as scratch, task.torchvision_data(name) as data:
        loader = DataLoader(data, batch_size=batch_size, shuffle=True)
        counting = Clock(name)
        trainer = lightning.Trainer(
            max_epochs=3,
            accelerator="cpu",
            callbacks=[counting],
            default_root_dir=scratch,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(Network(name), loader)
    print(json.dumps({"images_per_second": counting.clock.images_per_second}))


if __name__ == "__main__":
    main()
