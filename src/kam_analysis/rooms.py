"""The rooms, one record each: what it is called, the parameters it may use key by key, the tables it reads and writes.

``dvc.yaml``, paths, links between pages, documentation and tests read these records. A stage refuses a parameter or a
table that its record does not name. What a record says stands in ``dvc.yaml``, so no stage depends on this file.
"""

from __future__ import annotations

from dataclasses import dataclass

from kam_analysis.findings import Message, say


@dataclass(frozen=True)
class Room:
    """One room: its package, stage, section of ``params.yaml``, notebook, metrics and page bear the same word.

    Parameters
    ----------
    word : str
    number : int
        Place of its page; a room reads tables of rooms before it.
    title : Message
        How the links between the pages call it.
    params : tuple of str
        Dotted keys of ``params.yaml``; a name of a part stands for all that is below it.
    reads, writes : tuple of str
        Tables that cross a stage: in, and out.

    Examples
    --------
    >>> ROOMS["key_clients"].file
    '02_key_clients'
    """

    word: str
    number: int
    title: Message
    params: tuple[str, ...]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Name of its notebook and page, without the ending."""
        return f"{self.number:02}_{self.word}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _keys(**sections: str) -> tuple[str, ...]:
    return ("source", *(f"{section}.{key}" for section, keys in sections.items() for key in keys.split()))


_LIFETIME = "assumed_margin churn_silence_days churn_silence_share lifetime_cap_months fewest_followed"
_ROOMS = (
    Room(
        "cleaning",
        1,
        say("Data"),
        (
            "as_of",
            "compare_as_of",
            *_keys(
                report="pseudonyms",
                cleaning="""service_lines exact_duplicates totals_rows far_dates far_gap_days lines_from large_loss
                record_days contact_days""",
                facts=f"""{_LIFETIME} censored_months lost_after_months horizon_days stopped_from alarm silent_gaps
                chance_share lost_chance fewest_new""",
            ),
        ),
        writes=_words(
            """order_lines rejected_lines customer_register customer_facts customer_facts_before customer_orders
            customer_months customer_chances chance_summary chance_backtest chance_reliability origin_chances
            customer_life_months customers managers assessment survey interactions spend contracts purchase_terms
            contacts tasks_done payments call_parts plans plan_goals plan_actions plan_log"""
        ),
    ),
    Room(
        "key_clients",
        2,
        say("Key clients"),
        _keys(
            facts="censored_months stopped_from",
            key_clients="""units admit min_share top_volume top_customers top_k weights comparisons volume_threshold
            one_off_share strategic_from criteria_reviewed_on criteria_review_months types weight_draws
            weight_concentration sure_from borderline_from seed bands small_unit keys_per_manager visit_days
            target_share fixed_costs_per_month loss_elasticity supplier_tiers tier_measure serve_rates""",
            segments="abc",
        ),
        _words(
            """assessment chance_summary contacts customer_chances customer_facts customer_facts_before
            customer_months interactions managers order_lines purchase_terms survey"""
        ),
        _words("dependence key_list key_members key_members_before"),
    ),
    Room(
        "segments",
        3,
        say("Segments"),
        _keys(
            facts="censored_months regular_orders lost_after_months",
            segments="rfm abc xyz clusters life_cycle ladder needs min_cell",
        ),
        _words(
            """assessment customer_facts customer_facts_before customer_months customer_orders key_members
            key_members_before order_lines survey"""
        ),
        _words("customer_segments"),
    ),
    Room(
        "value",
        4,
        say("Value"),
        _keys(
            facts=f"""{_LIFETIME} censored_months regular_orders fewest_new lost_after_months horizon_days stopped_from
            lost_chance""",
            value="backtest_months hold_outs draws seed min_cell",
            retention="period_months",
        ),
        _words("customer_chances customer_facts customer_life_months customer_months customer_orders spend"),
    ),
    Room(
        "retention",
        5,
        say("Retention"),
        _keys(
            facts=f"""{_LIFETIME} fewest_new censored_months lost_after_months horizon_days stopped_from chance_share
            category_order_days""",
            key_clients="""units admit min_share top_volume top_customers top_k weights comparisons strategic_from
            weight_draws weight_concentration sure_from borderline_from seed small_unit""",
            segments="abc life_cycle.at_risk_below",
            retention="""period_months repeat_days min_cell sensitivity_months silence_days return_days
            answer_days contact_days discount_rate reason_classes""",
        ),
        _words(
            """assessment chance_backtest chance_reliability chance_summary customer_chances customer_facts
            customer_months customer_orders customers interactions key_list order_lines survey"""
        ),
    ),
    Room(
        "growth",
        6,
        say("Growth"),
        _keys(
            facts="""censored_months lost_after_months horizon_days stopped_from silent_gaps chance_share
            category_order_days""",
            growth="peers order_days under_share least_overlap price_buyers price_gap_from",
        ),
        _words(
            """assessment chance_summary customer_chances customer_facts customer_months customer_orders
            order_lines"""
        ),
        _words("white_space price_gaps lost_items quiet_decline"),
    ),
    Room(
        "accounts",
        7,
        say("Accounts"),
        _keys(
            facts="censored_months stopped_from chance_share category_order_days",
            key_clients="visit_days",
            accounts="pages watch_change watch_margin",
            actions="contract_days overdue_days ahead_days rhythm_order_days",
        ),
        _words(
            """chance_summary contacts contracts customer_chances customer_facts customer_months customer_orders
            customer_segments interactions key_list order_lines payments survey"""
        ),
    ),
    Room(
        "actions",
        8,
        say("Calls"),
        _keys(
            facts="""censored_months lost_after_months horizon_days stopped_from silent_gaps chance_share
            category_order_days""",
            key_clients="keys_per_manager visit_days",
            actions="""contract_days answer_days overdue_days least_loss due_days first_calls calls_per_manager
            ahead_days rhythm_order_days new_item_days""",
        ),
        _words(
            """call_parts chance_summary contacts contracts customer_chances customer_facts customer_months
            customer_orders customer_segments customers dependence interactions key_list key_members
            order_lines origin_chances payments plan_actions plan_goals tasks_done"""
        ),
    ),
)
ROOMS = {room.word: room for room in _ROOMS}
