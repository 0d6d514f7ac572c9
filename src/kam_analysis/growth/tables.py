"""Tables that the chapter on growth publishes; those that later rooms read stand with the shared ones."""

from __future__ import annotations

from kam_analysis.findings import say
from kam_analysis.tables import ACCOUNT_ID, ACCOUNT_NAME, CUSTOMER_ID, CUSTOMER_NAME, WHITE_SPACE, Column, Kind, Table

OFFERS = Table(
    "offers",
    "one account with white space",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        WHITE_SPACE["manager"],
        Column("gap", Kind.MONEY, say("White space a year"), "Sum over its categories.", low=0),
        Column("categories", Kind.COUNT, say("Categories"), "Categories with a gap.", low=1),
        Column("to_offer", Kind.TEXT, say("Offer"), "Up to three categories, the largest gap first."),
        WHITE_SPACE["likeness"],
        WHITE_SPACE["peers"],
        Column("net_sales_12m", Kind.MONEY, say("Net sales, 12 months"), "Of the account."),
        Column(
            "potential",
            Kind.MONEY,
            say("Potential (analyst)"),
            "Possible yearly purchases as the analyst rates them; a different source, never added to the white space.",
            nullable=True,
        ),
    ),
    ("account_id",),
)
BRANCH_WHITE_SPACE = Table(
    "branch_white_space",
    "one member of a group and category that its sister branches buy and it does not",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        CUSTOMER_ID,
        CUSTOMER_NAME,
        WHITE_SPACE["manager"],
        WHITE_SPACE["category"],
        Column("gap", Kind.MONEY, say("Gap a year"), "Share of the sisters that buy it times own net sales.", low=0),
        Column("sister_share", Kind.SHARE, say("Share at its sisters"), "Of the sisters that buy it, together."),
        Column("sisters", Kind.COUNT, say("Sisters that buy it"), "Other members that buy the category.", low=1),
        Column("last_on", Kind.DATE, say("Last bought"), "By the member itself.", nullable=True),
    ),
    ("customer_id", "category"),
)
DECLINE_BACKTEST = Table(
    "decline_backtest",
    "one earlier day on which decline was looked for",
    (
        Column("looked_on", Kind.DATE, say("Looked on"), "First day not known then."),
        Column("ordering", Kind.COUNT, say("Still ordering"), "Customers who were looked at.", low=0),
        Column("flagged", Kind.COUNT, say("Flagged"), "Those in decline.", low=0),
        Column("below", Kind.COUNT, say("Stayed below"), "Flagged with fewer order days than expected.", low=0),
        Column("below_share", Kind.SHARE, say("Share"), "Of the flagged.", nullable=True),
        Column("low", Kind.SHARE, say("From"), "Wilson interval at 95 %.", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Wilson interval at 95 %.", nullable=True),
        Column("others_share", Kind.SHARE, say("Of the others"), "The same of those not flagged.", nullable=True),
        Column("stopped", Kind.COUNT, say("Stopped later"), "Flagged, no order in the last 90 days.", low=0),
        Column("lead_days", Kind.DAYS, say("Days ahead"), "Median from the flag to the last order.", nullable=True),
    ),
    ("looked_on",),
)  # fmt: skip
