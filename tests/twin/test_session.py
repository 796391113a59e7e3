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
from twin.session import Interrupted, Parts, Session, SessionState

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
