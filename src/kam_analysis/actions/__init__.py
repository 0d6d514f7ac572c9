"""Whom each manager should call this week, and why."""

from kam_analysis.actions.calls import call_list, callable_customers, calls_tile, manager_calls, risk_tile

__all__ = ["call_list", "callable_customers", "calls_tile", "manager_calls", "risk_tile"]
