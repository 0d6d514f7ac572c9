"""What moved on the key list since the comparison date, and which criterion did it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.facts.key_list import KeyList
from kam_analysis.facts.key_score import CRITERIA
from kam_analysis.findings import NOTHING_BEFORE, Caveat, Finding, Message, Show, say, say_n
from kam_analysis.tables import Table, finds
from kam_analysis.vocabulary import Criterion, KeyLevel, Labelled, words


class Move(Labelled):
    """What happened to a place on the key list since the comparison date."""

    ENTERED = "entered", say("entered")
    LEFT = "left", say("left")
    UP = "up", say("moved up")
    DOWN = "down", say("moved down")
    STAYED = "stayed", say("stayed")


class OutsideScore(Labelled):
    """What moved an account by its score, where no criterion did."""

    NO_SALES_BEFORE = "no_sales_before", say("no net sales before")
    NO_SALES_NOW = "no_sales_now", say("no net sales any more")
    OTHERS = "others", say("others moved")


ChangeCause = words("ChangeCause", ((one.value, one.label) for one in (*Criterion, *OutsideScore)))

KEY_CHANGES = Table(
    "key_changes",
    "one account on the list now or at the comparison date",
    (
        col.ACCOUNT_ID,
        col.ACCOUNT_NAME,
        col.member("move", say("Move"), "Entered, left, moved by its level, or stayed.", Move),
        *(
            col.member(name, label, "Missing when off the list.", KeyLevel, nullable=True, absent=say("–"))
            for name, label in (("level_before", say("Level then")), ("level_now", say("Level now")))
        ),
        col.member(
            "cause",
            say("Criterion"),
            "Of a move by score: whose points changed most in its direction.",
            ChangeCause,
            nullable=True,
            absent=say("–"),
        ),
        col.share("points_change", say("Its points"), "Now less before.", nullable=True, low=-1),
        col.share("share_before", say("Share then"), "Of the company, 12 months.", nullable=True),
        col.share("share_now", say("Share now"), "Of the company, last 12 months.", nullable=True),
        col.NET_SALES_BEFORE("12 months to the comparison date."),
        col.NET_SALES_NOW,
    ),
    ("account_id",),
)


NOTICED = 1e-9
MOST_SHOWN = 10
ORDER = {move: place for place, move in enumerate((Move.ENTERED, Move.LEFT, Move.UP, Move.DOWN, Move.STAYED))}
HEIGHT = {level.value: -place for place, level in enumerate(KeyLevel)}


@finds(KEY_CHANGES)
def what_changed(now: KeyList, before: KeyList | None) -> Finding:
    """Say which accounts entered, left or changed their level since the comparison date.

    Where an account comes or goes by its score, the criterion is named whose points changed most in that direction;
    where none did, others moved. Absent where the data do not reach back.

    Parameters
    ----------
    now, before : KeyList
        The same call at both dates; `before` is None where the data do not reach back.
    """
    question = say("What changed?")
    if before is None:
        return Finding(
            "key_changes",
            question,
            say("There is nothing to compare with."),
            KEY_CHANGES.empty(),
            absent=NOTHING_BEFORE,
        )
    table = _moves(now, before)
    counts = {move: int((table.move == move).sum()) for move in Move}
    return Finding(
        "key_changes",
        question,
        _sentence(counts, table),
        table,
        {"keys_entered": counts[Move.ENTERED], "keys_left": counts[Move.LEFT]},
        sub=say(
            "The same list at the comparison date, by the same parameters. Criterion: whose points moved most that way."
        ),
        show=(
            "account_name",
            Show("move", chip=True, strong=(Move.ENTERED, Move.LEFT)),
            "level_before",
            "level_now",
            "cause",
            "share_before",
            "share_now",
        ),
        most_rows=MOST_SHOWN,
        none=say("The list was empty at both dates."),
        caveats=_unknown_then(now, before),
    )


def _sentence(counts: dict[Move, int], table: pd.DataFrame) -> Message:
    stayed = counts[Move.STAYED] + counts[Move.UP] + counts[Move.DOWN]
    if stayed and not counts[Move.ENTERED] + counts[Move.LEFT]:
        return say_n(
            "The only key account is the same as then.",
            "The {n:count} key accounts are the same as then.",
            count="n",
            n=stayed,
        )
    return say(
        "Entered the list: {entered}; left it: {left}; stayed: {stayed:count}.",
        entered=_with_largest(counts[Move.ENTERED], table[table.move == Move.ENTERED], "net_sales_now"),
        left=_with_largest(counts[Move.LEFT], table[table.move == Move.LEFT], "net_sales_before"),
        stayed=stayed,
    )


def _with_largest(n: int, moved: pd.DataFrame, by: str) -> Message:
    if n < 1:
        return say("{n:count}", n=n)
    largest = moved.sort_values([by, "account_id"], ascending=[False, True]).account_name.iloc[0]
    return (
        say("{n:count}, the largest {name}", n=n, name=largest)
        if n > 1
        else say("{n:count}, {name}", n=n, name=largest)
    )


def _moves(now: KeyList, before: KeyList) -> pd.DataFrame:
    lists = {"now": now, "before": before}
    ids = pd.Index(sorted(set(now.keys.account_id) | set(before.keys.account_id)), name="account_id")
    accounts = {when: one.accounts.set_index("account_id").reindex(ids) for when, one in lists.items()}
    levels = {when: one.keys.set_index("account_id").level.reindex(ids) for when, one in lists.items()}
    points = {
        when: one.scores.set_index("account_id").reindex(ids)[[f"{name}_points" for name in CRITERIA]].fillna(0.0)
        for when, one in lists.items()
    }
    change = (points["now"] - points["before"]).set_axis(CRITERIA, axis=1)
    move = _move(levels["now"], levels["before"])
    causes = [
        _cause(Move(one), levels["now"][name], levels["before"][name], now, before, name, change.loc[name])
        for name, one in zip(ids, move, strict=True)
    ]
    table = pd.DataFrame(
        {
            "account_id": ids,
            "account_name": accounts["now"].account_name.fillna(accounts["before"].account_name).to_numpy(),
            "move": move.to_numpy(),
            "level_before": levels["before"].to_numpy(),
            "level_now": levels["now"].to_numpy(),
            "cause": [cause and cause.value for cause in causes],
            "points_change": [
                change.loc[name, cause.value] if cause and cause.value in CRITERIA else np.nan
                for name, cause in zip(ids, causes, strict=True)
            ],
            **{f"share_{when}": accounts[when].share_12m.to_numpy() for when in lists},
            **{f"net_sales_{when}": accounts[when].net_sales_12m.fillna(0).to_numpy() for when in lists},
        }
    )
    placed = table.assign(place=table.move.map({move.value: place for move, place in ORDER.items()})).sort_values(
        ["place", "net_sales_now", "account_id"], ascending=[True, False, True], ignore_index=True
    )
    return KEY_CHANGES.conform(placed)


def _move(now: pd.Series, before: pd.Series) -> pd.Series:
    height, was = now.map(HEIGHT), before.map(HEIGHT)
    found = np.select(
        [before.isna(), now.isna(), height > was, height < was],
        [Move.ENTERED.value, Move.LEFT.value, Move.UP.value, Move.DOWN.value],
        Move.STAYED.value,
    )
    return pd.Series(found, index=now.index)


def _cause(
    move: Move, level: object, level_before: object, now: KeyList, before: KeyList, account: str, change: pd.Series
) -> Criterion | OutsideScore | None:
    """Give what brought an account on the list or off it, where that was the score or the lack of net sales."""
    if move not in (Move.ENTERED, Move.LEFT):
        return None
    if not (before.scores.account_id == account).any():
        return OutsideScore.NO_SALES_BEFORE
    if not (now.scores.account_id == account).any():
        return OutsideScore.NO_SALES_NOW
    if (level if move is Move.ENTERED else level_before) != KeyLevel.SCORE:
        return None
    towards = change if move is Move.ENTERED else -change
    most = str(towards.round(9).idxmax())
    return Criterion(most) if towards[most] > NOTICED else OutsideScore.OTHERS


def _unknown_then(now: KeyList, before: KeyList) -> list[Caveat]:
    used, used_then = (one.score.weights.index[one.score.weights > 0] for one in (now, before))
    new = [Criterion(name) for name in used if name not in used_then]
    if not new or not before.n:
        return []
    text = say("Nothing was on record then for {criteria:names}, so the score of that date goes without.", criteria=new)
    return [Caveat(say("The score knew less then"), text)]
