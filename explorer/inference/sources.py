"""Which weights to predict with: shipped ones, those of a run, or a file. Free of torch."""

from __future__ import annotations

from pathlib import Path

from explorer.data import datasets
from explorer.inference.kinds import Takes, answers_all, takes
from explorer.networks import catalogue
from explorer.runs import epochs
from explorer.runs.notes import SET_ASIDE, read_notes
from explorer.runs.run_folder import Run, RunRecord, find_run, list_runs, read_run
from explorer.runs.weights_header import WeightsError, read_weights_header
from explorer.system import paths
from explorer.system import settings as system_settings
from explorer.system.settings import Settings

_SUFFIX = ".safetensors"


def shipped_weights() -> tuple[Path, ...]:
    """The weights files that come with the program, by name; none where the resources are missing."""
    try:
        return tuple(sorted(paths.resource("weights").glob(f"*{_SUFFIX}")))
    except FileNotFoundError:
        return ()


def weights_for(text: str, settings: Settings | None = None) -> Path:
    """The weights file that a text means: a file, a network's name (shipped weights), or RUN or RUN:EPOCH.

    RUN is what `find_run` takes. Without an epoch it is the best one, else the last one whose weights are there.

    Raises:
        ValueError: nothing is called so, or it has no such weights; the message says what there is.
    """
    wanted = text.strip()
    path = Path(wanted).expanduser()
    if wanted and (path.is_file() or path.suffix == _SUFFIX):
        if path.is_file():
            return path
        raise ValueError(f"there is no weights file {wanted}")
    if wanted in {architecture.name for architecture in catalogue.CATALOGUE}:
        return _shipped(wanted)
    runs_folder = (settings or system_settings.load()).runs()
    name, epoch = _split(wanted)
    try:
        folder = find_run(name, runs_folder)
    except ValueError as error:
        names = ", ".join(architecture.name for architecture in catalogue.CATALOGUE)
        raise ValueError(f"{error}; a network is one of {names}, a run, or a weights file") from error
    return run_weights(read_run(folder), epoch)


def run_weights(run: Run, epoch: int | None = None) -> Path:
    """The weights of a run's epoch; None means the best one, else the last one whose weights are there.

    Raises:
        ValueError: the run has no such weights.
    """
    saved = epochs.saved_epochs(run.folder)
    if not saved:
        raise ValueError(f"{run.name} has no weights: none of its epochs was finished")
    if epoch is None:
        best = run.record.summary.best_epoch if run.record else 0
        epoch = best if best in saved else saved[-1]
    if epoch not in saved:
        shown = ", ".join(map(str, saved)) if len(saved) <= 12 else f"{len(saved)} epochs up to {saved[-1]}"
        raise ValueError(f"{run.name} has no weights of epoch {epoch}; it has those of {shown}")
    return epochs.weights_path(run.folder, epoch)


def newest_weights(kind: Takes, settings: Settings | None = None) -> Path | None:
    """The weights that answer an input of a kind: of the newest run for it that has any, else shipped ones, else None.

    Drawings go to networks that learnt digits, photographs to those that learnt photographs in colour. Runs that the
    user set aside are passed over.
    """
    for run in list_runs((settings or system_settings.load()).runs()):
        if run.record is None or not is_for_run(kind, run.record) or not epochs.saved_epochs(run.folder):
            continue
        if SET_ASIDE not in read_notes(run.folder).tags:
            return run_weights(run)
    return shipped_for(kind)


def shipped_for(kind: Takes) -> Path | None:
    """The shipped weights for an input of a kind, the first by name; None where there are none."""
    for path in shipped_weights():
        try:
            header = read_weights_header(path)
        except WeightsError:
            continue
        if _is_for(kind, header.architecture, str(header.provenance.get("dataset") or ""), header.labels):
            return path
    return None


def newest_digit_weights(settings: Settings | None = None) -> Path | None:
    """The weights that answer a drawing: of the newest run on digits that has any, else the shipped ones, else None."""
    return newest_weights(Takes.DIGITS, settings)


def newest_photograph_weights(settings: Settings | None = None) -> Path | None:
    """The weights that answer a photograph: of the newest run on colour photographs, else shipped ones, else None."""
    return newest_weights(Takes.PHOTOGRAPHS, settings)


def newest_mask_weights(settings: Settings | None = None) -> Path | None:
    """The weights that mark pixels: of the newest such run, else the shipped ones, else None."""
    return newest_weights(Takes.MASKS, settings)


def is_for_run(kind: Takes, record: RunRecord) -> bool:
    """Whether a run's network is one to ask unbidden about an input of a kind."""
    return _is_for(kind, record.architecture, record.dataset)


def _is_for(kind: Takes, architecture: str, dataset: str, labels: tuple[str, ...] = ()) -> bool:
    if takes(architecture, dataset, labels) is not kind:
        return False
    # Shipped digit weights of unknown making still read digits.
    return answers_all(kind, dataset) or (kind is Takes.DIGITS and not dataset)


def is_digit_dataset(name: str) -> bool:
    """Whether a data set is of handwritten digits, 0 to 9, that a drawing on the pad can be compared with."""
    try:
        return datasets.get(name).digits
    except ValueError:
        return False


def _shipped(name: str) -> Path:
    matching = [path for path in shipped_weights() if path.name.split("-")[0] in {name, f"{name}{_SUFFIX}"}]
    if not matching:
        raise ValueError(f"no trained weights of {name} come with the program; train it, then name the run")
    return matching[0]


def _split(text: str) -> tuple[str, int | None]:
    name, colon, epoch = text.rpartition(":")
    if not colon or not epoch.isdecimal():
        return text, None
    return name, int(epoch)
