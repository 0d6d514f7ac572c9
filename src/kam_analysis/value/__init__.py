"""What customers are worth: the formula in its readings, models held against months they did not see, predictions."""

from kam_analysis.facts.lifetime_value import churn_silence
from kam_analysis.facts.retained import last_retained
from kam_analysis.value.backtest import for_whom_does_it_hold, is_it_calibrated, which_model_predicts
from kam_analysis.value.coming import who_will_bring_most
from kam_analysis.value.events import what_came_after_events
from kam_analysis.value.formula import what_a_new_customer_brings, what_is_a_buyer_worth
from kam_analysis.value.groups import what_is_each_group_worth
from kam_analysis.value.headlines import headlines
from kam_analysis.value.newcomers import do_newcomers_become_regular
from kam_analysis.value.spending import (
    what_a_new_customer_costs,
    what_to_spend,
    when_is_it_paid_back,
    which_events_were_paid,
)

__all__ = [
    "churn_silence",
    "do_newcomers_become_regular",
    "for_whom_does_it_hold",
    "headlines",
    "is_it_calibrated",
    "last_retained",
    "what_a_new_customer_brings",
    "what_a_new_customer_costs",
    "what_came_after_events",
    "what_is_a_buyer_worth",
    "what_is_each_group_worth",
    "what_to_spend",
    "when_is_it_paid_back",
    "which_events_were_paid",
    "which_model_predicts",
    "who_will_bring_most",
]
