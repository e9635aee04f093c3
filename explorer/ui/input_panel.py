"""The panel that asks the network: pad, picture, answer and the weights that answer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.data.picture_files import SUFFIXES, pictures_in, with_those_in_folders
from explorer.ui import file_dialogs
from explorer.ui.answer_view import AnswerView
from explorer.ui.eraser_button import EraserButton
from explorer.ui.flow_row import FlowRow
from explorer.ui.input_asking import is_blank
from explorer.ui.input_frames import FrameChooser
from explorer.ui.input_sections import InputSections
from explorer.ui.input_strip import InputStrip
from explorer.ui.keyboard_pen import KeyboardPen
from explorer.ui.own_networks import is_own_file
from explorer.ui.pixels import pixels_from_image
from explorer.ui.prediction_bars import PredictionBars
from explorer.ui.sketch_pad import SketchPad
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel
from explorer.ui.weights_choice import WeightsChoice
from explorer.ui.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.data.images import ReadPicture
    from explorer.inference.kinds import Takes
    from explorer.ui.input_strip_reader import StripPicture
    from explorer.ui.prediction_service import Answer, PredictionService
    from explorer.ui.session import Session
    from explorer.ui.weights_choice import Runs

_PICTURES = f"Pictures ({' '.join(f'*{suffix}' for suffix in SUFFIXES)});;All files (*)"
_NOTHING = "There is nothing on the picture to recognise."


class InputPanel(QWidget):
    """Everything about one input: draw it, open it, see it as the network does, read the answer.

    Call `shutdown` before the window goes. The service is the window's, which shuts it down too. `source_changed` tells
    what is on the pad as the network is to see it: as `pad.sketch_changed`, or `Adjusted` where steps are left out.
    """

    source_changed = Signal(object)
    opened = Signal(object)  # Path of a picture that was read

    def __init__(
        self, session: Session, service: PredictionService, parent: QWidget | None = None, *, titled: bool = True
    ) -> None:
        """Without `titled` the panel leaves its title to the dock around it."""
        super().__init__(parent)
        self.setObjectName("input_panel")
        self.setAcceptDrops(True)
        self._session = session
        self._service = service
        self._reader = Worker("pictures", self)
        self._is_of_file = False  # what comes onto the pad is being read from a file
        self._lacks_weights = False  # the message says that nothing answers yet
        self.pad = SketchPad(self)
        self.keyboard_pen = KeyboardPen(self.pad)
        self.view = AnswerView(self.pad, self)
        self.bars = PredictionBars(self)
        self._title = QLabel("Input", self)
        self._title.setProperty("role", "heading")
        self._title.setVisible(titled)
        self._clear = _named(QPushButton("Clear"), "sketch_clear", "Take a fresh sheet (Delete or Esc)")
        self._undo = _named(QPushButton("Undo"), "sketch_undo", "Undo the last stroke, erasing or clearing (Ctrl+Z)")
        self._eraser = EraserButton()
        _named(self._eraser, "sketch_eraser", "Eraser: cuts the strokes that it passes over (E)")
        self._open = QPushButton("Open image…")
        _named(self._open, "image_open", "Open a picture: a digit or a photograph. Dropping and pasting work too")
        self._buttons = FlowRow(self)
        for button in (self._clear, self._undo, self._eraser, self._open):
            self._buttons.add(button)
        self._message = ValueLabel(parent=self)  # a long path must not make the panel wider than its dock
        self._message.setObjectName("input_message")
        self._message.setAccessibleName("Message")
        self._message.setProperty("role", "bad")
        self._message.hide()
        self._weights = WeightsChoice(service, self)
        self.sections = InputSections(service, self)
        self.strip = InputStrip(self.sections.of_any, self)
        self._frames = FrameChooser(self)
        self._layout = QVBoxLayout(self)
        above = (self._title, self.view, self._buttons, self._frames, self._message, self.strip)
        for widget in (*above, self.bars, self._weights, self.sections):
            self._layout.addWidget(widget)
        self._layout.addStretch(1)
        self._connect()
        self._on_theme()
        self._on_history()
        self._on_weights(service.title)

    def _connect(self) -> None:
        self.pad.sketch_changed.connect(self._on_sketch)
        self.pad.history_changed.connect(self._on_history)
        self.pad.eraser_toggled.connect(self._eraser.setChecked)
        self._eraser.toggled.connect(self.pad.set_eraser)
        self._clear.clicked.connect(self.pad.clear)
        self._undo.clicked.connect(self.pad.undo)
        self._open.clicked.connect(self.choose_image)
        self._frames.chosen.connect(self._open_frame)
        self.strip.chosen.connect(self._on_strip)
        # A sentence in the panel would go with the first picture, which is put on the pad at once.
        self.strip.told.connect(self._session.message)
        self.sections.off_changed.connect(self._on_off)
        self._service.answered.connect(self._on_answer)
        self._service.failed.connect(self._on_failed)
        self._service.weights_changed.connect(self._on_weights)
        theme().changed.connect(self._on_theme)

    def open_image(self, path: Path | str) -> None:
        """Reads a picture in a thread and puts it on the pad; what cannot be read is told by a sentence."""
        self._open_frame(Path(path), 0)

    def open_images(self, paths: Sequence[Path]) -> None:
        """Puts a picture on the pad; several go into the strip, and the first of them onto the pad.

        A folder among them stands for the pictures in it.
        """
        paths = with_those_in_folders(paths)
        if len(paths) == 1 and not len(self.strip):
            self.open_image(paths[0])
        elif paths:
            self.strip.add_files(paths)

    def open_folder(self, folder: Path) -> None:
        """Puts the pictures of a folder into the strip."""
        try:
            paths = pictures_in(folder)
        except ValueError as error:
            self.say(str(error))
            return
        if not paths:
            self.say(f"{folder.name} holds no pictures.")
        self.open_images(paths)

    def show_sample(self, picture: NDArray[Any], name: str = "sample") -> None:
        """Puts a sample of a data set on the pad, and into the strip with those before it."""
        self.strip.add_pixels(name, picture)
        self.show_picture(picture)

    def show_picture(self, pixels: NDArray[Any]) -> None:
        """Puts a picture on the pad, as `as_digit` takes it; what it is decides which network answers."""
        try:
            self.pad.show_picture(pixels)
        except ValueError as error:
            self.say(str(error))

    def _open_frame(self, path: Path, frame: int) -> None:
        def read() -> ReadPicture:
            # Pillow is imported with the first picture, so that the window is up sooner.
            from explorer.data.images import read_picture  # noqa: PLC0415

            return read_picture(path, frame)

        def show(read: ReadPicture) -> None:
            # The choice of frames stays where it is, with the keyboard in it.
            self._is_of_file = True
            try:
                self.show_picture(read.pixels)
            finally:
                self._is_of_file = False
            self._frames.offer(path, read.frame, read.frames)
            self.opened.emit(path)
            self._session.message.emit("; ".join([f"opened {path.name}", *read.remarks]))

        self._reader.submit(read, show, self.say)

    def _on_strip(self, picture: StripPicture) -> None:
        if picture.path is not None:
            self.open_image(picture.path)
        elif picture.pixels is not None:
            self.show_picture(picture.pixels)

    def add_below_bars(self, widget: QWidget) -> None:
        """Gives a widget a place between the bars and the weights that answer, below those added before."""
        self._layout.insertWidget(self._layout.indexOf(self._weights), widget)

    def set_runs(self, runs: Mapping[Takes, Runs]) -> None:
        """The trained networks to choose from, by what they are for."""
        self._weights.set_runs(runs)
        self.sections.set_runs(runs)

    def say(self, sentence: str) -> None:
        """Shows a sentence in the panel until the next input."""
        self._message.show_value(sentence)
        self._message.setVisible(bool(sentence))
        if sentence and not self.isVisible():
            self._session.message.emit(sentence)

    @property
    def message(self) -> str:
        return self._message.value

    def shutdown(self) -> None:
        """Waits for a picture that is being read, and for what is being computed about it."""
        self._reader.shutdown()
        self.strip.shutdown()
        self.sections.shutdown()

    # What happens

    def _on_sketch(self, source: object) -> None:
        requested_at = time.perf_counter()
        adjusted = self.sections.adjusted(source)
        self.source_changed.emit(adjusted)
        self.sections.show_source(source)
        if not self._is_of_file:
            self._frames.hide()
        if self._message.isVisibleTo(self):
            self.say("")
        # Asked last: while the answer is computed, this thread would wait for the interpreter at each of these steps.
        self._service.predict(adjusted, requested_at)

    def _on_answer(self, answer: Answer) -> None:
        self.view.show_answer(answer)
        self.bars.show_prediction(answer.mask or answer.prediction, answer.requested_at)
        if answer.is_blank and not is_blank(self.pad.source):
            self.say(_NOTHING)
        elif self.message == _NOTHING:
            self.say("")

    def _on_off(self) -> None:
        adjusted = self.sections.adjusted(self.pad.source)
        self._service.predict(adjusted)
        self.source_changed.emit(adjusted)
        self.strip.answer_again()

    def _on_failed(self, sentence: str) -> None:
        self._lacks_weights = not self._service.title
        self.say(sentence)

    def _on_history(self) -> None:
        self._undo.setEnabled(self.pad.can_undo)
        self._clear.setEnabled(not self.pad.is_blank)

    def _on_weights(self, title: str) -> None:
        if title and self._lacks_weights:
            self._lacks_weights = False
            self.say("")
        if title:
            self.sections.refresh()
            self.strip.answer_again()

    def choose_image(self) -> None:
        names = file_dialogs.open_files(self, "picture", "Open pictures", _PICTURES)
        self.open_images([Path(name) for name in names])

    def choose_folder(self) -> None:
        name = file_dialogs.open_folder(self, "picture", "Open a folder of pictures")
        if name:
            self.open_folder(Path(name))

    # Keys, drops, the clipboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif not self.pad.handle_key(event):
            super().keyPressEvent(event)

    def paste(self) -> None:
        """Takes a picture, or the file of one, from the clipboard."""
        if not self._take(QGuiApplication.clipboard().mimeData()):
            self.say("The clipboard holds no picture: copy one, or the file of one, and paste again.")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _has_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self._take(event.mimeData()):
            event.acceptProposedAction()

    def _take(self, mime: QMimeData | None) -> bool:
        if not _has_picture(mime):
            return False
        paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if len(paths) == 1 and paths[0].is_dir():
            self.open_folder(paths[0])
            return True
        if paths:
            self.open_images(paths)
            return True
        image = QImage(mime.imageData())
        if image.isNull():
            self.say("The picture that was given cannot be read: save it as a file, and open that.")
        else:
            self.show_picture(pixels_from_image(image))
        return True

    # The look

    def _on_theme(self) -> None:
        pad = theme().px(12)
        self._layout.setContentsMargins(pad, pad, pad, pad)
        self._layout.setSpacing(theme().px(8))
        # Four buttons in one row need narrower ones than elsewhere.
        self._buttons.setStyleSheet(f"QPushButton {{ padding: {theme().px(4)}px {theme().px(8)}px; }}")


def _has_picture(mime: QMimeData | None) -> bool:
    if mime is None:
        return False
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    # A file that holds a network is the window's to open, with what comes along.
    return not any(map(is_own_file, paths)) if paths else mime.hasImage()


def _named(button: QPushButton, name: str, tip: str) -> QPushButton:
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setAccessibleName(button.text() or button.accessibleName())
    # A click leaves the keyboard with the pad, so that Ctrl+Z goes on undoing.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
