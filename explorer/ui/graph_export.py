"""The graph on screen as a figure elsewhere: on the clipboard or in a file, made off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication, QImage

from explorer.structure.graph import Graph
from explorer.system.files import write_atomically
from explorer.ui import file_dialogs
from explorer.ui.theme import theme
from explorer.ui.worker import Worker

if TYPE_CHECKING:
    from explorer.ui.figure import Figure
    from explorer.ui.graph_view import GraphView

_FILTERS = "SVG, scalable (*.svg);;PDF, for print (*.pdf);;PNG, pixels (*.png);;DOT, for Graphviz (*.dot *.gv)"


class GraphExport(QObject):
    """Tells how it went by the session's `message`."""

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self._view = view
        self._worker = Worker("export graph", self)

    def copy_image(self) -> None:
        """Puts the graph on the clipboard as an image."""
        from explorer.ui.figure import figure_image  # noqa: PLC0415 - SVG and PDF are imported with the first figure

        self._run(figure_image, self._take_image)

    def copy_svg(self) -> None:
        """Puts the graph on the clipboard as a drawing, for programs that take SVG, and as its text for others."""
        from explorer.ui.figure import figure_bytes  # noqa: PLC0415 - as above

        self._run(lambda graph, figure: figure_bytes(graph, ".svg", figure), self._take_svg)

    def choose_file(self) -> None:
        """Asks for a file's name and writes the graph to it."""
        if self._view.picture is None:
            self._view.session.message.emit("there is no graph to save yet")
            return
        architecture = self._view.session.architecture
        name = architecture.name.replace("/", "-") if architecture else "graph"
        chosen, _ = file_dialogs.save_file(self._view.window(), "figure", "Save the graph", f"{name}.svg", _FILTERS)
        if chosen:
            self.save(Path(chosen))

    def save(self, path: Path) -> None:
        """Writes the graph as it is on screen; the suffix decides the format."""
        from explorer.ui.figure import figure_bytes  # noqa: PLC0415 - as above

        def write(graph: Graph, figure: Figure) -> Path:
            write_atomically(path, figure_bytes(graph, path.suffix, figure))
            return path

        # Files are for paper and slides, whatever the window looks like.
        self._run(write, lambda written: self._view.session.message.emit(f"wrote {written}"), dark=False)

    @property
    def is_busy(self) -> bool:
        """Whether a figure is being made."""
        return self._worker.is_busy

    def shutdown(self) -> None:
        """Waits for a figure that is being made."""
        self._worker.shutdown()

    def _run(
        self, work: Callable[[Graph, Figure], Any], done: Callable[[Any], None], *, dark: bool | None = None
    ) -> None:
        picture = self._view.picture
        if picture is None:
            return
        figure = self._view.figure(dark=theme().is_dark if dark is None else dark)
        graph, tell = picture.graph, self._view.session.message.emit
        self._worker.submit(lambda: work(graph, figure), done, tell)

    def _take_image(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self._view.session.message.emit("copied the graph as an image")

    def _take_svg(self, content: bytes) -> None:
        data = QMimeData()
        data.setData("image/svg+xml", content)
        data.setText(content.decode())
        QGuiApplication.clipboard().setMimeData(data)
        self._view.session.message.emit("copied the graph as SVG")
