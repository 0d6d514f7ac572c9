"""The same money twice: exports that overlap, sets beside their parts, totals of orders among their lines."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from kam_analysis.engine import Engine, statement

FEWEST_MET = 3
MET_OF_ORDERS = 0.5  # of the lines of orders that two files hold
MET_OF_DAYS = 0.9  # of all lines of the common days, where no number names the order
FEWEST_HEADS, HEADS = 3, 0.5


def find_double_counting(engine: Engine) -> None:
    """Make the tables ``lines_of_heads``, ``lines_in_sets`` and ``lines_older`` out of ``lines_shown``.

    A line is older where a file with later days holds its order too, if the two hold mostly the same lines: an export
    made again, in which a state or the day of the export is another. A line that stands there letter by letter is not
    meant here: it is counted as a repeated row.
    """
    engine.materialise("lines_of_heads", statement(__file__, "lines_of_heads"), fewest=float(FEWEST_HEADS), most=HEADS)
    engine.materialise("lines_in_sets", statement(__file__, "lines_in_sets"))
    engine.put("lines_older", pd.DataFrame({"line": pd.Series(dtype="int64")}))
    spans = engine.rows(
        "SELECT part_no, min(ordered_on), max(ordered_on) FROM lines_shown WHERE net_sales IS NOT NULL "
        "AND ordered_on IS NOT NULL GROUP BY part_no ORDER BY part_no"
    )
    met = [
        (one[0], two[0], max(one[1], two[1]), min(one[2], two[2]), one[2] > two[2])
        for one, two in combinations(spans, 2)
        if max(one[1], two[1]) <= min(one[2], two[2])
    ]
    if not met:
        return
    pairs = pd.DataFrame(met, columns=["one", "other", "first_on", "last_on", "is_one_newer"])
    engine.put("parts_overlapping", pairs.astype({"first_on": "datetime64[us]", "last_on": "datetime64[us]"}))
    for name in ("lines_overlapping", "parts_alike", "lines_older"):
        engine.materialise(
            name, statement(__file__, name), fewest=FEWEST_MET, of_orders=MET_OF_ORDERS, of_days=MET_OF_DAYS
        )
    engine.forget("lines_overlapping")
