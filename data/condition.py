"""The condition of an alarm: a comparison, or several joined by and, or, not (docs/alarms.md).

    B030.state = failed
    P030.process_value < 172 and not P030.state = off
    power(B010) > 120 or kpi(energy_per_vehicle) > 6.5

``parse`` gives a tree of frozen values, ``name_faults`` what it names and is not there. Nothing
is ever evaluated as code. Positions count characters from 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MOST_NESTED = 20

QUANTITIES = ("state", "value", "power", "age", "still", "quality", "kpi", "balance_error")
QUALITIES = ("good", "uncertain", "bad")
_WORD_SIGNS = ("=", "!=")
_SECONDS = ("age", "still")  # they only grow, so only "more than" makes sense
_TEXT_ROLES = ("vehicle", "variant", "alarm")


class ConditionFault(ValueError):
    """One fault of a condition: at which character, what is wrong, the nearest known name."""

    def __init__(self, at: int, limit: str, wrong: str = "", kind: str = "") -> None:
        super().__init__(f"at character {at}: {limit}")
        self.at, self.limit, self.wrong, self.kind = at, limit, wrong, kind


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: a quantity of a subject against a limit.

    quantity: one of QUANTITIES. subject: a station's id (state), a signal's key (value, age,
    still, quality), a station's or meter's id (power), a KPI's id, a carrier or "" (balance_error).
    limit: a number in the quantity's unit (power kW, age and still s), or a word.
    """

    quantity: str
    subject: str
    sign: str
    limit: float | str
    at: int = field(default=0, compare=False)  # where it stands in the text
    limit_at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is false."""

    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    """True where all parts are."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """True where one part is."""

    parts: tuple[Condition, ...]


Condition = Term | Not | All | Some


def terms(condition: Condition) -> Iterator[Term]:
    """Every comparison of a condition, from left to right."""
    match condition:
        case Term():
            yield condition
        case Not(part):
            yield from terms(part)
        case All(parts) | Some(parts):
            for part in parts:
                yield from terms(part)


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a condition may use: ids, and signals with their roles."""

    stations: frozenset[str]
    signals: Mapping[str, str]
    powered: frozenset[str]  # stations and meters whose power a meter gives
    kpis: frozenset[str]
    carriers: frozenset[str]
    states: frozenset[str]


def parse(text: str, kpis: tuple[str, ...], roles: tuple[str, ...]) -> Condition:
    """The condition that a text says; raises ConditionFault with its position.

    A bare name is a KPI's id, ``balance_error``, or a signal's key (``SUBJECT.ROLE``).
    """
    reader = _Reader(text, kpis, roles)
    condition = reader.either(0)
    if reader.token is not None:
        raise ConditionFault(reader.at, f'expected "and", "or" or the end, not "{reader.token}"')
    return condition


def name_faults(condition: Condition, known: Known) -> Iterator[ConditionFault]:
    """What a condition names that is not there, and limits that cannot be compared."""
    for term in terms(condition):
        fault = _subject_fault(term, known) or _limit_fault(term, known)
        if fault is not None:
            yield fault


def names_of(kind: str, known: Known) -> frozenset[str]:
    """The known names of a kind that a ConditionFault tells."""
    return {
        "station": known.stations,
        "signal": frozenset(known.signals),
        "metered station or meter": known.powered,
        "KPI": known.kpis,
        "carrier": known.carriers,
        "state": known.states,
        "quality": frozenset(QUALITIES),
        "quantity": frozenset(QUANTITIES),
        "name": known.kpis | frozenset(known.signals) | {"balance_error"},
    }.get(kind, frozenset())


_SUBJECTS = {
    "state": "station",
    "value": "signal",
    "age": "signal",
    "still": "signal",
    "quality": "signal",
    "power": "metered station or meter",
    "kpi": "KPI",
}


def _subject_fault(term: Term, known: Known) -> ConditionFault | None:
    kind = _SUBJECTS.get(term.quantity, "carrier")
    if term.quantity == "balance_error" and not term.subject:
        return None
    if term.subject not in names_of(kind, known):
        return ConditionFault(term.at, f'no such {kind} "{term.subject}"', term.subject, kind)
    if term.quantity == "state" and f"{term.subject}.state" not in known.signals:
        return ConditionFault(term.at, f'station "{term.subject}" has no state signal')
    return None


def _limit_fault(term: Term, known: Known) -> ConditionFault | None:
    role = known.signals.get(term.subject) if term.quantity == "value" else None
    if term.quantity in ("state", "quality"):
        words = names_of(term.quantity, known)
        if term.sign not in _WORD_SIGNS:
            return ConditionFault(term.at, f'a {term.quantity} is compared by "=" or "!="')
        if term.limit not in words:
            limit = f'no such {term.quantity} "{term.limit}"'
            return ConditionFault(term.limit_at, limit, str(term.limit), term.quantity)
    elif role in _TEXT_ROLES:
        if term.sign not in _WORD_SIGNS:
            return ConditionFault(term.at, f'{term.subject} is compared by "=" or "!="')
    elif isinstance(term.limit, str):
        return ConditionFault(term.limit_at, f'must be compared with a number, not "{term.limit}"')
    elif term.quantity in _SECONDS and (term.sign not in (">", ">=") or term.limit <= 0):
        return ConditionFault(term.at, f'{term.quantity} is compared by ">" with seconds above 0')
    return None


_TOKEN = re.compile(
    r"\s*(?:(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.-])"
    r"|(?P<sign><=|>=|==|!=|<|>|=)|(?P<bracket>[()])"
    r'|(?P<name>\w(?:[\w.-]*\w)?)|"(?P<quoted>[^"]*)"|(?P<other>\S))'
)


class _Reader:
    """Reads a condition from left to right; ``token`` is the next one, None at the end."""

    def __init__(self, text: str, kpis: tuple[str, ...], roles: tuple[str, ...]) -> None:
        self._text, self._kpis, self._roles = text, kpis, roles
        self._next = 0
        self.token: str | None = None
        self.kind = ""
        self.at = 1
        self._advance()

    def _advance(self) -> None:
        found = _TOKEN.match(self._text, self._next)
        if found is None:
            self.token, self.kind, self.at = None, "end", len(self._text.rstrip()) + 1
            return
        self.kind = str(found.lastgroup)
        self.token = found[self.kind]
        self.at = found.start(self.kind) + 1
        self._next = found.end()
        if self.kind == "other":
            raise ConditionFault(self.at, f'"{self.token}" means nothing here')

    def _is(self, word: str) -> bool:
        return self.kind == "name" and self.token is not None and self.token.casefold() == word

    def either(self, depth: int) -> Condition:
        """Parts joined by or."""
        if depth > MOST_NESTED:
            raise ConditionFault(self.at, f"is nested deeper than {MOST_NESTED}")
        parts = [self._both(depth)]
        while self._is("or"):
            self._advance()
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._is("and"):
            self._advance()
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, depth: int) -> Condition:
        if depth > MOST_NESTED:
            raise ConditionFault(self.at, f"is nested deeper than {MOST_NESTED}")
        if self._is("not"):
            self._advance()
            return Not(self._one(depth + 1))
        if self.token == "(" and self.kind == "bracket":
            self._advance()
            inside = self.either(depth + 1)
            self._bracket(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Term:
        quantity, subject, at = self._operand()
        if self.kind != "sign" or self.token is None:
            raise ConditionFault(self.at, f"expected <, <=, >, >=, = or !=, {self._found()}")
        sign = "=" if self.token == "==" else self.token
        self._advance()
        limit_at = self.at
        if self.kind not in ("number", "name", "quoted") or self.token is None:
            raise ConditionFault(self.at, f"expected a number or a word, {self._found()}")
        limit = float(self.token) if self.kind == "number" else self.token
        if limit in (math.inf, -math.inf):
            raise ConditionFault(limit_at, "is more than a number can be")
        self._advance()
        return Term(quantity, subject, sign, limit, at, limit_at)

    def _operand(self) -> tuple[str, str, int]:
        if self.kind != "name" or self.token is None:
            raise ConditionFault(self.at, f"expected a name, {self._found()}")
        name, at = self.token, self.at
        self._advance()
        if self.token != "(" or self.kind != "bracket":
            return (*self._bare(name, at), at)
        if name not in QUANTITIES:
            raise ConditionFault(at, f'no such quantity "{name}"', name, "quantity")
        self._advance()
        if self.kind != "name" or self.token is None:
            raise ConditionFault(self.at, f"expected a name, {self._found()}")
        subject, at = self.token, self.at
        self._advance()
        self._bracket(")")
        return name, subject, at

    def _bare(self, name: str, at: int) -> tuple[str, str]:
        subject, dot, role = name.rpartition(".")
        if name == "balance_error":
            return "balance_error", ""
        if name in self._kpis:
            return "kpi", name
        if dot and role in self._roles:
            return ("state", subject) if role == "state" else ("value", name)
        raise ConditionFault(at, f'"{name}" is no KPI and no signal (SUBJECT.ROLE)', name, "name")

    def _bracket(self, wanted: str) -> None:
        if self.token != wanted or self.kind != "bracket":
            raise ConditionFault(self.at, f'expected "{wanted}", {self._found()}')
        self._advance()

    def _found(self) -> str:
        return "but the text ends" if self.token is None else f'not "{self.token}"'
