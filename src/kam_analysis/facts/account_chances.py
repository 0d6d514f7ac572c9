"""Lost chance and expected loss of accounts, out of those of their members, and the key list with them."""

from __future__ import annotations

import pandas as pd

from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.tables import KEY_LIST

TREND_MONTHS = 24


def loss_share_of(summary: pd.DataFrame) -> float:
    """Share of a year's value that a silence costs; 1 where the data do not reach back far enough to measure it.

    Parameters
    ----------
    summary : DataFrame
        ``chance_summary``.

    Examples
    --------
    >>> [loss_share_of(pd.DataFrame({"loss_share": [share]})) for share in (0.4, None)]
    [0.4, 1.0]
    """
    share = summary["loss_share"].iloc[0]
    return 1.0 if pd.isna(share) else float(share)


def account_chances(
    chances: pd.DataFrame, account_of: pd.Series, loss_share: float, stopped_from: float
) -> pd.DataFrame:
    """Add up what the members of each account are expected to lose, and give the account's own chance to be lost.

    Expected loss and a year's value are the exact sums over the members. Lost chance = expected loss / (a year's
    value · loss share), so that chance, value and loss of an account agree as those of a customer do; where the value
    is 0, the highest of its members. A member without a lost chance (lost for more than a year) adds nothing.

    Parameters
    ----------
    chances : DataFrame
        ``customer_chances``: customer_id, lost_chance, years_value, expected_loss, is_stopped.
    account_of : Series
        Account id by customer id.
    loss_share : float
        Share of a year's value that a silence costs, above 0.
    stopped_from : float
        An account with at least this lost chance has *stopped*, where a member has; who ordered on one day never does.

    Returns
    -------
    DataFrame
        By account_id: lost_chance, years_value, expected_loss, is_stopped. An account none of whose members has a lost
        chance has no row.

    Examples
    --------
    >>> chances = pd.DataFrame({"customer_id": ["1", "2", "3"], "lost_chance": [0.99, 0.01, 0.2],
    ...     "years_value": [100.0, 300.0, 0.0], "expected_loss": [49.5, 1.5, 0.0], "is_stopped": [True, False, False]})
    >>> found = account_chances(chances, pd.Series({"1": "H", "2": "H", "3": "3"}), 0.5, 0.9)
    >>> found["lost_chance"].round(3).to_dict(), found["expected_loss"].to_dict()
    ({'3': 0.2, 'H': 0.255}, {'3': 0.0, 'H': 51.0})
    """
    rows = chances.assign(account_id=chances["customer_id"].map(account_of)).dropna(subset=["account_id"])
    exact = {name: pd.Series(money.exact(rows[name]), index=rows.index) for name in ("years_value", "expected_loss")}
    sums = pd.DataFrame(
        {name: values.groupby(rows["account_id"]).sum() / money.SCALE for name, values in exact.items()}
    )
    at_stake = sums["years_value"] * loss_share
    highest = rows.groupby("account_id")["lost_chance"].max()
    chance = (sums["expected_loss"] / at_stake.where(at_stake > 0)).fillna(highest).clip(upper=highest)
    has_stopped = rows.groupby("account_id")["is_stopped"].any()
    return sums.assign(lost_chance=chance, is_stopped=(chance >= stopped_from) & has_stopped)[
        ["lost_chance", "years_value", "expected_loss", "is_stopped"]
    ]


def key_list_with_chances(
    keys: pd.DataFrame,
    members: pd.DataFrame,
    chances: pd.DataFrame,
    summary: pd.DataFrame,
    months: pd.DataFrame,
    calendar: Calendar,
    stopped_from: float,
) -> pd.DataFrame:
    """Give every key account its trend of 24 months, its lost chance and its expected loss.

    Parameters
    ----------
    keys, members : DataFrame
        ``keys`` and ``key_members`` at the reference date.
    chances, summary : DataFrame
        ``customer_chances``, ``chance_summary``.
    months : DataFrame
        ``customer_months``.
    calendar : Calendar
        The trend ends with its last complete month; fewer months where the data are shorter.
    stopped_from : float
        See `account_chances`.

    Returns
    -------
    DataFrame
        ``key_list``. An account none of whose members has a lost chance has none, and has not stopped.

    Examples
    --------
    >>> import datetime as dt
    >>> from kam_analysis.tables import KEYS
    >>> given = {"order": 1, "account_id": "H", "account_name": "H", "members": 2, "level": "score",
    ...     "reasons": "score", "orders_12m": 2, "net_sales_12m": 9.0, "managers": 1}
    >>> keys = KEYS.conform(pd.DataFrame([given]).reindex(columns=KEYS.names))
    >>> members = pd.DataFrame({"account_id": "H", "customer_id": ["1", "2"]})
    >>> chances = pd.DataFrame({"customer_id": ["1"], "lost_chance": 0.95, "years_value": 10.0, "expected_loss": 9.5,
    ...     "is_stopped": True})
    >>> months = pd.DataFrame({"customer_id": ["1", "2"], "month": pd.to_datetime(["2024-01-01"] * 2),
    ...     "net_sales": [4.0, 5.0]})
    >>> calendar = Calendar(dt.date(2024, 1, 1), dt.date(2024, 3, 1))
    >>> found = key_list_with_chances(keys, members, chances, pd.DataFrame({"loss_share": [1.0]}), months, calendar, .9)
    >>> found[["group_of", "trend", "lost_chance", "expected_loss", "is_stopped"]].values.tolist()
    [[2.0, '9 0', 0.95, 9.5, True]]
    """
    account_of = members.set_index("customer_id")["account_id"]
    found = account_chances(chances, account_of, loss_share_of(summary), stopped_from)
    rows = keys.set_index("account_id").join(found).join(account_trends(months, account_of, calendar))
    rows = rows.assign(
        is_stopped=rows["is_stopped"].fillna(False).astype(bool), group_of=rows["members"].where(rows["members"] > 1)
    )
    return KEY_LIST.conform(rows.rename_axis("account_id").reset_index())


def account_trends(months: pd.DataFrame, account_of: pd.Series, calendar: Calendar) -> pd.DataFrame:
    """Give net sales of the last 24 complete months of every account as a series, in whole currency units.

    Parameters
    ----------
    months : DataFrame
        ``customer_months``.
    account_of : Series
        Account id by customer id.
    calendar : Calendar

    Returns
    -------
    DataFrame
        trend, by account id; missing without a complete month.
    """
    shown = pd.DatetimeIndex(calendar.complete_months[-TREND_MONTHS:])
    rows = months.assign(account_id=months["customer_id"].map(account_of), exact=money.exact(months["net_sales"]))
    sums = rows.pivot_table("exact", "account_id", "month", "sum", fill_value=0)
    units = (sums.reindex(index=account_of.unique(), columns=shown, fill_value=0) / money.SCALE).round().astype("int64")
    trend = [" ".join(map(str, row)) or None for row in units.to_numpy()]
    return pd.DataFrame({"trend": pd.Series(trend, units.index, dtype="str")})
