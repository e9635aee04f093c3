"""The sections that take the selected layer apart, below the inspector's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.ui.anatomy_filters import AnatomyFilters
from explorer.ui.anatomy_norm import AnatomyNorm
from explorer.ui.anatomy_rbf import AnatomyRbf
from explorer.ui.anatomy_residual import AnatomyResidual
from explorer.ui.anatomy_scales import AnatomyScales
from explorer.ui.anatomy_section import AnatomySection
from explorer.ui.anatomy_value import AnatomyValue

if TYPE_CHECKING:
    from explorer.ui.data_shelf import DataShelf
    from explorer.ui.inside_service import InsideService
    from explorer.ui.inspector import Inspector
    from explorer.ui.session import Session


class Anatomy(QObject):
    """Makes the sections and adds them to the inspector. Call `shutdown` before the window goes."""

    def __init__(
        self, inspector: Inspector, session: Session, service: InsideService, shelf: DataShelf, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.value = AnatomyValue(session, service)
        self.filters = AnatomyFilters(session, service)
        self.norm = AnatomyNorm(session, service, shelf)
        self.rbf = AnatomyRbf(session, service)
        self.scales = AnatomyScales(session, service)
        self.residual = AnatomyResidual(session, service)
        for section in self.sections:
            inspector.add_section(section)

    @property
    def sections(self) -> tuple[AnatomySection, ...]:
        """From top to bottom."""
        return self.value, self.filters, self.norm, self.rbf, self.scales, self.residual

    def shutdown(self) -> None:
        """Ends what goes on by itself; the service is the window's."""
        for section in self.sections:
            section.shutdown()
