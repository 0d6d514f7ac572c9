"""What moved on the key list since the comparison date, and which criterion did it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis.findings import Caveat, Finding, Message, Show, say, say_n
from kam_analysis.key_clients.key_list import RULE_CHANGED, KeyList
from kam_analysis.key_clients.score import CRITERIA
from kam_analysis.key_clients.tables import KEY_CHANGES, ChangeCause, Move
from kam_analysis.vocabulary import KeyReason

NOTICED = 1e-9
ORDER = {move: place for place, move in enumerate((Move.ENTERED, Move.LEFT, Move.UP, Move.DOWN, Move.STAYED))}
UPWARDS = {Move.ENTERED: True, Move.UP: True, Move.LEFT: False, Move.DOWN: False}


def what_changed(now: KeyList, before: KeyList | None, facts: pd.DataFrame, facts_before: pd.DataFrame) -> Finding:
    """Say who entered, left and moved since the comparison date, and which criterion did it.

    Who stayed moved up or down by the rank of the score. The criterion is the one whose points changed most in the
    direction of the move; where none did, others moved. Who enters or leaves a list by share does so by its share, who
    is listed by an analyst's flag by that; a list that changes from score to share or back is a change of rule. Absent
    where the data do not reach back.

    Parameters
    ----------
    now, before : KeyList
        At both dates; `before` is None where the data do not reach back.
    facts, facts_before : DataFrame
        ``customer_facts`` at both dates.
    """
    question = say("What changed?")
    if before is None:
        return Finding(
            "key_changes",
            question,
            say("There is nothing to compare with."),
            KEY_CHANGES.empty(),
            absent=say("The data do not reach back 3 months."),
        )
    table = _moves(now, before, facts, facts_before)
    counts = {move: int((table.move == move).sum()) for move in Move}
    return Finding(
        "key_changes",
        question,
        _sentence(counts),
        table,
        {"keys_entered": counts[Move.ENTERED], "keys_left": counts[Move.LEFT]},
        sub=say(
            "The same computation at the comparison date, on the same data and parameters. What did it: the criterion "
            "whose points changed most in the direction of the move."
        ),
        show=(
            "customer_name",
            Show("move", chip=True, strong=(Move.ENTERED, Move.LEFT)),
            "cause",
            "points_change",
            "rank_before",
            "rank_now",
            "net_sales_before",
            "net_sales_now",
        ),
        none=say("The list was empty at both dates."),
        caveats=_change_caveats(now, before),
    )


def _sentence(counts: dict[Move, int]) -> Message:
    stayed = counts[Move.STAYED] + counts[Move.UP] + counts[Move.DOWN]
    if stayed and not counts[Move.ENTERED] + counts[Move.LEFT]:
        return say_n(
            "The only key client is the same as then.",
            "The {n:count} key clients are the same as then; by score up: {up:count}, down: {down:count}.",
            count="n",
            n=stayed,
            up=counts[Move.UP],
            down=counts[Move.DOWN],
        )
    return say(
        "Entered the list: {entered:count}; left it: {left:count}; stayed: {stayed:count}, by score up: "
        "{up:count}, down: {down:count}.",
        entered=counts[Move.ENTERED],
        left=counts[Move.LEFT],
        stayed=stayed,
        up=counts[Move.UP],
        down=counts[Move.DOWN],
    )


def _moves(now: KeyList, before: KeyList, facts: pd.DataFrame, facts_before: pd.DataFrame) -> pd.DataFrame:
    ids = sorted(set(now.keys.customer_id) | set(before.keys.customer_id))
    latest, earlier = facts.set_index("customer_id"), facts_before.set_index("customer_id")
    scores, scores_before = (one.scores.set_index("customer_id").reindex(ids) for one in (now, before))
    move = _move(pd.Index(ids), now, before, scores_before["rank"] - scores["rank"])
    cause, change = _causes(ids, move, now, before, scores, scores_before)
    table = pd.DataFrame(
        {
            "customer_id": ids,
            "customer_name": latest.customer_name.reindex(ids).fillna(earlier.customer_name.reindex(ids)).to_numpy(),
            "move": [one.value for one in move],
            "cause": [one and one.value for one in cause],
            "points_change": change,
            "rank_before": scores_before["rank"].to_numpy(),
            "rank_now": scores["rank"].to_numpy(),
            "score_before": scores_before.score.to_numpy(),
            "score_now": scores.score.to_numpy(),
            "net_sales_before": earlier.net_sales_12m.reindex(ids).fillna(0).to_numpy(),
            "net_sales_now": latest.net_sales_12m.reindex(ids).fillna(0).to_numpy(),
        }
    )
    placed = table.assign(place=[ORDER[one] for one in move]).sort_values(
        ["place", "net_sales_now", "customer_id"], ascending=[True, False, True], ignore_index=True
    )
    return KEY_CHANGES.conform(placed)


def _move(ids: pd.Index, now: KeyList, before: KeyList, climbed: pd.Series) -> list[Move]:
    is_now, was = ids.isin(now.keys.customer_id), ids.isin(before.keys.customer_id)
    found = np.select(
        [is_now & ~was, was & ~is_now, climbed > 0, climbed < 0],
        [Move.ENTERED, Move.LEFT, Move.UP, Move.DOWN],
        Move.STAYED,
    )
    return [Move(one) for one in found]


def _causes(
    ids: list[str], move: list[Move], now: KeyList, before: KeyList, scores: pd.DataFrame, scores_before: pd.DataFrame
) -> tuple[list[ChangeCause | None], list[float]]:
    columns = [f"{name}_points" for name in CRITERIA]
    change = (scores[columns].fillna(0.0) - scores_before[columns].fillna(0.0)).set_axis(CRITERIA, axis=1)
    reasons = pd.DataFrame(
        {"now": now.keys.set_index("customer_id").reason, "before": before.keys.set_index("customer_id").reason}
    ).reindex(ids)
    causes: list[ChangeCause | None] = []
    points: list[float] = []
    for one, moved in zip(ids, move, strict=True):
        cause = _outside_the_score(moved, reasons.loc[one], now.reason, before.reason)
        if cause is None and moved is not Move.STAYED:
            cause = _first_or_last(scores.score[one], scores_before.score[one])
        if cause is None and moved is not Move.STAYED:
            cause = _by_points(change.loc[one], UPWARDS[moved])
        causes.append(cause)
        points.append(float(change.loc[one, cause.value]) if cause in CRITERIA else np.nan)
    return causes, points


def _outside_the_score(
    moved: Move, reasons: pd.Series, rule_now: KeyReason, rule_before: KeyReason
) -> ChangeCause | None:
    if moved not in (Move.ENTERED, Move.LEFT):
        return None
    reason = reasons["now"] if moved is Move.ENTERED else reasons["before"]
    if reason == KeyReason.FLAG:
        return ChangeCause.FLAG
    if reason == KeyReason.SHARE:
        return ChangeCause.SHARE
    return None if rule_now is rule_before else ChangeCause.RULE


def _first_or_last(score_now: float, score_before: float) -> ChangeCause | None:
    if np.isnan(score_before):
        return ChangeCause.NO_SALES_BEFORE
    return ChangeCause.NO_SALES_NOW if np.isnan(score_now) else None


def _by_points(change: pd.Series, is_upwards: bool) -> ChangeCause:
    towards = change if is_upwards else -change
    most = str(towards.round(9).idxmax())
    return ChangeCause(most) if towards[most] > NOTICED else ChangeCause.OTHERS


def _change_caveats(now: KeyList, before: KeyList) -> list[Caveat]:
    caveats = [
        Caveat(
            say("Today's list looks loyal by construction"),
            say("Judge the retention of key clients only on the list frozen at the start of the period."),
        )
    ]
    if now.reason is not before.reason and len(now.keys) and len(before.keys):
        text = say("Then the list was made {then}, now it is made {now}.", then=before.reason, now=now.reason)
        caveats.append(Caveat(RULE_CHANGED, text))
    return caveats
