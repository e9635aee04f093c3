"""What the main window is made of: its panels in docks, without what connects them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QWidget

from explorer.system.settings import Settings
from explorer.ui.about_panel import AboutPanel
from explorer.ui.anatomy import Anatomy
from explorer.ui.answer_tools import AnswerTools
from explorer.ui.catalogue_panel import CataloguePanel
from explorer.ui.catalogue_reader import CatalogueReader
from explorer.ui.chosen_weights import ChosenWeights
from explorer.ui.comparison_tools import ComparisonTools
from explorer.ui.dock_title import DockTitle
from explorer.ui.experiment_tools import ExperimentTools
from explorer.ui.feature_section import FeatureSection
from explorer.ui.field_follower import FieldFollower
from explorer.ui.graph_view import GraphView
from explorer.ui.input_panel import InputPanel
from explorer.ui.inside_service import InsideService
from explorer.ui.inside_training import InsideTraining
from explorer.ui.inspector import Inspector
from explorer.ui.layer_table import LayerTable
from explorer.ui.lazy_panel import LazyPanel
from explorer.ui.live_maps import LiveMaps
from explorer.ui.mask_network import MaskNetwork
from explorer.ui.options_form import OptionsForm
from explorer.ui.own_networks import OwnNetworks
from explorer.ui.prediction_service import PredictionService
from explorer.ui.reading_note import ReadingNote
from explorer.ui.run_table import RunTable
from explorer.ui.session import Session
from explorer.ui.status_bar import StatusBar
from explorer.ui.theme import theme
from explorer.ui.training_panel import TrainingPanel
from explorer.ui.training_thread import Trainer
from explorer.ui.why_tools import WhyTools
from explorer.ui.workspaces import Workspaces

if TYPE_CHECKING:
    from explorer.ui.comparison_panel import ComparisonPanel
    from explorer.ui.field_explorer import FieldExplorer


class WindowParts(QMainWindow):
    """The session, the trainer, the services, and a panel for each thing a person sees."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("CNN Explorer")
        self.setAcceptDrops(True)
        # Not animated: an arrangement that changes while docks still move leaves stray tab bars behind.
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        for corner, area in (
            (Qt.Corner.TopLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.TopRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            self.setCorner(corner, area)
        self.settings = settings
        self.session = Session(self)
        self.trainer = Trainer(self, settings=lambda: self.settings)
        self.service = PredictionService(parent=self)
        self.chosen_weights = ChosenWeights(self.session, self.service, self)
        self.mask_network = MaskNetwork(self.session, self.service, self)
        self.experiments = ExperimentTools(self)
        self.look_inside = InsideService(self.session, self.service, self)
        self.own = OwnNetworks(self)
        self.reader = CatalogueReader(self)
        self.remembered: dict[str, Any] = {}  # from the last start
        with theme().styled_at_the_end():
            self._build()

    def _build(self) -> None:
        self.graph_view = GraphView(self.session, self)
        self.setCentralWidget(self.graph_view)
        self.live_maps = LiveMaps(self.graph_view, self.look_inside)
        self.catalogue = CataloguePanel(self.session, parent=self)
        self.options = OptionsForm(self.session, self)
        self.layers = LayerTable(self.session, self)
        self.runs = RunTable(self._runs_folder, self.trainer, self)
        self.training = TrainingPanel(self.session, self.trainer, lambda: self.settings, self)
        self.input = InputPanel(self.session, self.service, self, titled=False)
        self.inspector = Inspector(self.session, self)
        self.features = FeatureSection(self.session, self.look_inside)
        self.inspector.add_section(self.features)
        self.field_follower = FieldFollower(self.features, self.input)
        self.about = AboutPanel(self.session, self)
        # Built when they are first in sight.
        self.comparison_tools = ComparisonTools(self)
        self.comparison = LazyPanel(self._make_comparison, self)
        self.field = LazyPanel(self._make_field, self)
        self.inside = InsideTraining(self)
        self.anatomy = Anatomy(self.inspector, self.session, self.look_inside, self.inside.shelf, self)
        self.reading_note = ReadingNote(self.graph_view, beside=self.graph_view.toolbar)
        self.answer_tools = AnswerTools(self)
        self.why_tools = WhyTools(self)
        self.docks = {
            name: self._dock(name, title, widget)
            for name, title, widget in (
                ("catalogue", "Catalogue", self.catalogue),
                ("options", "Options", self.options),
                ("layers", "Layers", self.layers),
                ("runs", "Runs", self.runs),
                ("training", "Training", self.training),
                ("input", "Input", _scrolled(self.input)),
                ("inspector", "Inspector", self.inspector),
                ("about", "About", self.about),
                ("why", "Why", self.why_tools.panel),
                ("confusion", "Confusion", self.inside.confusion),
                ("data", "Data", self.inside.data),
                ("comparison", "Comparison", self.comparison),
                ("experiments", "Experiments", self.experiments.panel),
                ("field", "Receptive field", self.field),
                ("several", "Several", self.answer_tools.several),
                ("personal", "My hand", self.answer_tools.personal),
            )
        }
        self.workspaces = Workspaces(self, self.docks)
        self.status = StatusBar(self.session, self)
        self.setStatusBar(self.status)

    def _dock(self, name: str, title: str, widget: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"{name}_dock")
        dock.setWidget(widget)
        dock.setTitleBarWidget(DockTitle(dock))
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        return dock

    def _make_comparison(self) -> ComparisonPanel:
        panel = self.comparison_tools.make_panel()
        panel.experiments_wanted.connect(self.experiments.show)
        return panel

    def _make_field(self) -> FieldExplorer:
        from explorer.ui.field_explorer import FieldExplorer  # noqa: PLC0415 - the window is up before it

        panel = FieldExplorer()
        panel.restore(field if isinstance(field := self.remembered.get("field"), dict) else {})
        return panel


def _scrolled(panel: QWidget) -> QScrollArea:
    """A panel that can be scrolled where the window is short or the text large."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(panel)
    return area
