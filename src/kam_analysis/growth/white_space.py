"""White space: categories that an account's peers buy and it does not, priced by their median share."""

from __future__ import annotations

import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.engine import Engine, statement
from kam_analysis.facts.calendar import Calendar
from kam_analysis.findings import Caveat, Finding, Grid, Message, Show, absent_numbers, say, say_n
from kam_analysis.params import Growth
from kam_analysis.tables import WHITE_SPACE, Table, finds
from kam_analysis.vocabulary import GapKind

OFFERS = Table(
    "offers",
    "one account with white space",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        WHITE_SPACE["manager"],
        col.money("white_space", say("White space a year"), "Sum over its categories.", low=0),
        col.count("categories", say("Categories"), "Categories with a gap.", low=1),
        col.text("offer", say("Offer"), "Up to three categories, the largest gap first."),
        WHITE_SPACE["likeness"],
        WHITE_SPACE["peers"],
        col.NET_SALES_12M("Of the account."),
        col.POTENTIAL(
            "Possible yearly purchases as the analyst rates them; another source, never added to the white space.",
            label=say("Potential (analyst)"),
        ),
    ),
    ("account_id",),
)
BRANCH_WHITE_SPACE = Table(
    "branch_white_space",
    "one member of a group and category that its sister branches buy and it does not",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.OWNER("The branch's manager."),
        col.CATEGORY("Not bought by the branch in 12 months."),
        col.money("sister_gap", say("Gap a year"), "Share of the sisters that buy it times own net sales.", low=0),
        col.share("sister_share", say("Share at its sisters"), "Of the sisters that buy it, together."),
        col.count("sisters", say("Sisters that buy it"), "Other members that buy the category.", low=1),
        WHITE_SPACE["last_on"],
    ),
    ("customer_id", "category"),
)

NUMBERS = ("white_space.compared", "white_space.accounts", "white_space.gaps", "white_space.money")
MOST_ROWS = 6
LEADING = 3


def category_gaps(lines: Engine, calendar: Calendar, rules: Growth) -> pd.DataFrame:
    """Compare the mix of categories of every account with its peers, over the last 12 months.

    Looked at are accounts with at least `order_days` order days. Peers of an account: the other accounts looked at of
    its industry, size and region; where they are fewer than `peers`, of its industry and size, of its industry, or with
    the same main category. Share of a category = its net sales over those of all categories, each at least 0. A gap is
    a category whose median share among the peers (0 for who does not buy it) is above 0 and of which the account's own
    share is below `under_share` times that. Gap money = (median share − own share) × the account's net sales of
    categories.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``, and what `growth_accounts` left.
    calendar : Calendar
        At the reference date.
    rules : Growth

    Returns
    -------
    DataFrame
        account_id, category, net_sales, last_on, share, likeness, peers, buyers, peer_share, overlap (Σ of the smaller
        of own and mean share, 0–1), gap. Without categories there is no row.
    """
    values = {"as_of": calendar.as_of, "year_ago": calendar.year_ago, **rules.model_dump()}
    for name in ("account_categories", "account_groups", "category_gaps"):
        lines.materialise(name, statement(__file__, name), **values)
    return lines.frame("category_gaps").astype({"net_sales": "float64"})


def compared_accounts(lines: Engine) -> int:
    """Count the accounts that `category_gaps` could compare with enough peers."""
    return int(lines.rows("SELECT count(*) FROM account_groups WHERE is_chosen")[0][0])


@finds(WHITE_SPACE)
def white_space(gaps: pd.DataFrame, accounts: pd.DataFrame, compared: int, rules: Growth) -> Finding:
    """Which categories accounts lack that their peers buy, and how much money a year that is.

    Left blank: accounts that have stopped, and those whose mix overlaps with the mean mix of their peers by less than
    `least_overlap`, for they are too different to compare.

    Parameters
    ----------
    gaps : DataFrame
        From `category_gaps`.
    accounts : DataFrame
        From `growth_accounts`.
    compared : int
        From `compared_accounts`.
    rules : Growth

    Returns
    -------
    Finding
        Table ``white_space``, the largest gap first; numbers white_space.compared, white_space.accounts,
        white_space.gaps, white_space.money.
    """
    question = say("Which categories do accounts lack that their peers buy?")
    if not compared:
        return Finding(
            WHITE_SPACE.name,
            question,
            say("White space cannot be measured"),
            WHITE_SPACE.empty(),
            absent_numbers(NUMBERS, "no account has enough peers and categories"),
            absent=say(
                "Not measurable: no {n:count} accounts of one industry or main category ordered from a category on at "
                "least {days:count} days in 12 months, or no line names a category.",
                n=rules.peers + 1,
                days=rules.order_days,
            ),
        )
    table = _priced(gaps[gaps["overlap"] >= rules.least_overlap], accounts)
    count = int(table["account_id"].nunique())
    numbers = dict(zip(NUMBERS, (compared, count, len(table), money.total(table["gap"])), strict=True))
    return Finding(
        WHITE_SPACE.name,
        question,
        _sentence(numbers),
        table,
        numbers,
        sub=say(
            "Net sales a year at the median share of the peers, less what the account buys; blank where it buys as "
            "they do. The {shown:count} accounts with most white space",
            shown=min(MOST_ROWS, count),
        ),
        base=say(
            "Accounts with {days:count} order days in 12 months and at least {peers:count} peers: {n:count}.",
            days=rules.order_days,
            peers=rules.peers,
            n=compared,
        ),
        grid=Grid("account_name", "category", "gap", columns=tuple(sorted(set(table["category"])))),
        most_rows=MOST_ROWS,
        caveats=[
            Caveat(
                say("White space is no forecast"),
                say(
                    "It says what peers buy, not what this account would: half of them buy less. Ask where it buys the "
                    "category today before you offer."
                ),
            )
        ]
        if count
        else (),
        none=say("Every account compared buys its peers' categories."),
    )


def _priced(gaps: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    selling = accounts.loc[~accounts["is_stopped"], ["account_id", "account_name", "manager"]]
    found = gaps.merge(selling, on="account_id")
    is_new, is_none = found["last_on"].isna(), found["net_sales"] <= 0
    kind = pd.Series(GapKind.LESS.value, found.index).mask(is_none, GapKind.BEFORE.value)
    found = found.assign(kind=kind.mask(is_new, GapKind.NEVER.value), gap=found["gap"].round(2))
    whole = found.groupby("account_id")["gap"].transform("sum").round(2)
    return WHITE_SPACE.conform(
        found.assign(whole=whole)
        .sort_values(["whole", "account_id", "gap", "category"], ascending=[False, True, False, True])
        .reset_index(drop=True)
    )


def _sentence(numbers: dict[str, float]) -> Message:
    if not numbers["white_space.gaps"]:
        return say("No account lacks a category that its peers buy")
    return say_n(
        "{n:count} account lacks categories that its peers buy: up to {money:money} a year",
        "{n:count} accounts lack categories that their peers buy: up to {money:money} a year",
        count="n",
        n=int(numbers["white_space.accounts"]),
        money=numbers["white_space.money"],
    )


@finds(OFFERS)
def offers(spaces: Finding, accounts: pd.DataFrame) -> Finding:
    """Which accounts to offer what, for how much money: the white space by account, beside the analyst's potential.

    Parameters
    ----------
    spaces : Finding
        From `white_space`.
    accounts : DataFrame
        From `growth_accounts`.

    Returns
    -------
    Finding
        Table ``offers``, most white space first.
    """
    pairs = spaces.table
    ordered = pairs.sort_values(["gap", "category"], ascending=[False, True]).groupby("account_id")
    rows = pd.DataFrame(
        {
            "white_space": pairs.groupby("account_id")["gap"].sum().round(2),
            "categories": ordered.size(),
            "offer": ordered["category"].agg(lambda names: " · ".join(names.head(LEADING))),
            "likeness": ordered["likeness"].first(),
            "peers": ordered["peers"].first(),
        }
    )
    known = accounts[["account_id", "account_name", "manager", "net_sales_12m", "potential"]]
    joined = (
        rows.reset_index()
        .merge(known, on="account_id")
        .sort_values(["white_space", "account_id"], ascending=[False, True])
    )
    table = OFFERS.conform(joined.reset_index(drop=True)) if len(joined) else OFFERS.empty()
    has_potential = table["potential"].notna().any()
    return Finding(
        OFFERS.name,
        say("Which accounts to offer what?"),
        _offer_sentence(table),
        table,
        sub=say("White space by account, last 12 months; up to three categories, the largest gap first"),
        show=("account_name", "manager", Show("white_space", bar=True), Show("offer", wide=True), "likeness", "peers",
              "net_sales_12m", *(["potential"] if has_potential else [])),
        most_rows=MOST_ROWS,
        cards=True,
        none=say("Nothing to offer: every account compared buys its peers' categories."),
        absent=spaces.absent,
    )  # fmt: skip


def _offer_sentence(table: pd.DataFrame) -> Message:
    if table.empty:
        return say("No white space to offer from")
    first = table.iloc[0]
    return say(
        "Offer first: {account}, {offer}; up to {money:money} a year at the median share of {peers:count} peers",
        account=str(first["account_name"]),
        offer=str(first["offer"]),
        money=float(first["white_space"]),
        peers=int(first["peers"]),
    )


@finds(BRANCH_WHITE_SPACE)
def branch_white_space(
    lines: Engine, accounts: pd.DataFrame, facts: pd.DataFrame, calendar: Calendar, rules: Growth
) -> Finding:
    """Which branches of a group do not buy a category that their sister branches buy already.

    Branches with at least `order_days` order days in 12 months. Gap money = share of the category at the sisters that
    buy it, together, times the branch's own net sales of categories.

    Parameters
    ----------
    lines : Engine
        Holds ``order_lines``, and what `growth_accounts` left.
    accounts, facts : DataFrame
        From `growth_accounts`; ``customer_facts``.
    calendar : Calendar
        At the reference date.
    rules : Growth

    Returns
    -------
    Finding
        Table ``branch_white_space``, the largest gap first; numbers branches.gaps and branches.money.
    """
    values = {"as_of": calendar.as_of, "year_ago": calendar.year_ago, "order_days": rules.order_days}
    lines.materialise("branch_white_space", statement(__file__, "branch_white_space"), **values)
    selling = accounts.loc[~accounts["is_stopped"], ["account_id", "account_name"]]
    found = lines.frame("branch_white_space").merge(selling, on="account_id")
    found = found.assign(sister_gap=found["sister_gap"].round(2)).merge(
        facts[["customer_id", "customer_name", "manager"]]
    )
    table = BRANCH_WHITE_SPACE.conform(
        found.sort_values(["sister_gap", "customer_id", "category"], ascending=[False, True, True], ignore_index=True)
    )
    whole, branches = money.total(table["sister_gap"]), int(table["customer_id"].nunique())
    is_grouped = bool(accounts["members"].max() > 1) if len(accounts) else False
    return Finding(
        BRANCH_WHITE_SPACE.name,
        say("What do sister branches buy that a branch does not?"),
        say_n(
            "{n:count} branch lacks a category that a sister branch buys: up to {money:money} a year",
            "{n:count} branches lack a category that a sister branch buys: up to {money:money} a year",
            count="n",
            n=branches,
            money=whole,
        )
        if branches
        else say("No branch lacks what its sisters buy"),
        table,
        {"branches.gaps": len(table), "branches.money": whole},
        sub=say("Share at the sisters that buy it, times the branch's own net sales of 12 months"),
        show=(
            "customer_name",
            "account_name",
            "manager",
            "category",
            Show("sister_gap", bar=True),
            "sister_share",
            "sisters",
        ),
        most_rows=MOST_ROWS,
        none=say("No branch lacks what its sisters buy."),
        absent=None if is_grouped else say("Not measurable: no customer belongs to a parent group."),
    )
