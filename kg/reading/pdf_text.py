"""The pieces of text on the pages of a PDF, with their places: the one module that knows the PDF library.

pypdf is pure Python, so that no file, however broken, ends the process; its limits bound what a file may unfold to.
"""

from __future__ import annotations

import io
import logging
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.errors import DocumentError

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MOST_PAGES = 3_000
MOST_CONTENT = 60_000_000
"""Bytes of page descriptions, unpacked, that a file may have (a product information of 140 pages has 2.5 million)."""

MOST_OPERATIONS = 2_500_000
"""Drawing operations that a file may have (the same has 0.1 million)."""

MOST_CHARACTERS = 20_000_000
LIMITS: dict[str, Any] = {
    "maximum_declared_stream_length": 20_000_000,
    "array_based_stream_maximum_output_length": 20_000_000,
    "zlib_maximum_output_length": 20_000_000,
    "zlib_maximum_recovery_input_length": 1_000_000,
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "brotli_maximum_output_length": 20_000_000,
    "stream_decoding_work_maximum_length": 80_000_000,
    "stream_parsing_work_maximum_count": 1_000_000,
    "page_tree_maximum_page_entries": 100_000,
    "xform_maximum_invocations_per_extraction": 1_000,
    "jbig2dec_binary": None,
}
"""What pypdf may unpack; pictures are not looked at, and no other program is called."""

_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_ITALIC = re.compile(r"italic|oblique", re.IGNORECASE)
_HEAD, _TAIL = 1_024, 4_096
_THIN = 2.5
"""Points that a drawn line is wide at most; what is wider is an area."""


@dataclass(slots=True)
class Piece:
    """Text that is drawn at one place in one font; `x` and `y` are in points, `y` counts upwards.

    `is_last` says that the library saw the line end behind it.
    """

    text: str
    x: float
    y: float
    size: float
    font: str
    is_last: bool

    @property
    def is_bold(self) -> bool:
        """Whether the font's name says that it is bold."""
        return bool(_BOLD.search(self.font))

    @property
    def is_italic(self) -> bool:
        """Whether the font's name says that it is slanted."""
        return bool(_ITALIC.search(self.font))


@dataclass(slots=True)
class PageText:
    """The pieces of a page in the order in which they are drawn, its height, and its upright drawn lines.

    An upright line is x, its lower end and its upper end.
    """

    height: float
    pieces: list[Piece] = field(default_factory=list)
    uprights: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PdfText:
    """The pages of a PDF, and the title that its own data give."""

    pages: tuple[PageText, ...]
    title: str


class _TooMuch(Exception):  # noqa: N818 - it never leaves this module
    """A page does more than any document does."""


def read(content: bytes, place: str) -> PdfText:
    """Read the text of every page.

    Raises
    ------
    DocumentError
        When the file is no PDF, cut off, broken, locked by a password, or unfolds to more than any document has.
    """
    if b"%PDF-" not in content[:_HEAD]:
        raise DocumentError(place, "is not a PDF", "name a PDF file, or give the file the ending of what it is")
    if b"%%EOF" not in content[-_TAIL:]:
        raise DocumentError(place, "the PDF is cut off: its end is missing", "get the whole file again")
    import pypdf
    from pypdf.errors import LimitReachedError

    with pypdf.apply_configuration(**LIMITS), _quiet():
        where = "the file"
        try:
            reader = _opened(pypdf.PdfReader(io.BytesIO(content)), place)
            count = len(reader.pages)
            if count > MOST_PAGES:
                raise DocumentError(
                    place, f"has {count} pages", f"split it into documents of at most {MOST_PAGES} pages"
                )
            budget, pages = _Budget(), []
            for number in range(count):
                where = f"page {number + 1}"
                pages.append(_read_page(reader.pages[number], budget))
            return PdfText(tuple(pages), _title(reader))
        except DocumentError:
            raise
        except (_TooMuch, LimitReachedError):
            problem = f"{where} unfolds to more than a document has"
            raise DocumentError(place, problem, "print it to a new PDF, or split it") from None
        except Exception as error:  # noqa: BLE001 - a broken file may break its parser anywhere
            problem = f"{where} of the PDF cannot be read ({type(error).__name__})"
            raise DocumentError(place, problem, "get the file again, or print it to a new PDF") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's remarks on the file's faults off the screen while it reads."""
    logger = logging.getLogger("pypdf")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _opened(reader: PdfReader, place: str) -> PdfReader:
    """Unlock a file that anybody may read; most locks only forbid changes."""
    if reader.is_encrypted:
        from pypdf import PasswordType

        if reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise DocumentError(place, "is locked by a password", "save it without the password")
    return reader


def _title(reader: PdfReader) -> str:
    try:
        metadata = reader.metadata
        title = metadata.title if metadata is not None else None
    except Exception:  # noqa: BLE001 - the title is no reason to lose the text
        return ""
    return " ".join(title.split()) if isinstance(title, str) else ""


@dataclass(slots=True)
class _Budget:
    content: int = MOST_CONTENT
    operations: int = MOST_OPERATIONS
    characters: int = MOST_CHARACTERS

    def spend(self, content: int = 0, operations: int = 0, characters: int = 0) -> None:
        self.content -= content
        self.operations -= operations
        self.characters -= characters
        if self.content < 0 or self.operations < 0 or self.characters < 0:
            raise _TooMuch


Matrix = list[float]
Place = tuple[float, float]
_DRAWN = frozenset({b"re", b"m", b"l"})
_PAINTED = {
    b"S": True,
    b"s": True,
    b"B": True,
    b"B*": True,
    b"b": True,
    b"b*": True,
    b"f": False,
    b"F": False,
    b"f*": False,
}
"""Operators that show what was drawn; True where its sides are shown, not only its area."""

_PATH_END = frozenset({*_PAINTED, b"n"})
_MOST_RULERS = 20_000
_FARTHEST = 1e6


@dataclass(slots=True)
class _Drawing:
    """What a page draws, in the order of its description: pieces with the angle of their writing, and lines."""

    pieces: list[tuple[Piece, int]] = field(default_factory=list)
    rulers: list[tuple[Place, Place]] = field(default_factory=list)
    path: list[tuple[Place, Place]] = field(default_factory=list)
    areas: list[tuple[Place, Place]] = field(default_factory=list)
    pen: Place = (0.0, 0.0)

    def draw(self, operator: bytes, operands: list[Any], current: Matrix) -> None:
        """Follow the pen; a thin area is a line, and what is only cut out or filled is none."""
        numbers = [float(number) for number in operands if isinstance(number, int | float)]
        if operator in _PATH_END:
            if len(self.rulers) <= _MOST_RULERS:
                self.rulers += self.areas if operator in _PAINTED else ()
                self.rulers += self.path if _PAINTED.get(operator) else ()
            self.path, self.areas = [], []
        elif len(self.path) > _MOST_RULERS:
            return
        elif operator == b"re" and len(numbers) == 4:
            x, y, width, height = numbers
            corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
            places = [_placed(corner[0], corner[1], current) for corner in corners]
            sides = list(zip(places, places[1:] + places[:1], strict=True))
            is_thin = min(math.dist(places[0], places[1]), math.dist(places[1], places[2])) <= _THIN
            (self.areas if is_thin else self.path).extend(sides)
        elif len(numbers) == 2:
            place = _placed(numbers[0], numbers[1], current)
            if operator == b"l":
                self.path.append((self.pen, place))
            self.pen = place

    def text(self, words: str, current: Matrix, place: Matrix, font: Any, size: float) -> None:
        """Take a piece of text; a line end that comes alone belongs to the piece before it."""
        if not words.strip("\n"):
            if words and self.pieces:
                self.pieces[-1][0].is_last = True
            return
        p, q, r, s, _, _ = current
        a, b, c, d, e, f = place
        angle = math.atan2(a * q + b * s, a * p + b * r)
        scale = math.hypot(c * p + d * r, c * q + d * s) * abs(size)
        x, y = _placed(e, f, current)
        if not max(abs(x), abs(y), scale) < _FARTHEST:  # nor what is no number
            return
        name = str(font.get("/BaseFont", "")) if isinstance(font, dict) else ""
        piece = Piece(words, x, y, scale, name, words.endswith("\n"))
        self.pieces.append((piece, round(angle / (math.pi / 2)) % 4))

    def page(self, left: float, bottom: float, right: float, top: float) -> PageText:
        """Turn the page so that most of its writing is upright; what is written across it is a mark on it."""
        letters = [sum(len(piece.text) for piece, angle in self.pieces if angle == turn) for turn in range(4)]
        turn = letters.index(max(letters))
        corners = [_turned(left, bottom, turn), _turned(right, top, turn)]
        x, y = (min(values) for values in zip(*corners, strict=True))
        text = PageText(max(abs(corners[0][1] - corners[1][1]), 1.0))
        for piece, angle in self.pieces:
            if angle == turn:
                piece.x, piece.y = (
                    value - start for value, start in zip(_turned(piece.x, piece.y, turn), (x, y), strict=True)
                )
                text.pieces.append(piece)
        for ends in self.rulers:
            (one_x, one_y), (other_x, other_y) = (_turned(*end, turn) for end in ends)
            if abs(one_x - other_x) < 1 and _THIN < abs(one_y - other_y) < _FARTHEST:
                text.uprights.append((one_x - x, min(one_y, other_y) - y, max(one_y, other_y) - y))
        return text


def _read_page(page: PageObject, budget: _Budget) -> PageText:
    contents = page.get_contents()
    drawing = _Drawing()
    if contents is not None:
        budget.spend(content=len(contents.get_data()))

        def before(operator: bytes, operands: list[Any], current: Matrix, _: Matrix) -> None:
            budget.spend(operations=1)
            if operator in _DRAWN or operator in _PATH_END:
                drawing.draw(operator, operands, current)

        def text(words: str, current: Matrix, place: Matrix, font: Any, size: float) -> None:
            budget.spend(characters=len(words))
            drawing.text(words, current, place, font, size)

        page.extract_text(visitor_operand_before=before, visitor_text=text)
    box = page.mediabox
    return drawing.page(float(box.left), float(box.bottom), float(box.right), float(box.top))


def _placed(x: float, y: float, current: Matrix) -> Place:
    a, b, c, d, e, f = current
    return a * x + c * y + e, b * x + d * y + f


def _turned(x: float, y: float, turn: int) -> Place:
    """Turn a place by so many quarters clockwise."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[turn]
