"""What to offer to whom, where margin leaks, and who declines while still ordering."""

from kam_analysis.facts.order_history import OrderHistory
from kam_analysis.facts.quiet_decline import category_months
from kam_analysis.growth.base import growth_accounts
from kam_analysis.growth.decline import decline_backtest, declining_customers
from kam_analysis.growth.headlines import growth_tiles, growth_title
from kam_analysis.growth.lost_items import lost_items, lost_items_backtest
from kam_analysis.growth.margin import margin_change
from kam_analysis.growth.prices import compare_prices, price_gaps, price_levels
from kam_analysis.growth.white_space import branch_white_space, category_gaps, compared_accounts, offers, white_space

__all__ = [
    "OrderHistory",
    "branch_white_space",
    "category_gaps",
    "category_months",
    "compare_prices",
    "compared_accounts",
    "decline_backtest",
    "declining_customers",
    "growth_accounts",
    "growth_tiles",
    "growth_title",
    "lost_items",
    "lost_items_backtest",
    "margin_change",
    "offers",
    "price_gaps",
    "price_levels",
    "white_space",
]
