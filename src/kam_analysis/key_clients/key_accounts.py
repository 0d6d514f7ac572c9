"""Who the key clients are, why, and how sure their places are: what the page says of the key list."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis import money
from kam_analysis.facts.key_list import KeyList
from kam_analysis.facts.pairwise import given_weights
from kam_analysis.facts.shares import is_key_in_company
from kam_analysis.findings import Caveat, Finding, Message, Show, Tile, Weight, Words, say, say_n
from kam_analysis.params import KeyClients
from kam_analysis.tables import ACCOUNT_SCORES, KEY_LIST, KEY_REASONS, NOMINATIONS, Table, finds
from kam_analysis.vocabulary import Criterion, CriterionSource, KeyLevel, KeyReason, Sureness

BORDERLINE = Table(
    "borderline_customers",
    "one account whom some weightings put among the first by score",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.NET_SALES_12M,
        col.SHARE_12M,
        col.RANK("By score."),
        col.MEMBERSHIP,
        col.SURENESS("How sure the place is."),
        col.flag("is_by_score", say("By score"), "Among the first k by the score."),
    ),
    ("account_id",),
)


LEAST_SHOWN = 0.02
MOST_SCORED = 10
MOST_NOMINATED = 10
NOBODY = say("Nobody has net sales above 0 in the last 12 months.")
NOT_BY_SCORE = say("The score admits nobody to the list (`key_clients.admit`).")
NO_KEY = say("There is no key client in the last 12 months.")
NO_CHANCE = say("No earlier day tells how many customers stay away.")
MOST_NAMED = 5
GROUP = Show("group", words=Words(say("Members"), [[say("group of {group_of:count}")]]))
CHIP_DETAILS = {
    KeyReason.COMPANY.value: ("", "share_12m"),
    KeyReason.DEPARTMENT.value: ("key_department", "department_share"),
    KeyReason.MANAGER.value: ("key_manager", "manager_share"),
}


def _reasons(strong_above: float) -> Show:
    return Show("reasons", chip=True, details=CHIP_DETAILS, strong_above=strong_above)


def share_of_keys(now: KeyList) -> float:
    """Share of the key accounts in the net sales of accounts above 0, 12 months; 0 where there is none."""
    return float(min(1.0, now.keys.share_12m.sum()))


@finds(KEY_LIST)
def who_is_key(now: KeyList, keys: pd.DataFrame, rules: KeyClients) -> Finding:
    """Say which accounts are key, and at which level.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    keys : DataFrame
        ``key_list``: its key accounts with their trend and lost chance.
    rules : KeyClients
        The key share of the company, and the share from which a chip is filled.
    """
    counts = keys.level.value_counts()
    places = {level.value: place for place, level in enumerate(KeyLevel)}
    return Finding(
        "key_list",
        say("Who are the key clients?"),
        _levels_sentence(counts),
        keys.iloc[np.lexsort((keys.order, keys.level.map(places)))].reset_index(drop=True),
        {
            "key_list.total": len(keys),
            **{f"key_list.{level}": int(counts.get(level, 0)) for level in places},
            "key_list.stopped": int(keys.is_stopped.sum()),
            "key_list.expected_loss": money.total(keys.expected_loss.dropna()),
            "nominations": len(now.nominations),
            "key_clients": len(keys),
            "company_keys": int(is_key_in_company(now.accounts.net_sales_12m, rules.min_share).sum()),
            "sure": int((now.scores.sureness == Sureness.SURE).sum()),
            "borderline": int((now.scores.sureness == Sureness.BORDERLINE).sum()),
        },
        sub=say(
            "Last 12 months; a parent group is one account. Chips: why, and the share there, filled above "
            "{limit:share0}. Edge: stopped. Curve: net sales by month, blue the last 12.",
            limit=rules.bands.severe,
        ),
        base=say("Base of shares: net sales of accounts above 0 in the last 12 months (n {n:count}).", n=now.n),
        show=(
            Show("account_name", also=(GROUP, _reasons(rules.bands.severe))),
            Show("share_12m", bar=True),
            Show("lost_chance", write="share0"),
            "expected_loss",
            "trend",
            "net_sales_12m",
            "manager",
        ),
        grouped_by="level",
        marked_by="is_stopped",
        none=NOBODY,
        caveats=_no_groups(now) + _both_answers(now),
    )


def _levels_sentence(counts: pd.Series) -> Message:
    if counts.empty:
        return NO_KEY
    levels = [
        say("{n:count} {level}", n=int(counts[level.value]), level=level) for level in KeyLevel if level.value in counts
    ]
    return say("Key accounts: {levels:names}.", levels=levels)


def key_title(now: KeyList, keys: pd.DataFrame) -> Message:
    """Say what the key accounts bring, and how many of them have stopped ordering.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    keys : DataFrame
        ``key_list``.
    """
    if keys.empty:
        return NO_KEY
    who = say_n(
        "{n:count} key account brings {share:share0} of net sales",
        "{n:count} key accounts bring {share:share0} of net sales",
        count="n",
        n=len(keys),
        share=share_of_keys(now),
    )
    if keys.lost_chance.isna().all():
        return say("{who}.", who=who)
    stopped = int(keys.is_stopped.sum())
    if not stopped:
        return say("{who}; none has stopped ordering.", who=who)
    return say_n(
        "{who}; {n:count} has stopped ordering.",
        "{who}; {n:count} have stopped ordering.",
        count="n",
        who=who,
        n=stopped,
    )


def what_is_at_stake(keys: pd.DataFrame) -> Message:
    """Name the key accounts that stopped, with their part of the expected loss; the reason where no chance is known.

    Parameters
    ----------
    keys : DataFrame
        ``key_list``.
    """
    if keys.lost_chance.isna().all():
        return NO_CHANCE
    loss, stopped = money.total(keys.expected_loss.dropna()), keys[keys.is_stopped]
    if stopped.empty:
        return say("Expected loss of the key accounts: {loss:money}.", loss=loss)
    ordered = stopped.sort_values(["expected_loss", "account_id"], ascending=[False, True])
    names = list(ordered.account_name.head(MOST_NAMED))
    rest = [say("{n:count} more", n=len(stopped) - len(names))] if len(stopped) > len(names) else []
    return say(
        "Stopped: {names:names}; {part:money} of the expected loss of {loss:money} is theirs.",
        names=[*names, *rest],
        part=money.total(stopped.expected_loss),
        loss=loss,
    )


def key_loss_tile(keys: pd.DataFrame) -> Tile:
    """Give what the key accounts are expected to lose us, and how many of them have stopped.

    Parameters
    ----------
    keys : DataFrame
        ``key_list``.
    """
    name = say("Expected loss of key accounts")
    definition = say("Lost chance × a year's margin (net sales without a cost) × the share of it that a silence costs.")
    if keys.lost_chance.isna().all():
        return Tile(name, None, say("n {n:count}", n=len(keys)), definition, "key_expected_loss", absent=NO_CHANCE)
    value = say("{money:money}", money=money.total(keys.expected_loss.dropna()))
    size = say("stopped: {n:count}", n=int(keys.is_stopped.sum()))
    return Tile(name, value, size, definition, "key_expected_loss", table="key_list")


def _no_groups(now: KeyList) -> list[Caveat]:
    if now.accounts.empty or (now.accounts.members > 1).any():
        return []
    text = say("The source names no parent groups, so a holding may count as several accounts.")
    return [Caveat(say("Nothing to roll up"), text)]


def _both_answers(now: KeyList) -> list[Caveat]:
    both = now.flags.index[now.flags.is_confirmed & now.flags.is_refused]
    split = now.keys[now.keys.account_id.isin(both) & now.keys.reasons.str.contains(KeyReason.FLAG.value)]
    if split.empty:
        return []
    text = say(
        "Confirmed as key for one member and refused for another: {names:names}. One yes is enough.",
        names=list(split.account_name),
    )
    return [Caveat(say("Confirmed and refused at once"), text)]


@finds(KEY_REASONS)
def key_reasons(now: KeyList) -> Finding:
    """Give every reason of every key account, and every unit in which any account is key by share.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    """
    count = int(now.reasons.reason.notna().sum())
    return Finding(
        "key_reasons",
        say("For which reasons is an account key?"),
        say("Reasons of the key accounts: {n:count}.", n=count),
        now.reasons,
        none=NOBODY,
    )


@finds(NOMINATIONS)
def nominations(now: KeyList) -> Finding:
    """Show the accounts that only an analyst's flag names: apart from the list, out of every count.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    """
    table = now.nominations
    share = float(table.share_12m.sum())
    return Finding(
        "nominations",
        say("Whom do analysts name besides?"),
        say("No account is named by an analyst's flag alone.")
        if table.empty
        else say_n(
            "{n:count} account, {share:share} of net sales, is named by an analyst's flag only and counts nowhere.",
            "{n:count} accounts, together {share:share} of net sales, are named by an analyst's flag only and count "
            "nowhere.",
            count="n",
            n=len(table),
            share=min(1.0, share),
        ),
        table,
        sub=say("`confirmed` = yes in the assessment makes one a key account."),
        show=(
            "account_name",
            "share_12m",
            "net_sales_12m",
            Show("flags", chip=True),
            "manager",
            Show("state", chip=True),
        ),
        most_rows=MOST_NOMINATED,
        none=say("No account is named by an analyst's flag alone."),
    )


@finds(BORDERLINE)
def how_sure(now: KeyList, rules: KeyClients) -> Finding:
    """Say which places by score depend on the weights.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Sureness, and whether the score admits.
    """
    least = min(LEAST_SHOWN, rules.borderline_from)
    by_score = now.scores["rank"] <= now.places
    shown = now.scores.assign(is_by_score=by_score)[(now.scores.membership >= least) | by_score]
    is_used = KeyReason.SCORE.value in rules.admit
    sure = int((now.scores.sureness[by_score] == Sureness.SURE).sum())
    absent = NOBODY if not now.places else None if is_used else NOT_BY_SCORE
    return Finding(
        "borderline_customers",
        say("How sure are the places by score?"),
        say(
            "Sure places by score: {sure:count} of {k:count}; borderline accounts: {n:count}.",
            sure=sure,
            k=now.places,
            n=int((now.scores.sureness == Sureness.BORDERLINE).sum()),
        )
        if absent is None
        else absent,
        BORDERLINE.conform(shown.sort_values(["membership", "rank"], ascending=[False, True])),
        sub=say_n(
            "Share of {draws:count} random weightings in which the score puts the account first. Solid: sure. "
            "Hatched: not sure.",
            "Share of {draws:count} random weightings in which the score puts the account among the first {k:count}. "
            "Solid: sure. Hatched: not sure.",
            count="k",
            draws=rules.weight_draws,
            k=now.places,
        ),
        base=say("Accounts scored: {n:count}; shown from {least:share0} on.", n=now.n, least=least),
        drawing="key_clients.membership",
        limits={"sure_from": rules.sure_from},
        absent=absent,
    )


def weight_bases(now: KeyList) -> pd.Series:
    """Share of the weight used that rests on orders, on the survey, and on the analyst's word.

    Growth potential and strategic importance are the analyst's; brand influence is split by the accounts whose rating
    comes from an answer; everything else is measured (article A: criteria clear and measurable, not intuition alone).
    """
    weights, known = now.score.weights, now.score.measures.brand.notna()
    answered = float(now.score.answered[known].mean()) if known.any() else 0.0
    brand, rated = float(weights[Criterion.BRAND]), float(weights[[Criterion.GROWTH, Criterion.STRATEGIC]].sum())
    return pd.Series(
        {
            CriterionSource.MEASURED.value: float(weights.sum()) - brand - rated,
            CriterionSource.SURVEY.value: brand * answered,
            CriterionSource.ANALYST.value: rated + brand * (1 - answered),
        }
    )


@finds(ACCOUNT_SCORES)
def score_breakdown(now: KeyList, rules: KeyClients) -> Finding:
    """Break every account's score down into its criteria, best first.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    rules : KeyClients
        Weights given.
    """
    used = [f"{name}_points" for name in now.score.weights.index[now.score.weights > 0]]
    bases = weight_bases(now)
    return Finding(
        "account_scores",
        say("What makes each score?"),
        _leader_sentence(now.scores),
        now.scores,
        {f"weight_from.{base}": float(share) for base, share in bases.items()},
        sub=say(
            "Points: weight times the score of the criterion, 0–1; amounts by logarithm between the 5 % quantile and "
            "the largest, ratings by fifths."
        ),
        base=say(
            "Accounts with net sales above 0 in the last 12 months: {n:count}. Weight that rests on orders: "
            "{measured:share0}, on the survey: {survey:share0}, on the analyst's word: {analyst:share0}.",
            n=now.n,
            **bases,
        ),
        show=("account_name", *used, Show("score", bar=True), "rank", "criteria_without_data", "is_key"),
        most_rows=MOST_SCORED,
        none=NOBODY,
        caveats=[*_absent_criteria(now, rules), *_filled_criteria(now)] if now.n else (),
    )


def _leader_sentence(scores: pd.DataFrame) -> Message:
    if scores.empty:
        return say("No account is scored.")
    names, points = scores.account_name.head(2).tolist(), scores.score.head(2).tolist()
    if len(names) == 1:
        return say("{name} is the only account with a score.", name=names[0])
    if points[0] == points[1]:
        return say("{first} and {second} share the highest score.", first=names[0], second=names[1])
    return say(
        "{first} leads the score with {high:share}, {second} follows with {next:share}.",
        first=names[0],
        high=points[0],
        second=names[1],
        next=points[1],
    )


def _absent_criteria(now: KeyList, rules: KeyClients) -> list[Caveat]:
    wanted = [str(name) for name, weight in given_weights(rules).items() if weight > 0]
    absent = [Criterion(name) for name in wanted if now.score.weights[name] == 0]
    if not absent:
        return []
    text = say(
        "No data for {absent:names}: their weight is spread over {used:names}.",
        absent=absent,
        used=[Criterion(name) for name in now.score.weights.index[now.score.weights > 0]],
    )
    return [Caveat(say("What the score does not know"), text)]


def _filled_criteria(now: KeyList) -> list[Caveat]:
    filled = int((now.scores.criteria_without_data > 0).sum())
    if not filled:
        return []
    text = say_n(
        "{n:count} of {m:count} accounts lacks data for at least one criterion and gets its median score there.",
        "{n:count} of {m:count} accounts lack data for at least one criterion and get its median score there.",
        count="n",
        n=filled,
        m=now.n,
    )
    return [Caveat(say("Missing scores are replaced by the median"), text, Weight.GREEN)]


def key_tile(now: KeyList, changes: Finding) -> Tile:
    """Give the number of key accounts with what moved since the comparison date.

    Parameters
    ----------
    now : KeyList
        At the reference date.
    changes : Finding
        Result of `what_changed`.
    """
    name = say("Key accounts")
    definition = say(
        "Accounts that are key for the company, a department or a manager by share, among the largest by volume, among "
        "the best by score, or confirmed after an analyst's flag."
    )
    if now.keys.empty:
        return Tile(name, None, say("n {n:count}", n=0), definition, "key_clients", absent=NOBODY)
    change = None
    if changes.absent is None:
        change = say(
            "{entered:count} entered, {left:count} left",
            entered=changes.numbers["keys_entered"],
            left=changes.numbers["keys_left"],
        )
    size = say("{share:share0} of net sales; of {n:count} accounts", share=share_of_keys(now), n=now.n)
    return Tile(name, say("{n:count}", n=len(now.keys)), size, definition, "key_clients", change, table="key_list")
