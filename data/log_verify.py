"""Is a log whole and unaltered? Names what is not, and where.

Checksums find what was damaged; the chain of digests, which goes through the whole content in its
order, finds what was changed together with its checksum; the stamp finds any byte of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data.digest import ContentDigest
from data.log_reader import ShiftLog
from data.log_recover import iso
from data.log_stamp import is_as_stamped
from data.samples import SampleBlock, empty


@dataclass(frozen=True, slots=True)
class Verdict:
    """faults: what was changed or lost, each in a line; notes: what is known of the rest."""

    faults: tuple[str, ...]
    notes: tuple[str, ...]


def verify(path: Path) -> Verdict:
    """What a log's checksums, chain and stamp say of it. Raises NotALog, OSError."""
    with ShiftLog.open(path) as log:
        faults = [str(lost) for lost in log.recovered.lost]
        faults += [f"signal {key}: is not what its line file says" for key in log.signals_changed()]
        if not log.sealed:
            return Verdict(tuple(faults), log.recovered.lines()[:1])
        if not faults:
            faults += _content_faults(log)
        stamped = is_as_stamped(path)
        if stamped is False and not faults:
            faults.append("bytes that hold none of its content: indices, views or free space")
        notes = [_summary(log)]
        if stamped is None:
            notes.append("its file has no stamp: only what it holds was looked at")
    return Verdict(tuple(faults), tuple(notes))


def _summary(log: ShiftLog) -> str:
    span = log.span_ns
    when = f" from {iso(span[0])} to {iso(span[1])}" if span else ""
    samples, digest = log.recovered.samples, log.meta.get("digest", "none")
    return f"sealed {log.meta['sealed']}; {samples:,} samples{when}; digest {digest}"


def _content_faults(log: ShiftLog) -> list[str]:
    """Where content first differs from the digests it was sealed with; it all reads."""
    chain = log.meta.get("chain", "").split()
    digest = ContentDigest(log.line)
    before = "its begin"
    for number, (end_ns, parts) in enumerate(_by_segment(log)):
        for part in parts:
            digest.update(part)
        if number < len(chain) and digest.hexdigest() != chain[number]:
            return [f"samples or events from {before} to {iso(end_ns)}: are not what was sealed"]
        before = iso(end_ns)
    if digest.hexdigest() != log.meta.get("digest"):
        where = "" if not chain else f" behind {before}"
        return [f"samples or events{where}: are not what was sealed"]
    return []


def _by_segment(log: ShiftLog) -> Iterator[tuple[int, list[SampleBlock]]]:
    """Where each segment ends, and its rows."""
    stream, left = log.blocks(), SampleBlock(empty(), log.texts)
    for end_ns, count in log.segments:
        parts, missing = [], count
        while missing:
            if not len(left):
                left = next(stream, left)
                if not len(left):
                    break
            parts.append(SampleBlock(left.samples[:missing], left.texts))
            missing -= len(parts[-1])
            left = SampleBlock(left.samples[len(parts[-1]) :], left.texts)
        yield end_ns, parts
