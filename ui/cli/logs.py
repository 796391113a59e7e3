"""Sessions that write or read shift logs, and what one log hands to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.cli.kept import keep, key_of, taken
from ui.cli.terminal import (
    WrongInput,
    go_on_with,
    key_value,
    say,
    say_if_compiling,
    software,
    stop_on_signals,
    warn_of_damage,
)

if TYPE_CHECKING:
    from data.bom import Bom
    from data.line import Line
    from data.log_reader import ShiftLog
    from twin.accounts import Accounts, Opening
    from twin.meter_knowledge import Knowledge
    from twin.moments import Moment
    from twin.reckoning import Reckoning
    from twin.session import Result, Session
    from twin.watch_knowledge import WatchKnowledge


@dataclass(frozen=True, slots=True)
class Kept:
    """A session that writes a log: what goes into the file beside the samples."""

    path: Path
    line: Line
    books: Any
    opening: Mapping[str, Opening] | None
    after: Path | None
    boms: Mapping[str, Bom] = field(default_factory=dict)

    def session(self, source: Any, order: Any, mode: str, title: str, **parts: Any) -> Session:
        """The session of ``source``, whose log begins with its first block."""
        from data.bom import boms_to_json
        from data.shift_log import ContentDigest, LogFailed, ShiftLogWriter
        from twin.accounts import opening_to_json
        from twin.mirror import Mirror
        from twin.session import Parts, Session
        from twin.watch import learnt

        meta = {"software": software(), "mode": mode, "title": title}
        if self.after is not None:
            meta["continues"] = digest_of(self.after)
        if self.opening:
            meta["opening_wip"] = opening_to_json(self.opening)
        if self.boms:
            meta["boms"] = boms_to_json(self.boms)
        known = knowledge_of(self.after)
        if known is not None:
            meta["opening_meters"] = known.to_text()
        watched = watched_of(self.after)
        if watched.series:
            meta["opening_watch"] = watched.to_text()
        log = ShiftLogWriter(
            self.path,
            self.line,
            source.texts,
            books_text=self.books.to_toml(),
            meta=meta,
            order=order,
        )

        def note_closing(accounts: Accounts) -> None:
            log.note({"closing_wip": opening_to_json(accounts.closing())})
            log.note({"closing_meters": accounts.ledger.estimates.knowledge().to_text()})
            log.note({"closing_watch": learnt(accounts.ledger.booked).to_text()})

        def tell(trouble: str | None) -> None:
            well = f"{self.path}: is written again, with all that had waited"
            say(f"{trouble}; it is kept in memory and tried again" if trouble else well)

        def abandon(begun: bool) -> None:
            with suppress(LogFailed):  # what ended the session is to be told, not this
                log.close()
            if not begun:
                self.path.unlink(missing_ok=True)

        return Session(
            Parts(
                source=source,
                order=order,
                log=log,
                mirror=lambda: Mirror(
                    self.line, self.books, brought=self.opening or (), watched=watched
                ),
                digest=lambda: ContentDigest(self.line),
                opening=self.opening,
                known=known,
                on_closed=note_closing,
                on_failed=abandon,
                on_log=tell,
                **parts,
            ),
            mode=mode,
            title=title,
        )


def replayed_session(
    path: Path, speed: float | None, *, linger: bool = False
) -> tuple[Session, ShiftLog]:
    """A session on a log, at ``speed`` (None: as fast as it can); the log is open.

    With ``linger`` it stays at the log's end, so that a window can go back.
    """
    from data.log_reader import ShiftLog

    log = ShiftLog.open(path)
    return _session_on(log, log.line, log.books, speed, linger=linger), log


def _session_on(
    log: ShiftLog, line: Line, books: Any, speed: float | None, *, linger: bool = False
) -> Session:
    """A session on an open log, under a line with its rules and books."""
    from data.digest import ContentDigest, DigestAside
    from data.sources.replay import ReplaySource
    from twin.mirror import Damage, Mirror
    from twin.session import Parts, Session

    say_if_compiling()
    source = ReplaySource(log, speed=speed, linger=linger)
    opening = _opening(log)
    watched = _watched(log, "opening_watch")
    found = log.recovered
    damage = Damage(found.recovered, found.lost_samples, found.lost_spans)
    parts = Parts(
        source=source,
        mirror=lambda: Mirror(line, books, brought=opening or (), damage=damage, watched=watched),
        digest=lambda: DigestAside(ContentDigest(line)),
        opening=opening,
        known=_knowledge(log, "opening_meters"),
        transport=source,
        moments=lambda: _moments_of(log.path, source.span_ns),
    )
    return Session(parts, mode="replay", title=log.path.name)


def _opening(log: ShiftLog) -> Mapping[str, Opening] | None:
    """The work in progress that a log takes over."""
    from twin.accounts import opening_from_json

    return opening_from_json(log.meta["opening_wip"]) if "opening_wip" in log.meta else None


def _moments_of(path: Path, span_ns: tuple[int, int]) -> tuple[Moment, ...]:
    """Read by a reader of its own: the session's is at work."""
    from data.log_reader import ShiftLog
    from twin.moments import moments

    with ShiftLog.open(path) as log:
        return moments(log.line, log.texts, span_ns, log.events(), log.signal)


def booked_log(
    path: Path, *, books: Sequence[str] = (), rules: Mapping[str, str] | None = None
) -> Result:
    """A whole log under its own books or others: through the mirror, or as it is kept from then."""
    from data.log_reader import ShiftLog

    with ShiftLog.open(path) as log:
        line = replace(log.line, allocation=_ruled(log.line, rules)) if rules else log.line
        in_force = _other_books(log, books) if books else log.books
        key = key_of(log, in_force)
        kept = taken(key, line, in_force)
        if kept is not None:
            return _allotted(kept, _opening(log))
        warn_of_damage(log)
        stop = stop_on_signals()
        session = _session_on(log, line, in_force, None)
        result = _with_findings(session.run(go_on_with(session, stop, None)))
        keep(key, log, result)
        return result


def _allotted(kept: Reckoning, opening: Mapping[str, Opening] | None) -> Result:
    """What is kept of a log, allotted by the rules and books that it was taken up with."""
    from twin.accounts import allot
    from twin.session import Result

    accounts = allot(kept.ledger, opening, kept.fates)
    return Result(kept.ledger, accounts, kept.digest, kept.found)


def _with_findings(result: Result) -> Result:
    from twin.found import find

    return replace(result, found=find(result.ledger))


def under_own_books(path: Path, result: Result, rules: Mapping[str, str]) -> Accounts:
    """What a log's own books make of it, where ``result`` was reckoned under others."""
    from data.log_reader import ShiftLog

    with ShiftLog.open(path) as log:
        own = log.books
    booked = result.ledger.booked
    if not own.same_energy(booked.books):
        return booked_log(path, rules=rules).accounts
    ledger = replace(result.ledger, booked=replace(booked, books=own))
    return replace(result.accounts, ledger=ledger)


def _other_books(log: ShiftLog, names: Sequence[str]) -> Any:
    """A log's books with others in their place: NAME (location) or KEY=NAME."""
    from dataclasses import fields

    from data.factors import Books
    from data.line import BookNames

    changes = dict(key_value(n, "--book") if "=" in n else ("location", n) for n in names)
    known = [field.name for field in fields(BookNames)]
    if unknown := changes.keys() - set(known):
        raise WrongInput(f"--book {min(unknown)}=...: must be one of {', '.join(known)}")
    return log.books.with_books_of(Books.load(BookNames(**changes), Path.cwd()), changes)


def _ruled(line: Line, rules: Mapping[str, str]) -> Any:
    from data.line import ALLOCATION_RULES

    for key, rule in rules.items():
        if key not in ("idle", "base", "shared", "scrap") or rule not in ALLOCATION_RULES:
            raise WrongInput(
                f"--rule {key}={rule}: must be idle, base, shared or scrap = "
                f"{', '.join(ALLOCATION_RULES)}"
            )
    return replace(line.allocation, **rules)


def closing_of(path: Path | None) -> Mapping[str, Opening] | None:
    """The work in progress that a log ended with."""
    if path is None:
        return None
    from data.log_reader import ShiftLog
    from twin.accounts import opening_from_json

    with ShiftLog.open(path) as log:
        if log.sealed and "closing_wip" in log.meta:
            return opening_from_json(log.meta["closing_wip"])
    say(f"{path}: is not closed; its work in progress is taken from where it breaks off")
    return booked_log(path).accounts.closing()


def check_after(path: Path, line: Line) -> None:
    """Only a log of the same line can be continued."""
    from data.log_reader import ShiftLog

    with ShiftLog.open(path) as log:
        other = log.line.plant.id
    if other != line.plant.id:
        raise WrongInput(
            f"--after {path}: is a log of the line {other}, not of {line.plant.id}: no work of it"
            " goes on here"
        )


def knowledge_of(path: Path | None) -> Knowledge | None:
    """What virtual meters had learnt when a log ended, as it is kept."""
    from data.log_reader import ShiftLog
    from twin.meter_knowledge import Knowledge

    if path is None:
        return None
    with ShiftLog.open(path) as log:
        known = _knowledge(log, "closing_meters") if log.sealed else None
    if known is None:
        learnt = booked_log(path).ledger.estimates.knowledge()
        known = Knowledge.from_text(learnt.to_text())
    return known if known.feeders else None


def _knowledge(log: ShiftLog, key: str) -> Knowledge | None:
    """What a log keeps of virtual meters; None where it keeps nothing, or what does not read."""
    from twin.meter_knowledge import Knowledge

    try:
        return Knowledge.from_text(log.meta[key]) if key in log.meta else None
    except ValueError as fault:
        say(f"{log.path}: {key}: {fault}; its virtual meters begin anew")
        return None


def watched_of(path: Path | None) -> WatchKnowledge:
    """What the watch knew when a log ended, as it is kept; of an older log nothing."""
    from data.log_reader import ShiftLog
    from twin.watch_knowledge import NOTHING_KNOWN

    if path is None:
        return NOTHING_KNOWN
    with ShiftLog.open(path) as log:
        return _watched(log, "closing_watch") if log.sealed else NOTHING_KNOWN


def _watched(log: ShiftLog, key: str) -> WatchKnowledge:
    """What a log keeps of the watch; nothing where that does not read."""
    from twin.watch_knowledge import NOTHING_KNOWN, WatchKnowledge

    try:
        return WatchKnowledge.from_text(log.meta[key]) if key in log.meta else NOTHING_KNOWN
    except ValueError as fault:
        say(f"{log.path}: {key}: {fault}; its watch begins anew")
        return NOTHING_KNOWN


def digest_of(path: Path) -> str:
    """The digest over a log's ordered content."""
    from data.log_reader import ShiftLog

    with ShiftLog.open(path) as log:
        return log.content_digest()


def books_of(line: Line, name: str) -> Any:
    """The books that the line names; own ones are sought beside the line file."""
    from data.factors import Books

    path = Path(name)
    return Books.load(line.books, path.parent if path.is_file() else None)


def boms_of_line(line: Line, name: str) -> Mapping[str, Bom]:
    """The bills of material that the line names, beside its file; what is wrong is said."""
    from data.bom import boms_of

    path = Path(name)
    boms, faults = boms_of(line, path.parent if path.is_file() else None)
    for fault in faults:
        say(fault)
    return boms
