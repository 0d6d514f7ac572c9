"""Who bought: names and ids that stand for nobody, ids that several buyers share, ids that tell orders, not buyers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from statistics import median_low

import yaml

from kam_analysis.engine import Engine
from kam_analysis.errors import Problem, UserError
from kam_analysis.sources.mapping.words import plain
from kam_analysis.sources.profile import Profile

CUSTOMERS = ("customer_id", "customer_name")
SHARED_BY, SHARED_TIMES, SHARED_SHARE = 5, 5, 0.5
FEWEST_OWN = 20
SHOWN = 3


@cache
def _words(kind: str) -> frozenset[str]:
    lists = yaml.safe_load(files(__package__).joinpath("nobody.yaml").read_text(encoding="utf-8"))[kind]
    return frozenset(plain(word) for words in lists for word in ([words] if isinstance(words, str) else words))


def is_nobody(text: str) -> bool:
    """Whether a customer's name or id names no one: zeros, signs alone, "n/a", "walk-in customer", "guest 12".

    Examples
    --------
    >>> [is_nobody(text) for text in ("0", "000", "-", "???", "N/A", "Walk-in customer", "Guest 1004", "Физ. лицо")]
    [True, True, True, True, True, True, True, True]
    >>> [is_nobody(text) for text in ("7", "Guest House Ltd", "Cash & Carry", "Diverse Foods", "Retail Group")]
    [False, False, False, False, False]
    """
    words = [word for word in plain(text).split() if not word.isdigit()]
    if not words:
        return re.search("[1-9]", text) is None
    said = " ".join(words)
    if said in _words("blank"):
        return True
    rest = said
    for phrase in sorted(_words("anonymous"), key=len, reverse=True):
        rest = f" {rest} ".replace(f" {phrase} ", "  ")
    return len(rest.split()) < len(words) and set(rest.split()) <= _words("beside")


def pattern_of(texts: Collection[str]) -> str:
    r"""Regular expression of a profile for some texts; runs of digits stand for any number where words are beside them.

    Examples
    --------
    >>> pattern_of(["Guest 1004", "Guest 17", "0"])
    '^(0|Guest [0-9]+)$'
    """
    exact = {re.sub(r"([^\w\s])", r"\\\1", text) for text in texts}
    forms = {re.sub("[0-9]+", "[0-9]+", one) if any(map(str.isalpha, one)) else one for one in exact}
    return f"^({'|'.join(sorted(forms))})$"


def shared_ids(ids: Sequence[str], others: Sequence[str]) -> dict[str, list[str]]:
    """Ids that stand beside many names or addresses, as an id for everyone who has none does, with some of these.

    Parameters
    ----------
    ids, others : sequence of str
        Of the same rows: the customer's id, and the name or the e-mail.

    Examples
    --------
    >>> shared_ids(["7", "7", "8", *["0"] * 6], ["A", "A", "B", *"CDEFGH"])
    {'0': ['C', 'D', 'E', 'F', 'G', 'H']}
    >>> shared_ids(["7", "7", "8"], ["A Ltd", "A Ltd.", "B"])
    {}
    """
    beside: dict[str, dict[str, None]] = defaultdict(dict)
    rows: dict[str, int] = defaultdict(int)
    for one, other in zip(ids, others, strict=True):
        if one and other:
            beside[one][other] = None
            rows[one] += 1
    usual = median_low(map(len, beside.values())) if beside else 0
    return {
        one: list(names)
        for one, names in beside.items()
        if len(names) >= max(SHARED_BY, SHARED_TIMES * usual) and len(names) >= SHARED_SHARE * rows[one]
    }


def nobodies(
    engine: Engine, profile: Profile, nobody: Collection[str], somebody: Collection[str]
) -> tuple[dict[str, str], list[str]]:
    """Patterns of a profile for the customers of ``lines_read`` who are nobody, and what is told of them.

    Parameters
    ----------
    engine : Engine
        Holds ``lines_read``.
    profile : Profile
    nobody, somebody : collection of str
        Names and ids of which a person says so.
    """
    found: dict[str, str] = {}
    notes: list[str] = []
    for role in CUSTOMERS:
        if role not in profile.orders.columns:
            continue
        rows = engine.rows(
            f"SELECT {role}, count(*), coalesce(sum(net_sales), 0) FROM lines_read "
            f"WHERE {role} IS NOT NULL AND ordered_on IS NOT NULL AND is_head IS NOT TRUE "
            "GROUP BY ALL ORDER BY 3 DESC, 1"
        )
        lines = {
            str(text): (int(count), float(net))
            for text, count, net in rows
            if text not in somebody and (text in nobody or is_nobody(str(text)))
        }
        if not lines:
            continue
        found[role] = pattern_of(lines)
        shown = ", ".join(map(repr, list(lines)[:SHOWN])) + (", …" if len(lines) > SHOWN else "")
        count, net = (sum(values) for values in zip(*lines.values(), strict=True))
        notes.append(
            f"{count:,} rows with {net:,.2f} of {shown} in {profile.orders.columns[role]!r} are anonymous: their money "
            "is without a customer (`nobody`); where one of these is a customer, say --answer customer=NAME"
        )
    return found, notes


def stop_at_orders_as_customers(engine: Engine, profile: Profile, accepted: Collection[str]) -> None:
    """Refuse customers of whom each has one order and each order another one: most likely they are the orders.

    Raises
    ------
    UserError
        With the columns that may name the customer instead.
    """
    columns = profile.orders.columns
    if "order_id" not in columns or "one_order_each" in accepted:
        return
    pairs, customers, orders, same = engine.rows(
        "SELECT count(*), count(DISTINCT customer_id), count(DISTINCT order_id), "
        "count(*) FILTER (WHERE customer_id = order_id) FROM (SELECT DISTINCT customer_id, order_id FROM lines_read "
        "WHERE customer_id IS NOT NULL AND order_id IS NOT NULL AND ordered_on IS NOT NULL)"
    )[0]
    if pairs < FEWEST_OWN or not pairs == customers == orders:
        return
    column = columns.get("customer_id") or columns["customer_name"]
    what = f"every one of {orders:,} orders has a customer of its own"
    what += ", with the number of the order" if same == pairs else ""
    cure = "name the column that tells who bought: --role customer_id=COLUMN or --role customer_name=COLUMN; or, where "
    cure += "everyone really bought once, agree: --answer accept=one_order_each"
    raise UserError(Problem(what, f"orders, column {column}", cure=cure))


def ask_shared(shared: Mapping[str, Sequence[str]], column: str, beside: str, where: str) -> list[Problem]:
    """Ask of ids that many names stand beside whether they are one customer or nobody."""
    return [
        Problem(
            f"{one!r} stands beside {len(names):,} different {beside!r}: one customer, or nobody in particular?",
            f"{where}, column {column}",
            None,
            list(names[:SHOWN]),
            f"say --answer 'nobody={one}' or --answer 'customer={one}'; or name the customer by the other column: "
            f"--role 'customer_name={beside}' --role 'customer_id='",
        )
        for one, names in shared.items()
    ]
