"""How it is shown: the only place with PySide6 and pyqtgraph."""
