"""A session and its log: a disk in trouble is told when it begins, and when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import sleep

import pytest

from data.factors import Books
from data.line import Line
from data.samples import Event, LogTrouble, SampleBlock, TextTable
from tests.twin.streams import Stream, cut, two_stations
from twin.mirror import Mirror
from twin.session import COLD_PIECE, Interrupted, Parts, Session, SessionState

LINE = two_stations()
BOOKS = Books.load(LINE.books, None)


class Played:
    """Ten blocks of a sequenced stream."""

    def __init__(self) -> None:
        stream = Stream(LINE)
        stream.event(0, Event.SESSION_BEGIN)
        for second in range(40):
            stream.at(second, "P1.value", 36.0)
        stream.event(40, Event.SESSION_END)
        self.line: Line = LINE
        self.texts: TextTable = stream.texts
        self._block = stream.block()

    def blocks(self) -> Iterator[SampleBlock]:
        yield from cut(self._block, [4] * 9)

    def stop(self) -> None:
        pass


class FullDisk:
    """A log without room for the blocks of ``full``; with ``at_end`` it cannot be sealed."""

    def __init__(self, full: range, *, at_end: bool = False) -> None:
        self.failure: str | None = None
        self._full, self._at_end, self._taken = full, at_end, 0

    def arrived(self, block: SampleBlock) -> None:
        pass

    def sequenced(self, block: SampleBlock) -> None:
        number, self._taken = self._taken, self._taken + 1
        before, self.failure = self.failure, "disk full" if number in self._full else None
        if self.failure and not before:
            raise LogTrouble(self.failure)

    def close(self) -> None:
        if self._at_end:
            raise LogTrouble("could not be sealed")


class NoDigest:
    def update(self, block: SampleBlock) -> None:
        pass

    def hexdigest(self) -> str:
        return ""


def told_by(log: FullDisk) -> tuple[list[str | None], str | None]:
    """What was told of the log while the session ran, and what is left at its end."""
    told: list[str | None] = []
    parts = Parts(
        source=Played(),
        mirror=lambda: Mirror(LINE, BOOKS),
        digest=NoDigest,
        log=log,
        on_log=told.append,
    )
    session = Session(parts, mode="live", title="")
    session.run()
    return told, session.log_trouble


@pytest.mark.parametrize(
    ("full", "told"),
    [
        (range(0), []),
        (range(2, 5), ["disk full", None]),
        (range(2, 99), ["disk full", None]),  # well at last: all was written when it was sealed
    ],
)
def test_trouble_is_told_once_and_so_is_its_end(full: range, told: list[str | None]) -> None:
    assert told_by(FullDisk(full)) == (told, None)


def test_what_cannot_be_sealed_stays_in_trouble() -> None:
    told, left = told_by(FullDisk(range(2, 99), at_end=True))
    assert (told, left) == (["disk full"], "could not be sealed")


class Cold(Mirror):
    """A mirror whose kernels are never compiled; it notes how much it takes at once."""

    def __init__(self, taken: list[int]) -> None:
        super().__init__(LINE, BOOKS)
        self._taken = taken

    def warm_up(self, *, wait: bool = True) -> None:
        pass

    def warmed_up(self, timeout_s: float) -> bool:
        return False

    def advance(self, block: SampleBlock) -> None:
        self._taken.append(len(block))
        super().advance(block)


class AtOnce(Played):
    """The same stream, many times as long, in one block."""

    def __init__(self) -> None:
        super().__init__()
        stream = Stream(LINE)
        stream.event(0, Event.SESSION_BEGIN)
        for second in range(3 * COLD_PIECE):
            stream.at(second / 10, "P1.value", 36.0)
        self.texts, self._block = stream.texts, stream.block()


def test_until_kernels_are_there_little_is_taken_at_once() -> None:
    """Else the window would show nothing until a whole block was booked without them."""
    taken: list[int] = []
    parts = Parts(source=AtOnce(), mirror=lambda: Cold(taken), digest=NoDigest)
    session = Session(parts, mode="replay", title="a.glog")
    session.run()
    assert max(taken) <= COLD_PIECE
    assert sum(taken) == 3 * COLD_PIECE + 1
    assert session.result is not None
    assert session.result.ledger.total_kwh("electricity") == pytest.approx(
        0.01 * 0.3 * COLD_PIECE, rel=1e-2
    )


@pytest.mark.parametrize("again", [Session.start, Session.run])
@pytest.mark.parametrize("first", [Session.start, Session.run])
def test_a_session_runs_once(
    first: Callable[[Session], object], again: Callable[[Session], object]
) -> None:
    parts = Parts(source=Played(), mirror=lambda: Mirror(LINE, BOOKS), digest=NoDigest)
    session = Session(parts, mode="replay", title="a.glog")
    first(session)
    with pytest.raises(RuntimeError, match="a session runs once"):
        again(session)
    for _ in range(200):
        if session.state() is SessionState.ENDED or session.result is not None:
            break
        sleep(0.05)
    session.stop()
    assert session.result is not None
    assert session.result.ledger.booked.quality.samples == 40


def test_a_session_ends_at_once_while_the_kernels_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mirror, "warmed_up", lambda _mirror, _timeout_s: False)
    had_begun: list[bool] = []
    parts = Parts(
        source=Played(),
        mirror=lambda: Mirror(LINE, BOOKS),
        digest=NoDigest,
        on_failed=had_begun.append,
    )
    with pytest.raises(Interrupted):
        Session(parts, mode="replay", title="").run(lambda: False)
    assert had_begun == [False]


def test_alarms_follow_the_session_of_whoever_watches() -> None:
    parts = Parts(
        source=Played(),
        mirror=lambda: Mirror(LINE, BOOKS),
        digest=NoDigest,
        log=FullDisk(range(0), at_end=True),
    )
    session = Session(parts, mode="live", title="", snapshot_s=0.01)
    assert session.alarms.latest.alarms == ()
    session.run()
    board = session.alarms.latest
    assert board.time_ns > board.from_ns > 0
    stopped = next(alarm for alarm in board.alarms if alarm.rule.kind == "log_stopped")
    assert (stopped.state, stopped.now) == ("unacknowledged", "could not be sealed")
