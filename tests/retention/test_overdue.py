"""Who is slipping away: who is listed, who has stopped, who stands first."""

from __future__ import annotations

import pandas as pd

from kam_analysis.params import Facts
from kam_analysis.report.language import Language
from kam_analysis.retention import who_is_overdue, whom_first
from kam_analysis.tables import CUSTOMER_CHANCES

ROWS = {  # order days, lost chance, expected loss, a year's value
    "once": (1, 0.99, 70.0, 100.0),
    "stopped": (2, 0.95, 50.0, 80.0),
    "likely": (9, 0.60, 20.0, 40.0),
    "well": (9, 0.05, 5.0, 90.0),
}


def overdue(make_facts, **managers):
    facts = make_facts({who: {"order_days": row[0], "manager": managers.get(who)} for who, row in ROWS.items()})
    chances = pd.DataFrame(
        [
            dict.fromkeys(CUSTOMER_CHANCES.names)
            | {"customer_id": who, "lost_chance": chance, "expected_loss": loss, "years_value": value}
            | {"is_stopped": chance >= 0.9 and order_days > 1, "is_unusual_silence": False}
            | {"is_likely_silent": chance >= 0.5 and order_days > 1}
            for who, (order_days, chance, loss, value) in ROWS.items()
        ]
    )
    return who_is_overdue(facts, chances, Facts())


def test_who_ordered_on_one_day_is_not_listed_but_its_loss_counts(make_facts) -> None:
    found = overdue(make_facts)
    assert found.table["customer_id"].tolist() == ["stopped", "likely", "well"]
    assert dict(found.numbers) == {
        "overdue.customers": 3,
        "overdue.stopped": 1,
        "overdue.likely": 1,
        "overdue.expected_loss": 145,
    }
    assert Language("en", "EUR").text(found.sentence) == (
        "1 customer has stopped, worth €80 a year; likely silent besides: 1."
    )


def test_whom_to_decide_on_first_with_the_manager(make_facts) -> None:
    said = Language("en", "EUR").text(whom_first(overdue(make_facts, stopped="Ana")))
    assert said == "Decide first on stopped (Ana): expected loss €50."
    nobody = overdue(make_facts)
    none = nobody.table.assign(is_stopped=False)
    assert whom_first(type(nobody)("overdue_customers", nobody.question, nobody.sentence, none)) is None
