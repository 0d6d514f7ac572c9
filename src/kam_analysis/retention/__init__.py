"""Who stays, who is slipping away, who can be won back, why they leave and what they say."""

from kam_analysis.facts.account_chances import loss_share_of
from kam_analysis.facts.customer_chances import gone_customers
from kam_analysis.facts.lifetime_value import churn_silence
from kam_analysis.facts.silent_categories import category_habits
from kam_analysis.retention.categories import silent_categories
from kam_analysis.retention.cohorts import cohort_cells, cohort_sales, how_cohorts_fare, mean_cohort, what_cohorts_bring
from kam_analysis.retention.comments import comment_themes
from kam_analysis.retention.complaints import complaint_times, quality_months
from kam_analysis.retention.contacts import contacts_before_leaving
from kam_analysis.retention.growth import growth_bridge, growth_products, growth_sales, key_growth
from kam_analysis.retention.headlines import headlines
from kam_analysis.retention.keys import key_clients_stayed, key_lists
from kam_analysis.retention.lifetimes import lifetimes, order_days, order_steps, order_waits
from kam_analysis.retention.overdue import chance_backtest, chance_reliability, who_is_overdue, whom_first
from kam_analysis.retention.programme import programme_members
from kam_analysis.retention.reasons import leavers, leaving_classes, reason_pareto
from kam_analysis.retention.repeat import how_many_repeat
from kam_analysis.retention.revenue import revenue_kept
from kam_analysis.retention.stayed import how_sensitive, shorter_periods, who_stayed
from kam_analysis.retention.survey import answers_and_purchases, survey_scores
from kam_analysis.retention.units import base_groups, common_period, mix_or_rate, stayed_by_segment, stayed_by_unit
from kam_analysis.retention.volatility import revenue_volatility
from kam_analysis.retention.what_if import retention_what_if
from kam_analysis.retention.win_back import (
    inter_purchase_gaps,
    return_by_silence,
    stopped_sales,
    win_back_list,
    win_back_results,
)

__all__ = [
    "answers_and_purchases",
    "base_groups",
    "category_habits",
    "chance_backtest",
    "chance_reliability",
    "churn_silence",
    "cohort_cells",
    "cohort_sales",
    "comment_themes",
    "common_period",
    "complaint_times",
    "contacts_before_leaving",
    "gone_customers",
    "growth_bridge",
    "growth_products",
    "growth_sales",
    "headlines",
    "how_cohorts_fare",
    "how_many_repeat",
    "how_sensitive",
    "inter_purchase_gaps",
    "key_clients_stayed",
    "key_growth",
    "key_lists",
    "leavers",
    "leaving_classes",
    "lifetimes",
    "loss_share_of",
    "mean_cohort",
    "mix_or_rate",
    "order_days",
    "order_steps",
    "order_waits",
    "programme_members",
    "quality_months",
    "reason_pareto",
    "retention_what_if",
    "return_by_silence",
    "revenue_kept",
    "revenue_volatility",
    "shorter_periods",
    "silent_categories",
    "stayed_by_segment",
    "stayed_by_unit",
    "stopped_sales",
    "survey_scores",
    "what_cohorts_bring",
    "who_is_overdue",
    "who_stayed",
    "whom_first",
    "win_back_list",
    "win_back_results",
]
