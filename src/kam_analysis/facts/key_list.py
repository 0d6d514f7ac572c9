"""The key list: which accounts are key, why, and how sure that is, at any reference date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.engine import Engine
from kam_analysis.facts.accounts import PLACE, accounts, unit_accounts, unit_customers
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.customers import facts_at
from kam_analysis.facts.key_score import NO_OWN, KeyScore, OwnCriterion, is_no, is_yes, score_accounts
from kam_analysis.facts.shares import above_unit_share, is_key_in_company
from kam_analysis.params import Facts, KeyClients
from kam_analysis.tables import ACCOUNT_SCORES, KEY_MEMBERS, KEY_REASONS, KEYS, NOMINATIONS
from kam_analysis.vocabulary import Flag, KeyLevel, KeyReason, Nomination, UnitColumn

FEWEST_BY_SCORE = 3
ADMITTING_UNITS = (UnitColumn.DEPARTMENT.value, UnitColumn.MANAGER.value)
LEVELS = [level.value for level in KeyLevel]


@dataclass(frozen=True)
class KeyList:
    """The key list at one date and everything it was computed from.

    Parameters
    ----------
    calendar : Calendar
        Its `as_of` is the reference date; nothing dated on it or later was used.
    keys : DataFrame
        ``keys``, largest net sales of 12 months first.
    reasons : DataFrame
        ``key_reasons``: every reason of every account of the list, and every unit in which any account is key by share.
    members : DataFrame
        ``key_members``: customers of the accounts of the list.
    nominations : DataFrame
        ``nominations``: accounts that only an analyst's flag names and nobody has confirmed.
    scores : DataFrame
        ``account_scores``, best first.
    score : KeyScore
        Measures, weights and points of the score.
    accounts : DataFrame
        ``accounts``.
    units : DataFrame
        `unit_accounts` of the unit columns that are looked at.
    flags : DataFrame
        `account_flags`.
    places : int
        k, how many accounts the score admits.
    """

    calendar: Calendar
    keys: pd.DataFrame
    reasons: pd.DataFrame
    members: pd.DataFrame
    nominations: pd.DataFrame
    scores: pd.DataFrame
    score: KeyScore
    accounts: pd.DataFrame
    units: pd.DataFrame
    flags: pd.DataFrame
    places: int

    @property
    def n(self) -> int:
        """Accounts with net sales above 0 in the last 12 months."""
        return len(self.scores)

    def under(self, rules: KeyClients) -> pd.DataFrame:
        """Give the reasons of every account under other thresholds, with the same score.

        Returns
        -------
        DataFrame
            account_id, reason, unit_column, unit …: only what puts an account on the list.
        """
        found = _reasons(self.accounts, unit_sums(self.units), self.score, self.flags, rules)
        return found[found.reason.notna()]


def key_list(
    facts: pd.DataFrame,
    units: pd.DataFrame,
    assessment: pd.DataFrame,
    survey: pd.DataFrame,
    calendar: Calendar,
    rules: KeyClients,
    own: Mapping[str, OwnCriterion] = NO_OWN,
) -> KeyList:
    """List the key accounts of the company: each that at least one reason of ``key_clients.admit`` names.

    *Company*: more than ``min_share`` of net sales of 12 months. *Department*, *manager*: more than ``min_share`` and
    more than min(2/n, 1/2) of a unit with at least ``small_unit`` accounts. *Volume*: among the first ``top_volume`` by
    net sales. *Score*: among the first `places_by_score` by the score. *Flag*: an analyst's flag that somebody has
    confirmed. The level is the first that holds; who is only flagged is a nomination, apart from the list.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts`` at the reference date.
    units : DataFrame
        `unit_customers` at the reference date.
    assessment, survey : DataFrame
        Optional tables; empty where the source has none. Ratings and answers from the reference date on are not known
        yet; a rating without a date is.
    calendar : Calendar
        Window of the data until the reference date; a change against the 12 months before needs 24.
    rules : KeyClients
        Every threshold.
    own : mapping of str to OwnCriterion
        Further criteria of the score by name.

    Returns
    -------
    KeyList
        Empty when nobody has net sales above 0 in the last 12 months and nobody is flagged and confirmed.

    Notes
    -----
    Article A: volume, frequency, margin, potential and standing make a client key; articles C and D: more than 10 % of
    sales, of the company, of a department or of a manager.
    """
    on = pd.Timestamp(calendar.as_of)
    rated = assessment[~(assessment.rated_on >= on)]
    table = accounts(facts, units)
    places = places_by_score(_positive(table), rules)
    score = score_accounts(table, facts, rated, survey[survey.date < on], places, rules, own)
    of_accounts = unit_accounts(units[units.unit_column.isin(rules.units)], facts)
    flags = account_flags(facts, rated)
    found = _reasons(table, unit_sums(of_accounts), score, flags, rules)
    keys = _listed(table, found[found.reason.notna()], score, calendar)
    named = table.set_index("account_id").account_name
    account = facts.set_index("customer_id").parent_id
    members = account[account.isin(keys.account_id)].reset_index(name="account_id")
    return KeyList(
        calendar,
        keys,
        KEY_REASONS.conform(found.assign(account_name=found.account_id.map(named))),
        KEY_MEMBERS.conform(members.sort_values(["account_id", "customer_id"])),
        _nominations(table, flags[_is_flagged(flags, rules) & ~flags.index.isin(keys.account_id)], rules),
        _scores(table, score, keys),
        score,
        table,
        of_accounts,
        flags,
        places,
    )


def _positive(table: pd.DataFrame) -> int:
    return int((money.exact(table.net_sales_12m) > 0).sum())


def key_list_at(
    engine: Engine,
    assessment: pd.DataFrame,
    survey: pd.DataFrame,
    calendar: Calendar,
    rules: KeyClients,
    facts_rules: Facts,
) -> KeyList:
    """Key list at any date: the same call on the facts of that date, made from the lines before it.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines`` and ``customers``.
    assessment, survey : DataFrame
        As for `key_list`.
    calendar : Calendar
        Its `as_of` is the date.
    rules : KeyClients
        Every threshold.
    facts_rules : Facts
        For the lifetime value by the formula.
    """
    facts = facts_at(engine, calendar.as_of, facts_rules)
    units = unit_customers(engine, calendar.as_of, rules.units)
    return key_list(facts, units, assessment, survey, calendar, rules)


def places_by_score(n: int, rules: KeyClients) -> int:
    """How many accounts the score admits: min(``top_k``, max(3, ceil(``top_customers`` · n))), never more than n.

    Examples
    --------
    >>> [places_by_score(n, KeyClients()) for n in (2, 60, 61, 364, 4243)]
    [2, 3, 4, 19, 20]
    """
    part = ceil(Fraction(str(rules.top_customers)) * n)
    return min(n, rules.top_k, max(FEWEST_BY_SCORE, part))


def unit_sums(units: pd.DataFrame) -> pd.DataFrame:
    """Accounts above 0 in every unit, with the unit's exact sum, its largest account and how many there are.

    Parameters
    ----------
    units : DataFrame
        `unit_accounts`.

    Returns
    -------
    DataFrame
        The rows above 0, with base and largest in ten-thousandths, and n.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_column": "manager", "unit": "Ana", "account_id": ["1", "2", "3"],
    ...     "exact": [51000, 49000, -10000]})
    >>> unit_sums(units)[["account_id", "exact", "base", "largest", "n"]].values.tolist()
    [['1', 51000, 100000, 51000, 2], ['2', 49000, 100000, 51000, 2]]
    """
    positive = units[units.exact > 0]
    of_unit = positive.groupby(PLACE, sort=False).exact
    return positive.assign(base=of_unit.transform("sum"), largest=of_unit.transform("max"), n=of_unit.transform("size"))


def account_flags(facts: pd.DataFrame, assessment: pd.DataFrame) -> pd.DataFrame:
    """Flags of accounts by an analyst: image-maker, demanding expert, the highest strategic rating; what was decided.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    assessment : DataFrame
        As known at the reference date.

    Returns
    -------
    DataFrame
        Indexed by account_id: well_known, demanding, strategic, is_confirmed, is_refused; yes on any member counts.

    Examples
    --------
    >>> from kam_analysis.tables import ASSESSMENT
    >>> facts = pd.DataFrame({"customer_id": ["1", "2"], "parent_id": ["H", "H"]})
    >>> rated = ASSESSMENT.empty().reindex([0, 1]).assign(customer_id=["1", "2"], strategic=[5.0, 1.0],
    ...     confirmed=["no", "yes"])
    >>> account_flags(facts, rated).to_dict("index")
    {'H': {'well_known': False, 'demanding': False, 'strategic': 5.0, 'is_confirmed': True, 'is_refused': True}}
    """
    flags = pd.DataFrame(
        {
            "well_known": is_yes(assessment.well_known),
            "demanding": is_yes(assessment.demanding),
            "strategic": assessment.strategic.astype("float64"),
            "is_confirmed": is_yes(assessment.confirmed),
            "is_refused": is_no(assessment.confirmed),
        }
    )
    account = assessment.customer_id.map(facts.set_index("customer_id").parent_id)
    return flags[account.notna()].groupby(account[account.notna()].rename("account_id")).max()


def _is_flagged(flags: pd.DataFrame, rules: KeyClients) -> pd.Series:
    return flags.well_known | flags.demanding | (flags.strategic >= rules.strategic_from)


def _reasons(
    table: pd.DataFrame, sums: pd.DataFrame, score: KeyScore, flags: pd.DataFrame, rules: KeyClients
) -> pd.DataFrame:
    """Every account with every reason, and every unit where it is key by share; no reason where none counts."""
    n = _positive(table)
    company = table[["account_id", "net_sales_12m", "share_12m"]].set_axis(["account_id", "net_sales", "share"], axis=1)
    company = company.assign(unit_column=UnitColumn.COMPANY.value, unit=None, n=n)
    ordered = company.assign(least=-money.exact(company.net_sales)).sort_values(["least", "account_id"])
    largest = ordered[ordered.least < 0].head(rules.top_volume)
    best = score.table["rank"].sort_values().head(places_by_score(n, rules))
    confirmed = flags.index[flags.is_confirmed & _is_flagged(flags, rules)]
    parts = [
        company[is_key_in_company(table.net_sales_12m, rules.min_share)].assign(reason=KeyReason.COMPANY.value),
        _key_units(sums, rules),
        largest.assign(reason=KeyReason.VOLUME.value, place=np.arange(1, len(largest) + 1)),
        company[company.account_id.isin(best.index)].assign(
            reason=KeyReason.SCORE.value, place=lambda rows: rows.account_id.map(best)
        ),
        company[company.account_id.isin(confirmed)].assign(reason=KeyReason.FLAG.value),
    ]
    columns = ["account_id", "reason", "unit_column", "unit", "n", "net_sales", "share", "place"]
    found = pd.concat([part.reindex(columns=columns).astype({"place": "float64"}) for part in parts], ignore_index=True)
    found["reason"] = found.reason.where(found.reason.isin(rules.admit)).astype("str")
    found = found[found.reason.notna() | (found.unit_column != UnitColumn.COMPANY)]
    level = found.reason.map({name: place for place, name in enumerate(LEVELS)})
    placed = found.assign(level=level, least=-found.share)
    return placed.sort_values(["account_id", "level", "unit_column", "least", "unit"], ignore_index=True)


def _key_units(sums: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    is_key = above_unit_share(sums.exact.to_numpy(), sums.base.to_numpy(), sums.n.to_numpy(), rules.min_share)
    unit = sums[is_key]
    admits = unit.unit_column.isin(ADMITTING_UNITS) & (unit.n >= rules.small_unit)
    return unit.assign(
        net_sales=unit.exact / money.SCALE, share=unit.exact / unit.base, reason=unit.unit_column.where(admits)
    )


def _listed(table: pd.DataFrame, reasons: pd.DataFrame, score: KeyScore, calendar: Calendar) -> pd.DataFrame:
    by_account = reasons.drop_duplicates(["account_id", "reason"]).groupby("account_id").reason
    keys = table[table.account_id.isin(reasons.account_id)].set_index("account_id")
    growth = (money.exact(keys.net_sales_12m) - money.exact(keys.net_sales_before)) / money.SCALE
    is_long = calendar.first_order_on <= add_months(calendar.as_of, -24)
    units = reasons[reasons.reason.isin(ADMITTING_UNITS)].drop_duplicates(["account_id", "reason"])
    joined = keys.join(score.table[["score", "rank", "membership", "sureness"]]).assign(
        level=by_account.first(), reasons=by_account.agg(" ".join), growth_12m=growth if is_long else np.nan
    )
    for column in ADMITTING_UNITS:
        shares = units[units.reason == column].set_index("account_id")
        joined[f"key_{column}"], joined[f"{column}_share"] = shares.unit, shares.share
    ordered = joined.assign(least=-money.exact(joined.net_sales_12m), id=joined.index).sort_values(["least", "id"])
    return KEYS.conform(ordered.assign(order=np.arange(1, len(ordered) + 1)).reset_index(names="account_id"))


def _nominations(table: pd.DataFrame, flags: pd.DataFrame, rules: KeyClients) -> pd.DataFrame:
    joined = table.set_index("account_id").join(flags, how="inner")
    names = [flag.value for flag in Flag]
    is_set = joined[names].assign(strategic=joined.strategic >= rules.strategic_from).to_numpy(dtype=bool)
    joined["flags"] = [" ".join(np.array(names)[row]) for row in is_set]
    joined["state"] = np.select(
        [joined.is_confirmed.to_numpy(dtype=bool), joined.is_refused.to_numpy(dtype=bool)],
        [Nomination.CONFIRMED.value, Nomination.REFUSED.value],
        Nomination.OPEN.value,
    )
    ordered = joined.assign(least=-money.exact(joined.net_sales_12m), id=joined.index).sort_values(["least", "id"])
    return NOMINATIONS.conform(ordered.reset_index(names="account_id"))


def _scores(table: pd.DataFrame, score: KeyScore, keys: pd.DataFrame) -> pd.DataFrame:
    known = table.set_index("account_id")[["account_name", "members", "net_sales_12m", "share_12m"]]
    joined = score.table.join(known)
    ordered = joined.assign(is_key=joined.index.isin(keys.account_id)).sort_values("rank")
    return ACCOUNT_SCORES.conform(ordered.reset_index(names="account_id"))
