"""A text with links into the program, set in the window's own letters."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from explorer.ui.theme import theme

# Of the height of a line of its letters; longer texts want more room between the lines.
_LINE_PERCENT = 128.0
_HINTS = {
    "layer": "Selects this layer",
    "option": "Goes to this option",
    "network": "Shows this network",
    "experiment": "Opens this experiment",
    "panel": "Brings this panel to the front",
}


class NotesView(QTextBrowser):
    """As high as its text: the page around it scrolls. `followed` carries the address of a link."""

    followed = Signal(str)

    def __init__(self, markdown: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._markdown = markdown
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Notes on this architecture")
        self.document().setDocumentMargin(0)
        self.anchorClicked.connect(self._follow)
        self.highlighted.connect(self._hint)
        theme().changed.connect(self._set)
        self._set()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        document = self.document()
        before = document.textWidth()
        document.setTextWidth(max(width, 40))
        height = document.size().height()
        document.setTextWidth(before)
        return int(height) + theme().px(4)

    def sizeHint(self) -> QSize:
        width = self.width() if self.width() > theme().px(80) else theme().px(280)
        return QSize(theme().px(200), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), theme().px(20))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def _follow(self, address: QUrl) -> None:
        self.followed.emit(address.toString())

    def _hint(self, address: QUrl) -> None:
        self.setToolTip(_HINTS.get(address.scheme(), ""))

    def _set(self) -> None:
        """Sets the text anew in the theme's letters and colours."""
        look = theme()
        self.setStyleSheet("QTextBrowser { background: transparent; border: none; padding: 0; }")
        document = self.document()
        document.setDefaultFont(look.font())
        document.setIndentWidth(look.px(14))
        document.setMarkdown(self._markdown, QTextDocument.MarkdownFeature.MarkdownDialectCommonMark)
        block = document.begin()
        is_first = True
        while block.isValid():
            self._set_block(QTextCursor(block), block.blockFormat(), is_first=is_first)
            is_first = False
            block = block.next()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.updateGeometry()

    def _set_block(self, cursor: QTextCursor, had: QTextBlockFormat, *, is_first: bool) -> None:
        look = theme()
        laid = QTextBlockFormat()
        is_heading = bool(had.headingLevel())
        laid.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        laid.setTopMargin(0 if is_first else look.px(10) if is_heading else 0)
        laid.setBottomMargin(look.px(2) if is_heading else look.px(6))
        cursor.mergeBlockFormat(laid)
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        letters = QTextCharFormat()
        if is_heading:
            # Markdown makes headings larger by steps, whatever size they are given.
            letters.setProperty(QTextFormat.Property.FontSizeAdjustment.value, 0)
            letters.setFontPointSize(look.font(secondary=True).pointSizeF())
            letters.setFontWeight(QFont.Weight.DemiBold.value)
            letters.setForeground(look.colour("secondary"))
            cursor.mergeCharFormat(letters)
            return
        letters.setFontPointSize(look.font().pointSizeF())
        cursor.mergeCharFormat(letters)
        self._set_links(cursor)

    def _set_links(self, cursor: QTextCursor) -> None:
        """Gives the links of a block the theme's colour; the line below comes back by the pointer alone."""
        block = cursor.block()
        pieces = block.begin()
        linked = QTextCharFormat()
        linked.setForeground(theme().colour("accent"))
        linked.setFontUnderline(False)
        spans = []
        while not pieces.atEnd():
            piece = pieces.fragment()
            if piece.isValid() and piece.charFormat().isAnchor():
                spans.append((piece.position(), piece.position() + piece.length()))
            pieces += 1
        for start, end in spans:
            marked = QTextCursor(self.document())
            marked.setPosition(start)
            marked.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            marked.mergeCharFormat(linked)
