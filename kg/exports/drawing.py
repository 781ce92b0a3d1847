"""Drawing a neighbourhood that has its places: boxes, lines, what is written beside them, and a legend below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kg.care import words
from kg.exports import identifiers, mindmap
from kg.exports.mindmap import Bond, Box, Map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INK, _SOFT, _PAPER = "#1a1a1a", "#55555f", "#ffffff"
_CROSSING = "#d3d6de"
TYPES: Mapping[str, str] = {
    "Drug": "#cfe2ff",
    "Brand": "#dcd6fb",
    "DrugClass": "#c4ecec",
    "Substance": "#d3f0d0",
    "Condition": "#ffd9d1",
    "Population": "#fdeab0",
    "Activity": "#f5d3ee",
}
OTHER_TYPE, _OTHER = "Other", "#e6e6ea"
_LEVELS: Mapping[str, str] = {
    "contraindicated": "#7f1d1d",
    "avoid": "#c62828",
    "not_recommended": "#b0500a",
    "caution": "#7d5a00",
    "monitor": "#1b5e8c",
    "adjust_dose": "#4a46b5",
    "stated_safe": "#1f6b2d",
}
_MARGIN = 24.0
_ROW = 18.0


class Letters:
    """The font of the picture, its widths, and what it has no shape for."""

    def __init__(self) -> None:
        from matplotlib import font_manager, textpath

        self._paths = textpath.text_to_path
        self.plain = font_manager.FontProperties(fname=str(_font("DejaVuSans.ttf")))
        self.bold = font_manager.FontProperties(fname=str(_font("DejaVuSans-Bold.ttf")))
        self._known = frozenset(font_manager.get_font(str(_font("DejaVuSans.ttf"))).get_charmap())

    def width(self, text: str, size: float) -> float:
        """Return how wide a text is."""
        properties = self.plain.copy()
        properties.set_size(size)
        return float(self._paths.get_text_width_height_descent(self.shown(text), properties, ismath=False)[0])

    def shown(self, text: str) -> str:
        """Return a text on one line, with a box for each character that the font has no shape for."""
        return "".join(one if ord(one) in self._known else "\N{WHITE SQUARE}" for one in identifiers.clean(text))


def _font(name: str) -> Any:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name


class Sheet:
    """The sheet that a picture is drawn on, in points; the library counts in inches from the lower left corner."""

    def __init__(self, placed: Map, letters: Letters, notes: Iterable[str]) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.letters = letters
        left, bottom, right, top = placed.bounds
        legend = list(self._legend(placed))
        lines = tuple(notes)
        width = max(right - left, 420.0, *(letters.width(line, 8.5) for line in lines)) + 2 * _MARGIN
        rows = list(self._rows(legend, width - 2 * _MARGIN))
        foot = _ROW * (len(rows) + len(lines)) + 14
        height = top - bottom + 2 * _MARGIN + foot
        self.figure: Figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor=_PAPER)
        FigureCanvasAgg(self.figure)
        inches = Affine2D().scale(1 / 72) + self.figure.dpi_scale_trans
        self._page = inches
        self._map = Affine2D().translate(-(left + right) / 2 + width / 2, _MARGIN + foot - bottom) + inches
        for number, bond in enumerate(placed.bonds):
            self._bond(bond, placed.boxes, f"bond-{number}")
        for number, box in enumerate(placed.boxes.values()):
            self._box(box, f"node-{number}")
        self._foot(rows, lines, foot)

    def _bond(self, bond: Bond, boxes: Mapping[str, Box], name: str) -> None:
        near_, far = boxes[bond.start], boxes[bond.end]
        said = bond.edges[0]
        colour = _LEVELS.get(said.level or "", _SOFT) if said.carries else _SOFT
        if not bond.is_main:
            self._curve(_crossing(near_, far), _CROSSING, 0.7, name, order=1)
            return
        side = far.side
        begin = near_.x + side * near_.width / 2, near_.y
        end = far.x - side * far.width / 2, far.y
        turn = begin[0] + side * mindmap.CURVE
        middle = (begin[0] + turn) / 2
        points = (begin, (middle, begin[1]), (middle, end[1]), (turn, end[1]))
        self._curve((*points, end), colour, 1.3, name, is_dashed=not said.carries, order=2)
        tip = end[0] - side * 1.0
        if bond.leads_out:
            self._arrow(tip, end[1], side, colour)
        if bond.leads_in:
            self._arrow(end[0] - side * mindmap.ARROW * 1.55, end[1], -side, colour)
        top = far.y + (len(bond.label) - 1) * mindmap.LABEL_LINE / 2
        for at, line in enumerate(bond.label):
            shade = _SOFT if line.is_denied else _LEVELS.get(line.level or "", _SOFT)
            beside = end[0] - side * 2 * mindmap.ARROW
            align: Literal["left", "right"] = "right" if side > 0 else "left"
            self._text(beside, top - at * mindmap.LABEL_LINE, line.text, mindmap.LABEL_SIZE, shade, align, halo=True)

    def _box(self, box: Box, name: str) -> None:
        from matplotlib.patches import FancyBboxPatch

        colour = TYPES.get(box.type, _OTHER)
        corner = box.x - box.width / 2 + 3, box.y - box.height / 2 + 3
        shape = FancyBboxPatch(
            corner,
            box.width - 6,
            box.height - 6,
            boxstyle="round,pad=3,rounding_size=5",
            facecolor=colour,
            edgecolor=_INK if box.side == 0 else "#7a7d88",
            linewidth=1.6 if box.side == 0 else 0.8,
            transform=self._map,
            zorder=4,
            gid=name,
        )
        self.figure.add_artist(shape)
        top = box.y + (len(box.lines) - 1) * mindmap.NODE_LINE / 2
        for at, line in enumerate(box.lines):
            self._text(box.x, top - at * mindmap.NODE_LINE, line, mindmap.NODE_SIZE, _INK, "center", order=5)

    def _curve(
        self,
        points: Iterable[tuple[float, float]],
        colour: str,
        width: float,
        name: str,
        *,
        is_dashed: bool = False,
        order: int,
    ) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Outline

        way = list(points)
        codes = [Outline.MOVETO, Outline.CURVE4, Outline.CURVE4, Outline.CURVE4, Outline.LINETO][: len(way)]
        line = PathPatch(
            Outline(way, codes),
            facecolor="none",
            edgecolor=colour,
            linewidth=width,
            linestyle=(0, (4, 3)) if is_dashed else "solid",
            transform=self._map,
            zorder=order,
            gid=name,
        )
        self.figure.add_artist(line)

    def _arrow(self, x: float, y: float, side: int, colour: str) -> None:
        from matplotlib.patches import Polygon

        back = x - side * mindmap.ARROW * 0.75
        points = [(x, y), (back, y + 3.2), (back, y - 3.2)]
        self.figure.add_artist(
            Polygon(points, closed=True, facecolor=colour, edgecolor="none", transform=self._map, zorder=3)
        )

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: str,
        align: Literal["left", "center", "right"] = "left",
        *,
        halo: bool = False,
        order: int = 3,
        on_page: bool = False,
    ) -> None:
        from matplotlib.text import Text

        around_it = {"facecolor": _PAPER, "edgecolor": "none", "pad": 1.8} if halo else None
        self.figure.add_artist(
            Text(
                x,
                y,
                self.letters.shown(text),
                color=colour,
                fontproperties=self.letters.plain,
                fontsize=size,
                horizontalalignment=align,
                verticalalignment="center_baseline",
                parse_math=False,
                bbox=around_it,
                transform=self._page if on_page else self._map,
                zorder=order,
            )
        )

    def _legend(self, placed: Map) -> Iterator[tuple[str, str, str]]:
        """Give what the colours mean, those that are there: how it is drawn, the colour, and the words."""
        there = {box.type for box in placed.boxes.values()}
        for name, colour in (*TYPES.items(), (OTHER_TYPE, _OTHER)):
            if name in there:
                yield "box", colour, identifiers.spaced(name)
        edges = [edge for bond in placed.bonds if bond.is_main for edge in bond.edges[:1]]
        levels = {edge.level for edge in edges if edge.carries}
        for level, colour in _LEVELS.items():
            if level in levels:
                yield "line", colour, words.level(level)
        if any(edge.carries and edge.level not in _LEVELS for edge in edges):
            yield "line", _SOFT, "no level of care"
        if any(not edge.carries for edge in edges):
            yield "dashes", _SOFT, "denied"

    def _rows(self, legend: Iterable[tuple[str, str, str]], room: float) -> Iterator[list[tuple[float, str, str, str]]]:
        """Give the legend in rows, each item with its distance from the margin."""
        row: list[tuple[float, str, str, str]] = []
        x = 0.0
        for how, colour, text in legend:
            width = 24 + self.letters.width(text, 8.5) + 14
            if row and x + width > room:
                yield row
                row, x = [], 0.0
            row.append((x, how, colour, text))
            x += width
        if row:
            yield row

    def _foot(self, rows: list[list[tuple[float, str, str, str]]], lines: tuple[str, ...], foot: float) -> None:
        from matplotlib.patches import PathPatch, Rectangle
        from matplotlib.path import Path as Outline

        y = _MARGIN + foot - 14 - _ROW / 2
        for row in rows:
            for x, how, colour, text in row:
                left = _MARGIN + x
                shape: Any = Rectangle((left, y - 4.5), 16, 9, facecolor=colour, edgecolor="#7a7d88", linewidth=0.8)
                if how != "box":
                    style: Any = (0, (4, 3)) if how == "dashes" else "solid"
                    way = Outline([(left, y), (left + 16, y)])
                    shape = PathPatch(way, edgecolor=colour, facecolor="none", linewidth=2.0, linestyle=style)
                shape.set_transform(self._page)
                self.figure.add_artist(shape)
                self._text(left + 21, y, text, 8.5, _INK, on_page=True)
            y -= _ROW
        for line in lines:
            self._text(_MARGIN, y, line, 8.5, _SOFT, on_page=True)
            y -= _ROW


def _crossing(one: Box, other: Box) -> list[tuple[float, float]]:
    """Return the way of a line that is in no row: outside around a column, straight across, or around one node."""
    if one is other:
        edge = one.x + (one.side or 1) * one.width / 2
        out = edge + (one.side or 1) * 26
        return [(edge, one.y + 4), (out, one.y + 9), (out, one.y - 9), (edge, one.y - 4)]
    if one.side == other.side and one.side:
        outer = max(one.side * one.x + one.width / 2, other.side * other.x + other.width / 2)
        bulge = one.side * (outer + min(60.0, 12 + abs(one.y - other.y) / 8))
        starts = (one.x + one.side * one.width / 2, one.y), (other.x + other.side * other.width / 2, other.y)
        return [starts[0], (bulge, one.y), (bulge, other.y), starts[1]]
    return [(one.x, one.y), (one.x, (one.y + other.y) / 2), (other.x, (one.y + other.y) / 2), (other.x, other.y)]
