"""Lines of a small company as the room reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import pytest

from kam_analysis.engine import Engine
from kam_analysis.facts.calendar import Calendar
from kam_analysis.report.language import Language
from kam_analysis.tables import ORDER_LINES

AS_OF = dt.date(2026, 1, 1)
CALENDAR = Calendar(dt.date(2023, 1, 1), AS_OF)
TRAITS = ["industry", "size", "region"]


@pytest.fixture
def engine() -> Iterable[Engine]:
    with Engine() as opened:
        yield opened


@pytest.fixture(scope="session")
def say_it() -> Callable[[object], str]:
    """A message as a reader sees it, with plain blanks."""
    return lambda message: Language("en").text(message).replace("\u00a0", " ")


@pytest.fixture
def sell(engine: Engine) -> Callable[..., Engine]:
    """Put order lines into the engine: customer, days before the reference date, net sales, and more."""

    def put(rows: Iterable[tuple[Any, ...]], *also: str) -> Engine:
        frame = pd.DataFrame(rows, columns=["customer_id", "ago", "net_sales", *also])
        frame["ordered_on"] = pd.to_datetime([AS_OF - dt.timedelta(days=int(ago)) for ago in frame.pop("ago")])
        blank = dict.fromkeys(name for name in ORDER_LINES.names if name not in frame.columns)
        given = {"line_no": range(1, len(frame) + 1), "row": 1, "file": "f"}
        given |= {} if "is_service" in also else {"is_service": False}
        engine.put("order_lines", frame.assign(**blank | given), ORDER_LINES)
        return engine

    return put


@pytest.fixture
def place(engine: Engine) -> Callable[..., pd.DataFrame]:
    """Put accounts into the engine: each customer its own, or of the group that `groups` names; traits by account."""

    def put(*customers: str, groups: dict[str, str] | None = None, **traits: dict[str, str]) -> pd.DataFrame:
        account = pd.Series({one: (groups or {}).get(one, one) for one in customers}, name="account_id")
        engine.put("account_of", account.rename_axis("customer_id").reset_index())
        accounts = pd.DataFrame({"account_id": sorted(set(account))})
        for name in TRAITS:
            accounts[name] = accounts["account_id"].map(traits.get(name, {})).astype("str")
        engine.put("account_traits", accounts)
        return accounts.assign(
            account_name="Account " + accounts["account_id"],
            manager="Ana",
            net_sales_12m=0.0,
            potential=float("nan"),
            is_stopped=False,
            members=accounts["account_id"].map(account.value_counts()),
        )

    return put
