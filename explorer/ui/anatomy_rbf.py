"""The inspector's section on LeNet's output layer: how near the activation of F6 is to each class's picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.ui.anatomy_section import AnatomySection, plain
from explorer.ui.explanations import explain_all
from explorer.ui.figures_in_words import figure
from explorer.ui.rbf_view import RbfView
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.inference.rbf_targets import RbfTargets
    from explorer.ui.inside_service import Subject

_TYPE = "RadialBasis"


class AnatomyRbf(AnatomySection):
    """For the layer itself and for those that it reads."""

    key = "rbf targets"
    title = "RBF targets"

    def fits(self) -> bool:
        graph, path = self.session.graph, self.session.selection
        layer = None if graph is None else next((node for node in graph.nodes if node.type_name == _TYPE), None)
        if graph is None or layer is None or not path:
            return False
        near = {layer.path}
        # The layer's activation, and what the activation is of.
        for _ in range(2):
            near |= {edge.source for edge in graph.edges if edge.target in near}
        return path in near

    def about_to_change(self) -> None:
        self._answer: tuple[RbfTargets, tuple[str, ...]] | None = None

    def work(self) -> Callable[[Subject], Any] | None:
        def look(subject: Subject) -> tuple[RbfTargets, tuple[str, ...]]:
            from explorer.inference.rbf_targets import rbf_targets  # noqa: PLC0415 - torch

            predictor = subject.predictor
            with subject.at_work():
                return rbf_targets(predictor.network, predictor.prepared(subject.seen)), predictor.labels

        return look

    def show_answer(self, answer: Any) -> None:
        self._answer = answer
        targets, labels = answer
        self.view.show_targets(targets.activation, targets.targets, targets.distances, labels)
        order = targets.distances.argsort()
        first, second = int(order[0]), int(order[1])
        self._words.setText(
            f"Nearest: {self._label(first)}, distance {figure(float(targets.distances[first]), 4)}; then "
            f"{self._label(second)}, {figure(float(targets.distances[second]), 4)}"
        )
        self._pointed(self.view.at)

    def _label(self, number: int) -> str:
        labels = () if self._answer is None else self._answer[1]
        return labels[number] if number < len(labels) else str(number)

    def _pointed(self, number: int) -> None:
        if self._answer is None or number < 0:
            self._reading.setText("Point at a picture to see what its distance is made of.\n")
            return
        squares = self._answer[0].squares(number)
        row, column = divmod(int(squares.argmax()), squares.shape[1])
        self._reading.setText(
            f"{self._label(number)}: the squares of 84 differences add up to {figure(float(squares.sum()), 4)}; the "
            f"largest is {figure(float(squares[row, column]), 3)}, in row {row}, column {column}"
        )

    def make_content(self) -> QWidget:
        page = QWidget()
        about = plain()
        about.setText(
            "Each class has a picture of 7 × 12, +1 for ink and −1 for paper. The output of a class is the sum of the "
            "squared differences between F6 and its picture: the smallest distance wins."
        )
        self.view = RbfView()
        self.view.pointed.connect(self._pointed)
        self._reading = plain()
        self._words = plain("text")
        self._inner = QVBoxLayout(page)
        self._inner.setContentsMargins(0, 0, 0, 0)
        for part in (about, self.view, self._words, self._reading):
            self._inner.addWidget(part)
        explain_all("inside", {"rbf distance": (about, self.view, self._words, self._reading)})
        return page

    def restyle(self) -> None:
        self._inner.setSpacing(theme().px(6))
