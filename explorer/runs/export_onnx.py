"""A run's network with its weights as ONNX, by torch's exporter."""

from __future__ import annotations

import importlib.util
import json
import tempfile
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from explorer.networks.architecture import Scores
from explorer.runs.export import ExportError, weights_to_export
from explorer.runs.run_folder import Run
from explorer.runs.weights import LoadedNetwork, load_network
from explorer.system import files

# What torch.onnx.export(dynamo=True) imports.
_NEEDED = ("onnx", "onnxscript")


class _Probabilities(nn.Module):
    """The network's answer as probabilities over the classes."""

    def __init__(self, network: nn.Module, scores: Scores) -> None:
        super().__init__()
        self.network = network
        self.scores = scores

    def forward(self, image: Tensor) -> Tensor:
        outputs: Tensor = self.network(image)
        return torch.softmax(-outputs if self.scores is Scores.DISTANCES else outputs, dim=1)


def write_onnx(run: Run, target: Path, epoch: int | None = None) -> Path:
    """Writes the network of an epoch, its softmax included; labels and preprocessing are in the file's metadata.

    The input "image" is float32 [N, C, H, W], normalised as the metadata says; the output "probabilities" is float32
    [N, classes], or [N, classes, H, W] for masks.

    Raises:
        ExportError: a package is missing, or the network cannot be exported.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ExportError(
            f"ONNX needs the package{'s' if len(missing) > 1 else ''} {' and '.join(missing)}: "
            'pip install "cnn-explorer[onnx]"'
        )
    loaded = load_network(weights_to_export(run, epoch))
    network = _Probabilities(loaded.network, loaded.architecture.interface(loaded.options).scores).eval()
    # Two images: with one, the exporter takes the number of images for a constant.
    images = torch.zeros((2, *loaded.preprocessing.input_shape))
    import onnx  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415 - an optional package

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The exporter warns of its own deprecated parts.
        warnings.simplefilter("ignore")
        path = Path(folder) / "network.onnx"
        try:
            torch.onnx.export(
                network,
                (images,),
                path,
                dynamo=True,
                external_data=False,
                input_names=["image"],
                output_names=["probabilities"],
                dynamic_shapes=({0: torch.export.Dim("images", min=1)},),
                verbose=False,
            )
        except Exception as error:
            raise ExportError(
                f"{loaded.architecture.title} cannot be written as ONNX: {str(error).splitlines()[0][:200]}"
            ) from error
        made = onnx.load(path)
        for key, value in _metadata(run, loaded).items():
            entry = made.metadata_props.add()
            entry.key, entry.value = key, value
        made.producer_name = "cnn-explorer"
        content = made.SerializeToString()
    files.write_atomically(target, content)
    return target


def _metadata(run: Run, loaded: LoadedNetwork) -> dict[str, str]:
    preprocessing = loaded.preprocessing
    return {
        "labels": json.dumps(list(loaded.labels)),
        "mean": json.dumps(list(preprocessing.mean)),
        "std": json.dumps(list(preprocessing.std)),
        "input": "pixels of 0 to 1, less the mean, divided by std, channels first",
        "architecture": loaded.architecture.name,
        "run": run.name,
    }
