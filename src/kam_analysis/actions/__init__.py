"""Whom each manager should call this week, and why."""

from kam_analysis.actions.calls import call_list, callable_customers, calls_tile, manager_calls, risk_tile
from kam_analysis.actions.exceptions import exceptions, expected_loss_tile, to_decide
from kam_analysis.actions.new_items import new_items
from kam_analysis.actions.next_orders import next_orders, order_rhythms

__all__ = [
    "call_list",
    "callable_customers",
    "calls_tile",
    "exceptions",
    "expected_loss_tile",
    "manager_calls",
    "new_items",
    "next_orders",
    "order_rhythms",
    "risk_tile",
    "to_decide",
]
