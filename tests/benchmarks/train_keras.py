"""Keras 3 on torch, over arrays, as its documentation shows it."""

from __future__ import annotations

import gzip
import json
import time

import keras
import numpy as np

from tests.benchmarks import task


class Clock(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._began = 0.0

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.seconds.append(time.perf_counter() - self._began)


def main() -> None:
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
        optimizer=keras.optimizers.Adam(task.LEARNING_RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    clock = Clock()
    network.fit(images, labels.astype("int64"), task.batch_size(), task.EPOCHS, verbose=0, callbacks=[clock])
    counted = clock.seconds[1:]
    print(json.dumps({"images_per_second": len(images) * len(counted) / sum(counted)}))


if __name__ == "__main__":
    main()
