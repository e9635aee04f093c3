"""The plain script: torchvision's data with ToTensor, a DataLoader, a loop."""

from __future__ import annotations

import itertools
import json

import torch
from torch.utils.data import DataLoader

from tests.benchmarks import task


def main() -> None:
    name, batch_size = task.asked()
    network = task.network(name)
    optimiser = task.optimiser(name, network.parameters())
    loss_function = torch.nn.CrossEntropyLoss()
    clock = task.Clock(name)
    with task.torchvision_data(name) as data:
        loader = DataLoader(data, batch_size=batch_size, shuffle=True)
        running = 0.0
        for epoch, (images, labels) in ((epoch, batch) for epoch in itertools.count(1) for batch in loader):
            optimiser.zero_grad()
            loss = loss_function(network(images), labels)
            loss.backward()
            optimiser.step()
            running += loss.item()
            if clock.tick(len(labels), epoch=epoch):
                break
    print(json.dumps({"images_per_second": clock.images_per_second}))


if __name__ == "__main__":
    main()
