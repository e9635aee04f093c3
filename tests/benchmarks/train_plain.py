"""The plain script: torchvision's MNIST with ToTensor, a DataLoader, a loop."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import MNIST

from tests.benchmarks import task


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        data = MNIST(task.unpacked_data_folder(Path(scratch)), train=True, transform=transforms.ToTensor())
    loader = DataLoader(data, batch_size=task.batch_size(), shuffle=True)
    network = task.lenet5()
    optimiser = torch.optim.Adam(network.parameters(), lr=task.LEARNING_RATE)
    loss_function = torch.nn.CrossEntropyLoss()
    paces = []
    for _ in range(task.EPOCHS):
        began = time.perf_counter()
        running = 0.0
        for images, labels in loader:
            optimiser.zero_grad()
            loss = loss_function(network(images), labels)
            loss.backward()
            optimiser.step()
            running += loss.item()
        paces.append(len(data) / (time.perf_counter() - began))
    print(json.dumps({"images_per_second": sum(paces[1:]) / len(paces[1:])}))


if __name__ == "__main__":
    main()
