"""The register of customers: which records are one customer, and which a person should look at."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kam_analysis.customers.blocking import candidate_pairs, components
from kam_analysis.customers.contracts import (
    CUSTOMER_CANDIDATES,
    CUSTOMER_GROUPS,
    CUSTOMER_MERGES,
    MergeReason,
)
from kam_analysis.customers.letters import match_key, to_latin
from kam_analysis.customers.names import Name, taken_apart
from kam_analysis.customers.parents import top_parents
from kam_analysis.customers.resolutions import Decision, Resolution, read_resolutions
from kam_analysis.customers.similarity import Similarity, similarity
from kam_analysis.engine import Engine, quoted, statement
from kam_analysis.errors import Collected
from kam_analysis.sources.lines import HASH_SIGN
from kam_analysis.sources.read import DECISIONS
from kam_analysis.tables import CUSTOMER_REGISTER, OPTIONAL

SHORTEST_TAX_ID = 7
SEPARATOR = "|"
COUNTS = "1234567890" * 3
LANGUAGES = {  # of names, by the country of the record; else by their letters
    **{"MK": "mk", "RS": "sr", "ME": "sr", "BA": "sr"},
    **{"BG": "bg", "RU": "ru", "GR": "el", "CY": "el"},
}
GROUP_FROM = 0.95


@dataclass(frozen=True)
class Settled:
    """Who is who in a source.

    Parameters
    ----------
    records : DataFrame
        One row per id of the source, before merging.
    merges, candidates, groups : DataFrame
        ``customer_merges``, ``customer_candidates`` and ``customer_groups``.
    circles : tuple of tuple of str
        Customers whose parent groups lead back to themselves.
    """

    records: pd.DataFrame
    merges: pd.DataFrame
    candidates: pd.DataFrame
    groups: pd.DataFrame
    circles: tuple[tuple[str, ...], ...] = ()


def settle(engine: Engine, folder: Path, called: Callable[[str], str] = str) -> Settled:
    """Make one customer of the records that are one, everywhere in the engine, and find those that may be.

    Records with the same plausible tax id are one customer, and those that ``resolutions.csv`` calls the same; the
    oldest record gives the id. Names alone never merge.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines`` and the optional tables; their customer ids become those of the register. Receives
        ``customer_register``.
    folder : Path
        Where the source's exports and its ``resolutions.csv`` lie.
    called : callable
        Gives what the run calls a customer of ``resolutions.csv``.

    Raises
    ------
    UserError
        When a decision names an unknown customer or contradicts another.
    """
    engine.materialise("customer_records", statement(__file__, "customer_records"))
    records = engine.frame("customer_records").set_index("customer_id", drop=False)
    decisions = read_resolutions(folder, records.index, called)
    merges = merged(records, decisions)
    _apply(engine, merges, _groups_decided(decisions, records, merges))
    circles = _roll_up(engine, merges)
    names = _names(records)
    candidates, groups = _alike(records, names, merges, decisions)
    engine.put("customer_register", _register(records, merges), CUSTOMER_REGISTER)
    return Settled(records.reset_index(drop=True), merges, candidates, groups, circles)


def plausible_tax_id(tax_id: object) -> bool:
    """Whether a tax id can tell a customer: at least seven digits that are not all alike nor a plain count, or a hash.

    Examples
    --------
    >>> [plausible_tax_id(text) for text in ("4094006301600", "#00ff", "0000000000", "1234567890", "n/a", None)]
    [True, True, False, False, False, False]
    """
    if not isinstance(tax_id, str):
        return False
    digits = re.sub(r"\D", "", tax_id)
    is_told = len(digits) >= SHORTEST_TAX_ID and len(set(digits)) > 2 and digits not in COUNTS
    return tax_id.startswith(HASH_SIGN) or is_told


def tax_key(tax_id: object) -> str | None:
    """Give what two spellings of one tax id have in common; None where it cannot tell a customer.

    Examples
    --------
    >>> tax_key("MK 4094-006301600"), tax_key("0000000000")
    ('MK4094006301600', None)
    """
    return re.sub(r"\W", "", str(tax_id)).upper() if plausible_tax_id(tax_id) else None


def merged(records: pd.DataFrame, decisions: Sequence[Resolution]) -> pd.DataFrame:
    """Say which records become which customer: ``customer_merges``.

    A decision "different" keeps two records apart whatever their tax ids say, also by way of a third record.

    Raises
    ------
    UserError
        When decisions "same" make one of two records that another decision keeps apart.

    Examples
    --------
    >>> records = pd.DataFrame({"customer_id": ["a", "b"], "customer_name": ["A Ltd", "Ltd A"], "net_sales": [5.0, 2.0],
    ...     "tax_id": ["40940063", "4094 0063"], "created": pd.to_datetime([None, None]),
    ...     "first_line_on": pd.to_datetime(["2024-02-01", "2024-01-01"])}).set_index("customer_id", drop=False)
    >>> merged(records, [])[["customer_id", "other_id", "reason"]].values.tolist()
    [['b', 'a', 'tax_id']]
    """
    apart = [(d.customer_id, d.other_id) for d in decisions if d.decision is Decision.DIFFERENT]
    decided = [(d.customer_id, d.other_id) for d in decisions if d.decision is Decision.SAME]
    _stop_at_contradictions(components(decided), apart)
    key = {str(name): told for name, text in records["tax_id"].items() if (told := tax_key(text))}
    by_key: dict[str, list[str]] = defaultdict(list)
    for name in sorted(key):
        by_key[key[name]].append(name)
    same_tax = (
        (one, other)
        for names in by_key.values()
        for place, other in enumerate(names)
        for one in (names[:place] if apart else names[: min(place, 1)])
    )
    by_decision = {name for pair in decided for name in pair}
    age = records["created"].fillna(records["first_line_on"]).fillna(pd.Timestamp.max.normalize())
    rows = []
    for members in components([*decided, *same_tax], apart):
        first = min(members, key=lambda name: (age[name], name))
        rows += [
            (
                first,
                records["customer_name"].get(first),
                other,
                records["customer_name"].get(other),
                MergeReason.DECISION
                if other in by_decision and key.get(other) != key.get(first)
                else MergeReason.TAX_ID,
                records["net_sales"][other],
            )
            for other in members
            if other != first
        ]
    frame = pd.DataFrame(rows, columns=CUSTOMER_MERGES.names)
    for name, ids in (("customer_name", "customer_id"), ("other_name", "other_id")):
        frame[name] = frame[name].fillna(frame[ids])
    return CUSTOMER_MERGES.conform(
        frame.sort_values(["net_sales", "other_id"], ascending=[False, True], ignore_index=True)
    )


def _stop_at_contradictions(groups: Sequence[Sequence[str]], apart: Sequence[tuple[str, str]]) -> None:
    found = Collected()
    for two in apart:
        if any(set(two) <= set(members) for members in groups):
            what = "are called different, and the same by way of other decisions"
            found.add(what, DECISIONS, examples=[" and ".join(sorted(two))], cure="delete one of the decisions")
    found.raise_any()


def _groups_decided(decisions: Sequence[Resolution], records: pd.DataFrame, merges: pd.DataFrame) -> dict[str, str]:
    """Parent group of every customer that a decision puts into a group."""
    became = dict(zip(merges["other_id"], merges["customer_id"], strict=True))
    pairs = [
        (became.get(d.customer_id, d.customer_id), became.get(d.other_id, d.other_id))
        for d in decisions
        if d.decision is Decision.GROUP
    ]
    parents: dict[str, str] = {}
    for members in components(pairs):
        given = sorted({parent for name in members if isinstance(parent := records["parent_id"][name], str)})
        parents |= dict.fromkeys(members, given[0] if given else members[0])
    return parents


def _apply(engine: Engine, merges: pd.DataFrame, parents: Mapping[str, str]) -> None:
    if len(merges):
        engine.put("customer_ids", merges[["other_id", "customer_id"]])
        engine.materialise("lines_of_customers", _renamed("order_lines"))
        engine.view("order_lines", "SELECT * FROM lines_of_customers")
        for name, table in OPTIONAL.items():
            if "customer_id" in table.names:
                engine.materialise(name, _one_row_each(name) if table.key == ("customer_id",) else _renamed(name))
    if parents:
        _set_parents(engine, parents)


def _set_parents(engine: Engine, parents: Mapping[str, str]) -> None:
    engine.put("customer_parents", pd.DataFrame(parents.items(), columns=["member_id", "decided"]).astype("str"))
    engine.materialise(
        "customers",
        "SELECT * EXCLUDE (member_id, decided) REPLACE (coalesce(decided, parent_id) AS parent_id) "
        "FROM customers LEFT JOIN customer_parents ON customer_id = member_id",
    )


def _roll_up(engine: Engine, merges: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Write the topmost parent into every customer's record; circles of parents."""
    became = dict(zip(merges["other_id"], merges["customer_id"], strict=True))
    given: dict[str, str] = dict(
        engine.rows("SELECT customer_id, parent_id FROM customers WHERE parent_id IS NOT NULL")
    )
    tops, circles = top_parents({name: became.get(parent, parent) for name, parent in given.items()})
    if changed := {name: top for name, top in tops.items() if top != given[name]}:
        _set_parents(engine, changed)
    return tuple(tuple(circle) for circle in circles)


def _renamed(table: str) -> str:
    return (
        "SELECT lines.* REPLACE (coalesce(ids.customer_id, lines.customer_id) AS customer_id) "
        f"FROM {quoted(table)} AS lines LEFT JOIN customer_ids AS ids ON lines.customer_id = other_id"
    )


def _one_row_each(table: str) -> str:
    """One row per customer: the values of its own record, gaps filled from the records that became it."""
    columns = [quoted(name) for name in OPTIONAL[table].names if name != "customer_id"]
    values = ", ".join(f"first({c} ORDER BY is_other, source_id) FILTER ({c} IS NOT NULL) AS {c}" for c in columns)
    return (
        f"SELECT id AS customer_id, {values} FROM ("
        "SELECT * EXCLUDE (customer_id), coalesce(ids.customer_id, t.customer_id) AS id, t.customer_id AS source_id, "
        "other_id IS NOT NULL AS is_other "
        f"FROM {quoted(table)} AS t LEFT JOIN customer_ids AS ids ON t.customer_id = other_id) "
        "GROUP BY id ORDER BY id"
    )


def _names(records: pd.DataFrame) -> dict[str, Name]:
    named = records["customer_name"].dropna()
    named = named[named != named.index]
    cities = {match_key(word) for text in records["city"].dropna().unique() for word in str(text).lower().split()}
    return {str(customer_id): taken_apart(text, cities) for customer_id, text in named.items()}


def _alike(
    records: pd.DataFrame, names: Mapping[str, Name], merges: pd.DataFrame, decisions: Sequence[Resolution]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    decided = {frozenset((d.customer_id, d.other_id)) for d in decisions}
    gone = set(merges["other_id"])
    living = {name: parts for name, parts in names.items() if name not in gone}
    telling = {name for name, text in records["tax_id"].items() if plausible_tax_id(text)}
    parent = records["parent_id"].to_dict()
    rows, branches = [], []
    for one, other in candidate_pairs(living):
        if frozenset((one, other)) in decided or (parent.get(one) and parent[one] == parent.get(other)):
            continue
        found = similarity(living[one], living[other])
        are_two = one in telling and other in telling
        if found.may_be_same and not are_two:
            rows.append((one, other, found))
        elif _of_cores(living[one], living[other], found).score >= GROUP_FROM:
            branches.append((one, other))
    return _candidates(records, rows), _suggested_groups(records, branches)


def _of_cores(one: Name, other: Name, found: Similarity) -> Similarity:
    is_bare = not (one.tail or one.tail_numbers or other.tail or other.tail_numbers)
    return found if is_bare else similarity(one.core, other.core)


def _candidates(records: pd.DataFrame, rows: Sequence[tuple[str, str, Similarity]]) -> pd.DataFrame:
    name, sales = records["customer_name"], records["net_sales"]
    frame = pd.DataFrame(
        [
            (
                one,
                name[one],
                other,
                name[other],
                found.score,
                found.reason,
                found.against,
                sales[one] + sales[other],
                None,
            )
            for one, other, found in rows
        ],
        columns=CUSTOMER_CANDIDATES.names,
    )
    order = ["net_sales", "customer_id", "other_id"]
    return CUSTOMER_CANDIDATES.conform(frame.sort_values(order, ascending=[False, True, True], ignore_index=True))


def _suggested_groups(records: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    members = pd.DataFrame(
        [(number, name) for number, names in enumerate(components(pairs)) for name in names],
        columns=["group", "customer_id"],
    )
    frame = members.join(records[["customer_name", "parent_id", "net_sales"]], on="customer_id")
    frame["group_net_sales"] = frame.groupby("group")["net_sales"].transform("sum")
    frame = frame.sort_values(
        ["group_net_sales", "group", "net_sales", "customer_id"],
        ascending=[False, True, False, True],
        ignore_index=True,
    )
    frame["group_no"] = (frame["group"] != frame["group"].shift()).cumsum()
    return CUSTOMER_GROUPS.conform(frame)


def _register(records: pd.DataFrame, merges: pd.DataFrame) -> pd.DataFrame:
    became = dict(zip(merges["other_id"], merges["customer_id"], strict=True))
    others: dict[str, list[str]] = defaultdict(list)
    for other, first in became.items():
        others[first].append(other)
    spellings: dict[str, set[str]] = defaultdict(set)
    for row in records[["customer_id", "customer_name", "line_names"]].to_dict("records"):
        names = {name for name in (row["customer_name"], *row["line_names"]) if isinstance(name, str)}
        spellings[became.get(row["customer_id"], row["customer_id"])] |= names
    living = records[~records.index.isin(list(became))]
    shown = living["customer_name"].fillna(living["customer_id"])
    whole = records.assign(id=[became.get(name, name) for name in records.index]).groupby("id")
    frame = living.assign(
        customer_name=shown,
        latin_name=[
            to_latin(name, LANGUAGES.get(str(land))) for name, land in zip(shown, living["country"], strict=True)
        ],
        other_ids=_joined({name: others[name] for name in living.index}),
        other_names=_joined({name: spellings[name] - {shown[name]} for name in living.index}),
        first_line_on=whole["first_line_on"].min(),
        last_line_on=whole["last_line_on"].max(),
        tax_id=whole["tax_id"].first(),
    )
    return CUSTOMER_REGISTER.conform(frame.sort_index().reset_index(drop=True))


def _joined(texts: Mapping[str, Iterable[str]]) -> pd.Series:
    return pd.Series({name: SEPARATOR.join(sorted(several)) or None for name, several in texts.items()}, dtype="object")
