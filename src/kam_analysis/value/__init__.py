"""What customers are worth: the formula in its readings, models held against months they did not see, predictions."""

from kam_analysis.facts.retained import last_retained
from kam_analysis.value.backtest import for_whom_does_it_hold, is_it_calibrated, which_model_predicts
from kam_analysis.value.coming import who_will_bring_most
from kam_analysis.value.formula import how_long_buyers_stay, what_is_a_buyer_worth, what_moves_it
from kam_analysis.value.headlines import headlines

__all__ = [
    "for_whom_does_it_hold",
    "headlines",
    "how_long_buyers_stay",
    "is_it_calibrated",
    "last_retained",
    "what_is_a_buyer_worth",
    "what_moves_it",
    "which_model_predicts",
    "who_will_bring_most",
]
