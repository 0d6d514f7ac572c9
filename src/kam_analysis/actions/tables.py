"""Tables that the chapter on calls publishes."""

from __future__ import annotations

from kam_analysis.findings import say
from kam_analysis.tables import CUSTOMER_ID, CUSTOMER_NAME, Column, Kind, Table, by_name
from kam_analysis.vocabulary import AbcClass, Consent

CALL_LIST = Table(
    "call_list",
    "one customer to call",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("manager", Kind.NAME, say("Owner"), "The customer's manager.", nullable=True),
        Column("reason", Kind.TEXT, say("Reason"), "Why to call, in words."),
        Column(
            "money_at_stake", Kind.MONEY, say("Money at stake"), "Sales or margin of 12 months times the alarm.", low=0
        ),
        Column("alarm", Kind.SHARE, say("Alarm"), "1 − the chance of such a silence."),
        Column("recency_days", Kind.DAYS, say("Days silent"), "Days since the last order.", low=1),
        Column("median_gap_days", Kind.DAYS, say("Usual gap"), "Median days between order days.", low=1),
        Column("last_order_on", Kind.DATE, say("Last order"), "Date of the last order."),
        Column("is_key", Kind.FLAG, say("Key"), "On the company's key list."),
        Column(
            "abc",
            Kind.MEMBER,
            say("Class"),
            "ABC class of the segments chapter; missing where it is unknown.",
            nullable=True,
            members=AbcClass,
        ),
        Column("due_on", Kind.DATE, say("Due"), "Day by which to call; missing after this week.", nullable=True),
        Column("consent", Kind.MEMBER, say("Consent"), "To be contacted, by the table of customers.", members=Consent),
        Column("rank", Kind.COUNT, say("Rank"), "By money at stake, ties by id.", low=1),
        Column("place", Kind.COUNT, say("Place"), "By money at stake among the calls of the same owner.", low=1),
        Column("is_this_week", Kind.FLAG, say("This week"), "Place within the calls that a manager makes in a week."),
        Column("is_beyond_chance", Kind.FLAG, say("Beyond chance"), "So long a silence that few such are chance."),
    ),
    ("customer_id",),
)

MANAGER_CALLS = Table(
    "manager_calls",
    "one manager",
    (
        Column("manager", Kind.NAME, say("Owner"), "Missing: nobody in the data.", nullable=True),
        Column("calls", Kind.COUNT, say("Calls"), "Customers to call this week.", low=1),
        Column("key_calls", Kind.COUNT, say("Key clients"), "Key clients among them.", low=0),
        Column("money_at_stake", Kind.MONEY, say("Money at stake"), "Sum over the calls.", low=0),
        Column("later", Kind.COUNT, say("Later"), "Further customers on the call list.", low=0),
        Column("first_call", Kind.NAME, say("First call"), "The call with the most money at stake."),
    ),
    ("manager",),
)

NEXT_ORDERS = Table(
    "next_orders",
    "one customer whose next order is due",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("manager", Kind.NAME, say("Owner"), "The customer's manager.", nullable=True),
        Column("from_on", Kind.DATE, say("Expected from"), "Last order day and the first quartile of the gaps."),
        Column("to_on", Kind.DATE, say("Expected to"), "Last order day and the third quartile of the gaps."),
        Column("usual_items", Kind.TEXT, say("Usual items"), "Up to three, the most usual first.", nullable=True),
        Column(
            "usual_order",
            Kind.MONEY,
            say("Usual order"),
            "Median net sales of an order day in the last 12 months; missing without one.",
            nullable=True,
        ),
        Column("is_key", Kind.FLAG, say("Key"), "On the company's key list."),
        Column("last_order_on", Kind.DATE, say("Last order"), "Date of the last order."),
        Column("order_days", Kind.COUNT, say("Order days"), "Days with an order.", low=2),
    ),
    ("customer_id",),
)

NEW_ITEMS = Table(
    "new_items",
    "one key client with new items to offer",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("manager", Kind.NAME, say("Owner"), "The customer's manager.", nullable=True),
        Column(
            "new_items", Kind.COUNT, say("New items"), "First sold lately, in categories that the client buys.", low=1
        ),
        Column("bought", Kind.COUNT, say("Bought"), "Of these, bought by the client.", low=0),
        Column("to_offer", Kind.TEXT, say("To offer"), "Up to three not bought, best sold to others first."),
    ),
    ("customer_id",),
)

PUBLISHED = by_name(CALL_LIST, MANAGER_CALLS, NEXT_ORDERS, NEW_ITEMS)
WRITTEN: tuple[str, ...] = ()
