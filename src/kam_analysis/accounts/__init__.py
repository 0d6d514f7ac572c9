"""A dossier for each key account: what it buys, how it is, what to ask before the next meeting."""

from kam_analysis.accounts.health import account_signals
from kam_analysis.accounts.pages import account_members, account_pages, chosen_customers
from kam_analysis.accounts.sales import (
    account_categories,
    account_items,
    account_months,
    categories_of,
    months_of,
    silent_pairs,
)

__all__ = [
    "account_categories",
    "account_items",
    "account_members",
    "account_months",
    "account_pages",
    "account_signals",
    "categories_of",
    "chosen_customers",
    "months_of",
    "silent_pairs",
]
