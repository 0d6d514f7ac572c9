"""Whom each manager should call this week, and why."""

from kam_analysis.actions.calls import (
    call_list,
    calls_done,
    calls_tile,
    customers_to_call,
    find_triggers,
    manager_calls,
    refused_contact,
    task_results,
)
from kam_analysis.actions.contacts import last_contacts
from kam_analysis.actions.control import call_effect, draw_control, kept_uncalled
from kam_analysis.actions.exceptions import exceptions, expected_loss_tile, to_decide
from kam_analysis.actions.manager_keys import manager_keys
from kam_analysis.actions.new_items import new_items
from kam_analysis.actions.next_orders import next_orders
from kam_analysis.actions.plans import plan_overdue
from kam_analysis.actions.tasks import one_task_a_row, task_states

__all__ = [
    "call_effect",
    "call_list",
    "calls_done",
    "calls_tile",
    "customers_to_call",
    "draw_control",
    "exceptions",
    "expected_loss_tile",
    "find_triggers",
    "kept_uncalled",
    "last_contacts",
    "manager_calls",
    "manager_keys",
    "new_items",
    "next_orders",
    "one_task_a_row",
    "plan_overdue",
    "refused_contact",
    "task_results",
    "task_states",
    "to_decide",
]
