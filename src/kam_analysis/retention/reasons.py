"""Why customers leave, return and complain: reasons in the words of the source and in the articles' three classes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.calendar import Calendar
from kam_analysis.facts.intervals import wilson
from kam_analysis.findings import Caveat, Finding, Message, Show, absent_numbers, say, say_n
from kam_analysis.frames import rows
from kam_analysis.params import Retention
from kam_analysis.retention.win_back import share_row
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import ReasonClass, ReasonKind

_CASES = col.count("cases", say("Cases"), "Contacts of the kind with this reason.", low=1)

_CLASS = col.member("reason_class", say("Class"), "Of the articles' three.", ReasonClass, nullable=True)

REASONS = Table(
    "reasons",
    "one reason of a refusal, complaint or return",
    (
        col.member("kind", say("What"), "Type of the contact.", ReasonKind),
        col.REASON("In the words of the source.", absent=say("no reason given")),
        _CLASS,
        _CASES,
        col.CUSTOMERS("Different customers.", low=1),
        col.SHARE("Of the cases of the kind that have a reason."),
        col.share("cumulated", say("Cumulated"), "With the more frequent reasons.", nullable=True),
    ),
    ("kind", "reason"),
)

LEAVING_CLASSES = Table(
    "leaving_classes",
    "one class of reasons of leaving",
    (
        col.member("reason_class", say("Reason of leaving"), "Of the articles' three.", ReasonClass),
        col.count("customers", say("Leavers"), "Customers who left for it."),
        col.SHARE("Of all leavers with a reason; hidden when too few."),
        col.LOW,
        col.HIGH,
        col.NET_SALES_YEAR("12 months up to their last orders."),
        col.count("recoverable", say("Recoverable"), "By the record, else by class."),
        col.count("followed", say("Followed"), "Long enough after they left."),
        col.share("return_share", say("Came back"), "Of those followed; hidden when too few.", nullable=True),
    ),
    ("reason_class",),
)


ATTENTION = "attention"
RECOVERABLE = (ReasonClass.BETTER_TERMS, ReasonClass.BAD_SERVICE)
LEAVING_NUMBERS = ("leaving.customers", "leaving.coded", "leaving.recoverable", "leaving.attention")


@cache
def _words() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).with_name("reason_words.csv"), dtype="str")


def class_of(reason: str, changed: Mapping[str, ReasonClass] | Mapping[str, str]) -> ReasonClass:
    """Give the class of a reason: what the parameters say of it, else that of the first known word it holds.

    Parameters
    ----------
    reason : str
        In any case; ё counts as е.
    changed : mapping
        ``retention.reason_classes``: reason to class, compared in lower case.

    Examples
    --------
    >>> class_of("Price went up", {}).value, class_of("Product", {}).value
    ('better_terms', 'other')
    >>> class_of("Product", {"product": "not_needed"}).value
    'not_needed'
    """
    text = folded(reason)
    for known, named in changed.items():
        if folded(known) == text:
            return ReasonClass(named)
    words = _words()
    found = [name for name, word in zip(words["reason_class"], words["word"], strict=True) if word in text]
    return ReasonClass(found[0]) if found else ReasonClass.OTHER


def _is_attention(reason: str) -> bool:
    words = _words()
    return any(word in folded(reason) for word in words.loc[words["theme"] == ATTENTION, "word"])


def folded(text: str) -> str:
    """Give a text in lower case, without blanks around it and with е for ё."""
    return text.strip().lower().replace("ё", "е")


@finds(REASONS)
def reason_pareto(interactions: pd.DataFrame, calendar: Calendar, rules: Retention) -> Finding:
    """Which reasons of refusals, complaints and returns are the most frequent.

    Cases of each kind before the reference date, most frequent reason first, ties by reason; share of the cases of the
    kind that have a reason, and cumulated. Cases without a reason stand last with no share. The class is one of the
    articles' three: better terms elsewhere, bad service, no longer needed, found by words or set in `reason_classes`.

    Parameters
    ----------
    interactions : DataFrame
        ``interactions``.
    calendar : Calendar
        At the reference date.
    rules : params.Retention
        `reason_classes`.

    Returns
    -------
    Finding
        Table ``reasons``; numbers ``reasons.<kind>`` (cases) and ``reasons.uncoded`` (cases with a reason in no class).

    Notes
    -----
    Source: article C: refusals, returns and complaints are recorded.
    """
    question = say("Why do they refuse, return and complain?")
    names = [f"reasons.{kind}" for kind in ReasonKind]
    known = interactions[
        (interactions["date"] < pd.Timestamp(calendar.as_of)) & interactions["type"].isin([*map(str, ReasonKind)])
    ]
    if known.empty or known["reason"].isna().all():
        reason, absent = _why_no_reasons(interactions, known)
        return Finding(
            name=REASONS.name,
            question=question,
            sentence=say("Reasons cannot be measured"),
            table=REASONS.empty(),
            numbers=absent_numbers([*names, "reasons.uncoded"], reason),
            absent=absent,
        )
    table = REASONS.conform(pd.concat([_ranked(known, kind, rules) for kind in ReasonKind], ignore_index=True))
    uncoded = int(table.loc[table["reason_class"] == ReasonClass.OTHER, "cases"].sum())
    numbers = {name: int((known["type"] == kind).sum()) for name, kind in zip(names, ReasonKind, strict=True)}
    return Finding(
        name=REASONS.name,
        question=question,
        sentence=_pareto_sentence(table),
        table=table,
        numbers=numbers | {"reasons.uncoded": uncoded},
        sub=say("Cases by kind and reason; share of the cases with a reason, and cumulated"),
        base=say_n(
            "The class comes from the words of the reason; {n:count} case fits none.",
            "The class comes from the words of the reason; {n:count} cases fit none.",
            count="n",
            n=uncoded,
        ),
        drawing="retention.reason_pareto",
        show=("kind", "reason", Show("reason_class", chip=True), "cases", "customers", Show("share", bar=True),
              "cumulated"),
        most_rows=20,
    )  # fmt: skip


def _why_no_reasons(interactions: pd.DataFrame, known: pd.DataFrame) -> tuple[str, Message]:
    if interactions.empty:
        return "no table interactions", say("Not measurable: the source has no table {table}.", table="interactions")
    if known.empty:
        return (
            "no refusal, complaint or return",
            say("Not measurable: the table interactions holds no refusal, complaint or return."),
        )
    return "no reason is given", say("Not measurable: no refusal, complaint or return in interactions has a reason.")


def _ranked(known: pd.DataFrame, kind: ReasonKind, rules: Retention) -> pd.DataFrame:
    cases = known[known["type"] == kind]
    counted = (
        cases.groupby("reason", dropna=False)["customer_id"].agg(["size", "nunique"]).reset_index()
        .set_axis(["reason", "cases", "customers"], axis=1)
    )  # fmt: skip
    is_told = counted["reason"].notna()
    counted = counted.assign(is_blank=~is_told).sort_values(
        ["is_blank", "cases", "reason"], ascending=[True, False, True], ignore_index=True
    )
    told = counted["cases"].where(~counted["is_blank"])
    classes = [
        class_of(reason, rules.reason_classes).value if isinstance(reason, str) else None
        for reason in counted["reason"]
    ]
    share = told / told.sum()
    return counted.assign(
        kind=kind.value,
        reason_class=pd.Series(classes, dtype="str"),
        share=share,
        cumulated=(told.cumsum() / told.sum()),
    )


def _pareto_sentence(table: pd.DataFrame) -> Message:
    top = table[table["share"].notna()].drop_duplicates("kind")
    parts = [
        say("{kind} “{reason:value}” ({share:share} of {n:count})", kind=ReasonKind(row.kind), reason=row.reason,
            share=row.share, n=round(row.cases / row.share))
        for row in rows(top)
    ]  # fmt: skip
    return say("Most frequent reasons: {parts:names}", parts=parts)


def leavers(interactions: pd.DataFrame, customers: pd.DataFrame, calendar: Calendar, rules: Retention) -> pd.DataFrame:
    """Who left and why: the reason in the customer's record, else that of its last refusal.

    Returns
    -------
    DataFrame
        customer_id, left_on (missing where the record has no date), reason, reason_class, recoverable (yes, no or
        missing), is_attention.

    Examples
    --------
    >>> import datetime as dt
    >>> refused = pd.DataFrame({"customer_id": ["a"], "type": ["refusal"], "reason": ["price"],
    ...                         "date": pd.to_datetime(["2024-05-01"])})
    >>> records = pd.DataFrame({"customer_id": ["b"], "lost_on": pd.to_datetime(["2024-06-01"]),
    ...                         "lost_reason": ["bad service"], "recoverable": ["yes"]})
    >>> found = leavers(refused, records, Calendar(dt.date(2024, 1, 1), dt.date(2025, 1, 1)), Retention())
    >>> found[["customer_id", "reason_class"]].values.tolist()
    [['a', 'better_terms'], ['b', 'bad_service']]
    """
    as_of = pd.Timestamp(calendar.as_of)
    record = customers[customers["lost_reason"].notna() & ~(customers["lost_on"] >= as_of)]
    record = record[["customer_id", "lost_on", "lost_reason", "recoverable"]].set_axis(
        ["customer_id", "left_on", "reason", "recoverable"], axis=1
    )
    is_told = (interactions["type"] == ReasonKind.REFUSAL) & interactions["reason"].notna()
    refused = interactions.loc[is_told & (interactions["date"] < as_of), ["customer_id", "date", "reason"]]
    refused = refused.sort_values(["date", "reason"]).drop_duplicates("customer_id", keep="last")
    refused = refused.rename(columns={"date": "left_on"}).assign(recoverable=None)
    parts = [part.astype({"recoverable": "str"}) for part in (record, refused) if len(part)]
    if not parts:
        return pd.DataFrame(columns=["customer_id", "left_on", "reason", "recoverable", "reason_class", "is_attention"])
    left = pd.concat(parts).drop_duplicates("customer_id").sort_values("customer_id", ignore_index=True)
    return left.assign(
        reason_class=[class_of(reason, rules.reason_classes).value for reason in left["reason"]],
        is_attention=[_is_attention(reason) for reason in left["reason"]],
        recoverable=left["recoverable"].str.lower(),
    )


@finds(LEAVING_CLASSES)
def leaving_classes(
    left: pd.DataFrame, sales: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar, rules: Retention
) -> Finding:
    """Why customers left, in the articles' three classes: how many, with what sales, who came back, who could.

    Share of the leavers with the 95 % Wilson interval; net sales of the 12 months up to the last order; of those
    followed for `return_days` after they left, how many ordered in those days (hidden under `min_cell`). Recoverable by
    the record, or by class where the record does not say: better terms and bad service could be answered with "what if
    we fix it?", who no longer needs the goods can recommend somebody.

    Parameters
    ----------
    left : DataFrame
        From `leavers`.
    sales : DataFrame
        From `stopped_sales`.
    orders : DataFrame
        ``customer_orders``.
    calendar, rules
        `return_days`, `min_cell`.

    Returns
    -------
    Finding
        Table ``leaving_classes``; numbers leaving.customers, leaving.coded (in one of the three classes),
        leaving.recoverable, leaving.attention (shares of the leavers).

    Notes
    -----
    Source: article C: better terms elsewhere, bad service, no longer needed; over half leave for lack of attention.
    """
    question = say("Why did they leave, and who could come back?")
    if left.empty:
        return Finding(
            name=LEAVING_CLASSES.name,
            question=question,
            sentence=say("Reasons of leaving cannot be measured"),
            table=LEAVING_CLASSES.empty(),
            numbers=absent_numbers(LEAVING_NUMBERS, "neither customers.lost_reason nor refusals with a reason"),
            absent=say(
                "Not measurable: the table customers has no lost_reason, and the table interactions no refusal with a "
                "reason."
            ),
        )
    is_recoverable = (left["recoverable"] == "yes") | (
        left["recoverable"].isna() & left["reason_class"].isin([*map(str, RECOVERABLE)])
    )
    known = left.assign(is_recoverable=is_recoverable).merge(sales, on="customer_id", how="left")
    known = known.assign(**_returns(known, orders, calendar, rules))
    table = LEAVING_CLASSES.conform(
        pd.DataFrame([_class_row(known, name, rules) for name in ReasonClass], columns=LEAVING_CLASSES.names)
    )
    n = len(known)
    numbers: dict[str, Any] = {
        "leaving.customers": n,
        "leaving.coded": int((known["reason_class"] != ReasonClass.OTHER).sum()),
        "leaving.recoverable": float(known["is_recoverable"].mean()),
        "leaving.attention": float(known["is_attention"].mean()),
    }
    return Finding(
        name=LEAVING_CLASSES.name,
        question=question,
        sentence=_leaving_sentence(table, numbers),
        table=table,
        numbers=numbers,
        sub=say(
            "Leavers with a reason by the articles' three classes; net sales of their last 12 months; came back: an "
            "order within {days:count} days after they left",
            days=rules.return_days,
        ),
        base=say(
            "{n:count} leavers: the reason of the customer's record, else of the last refusal; under {few:count} no "
            "share is given.",
            n=n,
            few=rules.min_cell,
        ),
        show=("reason_class", "customers", Show("share", bar=True), "low", "high", "net_sales_year", "recoverable",
              "followed", "return_share"),
        caveats=_leaving_caveats(known, rules),
    )  # fmt: skip


def _returns(known: pd.DataFrame, orders: pd.DataFrame, calendar: Calendar, rules: Retention) -> dict[str, Any]:
    pairs = known[["customer_id", "left_on"]].dropna().merge(orders[["customer_id", "ordered_on"]], on="customer_id")
    waited = (pairs["ordered_on"] - pairs["left_on"]).dt.days
    came = set(pairs.loc[(waited > 0) & (waited <= rules.return_days), "customer_id"])
    followed = (pd.Timestamp(calendar.as_of) - known["left_on"]).dt.days >= rules.return_days
    return {"is_followed": followed, "has_returned": followed & known["customer_id"].isin(came)}


def _class_row(known: pd.DataFrame, name: ReasonClass, rules: Retention) -> dict[str, Any]:
    part = known[known["reason_class"] == name]
    followed, returned = int(part["is_followed"].sum()), int(part["has_returned"].sum())
    return {
        "reason_class": name.value,
        "customers": len(part),
        **{key: value for key, value in share_row(len(part), len(known), ("n", "share"), rules.min_cell).items()
           if key != "n"},
        "net_sales_year": money.total(part["net_sales_year"].fillna(0.0)),
        "recoverable": int(part["is_recoverable"].sum()),
        "followed": followed,
        "return_share": share_row(returned, followed, ("n", "share"), rules.min_cell)["share"],
    }  # fmt: skip


def _leaving_sentence(table: pd.DataFrame, numbers: dict[str, Any]) -> Message:
    first, largest = (table.iloc[int(table[name].argmax())] for name in ("customers", "net_sales_year"))
    values = {
        "first": ReasonClass(first["reason_class"]),
        "k": int(first["customers"]),
        "n": numbers["leaving.customers"],
        "share": numbers["leaving.recoverable"],
    }
    if first["reason_class"] == largest["reason_class"]:
        return say(
            "Most frequent reason of leaving, and largest by sales: {first} ({k:count} of {n:count}); {share:share} "
            "look recoverable",
            **values,
        )
    return say(
        "Most frequent reason of leaving: {first} ({k:count} of {n:count}); by sales: {other} ({money:money}); "
        "{share:share} look recoverable",
        other=ReasonClass(largest["reason_class"]),
        money=float(largest["net_sales_year"]),
        **values,
    )


def _leaving_caveats(known: pd.DataFrame, rules: Retention) -> list[Caveat]:
    attention, n = int(known["is_attention"].sum()), len(known)
    if n < rules.min_cell:
        text = say(
            "The articles claim that more than half leave for lack of attention; {n:count} leavers are too few to "
            "judge.",
            n=n,
        )
    else:
        low, high = wilson(attention, n)
        text = say(
            "The articles claim that more than half leave for lack of attention; here {share:share} of {n:count} name "
            "it (95 % interval {low:share} to {high:share}).",
            share=attention / n,
            n=n,
            low=low,
            high=high,
        )
    return [Caveat(say("More than half, the articles say"), text)]
