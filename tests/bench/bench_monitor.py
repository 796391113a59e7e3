"""Is the monitor fluid while the line streams? The real window on the simulated plant at 20 x.

    python -m tests.bench.bench_monitor [--check] [--json]

A 60 Hz timer in the GUI's thread says how late each of its ticks comes; the thread's own CPU time
says how much of a core the window takes. ``--check`` is short, and fails when the window stands
still for longer than a second.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from contextlib import ExitStack

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import main

main.place_caches()

TICK_MS = 16
WARM_UP_S = 15.0


class Lateness:
    """How late the ticks of a timer come [ms]."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late_ms: list[float] = []
        self.cpu_s = self.wall_s = 0.0
        self._last_s: float | None = None
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Counts from now on."""
        self._begun = (time.monotonic(), time.thread_time())
        self._timer.start(TICK_MS)

    def stop(self) -> None:
        """Counts no longer."""
        self._timer.stop()

    def _tick(self) -> None:
        now_s = time.monotonic()
        if self._last_s is not None:
            self.late_ms.append(max(0.0, (now_s - self._last_s) * 1000 - TICK_MS))
        self._last_s = now_s
        self.wall_s, self.cpu_s = now_s - self._begun[0], time.thread_time() - self._begun[1]


def measured(seconds: float) -> dict[str, float]:
    """Watches the demo plant at 20 x in the real window; its lateness and its CPU."""
    import numpy as np
    from PySide6.QtCore import QTimer

    from ui.app import application, run

    application()
    lateness = Lateness()
    QTimer.singleShot(int(WARM_UP_S * 1000), lateness.start)
    # Leaving takes its time, and is no part of watching.
    QTimer.singleShot(int((WARM_UP_S + seconds) * 1000), lateness.stop)
    with ExitStack() as stack:
        session = main._demo_session("demo", 20.0, None, stack)
        run(main._Backend(), opening=session, close_after_s=WARM_UP_S + seconds + 1)
        session.stop()
    late = np.array(lateness.late_ms)
    return {
        "ticks": float(len(late)),
        "late_p50_ms": float(np.quantile(late, 0.5)),
        "late_p99_ms": float(np.quantile(late, 0.99)),
        "late_max_ms": float(late.max()),
        "gui_thread_share_of_a_core": lateness.cpu_s / lateness.wall_s,
    }


def run_bench() -> int:
    """Prints the figures; 1 where ``--check`` finds the window standing still."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measured(10.0 if arguments.check else 60.0)
    if arguments.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<28}{value:>10.2f}")
    return int(arguments.check and figures["late_max_ms"] > 1000)


if __name__ == "__main__":
    raise SystemExit(run_bench())
