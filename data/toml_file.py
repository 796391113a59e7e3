"""A TOML file under check: its text, its entries, and every fault found in them.

Line files and factor books are read through this: shape by pydantic models (strict, unknown keys
refused), all faults collected, each with file, line, key, value and limit.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

KeyPath = tuple[str | int, ...]
_NOTHING = object()
_MOST_NEAR = 50  # faults after which no near name is sought: it takes long among many
_SHOWN_CHARACTERS = 60
_MOST_BYTES = 16 << 20
_FEW = 12  # names that a message can list


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file: where it is, the value found, what would be right."""

    where: str  # the file
    line: int | None  # from 1; None where it could not be told for certain
    path: str  # "station[3].cycle_s"; empty: the file as a whole
    id: str | None  # of the entry in an array of tables
    value: str | None  # as TOML writes it, shortened
    limit: str  # what is wrong, or what would be right
    near: str | None = None  # the nearest known name

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        key = self.path + (f" ({self.id})" if self.id else "")
        if key and self.value is not None:
            key += f" = {self.value}"
        hint = f'; did you mean "{self.near}"?' if self.near else ""
        return _one_line(": ".join(part for part in (place, key, self.limit) if part) + hint)


def _one_line(text: str) -> str:
    """The text with what would break a line, or not show, written as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class Faults(ValueError):
    """Every fault of a file, at once; as text one fault a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Entry(BaseModel):
    """What one table of a file may hold: no other keys, no silent conversions."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, populate_by_name=False
    )
    # Values that cause no further fault, for keys whose own value was wrong.
    STAND_INS: ClassVar[Mapping[str, Any]] = {}


E = TypeVar("E", bound=Entry)


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name that ``name`` was probably meant to be, upper and lower case apart."""
    folded = {candidate.casefold(): candidate for candidate in known}
    near = get_close_matches(str(name).casefold(), folded, 1, 0.6)
    return folded[near[0]] if near else None


def shown(value: object) -> str:
    """A value as TOML writes it, cut to a readable length."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, list):
        text = "[" + ", ".join(shown(item) for item in value[:10]) + "]"
    elif isinstance(value, dict):
        text = "{ " + ", ".join(f"{k} = {shown(v)}" for k, v in list(value.items())[:10]) + " }"
    elif isinstance(value, int) and abs(value) >= 1 << 64:
        text = "a number beyond 64 bits"
    else:
        text = str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def listed(names: Iterable[str]) -> str:
    """Names for a message: ``"a", "b" or "c"``; nothing for none."""
    quoted = [f'"{name}"' for name in names]
    return " or ".join(part for part in (", ".join(quoted[:-1]), *quoted[-1:]) if part)


def is_there(path: Path) -> bool:
    """Whether a path leads to something; no name is too odd to ask."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without a byte order mark.

    Raises Faults for a directory, for what is not UTF-8 text or far too large; OSError as the
    system gives it.
    """
    if path.is_dir():
        raise Faults([whole(str(path), "is a directory, not a TOML file")])
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise Faults([whole(str(path), f"is larger than {_MOST_BYTES >> 20} MiB, so not read")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Faults([Fault(str(path), line, "", None, None, _encoding(content))]) from None


def whole(where: str, limit: str, near: str | None = None) -> Fault:
    """A fault of a file as a whole."""
    return Fault(where, None, "", None, None, limit, near)


def _encoding(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "is UTF-16; save it as UTF-8"
    if b"\0" in content:
        return "is a binary file, not TOML"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "is not UTF-8 text; save it as UTF-8"
    return "is not UTF-8 (it may be GBK); save it as UTF-8"


_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_LONG_KEY = re.compile(rf"^[ \t]*+\[{{0,2}}[ \t]*+(?:{_PART}){{64}}", re.MULTILINE)


class Sheet:
    """One TOML text under check: its tables, and the faults found so far."""

    def __init__(self, text: str, where: str) -> None:
        """Parses; raises Faults with line and column where the text is no TOML."""
        self.where = where
        self.faults: list[Fault] = []
        if _LONG_KEY.search(text):  # the parser takes its square in time
            raise Faults([whole(where, "is nested too deeply")])
        try:
            self.tables: dict[str, Any] = tomllib.loads(text)
        except RecursionError:
            raise Faults([whole(where, "is nested too deeply")]) from None
        except ValueError as error:  # TOMLDecodeError, and what int() and datetime() refuse
            raise Faults([_syntax_fault(where, str(error))]) from None
        self._positions = _Positions(text, self.tables)

    def fault(
        self, path: KeyPath, limit: str, value: object = _NOTHING, near: str | None = None
    ) -> None:
        """Notes a fault."""
        text = None if value is _NOTHING else shown(value)
        self.faults.append(
            Fault(
                self.where,
                self._positions.line(path),
                path_text(path),
                self._id(path),
                text,
                limit,
                near,
            )
        )

    def unknown(self, path: KeyPath, value: object, kind: str, known: Iterable[str]) -> None:
        """Notes that a name is none of the known ones of its kind."""
        names = list(known)
        near = nearest(value, names) if len(self.faults) < _MOST_NEAR else None
        limit = f"no such {kind}" if names else f"no such {kind} (there is none)"
        if names and near is None and len(names) <= _FEW:
            limit += f": known are {listed(names)}"
        self.fault(path, limit, value, near)

    def entry(self, model: type[E], path: KeyPath) -> E | None:
        """The table at ``path`` as a model, without what is wrong; None if nothing remains.

        A top-level table that is not there reads as an empty one.
        """
        raw = self.tables.get(str(path[0]), {}) if len(path) == 1 else self._at(path)
        if not isinstance(raw, dict):
            self.fault(path, "must be a table", raw)
            return None
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            problems = error.errors(include_url=False)
        for problem in _without_misspelt(model, problems):
            self._note(model, path, problem)
        wrong = {problem["loc"][0] for problem in problems if problem["loc"]}
        try:
            good = {key: value for key, value in raw.items() if key not in wrong}
            return model.model_validate({**model.STAND_INS, **good})
        except ValidationError:
            return None

    def entries(self, model: type[E], section: str) -> list[tuple[int, E]]:
        """The usable entries of an array of tables, each with its number in the file."""
        raw = self.tables.get(section, [])
        if not isinstance(raw, list):
            self.fault((section,), f"must be an array of tables, [[{section}]]", raw)
            return []
        found = ((i, self.entry(model, (section, i))) for i in range(len(raw)))
        return [(i, entry) for i, entry in found if entry is not None]

    def raw_ids(self, section: str) -> list[str]:
        """The ids that an array of tables names, those of faulty entries too."""
        raw = self.tables.get(section, [])
        tables = [table for table in raw if isinstance(table, dict)] if _is_list(raw) else []
        return [table["id"] for table in tables if isinstance(table.get("id"), str)]

    def ordered(self) -> list[Fault]:
        """The faults from the top of the file to its end, then those of no certain line."""
        return sorted(self.faults, key=lambda f: (f.where != self.where, f.line or 1 << 60))

    def top_level(self, known: Sequence[str]) -> None:
        """Notes the tables that nobody knows."""
        for key in self.tables.keys() - set(known):
            self.fault((key,), "unknown key", near=nearest(key, known))

    def _at(self, path: KeyPath) -> Any:
        value: Any = self.tables
        for key in path:
            value = value[key]
        return value

    def _id(self, path: KeyPath) -> str | None:
        if len(path) < 2 or not isinstance(path[1], int):
            return None
        table = self._at(path[:2])
        name = table.get("id", table.get("name")) if isinstance(table, dict) else None
        return name if isinstance(name, str) else None

    def _note(self, model: type[Entry], path: KeyPath, problem: Any) -> None:
        location = path + tuple(problem["loc"])
        kind = problem["type"]
        if kind == "missing":
            self.fault(location, "is missing")
        elif kind == "extra_forbidden":
            known = _known_keys(model, problem["loc"][:-1])
            near = nearest(problem["loc"][-1], known)
            few = near is None and 0 < len(known) <= _FEW
            limit = f"unknown key: known are {listed(known)}" if few else "unknown key"
            self.fault(location, limit, near=near)
        else:
            near = _nearest_choice(problem) if kind == "literal_error" else None
            self.fault(location, _limit(problem), problem["input"], near)


def _without_misspelt(model: type[Entry], problems: list[Any]) -> list[Any]:
    """The problems without the missing keys that an unknown one was probably meant to be."""
    unknown = [p["loc"][-1] for p in problems if p["type"] == "extra_forbidden"]
    meant = {nearest(key, keys_of(model)) for key in unknown}
    return [p for p in problems if p["type"] != "missing" or p["loc"][-1] not in meant]


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def keys_of(model: type[Entry]) -> list[str]:
    """The keys of a model as a file writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def path_text(path: KeyPath) -> str:
    """A key path as a message shows it: ``station[3].cycle_s``."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            bare = key if re.fullmatch(r"[\w-]+", key) else f'"{key}"'
            text += f".{bare}" if text else bare
    return text


def _known_keys(model: type[Entry], location: tuple[str | int, ...]) -> list[str]:
    """Keys of the model, or of the model nested in it at ``location``."""
    for key in location:
        fields = {f.alias or name: f for name, f in model.model_fields.items()}
        nested = fields[str(key)].annotation if str(key) in fields else None
        options = [nested, *getattr(nested, "__args__", ())]
        models = [o for o in options if isinstance(o, type) and issubclass(o, Entry)]
        if not models:
            return []
        model = models[0]
    return keys_of(model)


def _choices(problem: Any) -> list[str]:
    return re.findall(r"'([^']*)'", problem["ctx"]["expected"])


def _nearest_choice(problem: Any) -> str | None:
    return nearest(problem["input"], _choices(problem))


_TYPES = {
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_parsing_size": "is too large",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "finite_number": "must be a finite number",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}


def _limit(problem: Any) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in _TYPES:
        return _TYPES[kind]
    match kind:
        case "literal_error":
            return f"must be {listed(_choices(problem)) or context['expected']}"
        case "greater_than":
            return f"must be above {context['gt']:g}"
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}"
        case "less_than":
            return f"must be below {context['lt']:g}"
        case "less_than_equal":
            return f"must be at most {context['le']:g}"
        case "value_error":
            return str(context["error"])
        case _:
            return str(problem["msg"])


def is_number(value: object) -> bool:
    """Whether a TOML value is a finite number that a float64 can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


_AT = re.compile(r"^(?P<message>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end .*)\)$")


def _syntax_fault(where: str, message: str) -> Fault:
    found = _AT.match(message)
    if found is None:
        return whole(where, f"is not valid TOML: {message}")
    if found["line"] is None:
        return whole(where, f"is not valid TOML: {found['message']} at the end of the file")
    limit = f"is not valid TOML at column {found['column']}: {found['message']}"
    return Fault(where, int(found["line"]), "", None, None, limit)


_HEADER = re.compile(r"^\s*(?:\[\[\s*([\w.-]+)\s*\]\]|\[\s*([\w.-]+)\s*\])\s*(?:#.*)?$")
_KEY = re.compile(r'^\s*"?([\w-]+)"?\s*[.=]')


class _Positions:
    """Where tables and keys stand in the text; silent where that is not certain."""

    def __init__(self, text: str, tables: dict[str, Any]) -> None:
        self._lines: dict[KeyPath, int] = {}
        if '"""' in text or "'''" in text:  # a text of many lines may look like anything
            return
        self._scan(text.split("\n"))
        for section, value in tables.items():
            count = sum(1 for path in self._lines if len(path) == 2 and path[0] == section)
            if _is_list(value) and count != len(value):
                self._lines = {p: n for p, n in self._lines.items() if p[0] != section}

    def _scan(self, lines: list[str]) -> None:
        table: KeyPath = ()
        counts: dict[str, int] = {}
        for number, line in enumerate(lines, 1):
            header = _HEADER.match(line)
            if header and header[1] and "." not in header[1]:
                table = (header[1], counts.setdefault(header[1], 0))
                counts[header[1]] += 1
            elif header:
                first, *rest = (header[1] or header[2]).split(".")
                inside = (counts[first] - 1,) if first in counts else ()
                table = (first, *inside, *rest)
            key = None if header else _KEY.match(line)
            path = (*table, key[1]) if key else table
            if header or key:
                self._lines.setdefault(path, number)

    def line(self, path: KeyPath) -> int | None:
        """Line of the key, or of the nearest table around it."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None
