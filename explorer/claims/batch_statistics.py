"""Claim 8: with batch norm an answer depends on the batch in training, and on the running statistics in evaluation."""

from __future__ import annotations

import torch

from explorer.claims.results import Computed, Context
from explorer.claims.verdict import exactly
from explorer.claims.weight_measures import trained
from explorer.data.batches import prepare

_SAYS = "In evaluation batch norm uses running statistics"
_TOLERANCE = 1e-4


def compare(context: Context, *, arm: str, images: int = 64) -> Computed:
    """Answers to images alone and among others, in evaluation and as in training, by the arm's first run."""
    run = next((run for run in context.runs if run.arm == arm and not run.diverged), None)
    if run is None:
        return Computed()
    context.step(f"asking {arm} about images alone and together")
    found = trained(run.folder, context.settings)
    batch = prepare(found.images[:images], found.preprocessing)
    with torch.no_grad():
        together = found.network(batch)
        alone = torch.cat([found.network(image) for image in torch.split(batch, 1)])
        found.network.train()
        # Two images at once are the least that batch norm trains on.
        as_in_training = found.network(batch)
        in_pairs = torch.cat([found.network(pair) for pair in torch.split(batch, 2)])
    evaluated = float((together - alone).abs().max())
    trained_on = float((as_in_training - in_pairs).abs().max())
    holds = evaluated < _TOLERANCE < trained_on
    sentence = (
        f"{_SAYS}: asked one by one instead of {images} at once, the network changes its logits by up to "
        f"{evaluated:.1g}; with the statistics of the batch, as in training, in pairs instead of {images} at once by "
        f"up to {trained_on:.2g}: {'as claimed' if holds else 'not as claimed'}"
    )
    return Computed((exactly(_SAYS, sentence, holds=holds, main=False),))
