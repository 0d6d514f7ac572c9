"""A dossier for each key account: what it buys, how it is, what to ask before the next meeting."""

from kam_analysis.accounts.checklist import account_questions
from kam_analysis.accounts.contracts import account_contracts, contract_dates
from kam_analysis.accounts.events import account_events, account_people
from kam_analysis.accounts.health import account_signals
from kam_analysis.accounts.pages import account_members, account_pages, chosen_customers
from kam_analysis.accounts.payments import account_payments
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
    "account_contracts",
    "account_events",
    "account_items",
    "account_members",
    "account_months",
    "account_pages",
    "account_payments",
    "account_people",
    "account_questions",
    "account_signals",
    "categories_of",
    "chosen_customers",
    "contract_dates",
    "months_of",
    "silent_pairs",
]
