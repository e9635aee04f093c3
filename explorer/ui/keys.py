"""The keys that are no command of a menu: those of pad, graph, tables and curves, and of what else is drawn."""

from __future__ import annotations

# By the place that has the keyboard; each line is keys and what they do.
KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "Anywhere": (
        ("Tab, Shift+Tab", "The next control, the one before"),
        ("Shift+F1", "What is this? Then click a number or a field, or press it again for where the keyboard is"),
        ("Esc", "Close what lies over the window: palette, tour, message"),
    ),
    "Pad": (
        ("← → ↑ ↓", "Move the pen; with Shift finely; 7, 9, 1, 3 of a number pad go aslant"),
        ("Space", "Pen down, or up again"),
        ("E", "Eraser, or pen again"),
        ("Delete, Backspace, Esc", "A fresh sheet"),
    ),
    "Graph": (
        ("← → ↑ ↓", "The layer before, behind, beside"),
        ("Home, End", "The first layer, the last"),
        ("Enter, Space", "Open or close the block or stack"),
        ("1 to 9", "Open blocks down to that depth"),
        ("Wheel", "Zoom; with Shift sideways"),
        ("Drag", "Move the graph"),
    ),
    "Layer table": (
        ("↑ ↓", "The row above, below"),
        ("← →", "Close the block, open it"),
        ("Enter", "Open or close the block"),
        ("Esc", "Select nothing; in the filter: clear it"),
        ("↓ in the filter", "Into the table"),
    ),
    "Catalogue": (
        ("↓ in the search", "Into the list"),
        ("Enter", "Show the network, or open the family"),
        ("Esc in the search", "Clear it"),
    ),
    "Curves": (
        ("← →", "Show the network as it was an epoch before, behind; a click does so too"),
        ("Shift+← →", "Read the values at the place before, behind"),
        ("End", "Back to the newest epoch"),
        ("L", "Fold the legend, or open it"),
        ("A", "Show everything"),
        ("Esc", "Take the cross away, then the chosen epoch"),
    ),
    "Feature maps, filters, images": (
        ("← → ↑ ↓", "The picture beside, above, below"),
        ("Page Up, Page Down", "The page, or the picture, before and behind"),
        ("Enter, Space", "Show it large, or all again; open the sample"),
        ("+ −", "Filters: larger, smaller"),
        ("Esc", "All again, then choose none"),
    ),
    "Confusion matrix": (
        ("← → ↑ ↓, Home, End", "Another cell"),
        ("Enter, Space", "The images behind it"),
        ("Esc", "Back to the matrix"),
    ),
    "Comparison": (
        ("← →", "The network beside"),
        ("Enter", "Show it"),
        ("A", "Show all"),
    ),
    "Queue of trainings": (
        ("Alt+↑, Alt+↓", "Earlier, later"),
        ("Delete", "Take it out"),
    ),
    "Strip of pictures": (("Delete, Backspace", "Take the picture out"),),
    "Receptive-field explorer": (
        ("Ctrl+↑, Ctrl+↓", "Move the window up, down"),
        ("Insert, Ctrl+Delete", "Add a window, take it out"),
    ),
    "Lecture mode": (
        ("Page Down, Page Up", "The next experiment, the one before"),
        ("G", "The graph, or curves and pad again"),
        ("Esc", "Leave; everything is as before"),
    ),
}
