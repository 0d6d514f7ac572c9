"""Who stays: retained share and CRR, revenue retention, cohorts, repeat rates, who is slipping away."""

from kam_analysis.retention.categories import category_habits, silent_categories
from kam_analysis.retention.cohorts import cohort_cells, how_cohorts_fare, mean_cohort
from kam_analysis.retention.headlines import headlines
from kam_analysis.retention.keys import key_clients_stayed
from kam_analysis.retention.lifetimes import lifetimes, order_days, order_steps, order_waits
from kam_analysis.retention.overdue import does_the_ranking_work, who_is_overdue
from kam_analysis.retention.repeat import how_many_repeat
from kam_analysis.retention.revenue import revenue_kept
from kam_analysis.retention.stayed import how_sensitive, shorter_periods, who_stayed
from kam_analysis.retention.units import base_groups, common_period, mix_or_rate, stayed_by_segment, stayed_by_unit
from kam_analysis.retention.win_back import return_by_silence, silences, stopped_sales, win_back_list, win_back_results

__all__ = [
    "base_groups",
    "category_habits",
    "cohort_cells",
    "common_period",
    "does_the_ranking_work",
    "headlines",
    "how_cohorts_fare",
    "how_many_repeat",
    "how_sensitive",
    "key_clients_stayed",
    "lifetimes",
    "mean_cohort",
    "mix_or_rate",
    "order_days",
    "order_steps",
    "order_waits",
    "return_by_silence",
    "revenue_kept",
    "shorter_periods",
    "silences",
    "silent_categories",
    "stayed_by_segment",
    "stayed_by_unit",
    "stopped_sales",
    "who_is_overdue",
    "who_stayed",
    "win_back_list",
    "win_back_results",
]
