"""Where books are: bundled ones by their id, own ones by the path of their file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from data.book import Book
from data.factor_file import BookFaults, parse_books
from data.toml_file import Faults, is_there, listed, nearest, read_text, whole

View = Literal["location", "market", "product"]
VIEWS: tuple[View, ...] = ("location", "market", "product")
_BUNDLED = Path(__file__).parent / "factors"
# What a book under each key must hold one of, and in words.
BOOK_PARTS: dict[str, tuple[tuple[str, ...], str]] = {
    **dict.fromkeys(VIEWS, (("factors", "contracts", "releases", "base"), "emission factor")),
    "tariff": (("tariffs", "prices"), "[[tariff]] or [[price]]"),
    "carbon_price": (("carbon_prices",), "[[carbon_price]]"),
}


class BookNotFound(BookFaults):
    """Neither a bundled book nor a file of one."""


@cache
def bundled_books() -> dict[str, Book]:
    """The bundled books by id."""
    found: dict[str, Book] = {}
    for path in sorted(_BUNDLED.glob("*.toml")):
        found |= parse_books(read_text(path), path.name)[0]
    return found


def load_book(name: str, base: Path | None) -> Book:
    """A bundled book by its id, or an own one by the path of its file, relative to ``base``.

    A file of several books is named with the id: "factors.toml#our_supplier". Raises BookNotFound,
    BookFaults with every fault of the file, or OSError where the system refuses to read it.
    """
    bundled = bundled_books()
    if name in bundled:
        return bundled[name]
    file, _, wanted = name.partition("#")
    path = None if base is None or not file else base / file
    if path is None or not is_there(path):
        limit = "no such book: neither bundled nor a file beside the line file"
        raise BookNotFound([whole(name, limit, nearest(name, bundled))])
    return _one_of(_own_books(path, file), file, wanted)


def _own_books(path: Path, file: str) -> dict[str, Book]:
    try:
        text = read_text(path)
    except Faults as error:
        raise BookFaults(error.faults) from None
    return parse_books(text, file, bundled_books())[0]


def book_for(key: str, name: str, base: Path | None) -> Book:
    """The book that a line file names under a key of [books]; raises as load_book."""
    book = load_book(name, base)
    parts, words = BOOK_PARTS[key]
    if not any(getattr(book, part) for part in parts):
        fitting = [b.id for b in bundled_books().values() if any(getattr(b, p) for p in parts)]
        limit = f"is no {key.replace('_', ' ')} book: it holds no {words}"
        raise BookNotFound([whole(name, limit, nearest(name, fitting))])
    return book


def bases_of(book: Book, name: str, base: Path | None) -> list[Book]:
    """The books that a book is built upon: of its own file, or bundled; the nearest first."""
    file = name.partition("#")[0]
    own = {} if name in bundled_books() or base is None else _own_books(base / file, file)
    found: list[Book] = []
    here = book
    while here.base is not None:
        here = own[here.base] if here.base in own else bundled_books()[here.base]
        found.append(here)
    return found


def _one_of(books: dict[str, Book], file: str, wanted: str) -> Book:
    if wanted in books:
        return books[wanted]
    if len(books) == 1 and not wanted:
        return next(iter(books.values()))
    ways = listed(f"{file}#{book}" for book in books)
    raise BookNotFound([whole(file, f"holds {len(books)} books; name one of them: {ways}")])
