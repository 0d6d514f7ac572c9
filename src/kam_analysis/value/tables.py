"""Contracts of the tables that tell what customers are worth."""

from __future__ import annotations

from kam_analysis.findings import say
from kam_analysis.tables import CUSTOMER_ID, CUSTOMER_NAME, NET_SALES_12M, Column, Kind, Table
from kam_analysis.vocabulary import BuyerGroup, BuyerKind, Labelled, LtvReading, PurchaseFit, ValueModel

LTV_VARIANTS = Table(
    "ltv_variants",
    "one reading of the lifetime value formula for one group of buyers",
    (
        Column("group", Kind.MEMBER, say("Buyers"), "Whom it is computed over.", members=BuyerGroup),
        Column("reading", Kind.MEMBER, say("Lifetime"), "How the lifetime is read.", members=LtvReading),
        Column("buyers", Kind.COUNT, say("n"), "Buyers of the group.", low=1),
        Column("sales_per_order", Kind.MONEY, say("Net sales per order (S)"), "Net sales over orders."),
        Column("orders", Kind.NUMBER, say("Orders"), "Orders per buyer over the horizon or the life.", True, 0),
        Column("horizon_months", Kind.COUNT, say("Horizon, months"), "Months that they cover; expected only.", True, 1),
        Column("orders_per_month", Kind.RATIO, say("Orders per month (C)"), "Orders over customer-months.", True, 0),
        Column("lifetime_months", Kind.MONTHS, say("Months (T)"), "Months of life.", nullable=True, low=0),
        Column("followed_months", Kind.COUNT, say("C and T within, months"), "Months that C and T cover.", True, 1),
        Column("sales", Kind.MONEY, say("Net sales"), "Lifetime net sales per buyer.", nullable=True),
        Column(
            "margin_share", Kind.SHARE, say("Margin (P)"), "Margin over net sales.", nullable=True, low=-1e9, high=1e9
        ),
        Column("ltv", Kind.MONEY, say("Lifetime value"), "Margin money per buyer.", nullable=True),
        Column("of_realised", Kind.RATIO, say("Times realised"), "Over the realised one of the group.", nullable=True),
    ),
    ("group", "reading"),
)

LIFETIME_VALUE_MONTHS = Table(
    "lifetime_value_months",
    "one month of 30.4375 days since the first order of a new customer",
    (
        Column("month", Kind.COUNT, say("Month"), "1 for the month that begins with the first order.", low=1),
        Column("buyers", Kind.COUNT, say("n"), "Customers observed to the end of the month.", low=1),
        Column("orders", Kind.NUMBER, say("Orders so far"), "Mean number of orders per customer.", low=0),
        Column("value", Kind.MONEY, say("Value so far"), "Mean margin per customer; net sales without a margin."),
        Column("low", Kind.MONEY, say("From"), "Lower bound of the 95 % interval."),
        Column("high", Kind.MONEY, say("To"), "Upper bound of the same."),
    ),
    ("month",),
)

VALUE_BACKTEST = Table(
    "value_backtest",
    "one way to predict the sales of the held-out months",
    (
        Column("model", Kind.MEMBER, say("Prediction"), "How it predicts.", members=ValueModel),
        Column("predictions", Kind.COUNT, say("Predictions"), "Buyers of the last hold-out.", low=1),
        Column(
            "earlier_rmse",
            Kind.MONEY,
            say("RMSE, earlier hold-outs"),
            "Root of the mean squared error per customer before the last hold-out; the smallest is chosen.",
            nullable=True,
            low=0,
        ),
        Column("rmse", Kind.MONEY, say("RMSE"), "Root of the mean squared error per customer.", low=0),
        Column("mae", Kind.MONEY, say("Mean error"), "Mean absolute error per customer.", low=0),
        Column(
            "total_error",
            Kind.SHARE,
            say("Error of the total"),
            "Σ predicted/Σ true − 1.",
            nullable=True,
            low=-1,
            high=1e9,
        ),
        Column("top10", Kind.SHARE, say("Top tenth found"), "Share of the true top tenth in the predicted one.", True),
        Column("gini", Kind.RATIO, say("Ranking"), "Gini of the true sales in its order; 1 at best.", nullable=True),
        Column("is_chosen", Kind.FLAG, say("Chosen"), "It serves."),
    ),
    ("model",),
)

VALUE_CALIBRATION = Table(
    "value_calibration",
    "one tenth of the buyers by the prediction that serves",
    (
        Column("tenth", Kind.COUNT, say("Tenth"), "1: the largest predictions.", low=1, high=10),
        Column("predictions", Kind.COUNT, say("Predictions"), "Buyers of the last hold-out.", low=1),
        Column("predicted", Kind.MONEY, say("Predicted"), "Mean per buyer.", low=0),
        Column("true", Kind.MONEY, say("Came"), "Mean net sales per buyer in the held-out months."),
    ),
    ("tenth",),
)

VALUE_GROUPS = Table(
    "value_groups",
    "one kind of buyer",
    (
        Column("kind", Kind.MEMBER, say("Buyers"), "How they bought before the hold-out.", members=BuyerKind),
        Column("predictions", Kind.COUNT, say("Predictions"), "Buyers of the last hold-out.", low=1),
        Column("predicted", Kind.MONEY, say("Predicted"), "Mean per buyer.", low=0),
        Column("true", Kind.MONEY, say("Came"), "Mean net sales per buyer in the held-out months."),
        Column(
            "total_error",
            Kind.SHARE,
            say("Error of the total"),
            "Σ predicted/Σ true − 1.",
            nullable=True,
            low=-1,
            high=1e9,
        ),
        Column("rmse", Kind.MONEY, say("RMSE"), "Root of the mean squared error per buyer.", low=0),
    ),
    ("kind",),
)

CUSTOMER_VALUES = Table(
    "customer_values",
    "one buyer",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("orders", Kind.COUNT, say("Orders, all history"), "Orders of all history.", low=1),
        NET_SALES_12M,
        Column("predicted_sales", Kind.MONEY, say("Predicted"), "Coming months, by the chosen prediction.", low=0),
        Column(
            "expected_order_days", Kind.NUMBER, say("Order days expected"), "In the same months, purchase model.", low=0
        ),
        Column("lost_chance", Kind.SHARE, say("Lost chance"), "No order in `facts.horizon_days`.", nullable=True),
        Column("formula_ltv", Kind.MONEY, say("Value by the formula"), "S·C·P·T of the customer.", nullable=True),
        Column("purchase_fit", Kind.MEMBER, say("Purchase model"), "Which one the data carry.", members=PurchaseFit),
    ),
    ("customer_id",),
)


class WorthGrouping(Labelled):
    """By what new customers are grouped to tell what each group brings."""

    INDUSTRY = "industry", say("industry")
    SIZE = "size", say("size")
    REGION = "region", say("region")
    COUNTRY = "country", say("country")


LTV_GROUPS = Table(
    "ltv_groups",
    "one group of new customers",
    (
        Column("grouping", Kind.MEMBER, say("By"), "What the group is made by.", members=WorthGrouping),
        Column("group", Kind.VALUE, say("Group"), "Its value."),
        Column("buyers", Kind.COUNT, say("New customers"), "New customers of the group.", low=1),
        Column("orders", Kind.NUMBER, say("Orders"), "Orders per customer within the horizon.", nullable=True, low=0),
        Column("sales_per_order", Kind.MONEY, say("Net sales per order (S)"), "Net sales over orders.", nullable=True),
        Column("value", Kind.MONEY, say("Brings"), "Margin per customer; net sales without a margin.", nullable=True),
        Column("low", Kind.MONEY, say("From"), "Lower bound of the 95 % interval.", nullable=True),
        Column("high", Kind.MONEY, say("To"), "Upper bound of the same.", nullable=True),
    ),
    ("grouping", "group"),
)


class SpendKind(Labelled):
    """What money is spent for."""

    ACQUISITION = "acquisition", say("acquisition")
    RETENTION = "retention", say("retention")


_MONTH = Column("month", Kind.MONTH, say("Month"), "First day of the calendar month.")
_NEW = Column("new_customers", Kind.COUNT, say("New customers"), "With their first order then.", low=0)
_ACQUISITION = Column("acquisition_spend", Kind.MONEY, say("Acquisition"), "Spent to win customers.")
_EARLY = Column("is_early", Kind.FLAG, say("Data begin"), "In the first months of the data old customers look new.")

SPEND_MONTHS = Table(
    "spend_months",
    "one complete month",
    (
        _MONTH,
        _ACQUISITION,
        _NEW,
        Column("cac", Kind.MONEY, say("Cost of a new customer"), "Acquisition over new customers.", nullable=True),
        Column("retention_spend", Kind.MONEY, say("Retention"), "Spent to keep customers."),
        Column("buyers", Kind.COUNT, say("Buyers"), "Customers with an order.", low=0),
        Column("retention_per_buyer", Kind.MONEY, say("Retention per buyer"), "Retention over buyers.", nullable=True),
        _EARLY,
    ),
    ("month",),
)

PAYBACK = Table(
    "payback",
    "one complete month of first orders",
    (
        _MONTH,
        _NEW,
        _ACQUISITION,
        Column("margin_so_far", Kind.MONEY, say("Margin so far"), "Of these customers up to the last complete month."),
        Column(
            "paid_share",
            Kind.SHARE,
            say("Paid so far"),
            "Margin so far over acquisition.",
            nullable=True,
            low=-1e9,
            high=1e9,
        ),
        Column(
            "payback_months",
            Kind.NUMBER,
            say("Paid back after months"),
            "First month whose sum covers the spending, from 0; missing where it has not, or nothing was spent.",
            nullable=True,
            low=0,
            absent=say("not yet"),
        ),
        Column("observed_months", Kind.COUNT, say("Months seen"), "Complete months from the first one on.", low=1),
        _EARLY,
    ),
    ("month",),
)

SPEND_EVENTS = Table(
    "spend_events",
    "one event and kind of spending",
    (
        Column("event", Kind.VALUE, say("Event"), "What it was spent on.", nullable=True),
        Column("kind", Kind.MEMBER, say("For"), "What it was spent for.", members=SpendKind),
        Column("times", Kind.COUNT, say("Times"), "Spendings.", low=1),
        Column("amount", Kind.MONEY, say("Amount"), "Money spent."),
        Column("amount_share", Kind.SHARE, say("Share"), "Over all spending.", nullable=True, low=-1e9, high=1e9),
        Column("hours", Kind.NUMBER, say("Hours"), "Hours of work, where noted.", nullable=True),
        Column("months_with", Kind.COUNT, say("Months with it"), "The first months of the data aside.", low=0),
        Column("new_with", Kind.NUMBER, say("New per month with it"), "Mean of new customers.", nullable=True, low=0),
        Column("months_without", Kind.COUNT, say("Months without it"), "The first months of the data aside.", low=0),
        Column(
            "new_without", Kind.NUMBER, say("New per month without"), "Mean of new customers.", nullable=True, low=0
        ),
    ),
    ("event", "kind"),
)

EVENT_WEEKS = Table(
    "event_weeks",
    "one named event",
    (
        Column("event", Kind.VALUE, say("Event"), "As named in the table spend."),
        Column("occasions", Kind.COUNT, say("Days"), "Different days on which it occurs.", low=1),
        Column("amount", Kind.MONEY, say("Amount"), "Money spent, all its rows."),
        Column("compared", Kind.COUNT, say("Compared"), "Days with four clear weeks on both sides.", low=0),
        Column("sales_before", Kind.MONEY, say("Net sales before"), "Mean net sales of 28 days before.", True),
        Column("sales_after", Kind.MONEY, say("Net sales after"), "Mean net sales of 28 days from the day on.", True),
        Column("change", Kind.SHARE, say("Change"), "After over before, less 1.", True, low=-1e9, high=1e9),
        Column("compared_year_ago", Kind.COUNT, say("Compared a year earlier"), "Days with a year before them.", low=0),
        Column(
            "change_year_ago",
            Kind.SHARE,
            say("Same weeks a year earlier"),
            "The same change 52 weeks before those days.",
            True,
            low=-1e9,
            high=1e9,
        ),
        Column("new_before", Kind.NUMBER, say("New before"), "Mean first orders of 28 days before.", True, 0),
        Column("new_after", Kind.NUMBER, say("New after"), "Mean first orders of 28 days from the day on.", True, 0),
    ),
    ("event",),
)

NEWCOMERS = Table(
    "newcomers",
    "one calendar quarter of first orders",
    (
        Column("quarter", Kind.MONTH, say("Quarter from"), "First month of the quarter."),
        Column("new_customers", Kind.COUNT, say("New customers"), "With their first order then.", low=1),
        Column("second_share", Kind.SHARE, say("Ordered again"), "Second order day within 90 days.", nullable=True),
        Column("second_low", Kind.SHARE, say("From"), "Lower bound of the 95 % interval.", nullable=True),
        Column("second_high", Kind.SHARE, say("To"), "Upper bound of the 95 % interval.", nullable=True),
        Column(
            "regular_share",
            Kind.SHARE,
            say("Became regular"),
            "facts.regular_orders orders within 365 days.",
            nullable=True,
        ),
        Column("regular_low", Kind.SHARE, say("From"), "Lower bound of the 95 % interval.", nullable=True),
        Column("regular_high", Kind.SHARE, say("To"), "Upper bound of the 95 % interval.", nullable=True),
        Column(
            "is_first",
            Kind.FLAG,
            say("Data begin"),
            "Of the first months of the data, where old customers look new.",
        ),
    ),
    ("quarter",),
)
