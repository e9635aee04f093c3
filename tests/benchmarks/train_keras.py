"""Keras 3 on torch, LeNet-5 over arrays, as its documentation shows it."""

from __future__ import annotations

import gzip
import json

import keras
import numpy as np

from tests.benchmarks import task


class Clock(keras.callbacks.Callback):
    def __init__(self, name: str, batch_size: int) -> None:
        super().__init__()
        self.clock = task.Clock(name)
        self._batch_size = batch_size
        self._epoch = 0

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None) -> None:
        if self.clock.tick(self._batch_size, epoch=self._epoch):
            self.model.stop_training = True


def main() -> None:
    name, batch_size = task.asked()
    raw = task.data_folder() / "MNIST" / "raw"
    pixels = np.frombuffer(gzip.decompress((raw / "train-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress((raw / "train-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    images = pixels.reshape(-1, 28, 28, 1).astype("float32") / 255
    layers = keras.layers
    network = keras.Sequential(
        [
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10),
        ]
    )
    network.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    counting = Clock(name, batch_size)
    network.fit(images, labels.astype("int64"), batch_size, epochs=3, verbose=0, callbacks=[counting])
    print(json.dumps({"images_per_second": counting.clock.images_per_second}))


if __name__ == "__main__":
    main()
