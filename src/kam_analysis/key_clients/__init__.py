"""Who the key clients are and by which criteria; how far the business hangs on them, and what losing one costs."""

from kam_analysis.facts.account_chances import key_list_with_chances
from kam_analysis.facts.accounts import unit_customers
from kam_analysis.facts.key_list import KeyList, key_list
from kam_analysis.key_clients.care import key_care
from kam_analysis.key_clients.changes import what_changed
from kam_analysis.key_clients.client_types import client_types, early_purchases
from kam_analysis.key_clients.concentration import (
    concentration,
    concentration_curve,
    concentration_trend,
    largest_tile,
)
from kam_analysis.key_clients.criteria import criteria, customer_criteria, purchases
from kam_analysis.key_clients.dependence import dependence, dependence_tile, group_dependence, unassigned_sales
from kam_analysis.key_clients.discounts import customer_discounts, discounts_by_class, generous_discounts
from kam_analysis.key_clients.effort import effort_by_class, effort_mismatch
from kam_analysis.key_clients.gain import client_gain
from kam_analysis.key_clients.key_accounts import (
    how_sure,
    key_loss_tile,
    key_reasons,
    key_tile,
    key_title,
    nominations,
    score_breakdown,
    what_is_at_stake,
    who_is_key,
)
from kam_analysis.key_clients.key_client_matrix import key_levels, unit_keys
from kam_analysis.key_clients.loss import client_loss, loss_steps
from kam_analysis.key_clients.managers import manager_load
from kam_analysis.key_clients.methods import method_agreement, weight_swaps
from kam_analysis.key_clients.portfolio import relation, sales_margin
from kam_analysis.key_clients.reassign import key_moves
from kam_analysis.key_clients.review import criteria_review
from kam_analysis.key_clients.serve import whale_curve
from kam_analysis.key_clients.shares import concentration_of
from kam_analysis.key_clients.supplies import supplies
from kam_analysis.key_clients.unit_loss import unit_loss
from kam_analysis.key_clients.unit_trend import unit_trend, unit_windows

__all__ = [
    "KeyList",
    "client_gain",
    "client_loss",
    "client_types",
    "concentration",
    "concentration_curve",
    "concentration_of",
    "concentration_trend",
    "criteria",
    "criteria_review",
    "customer_criteria",
    "customer_discounts",
    "dependence",
    "dependence_tile",
    "discounts_by_class",
    "early_purchases",
    "effort_by_class",
    "effort_mismatch",
    "generous_discounts",
    "group_dependence",
    "how_sure",
    "key_care",
    "key_levels",
    "key_list",
    "key_list_with_chances",
    "key_loss_tile",
    "key_moves",
    "key_reasons",
    "key_tile",
    "key_title",
    "largest_tile",
    "loss_steps",
    "manager_load",
    "method_agreement",
    "nominations",
    "purchases",
    "relation",
    "sales_margin",
    "score_breakdown",
    "supplies",
    "unassigned_sales",
    "unit_customers",
    "unit_keys",
    "unit_loss",
    "unit_trend",
    "unit_windows",
    "weight_swaps",
    "whale_curve",
    "what_changed",
    "what_is_at_stake",
    "who_is_key",
]
