"""What import-linter has no words for: the twin sees four modules of data, and no more."""

from __future__ import annotations

import grimp

ALLOWED = {"data.line", "data.samples", "data.units", "data.factors"}


def test_the_twin_sees_four_modules_of_data() -> None:
    graph = grimp.build_graph("twin", "data", cache_dir=None)
    twin = {"twin"} | graph.find_descendants("twin")
    seen = {
        f"{module} -> {imported}"
        for module in twin
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.partition(".")[0] == "data" and imported not in ALLOWED
    }
    assert seen == set()
