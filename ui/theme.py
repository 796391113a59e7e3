"""Every colour, size and font of the screens, in one place.

Calm when all is well: greys and one accent. Saturated colour means abnormal, and always comes
with a shape and a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from string import Template

from PySide6.QtGui import QColor, QFont

# Latin first: a Chinese family first would lose digits in some outputs.
FAMILIES = (
    "Segoe UI",
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
)
TEXT_PX = 13
SMALL_PX = 12
TITLE_PX = 15
FIGURE_PX = 22
GAP_PX = 10
TARGET_PX = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The colours of one theme, by what they are for."""

    name: str
    ground: str  # behind everything
    panel: str  # what lies on it
    field: str  # what can be typed in, rows of a table, a station
    rail: str
    rule: str  # borders
    grid: str  # lines inside a panel
    ink: str
    soft: str  # second rank text, still at least 4.5:1
    accent: str
    accent_soft: str
    on_accent: str
    alarm: str
    alarm_soft: str
    warn: str
    warn_soft: str
    replay: str  # the frame that says: this is not live
    on_replay: str
    simulation: str
    on_simulation: str
    work: str  # the one dark grey: a station at work
    rest: str  # stations that wait
    calm: str  # stations that are off
    series: tuple[str, ...]  # curves beside the total, muted

    def color(self, token: str, alpha: int = 255) -> QColor:
        """A token's colour, with opacity 0..255."""
        color = QColor(getattr(self, token))
        color.setAlpha(alpha)
        return color


LIGHT = Tokens(
    name="light",
    ground="#E4E7EA",
    panel="#F1F3F4",
    field="#FCFCFD",
    rail="#DADEE2",
    rule="#C6CCD1",
    grid="#DDE1E5",
    ink="#1B2227",
    soft="#4C565F",
    accent="#0A6470",
    accent_soft="#D0E2E4",
    on_accent="#FFFFFF",
    alarm="#B3201A",
    alarm_soft="#F7DEDC",
    warn="#855200",
    warn_soft="#F6E7C8",
    replay="#E09A10",
    on_replay="#1B1400",
    simulation="#5B6670",
    on_simulation="#FFFFFF",
    work="#39444D",
    rest="#8A959E",
    calm="#C3CAD0",
    series=("#5D7186", "#8B7A4C", "#7B6180", "#577A62", "#96705A", "#5F7F93", "#7D7D6B", "#8A6472"),
)

DARK = Tokens(
    name="dark",
    ground="#15191C",
    panel="#1D2226",
    field="#252B30",
    rail="#101315",
    rule="#3A434A",
    grid="#2C3339",
    ink="#E3E7EA",
    soft="#A2ADB6",
    accent="#4FB3BF",
    accent_soft="#1D3D42",
    on_accent="#06191C",
    alarm="#FF7A70",
    alarm_soft="#48211F",
    warn="#F0B84A",
    warn_soft="#40321A",
    replay="#E0A020",
    on_replay="#1B1400",
    simulation="#8794A0",
    on_simulation="#0F1214",
    work="#C4CDD4",
    rest="#77838D",
    calm="#454F57",
    series=("#8CA3BA", "#B9A774", "#AB8FB0", "#85AB91", "#C39A82", "#86AEC5", "#A8A893", "#BC8E9E"),
)

CONTRAST = Tokens(
    name="contrast",
    ground="#000000",
    panel="#000000",
    field="#000000",
    rail="#000000",
    rule="#FFFFFF",
    grid="#5A5A5A",
    ink="#FFFFFF",
    soft="#F0F0F0",
    accent="#5CE1F2",
    accent_soft="#003B42",
    on_accent="#000000",
    alarm="#FF8C82",
    alarm_soft="#5A0000",
    warn="#FFD24A",
    warn_soft="#4A3500",
    replay="#FFC020",
    on_replay="#000000",
    simulation="#FFFFFF",
    on_simulation="#000000",
    work="#FFFFFF",
    rest="#B5B5B5",
    calm="#6E6E6E",
    series=("#A9C9EA", "#F0DC94", "#E0B4E8", "#A8E4B8", "#FFC4A0", "#A0DCFF", "#E0E0C0", "#FFB4CC"),
)

THEMES = {tokens.name: tokens for tokens in (LIGHT, DARK, CONTRAST)}


@lru_cache(maxsize=64)
def font(px: int = TEXT_PX, *, bold: bool = False) -> QFont:
    """The one type of the screens at a size in pixels, figures of equal width."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(px)
    made.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


_SHEET = Template("""
* { outline: none; }
QWidget { color: $ink; }
QMainWindow, QDialog, QWidget#ground { background: $ground; }
QFrame#panel { background: $panel; border: 1px solid $rule; border-radius: 3px; }
QFrame#bar { background: $panel; border: none; border-bottom: 1px solid $rule; }
QFrame#foot { background: $panel; border: none; border-top: 1px solid $rule; }
QFrame#rail { background: $rail; border: none; border-right: 1px solid $rule; }
QFrame#divider { background: $rule; border: none; }
QFrame#replayframe { border: 4px solid $replay; }
QFrame#plainframe { border: none; }
QLabel { background: transparent; }
QLabel[rank="title"] { font-size: 15px; font-weight: 700; }
QLabel[rank="head"] { font-weight: 700; }
QLabel[rank="soft"] { color: $soft; font-size: 12px; }
QLabel[rank="hero"] { font-size: 30px; font-weight: 700; }
QLabel[rank="figure"] { font-size: 22px; font-weight: 700; }
QLabel[rank="lead"] { font-size: 15px; color: $soft; }
QLabel[tone="alarm"] { color: $alarm; font-weight: 700; }
QLabel[tone="warn"] { color: $warn; font-weight: 700; }
QLabel#fault { color: $alarm; background: $alarm_soft; border: 1px solid $alarm;
  border-radius: 3px; padding: 6px 8px; font-size: 12px; }
QLabel#drop { border: 1px dashed $rest; border-radius: 3px; color: $soft; font-size: 12px; }
QLabel#mode { font-weight: 700; font-size: 14px; border-radius: 3px; padding: 4px 10px; }
QLabel#mode[mode="live"] { background: $ink; color: $panel; }
QLabel#mode[mode="replay"] { background: $replay; color: $on_replay; }
QLabel#mode[mode="simulation"] { background: $simulation; color: $on_simulation; }
QPushButton, QToolButton { background: $field; border: 1px solid $rule; border-radius: 3px;
  padding: 4px 12px; min-height: 20px; }
QPushButton:hover, QToolButton:hover { border-color: $soft; }
QPushButton:pressed, QToolButton:pressed { background: $accent_soft; }
QPushButton:focus, QToolButton:focus, QLineEdit:focus, QComboBox:focus, QTableView:focus,
QTreeView:focus, QListView:focus { border: 2px solid $accent; }
QPushButton:focus, QToolButton:focus { padding: 3px 11px; }
QPushButton:disabled, QToolButton:disabled { color: $rest; background: $panel; }
QPushButton#primary { background: $accent; color: $on_accent; border-color: $accent;
  font-weight: 700; padding: 6px 16px; }
QPushButton#primary:hover { background: $ink; border-color: $ink; color: $panel; }
QPushButton#primary:focus { border: 2px solid $ink; padding: 5px 15px; }
QPushButton#primary:disabled { background: $calm; border-color: $calm; color: $ink; }
QPushButton#link { background: transparent; border: 1px solid transparent; text-align: left;
  color: $ink; padding: 4px 6px; }
QPushButton#link:hover { background: $field; border-color: $rule; }
QPushButton#link:focus { border: 2px solid $accent; padding: 3px 5px; }
QToolButton#icon { padding: 0; }
QToolButton:checked { background: $accent; color: $on_accent; border-color: $accent; }
QToolButton#segment { border-radius: 0; padding: 2px 10px; font-size: 12px; margin-left: -1px; }
QToolButton#segment:checked { background: $accent; color: $on_accent; border-color: $accent; }
QToolButton#segment:focus { border: 2px solid $ink; padding: 1px 9px; }
QLineEdit, QComboBox { background: $field; border: 1px solid $rule; border-radius: 3px;
  padding: 3px 8px; min-height: 22px; selection-background-color: $accent;
  selection-color: $on_accent; placeholder-text-color: $soft; }
QLineEdit:focus, QComboBox:focus { padding: 2px 7px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox QAbstractItemView { background: $field; border: 1px solid $rule;
  selection-background-color: $accent_soft; selection-color: $ink; }
QTableView, QTreeView, QListView { background: $field; border: 1px solid $rule;
  alternate-background-color: $panel; gridline-color: $grid; selection-background-color:
  $accent_soft; selection-color: $ink; }
QTableView::item { padding: 0 4px; border: none; }
QTableView::item:selected, QTreeView::item:selected,
QListView::item:selected { background: $accent_soft; color: $ink; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $soft; border: none; font-size: 12px;
  border-bottom: 1px solid $rule; padding: 6px 7px 4px 7px; font-weight: 400; }
QHeaderView::up-arrow, QHeaderView::down-arrow { subcontrol-position: top center;
  width: 9px; height: 6px; }
QTableCornerButton::section { background: $panel; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $calm; border-radius: 4px; min-height: 28px; min-width: 28px;
  margin: 2px; }
QScrollBar::handle:hover { background: $rest; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QSplitter::handle { background: transparent; }
QToolTip { background: $field; color: $ink; border: 1px solid $rule; padding: 4px; }
QMenu { background: $field; border: 1px solid $rule; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 16px; }
QMenu::item:selected { background: $accent_soft; color: $ink; }
QMenu::item:checked { font-weight: 700; }
""")


def stylesheet(tokens: Tokens) -> str:
    """The style sheet of the standard controls in a theme."""
    names = {name: getattr(tokens, name) for name in Tokens.__dataclass_fields__}
    return _SHEET.substitute(names)
