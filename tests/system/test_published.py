"""The simulated plant's energy per vehicle beside published tables, in some hours of a steady run.

``greenline score greet`` is the whole of it: a week.
"""

from __future__ import annotations

import pytest

from data.factors import Books
from data.line_file import load_line
from plc_sim.totals import run_totals
from twin import score

START_NS = 1_772_402_400_000_000_000
HOURS = 3.0


@pytest.mark.parametrize(("scenario", "table"), [("greet", score.GREET), (None, score.GATE)])
def test_the_demo_plant_meets_published_figures(scenario, table):
    line = load_line("demo")
    records = run_totals(line, scenario, seed=1, start_ns=START_NS, duration_s=HOURS * 3600)
    used = score.usage(line, records, Books.load(line.books, None))
    scored = score.compare(table, used)
    assert all(each.within for each in scored), score.comparison_text(table, scored)
    assert 50 < used.vehicles / HOURS < 60
