"""Types of clients with their reasons: breadwinner, prospect, image-maker, demanding expert, innovator."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar, add_months
from kam_analysis.facts.intervals import wilson
from kam_analysis.facts.key_list import KeyList
from kam_analysis.facts.key_score import is_yes
from kam_analysis.facts.shares import is_key_in_company
from kam_analysis.findings import Caveat, Finding, Message, Show, Weight, absent_numbers, say, say_n
from kam_analysis.params import KeyClients
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Labelled


class ClientType(Labelled):
    """Types of clients of articles C and D."""

    BREADWINNER = "breadwinner", say("breadwinner")
    PROSPECT = "prospect", say("prospect")
    IMAGE_MAKER = "image_maker", say("image-maker")
    DEMANDING = "demanding", say("demanding expert")
    INNOVATOR = "innovator", say("innovator")


class TypeBasis(Labelled):
    """On what a client's type rests."""

    DATA = "data", say("by data")
    PROXY = "proxy", say("by a proxy")
    ANALYST = "analyst", say("analyst's flag")
    BOTH = "both", say("data and flag")
    FLAG_AND_PROXY = "flag_and_proxy", say("flag and proxy")
    NONE = "none", say("–")


class TypeRule(Labelled):
    """What the data say of a type."""

    BREADWINNER = "share_of_company", say("share of the company above the key share")
    PROSPECT = "potential", say("new, or few of its purchases with us, and a high potential")
    IMAGE_MAKER = "none", say("the analyst's word only")
    DEMANDING = "complaints", say("many complaints per order while sales do not fall; it may be our bad service")
    INNOVATOR = "new_items", say("buys new items earlier than the company does")


class TypeGap(Labelled):
    """Why the data cannot tell a type."""

    NO_RULE = "no_rule", say("not measurable: no data tell it")
    NO_POTENTIAL = "no_potential", say("not measurable: no potential in the data")
    NO_CONTACTS = "no_contacts", say("not measurable: no complaints in the data")
    SHORT_DATA = "short_data", say("not measurable: needs 24 months")
    NO_ITEMS = "no_items", say("not measurable: no items, or too few months")
    NO_NEW_ITEMS = "no_new_items", say("not measurable: no new items")


TYPE_RULES = Table(
    "type_rules",
    "one type of client",
    (
        col.member("type", say("Type"), "Of articles C and D.", ClientType),
        col.member("rule", say("Rule on the data"), "What the data must say.", TypeRule),
        col.flag("is_proxy", say("A proxy"), "The data hold something else that goes with it."),
        col.count("by_data", say("By data"), "Clients; missing where not measurable.", nullable=True),
        col.member("gap", say("What is missing"), "Why the data cannot tell.", TypeGap, True, absent=say("nothing")),
        col.count("by_analyst", say("By flag"), "Clients; missing without such a flag.", nullable=True),
        col.count("by_both", say("By both"), "Clients."),
    ),
    ("type",),
)

CLIENT_TYPES = Table(
    "client_types",
    "one client with at least one type",
    (
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.NET_SALES_12M,
        col.IS_KEY,
        *(
            col.member(kind.value, label, "On what this type rests.", TypeBasis)
            for kind, label in (
                (ClientType.BREADWINNER, say("Breadwinner")),
                (ClientType.PROSPECT, say("Prospect")),
                (ClientType.IMAGE_MAKER, say("Image-maker")),
                (ClientType.DEMANDING, say("Demanding expert")),
                (ClientType.INNOVATOR, say("Innovator")),
            )
        ),
        col.SHARE_12M,
        col.POTENTIAL,
        col.share(
            "wallet_share",
            say("Of its purchases"),
            "Net sales of 12 months over the customer's purchases from all suppliers.",
            nullable=True,
            high=float("inf"),
        ),
        col.number(
            "complaints_per_100",
            say("Complaints per 100 orders"),
            "Of the last 12 months; missing below key_clients.types.demanding_orders orders.",
            nullable=True,
            low=0,
        ),
        col.NEW_ITEMS("Bought soon after their first sale."),
        col.share("new_share", say("Lines with new items"), "Of the customer's lines.", nullable=True),
        col.share("company_share", say("Company's share"), "Of its lines in the same months.", nullable=True),
    ),
    ("customer_id",),
)


MOST_SHOWN = 10
FLAGS = {ClientType.IMAGE_MAKER: "well_known", ClientType.DEMANDING: "demanding"}
BASES = (TypeBasis.NONE, TypeBasis.ANALYST, TypeBasis.DATA, TypeBasis.BOTH)  # by data counts 2, by flag 1
PROXY_BASES = (TypeBasis.NONE, TypeBasis.ANALYST, TypeBasis.PROXY, TypeBasis.FLAG_AND_PROXY)

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Rule:
    """Whom the data make a type, or why they cannot; `able` is how many would be one without a limit."""

    fits: Booleans
    gap: TypeGap | None = None
    able: int = 0


def early_purchases(engine: Engine, calendar: Calendar, rules: KeyClients) -> pd.DataFrame:
    """Lines per customer and how many hold an item soon after its first sale, beside the company's share.

    The first ``types.innovator_skip_days`` of the data are left out: what was first seen then may be old.

    Parameters
    ----------
    engine : Engine
        Holds ``order_lines``.
    calendar : Calendar
        First order and reference date.
    rules : KeyClients
        ``types``.

    Returns
    -------
    DataFrame
        customer_id, lines, new_lines, new_items, expected_share (the company's, in the months of the customer's lines).

    Examples
    --------
    >>> with Engine() as engine:
    ...     engine.view("order_lines", "SELECT unnest(['1', '2']) AS customer_id, 'A' AS sku, NULL AS item, false AS "
    ...         "is_service, 5.0 AS net_sales, unnest([DATE '2025-06-01', DATE '2025-08-01']) AS ordered_on")
    ...     found = early_purchases(engine, Calendar(dt.date(2025, 1, 1), dt.date(2026, 1, 1)), KeyClients())
    >>> found.values.tolist()
    [['1', 1, 1, 1, 1.0], ['2', 1, 0, 0, 0.0]]
    """
    engine.materialise(
        "early_purchases",
        statement(__file__, "early_purchases"),
        as_of=calendar.as_of,
        from_on=calendar.first_order_on + dt.timedelta(days=rules.types.innovator_skip_days),
        days=rules.types.innovator_days,
    )
    return engine.frame("early_purchases")


@finds(TYPE_RULES, CLIENT_TYPES)
def client_types(
    facts: pd.DataFrame,
    now: KeyList,
    early: pd.DataFrame,
    assessment: pd.DataFrame,
    interactions: pd.DataFrame,
    calendar: Calendar,
    rules: KeyClients,
) -> tuple[Finding, Finding]:
    """Give each client its types, by data and by the analyst's flag side by side, and the rules behind them.

    Breadwinner: customer of an account that is key by share of the company. Prospect: first order within
    ``prospect_months`` (not in the first three months of the data) or less than ``prospect_wallet_share`` of its
    purchases with us, and a potential at or above the ``prospect_quantile`` of all rated. Image-maker: the analyst's
    flag only. Demanding expert: the flag; or, as a proxy, ``demanding_orders`` or more orders of 12 months, complaints
    per order at or above the ``demanding_quantile`` of such customers, and net sales not below those of the 12 months
    before. Innovator: ``innovator_items`` or more new items, and the lower Wilson bound (95 %) of the share of lines
    with new items above the company's share in the same months; of these the ``innovator_share`` of all buyers, rounded
    up, whose bound is furthest above, ties by id. A quantile is the smallest value that at least this part does not
    exceed.

    Parameters
    ----------
    facts : DataFrame
        ``customer_facts``.
    now : KeyList
        At the reference date.
    early : DataFrame
        Result of `early_purchases`.
    assessment, interactions : DataFrame
        Optional tables; empty where the source has none.
    calendar : Calendar
        The last 12 months.
    rules : KeyClients
        ``types`` and ``min_share``.

    Returns
    -------
    rules, clients : Finding
        ``type_rules`` and ``client_types``.

    Notes
    -----
    Articles C and D name the types; the limits of prospect, demanding expert and innovator are ours.
    """
    known = facts.set_index("customer_id").sort_index()
    rated = assessment.set_index("customer_id").reindex(known.index)
    account = now.accounts.set_index("account_id")
    measured = known.join(_early(known, early)).assign(
        share_12m=known.parent_id.map(account.share_12m),
        potential=rated.potential,
        wallet_share=known.net_sales_12m.clip(lower=0) / rated.wallet.where(rated.wallet > 0),
        complaints_per_100=_complaints(known, interactions, calendar, rules),
    )
    found = {
        ClientType.BREADWINNER: _Rule(
            known.parent_id.map(is_key_in_company(account.net_sales_12m, rules.min_share)).to_numpy(dtype=bool)
        ),
        ClientType.PROSPECT: _prospect(measured, calendar, rules),
        ClientType.IMAGE_MAKER: _Rule(np.zeros(len(known), dtype=bool), TypeGap.NO_RULE),
        ClientType.DEMANDING: _demanding(measured, interactions, calendar, rules),
        ClientType.INNOVATOR: _innovator(measured, rules),
    }
    flags = {
        kind: is_yes(rated[FLAGS[kind]]).to_numpy() if kind in FLAGS else np.zeros(len(known), dtype=bool)
        for kind in ClientType
    }
    has_flags = {kind: kind in FLAGS and bool(assessment[FLAGS[kind]].notna().any()) for kind in ClientType}
    has_type = np.logical_or.reduce([found[kind].fits | flags[kind] for kind in ClientType])
    typed = measured[has_type].assign(
        is_key=known.index[has_type].isin(now.members.customer_id),
        **{
            kind.value: _basis(found[kind].fits[has_type], flags[kind][has_type], kind is ClientType.DEMANDING)
            for kind in ClientType
        },
    )
    ordered = typed.assign(place=-money.exact(typed.net_sales_12m)).sort_values(
        ["is_key", "place"], ascending=[False, True], kind="stable"
    )
    clients = CLIENT_TYPES.conform(ordered.reset_index(names="customer_id"))
    return _rules_finding(found, flags, has_flags, known, rules), _clients_finding(clients, now.members, found)


def _early(known: pd.DataFrame, early: pd.DataFrame) -> pd.DataFrame:
    by_id = early.set_index("customer_id").reindex(known.index)
    return pd.DataFrame(
        {
            "new_share": by_id.new_lines / by_id.lines,
            "company_share": by_id.expected_share,
            "new_items": by_id.new_items.fillna(0),
            "new_lines": by_id.new_lines.fillna(0),
            "counted_lines": by_id.lines.fillna(0),
        }
    )


def _complaints(known: pd.DataFrame, interactions: pd.DataFrame, calendar: Calendar, rules: KeyClients) -> pd.Series:
    """Complaints of 12 months per 100 orders; missing without a table of contacts or below the orders asked for."""
    if interactions.empty:
        return pd.Series(np.nan, index=known.index)
    when, kind = interactions.date, interactions.type.str.strip().str.lower()
    recent = (when >= pd.Timestamp(calendar.year_ago)) & (when < pd.Timestamp(calendar.as_of)) & (kind == "complaint")
    counts = interactions.customer_id[recent].value_counts().reindex(known.index, fill_value=0)
    orders = known.orders_12m.where(known.orders_12m >= rules.types.demanding_orders)
    return 100 * counts / orders


def _at_or_above(values: pd.Series, part: float) -> Booleans:
    """Whether a value is at or above the smallest one that at least this part of the known values do not exceed."""
    known = np.sort(values.dropna().to_numpy(dtype="float64"))
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    limit = known[max(0, ceil(Fraction(str(part)) * len(known)) - 1)]
    found: Booleans = (values >= limit).to_numpy()
    return found


def _prospect(measured: pd.DataFrame, calendar: Calendar, rules: KeyClients) -> _Rule:
    if measured.potential.isna().all():
        return _Rule(np.zeros(len(measured), dtype=bool), TypeGap.NO_POTENTIAL)
    since = max(add_months(calendar.as_of, -rules.types.prospect_months), calendar.newcomers_from)
    is_new = (measured.first_order_on >= pd.Timestamp(since)).to_numpy()
    is_small = (measured.wallet_share < rules.types.prospect_wallet_share).to_numpy()
    return _Rule((is_new | is_small) & _at_or_above(measured.potential, rules.types.prospect_quantile))


def _demanding(measured: pd.DataFrame, interactions: pd.DataFrame, calendar: Calendar, rules: KeyClients) -> _Rule:
    nobody = np.zeros(len(measured), dtype=bool)
    if interactions.empty:
        return _Rule(nobody, TypeGap.NO_CONTACTS)
    if calendar.first_order_on > add_months(calendar.as_of, -24):
        return _Rule(nobody, TypeGap.SHORT_DATA)
    holds = money.exact(measured.net_sales_12m) >= money.exact(measured.net_sales_before)
    many = _at_or_above(measured.complaints_per_100, rules.types.demanding_quantile)
    return _Rule(holds & many & (measured.complaints_per_100 > 0).to_numpy())


def _innovator(measured: pd.DataFrame, rules: KeyClients) -> _Rule:
    """Who buys new items earliest, no more of the buyers than the article knows; `measured` stands by customer id."""
    limits = rules.types
    columns = (measured.new_lines, measured.counted_lines, measured.company_share)
    new_lines, lines, company = (column.to_numpy() for column in columns)
    is_able = (
        (measured.new_items >= limits.innovator_items) & (measured.new_share > measured.company_share)
    ).to_numpy()
    above = np.zeros(len(measured))
    for place in np.flatnonzero(is_able):
        above[place] = wilson(int(new_lines[place]), int(lines[place]))[0] - company[place]
    most = ceil(Fraction(str(limits.innovator_share)) * int((measured.orders > 0).sum()))
    fits = np.zeros(len(measured), dtype=bool)
    fits[np.argsort(-above, kind="stable")[:most]] = True
    fits &= above > 0
    if not measured.counted_lines.any():
        return _Rule(fits, TypeGap.NO_ITEMS)
    return _Rule(fits, None if measured.new_lines.any() else TypeGap.NO_NEW_ITEMS, int((above > 0).sum()))


def _basis(by_data: Booleans, by_flag: Booleans, is_proxy: bool) -> npt.NDArray[np.object_]:
    names = np.array([basis.value for basis in (PROXY_BASES if is_proxy else BASES)], dtype=object)
    found: npt.NDArray[np.object_] = names[2 * by_data + by_flag]
    return found


def _rules_finding(
    found: dict[ClientType, _Rule],
    flags: dict[ClientType, Booleans],
    has_flags: dict[ClientType, bool],
    known: pd.DataFrame,
    rules: KeyClients,
) -> Finding:
    table = TYPE_RULES.conform(
        pd.DataFrame(
            [
                {
                    "type": kind.value,
                    "rule": TypeRule[kind.name].value,
                    "is_proxy": kind is ClientType.DEMANDING,
                    "by_data": None if rule.gap else int(rule.fits.sum()),
                    "by_analyst": int(flags[kind].sum()) if has_flags[kind] else None,
                    "by_both": int((rule.fits & flags[kind]).sum()),
                    "gap": rule.gap and rule.gap.value,
                }
                for kind, rule in found.items()
            ]
        )
    )
    limits = rules.types
    return Finding(
        "type_rules",
        say("By which rules do clients have types?"),
        _rules_sentence(table),
        table,
        _type_numbers(table),
        sub=say(
            "Prospect: first order within {months:count} months or under {wallet:share0} of its purchases with us; "
            "potential among the highest {top:share0}. Demanding: at least {orders:count} orders, complaints per order "
            "among the highest {most:share0}. Innovator: at least {items:count} items within {days:count} days of "
            "their first sale.",
            months=limits.prospect_months,
            wallet=limits.prospect_wallet_share,
            top=1 - limits.prospect_quantile,
            orders=limits.demanding_orders,
            most=1 - limits.demanding_quantile,
            items=limits.innovator_items,
            days=limits.innovator_days,
        ),
        base=say("Customers: {n:count}.", n=len(known)),
        show=("type", Show("rule", wide=True), "is_proxy", "by_data", "gap", "by_analyst", "by_both"),
        caveats=_innovator_caveat(found[ClientType.INNOVATOR], rules),
    )


def _type_numbers(table: pd.DataFrame) -> dict[str, int | str | None]:
    numbers: dict[str, int | str | None] = {}
    for row in table.itertuples():
        for column, absent in (("by_data", row.gap), ("by_analyst", "no_flag")):
            name, count = f"types.{row.type}.{column}", getattr(row, column)
            numbers |= absent_numbers([name], str(absent)) if np.isnan(count) else {name: int(count)}
    return numbers


def _rules_sentence(table: pd.DataFrame) -> Message:
    open_types = [ClientType(kind) for kind in table.type[table.by_data.isna() & table.by_analyst.isna()]]
    if open_types:
        return say("Not measurable with these data: {types:names}.", types=open_types)
    return say(
        "Every type can be identified, {n:count} of {m:count} from the data.",
        n=int(table.by_data.notna().sum()),
        m=len(table),
    )


def _innovator_caveat(rule: _Rule, rules: KeyClients) -> list[Caveat]:
    counted = int(rule.fits.sum())
    if rule.gap or rule.able == counted:
        return []
    text = say(
        "Buyers who take new items earlier than the others: {able:count}. The article allows {most:share} of "
        "innovators, the earliest: {n:count}.",
        able=rule.able,
        most=rules.types.innovator_share,
        n=counted,
    )
    return [Caveat(say("Innovators are the earliest"), text, Weight.GREEN)]


def _clients_finding(table: pd.DataFrame, keys: pd.DataFrame, found: dict[ClientType, _Rule]) -> Finding:
    untyped = len(keys) - int(table.is_key.sum())
    return Finding(
        "client_types",
        say("Which client is of which type, and why?"),
        say("No client has a type.")
        if table.empty
        else say_n(
            "{n:count} customer has a type; customers of key accounts: {keys:count} with a type, {untyped:count} "
            "without.",
            "{n:count} customers have a type; customers of key accounts: {keys:count} with a type, {untyped:count} "
            "without.",
            count="n",
            n=len(table),
            keys=int(table.is_key.sum()),
            untyped=untyped,
        ),
        table,
        {"typed_customers": len(table), "key_clients_without_type": untyped},
        sub=say(
            "By data, by the analyst's flag, or both; a proxy stands for what the data do not hold. Then the reasons."
        ),
        base=say("Key clients first, then by net sales of 12 months."),
        show=(
            "customer_name",
            "is_key",
            *_shown_types(table),
            "share_12m",
            *_reasons(table, found),
        ),
        most_rows=MOST_SHOWN,
        none=say("No client has a type."),
    )


def _shown_types(table: pd.DataFrame) -> list[Show]:
    return [Show(kind.value) for kind in ClientType if (table[kind.value] != TypeBasis.NONE).any()]


def _reasons(table: pd.DataFrame, found: dict[ClientType, _Rule]) -> list[str]:
    reasons = {
        ClientType.PROSPECT: ("potential", "wallet_share"),
        ClientType.DEMANDING: ("complaints_per_100",),
        ClientType.INNOVATOR: ("new_share", "company_share"),
    }
    return [name for kind, names in reasons.items() if not found[kind].gap and len(table) for name in names]
