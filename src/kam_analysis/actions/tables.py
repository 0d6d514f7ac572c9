"""Tables that the chapter on calls publishes."""

from __future__ import annotations

from kam_analysis.findings import say
from kam_analysis.tables import (
    ACCOUNT_ID,
    ACCOUNT_NAME,
    CUSTOMER_CHANCES,
    CUSTOMER_ID,
    CUSTOMER_NAME,
    MEMBERS,
    NET_SALES_12M,
    SHARE_12M,
    Column,
    Kind,
    Table,
)
from kam_analysis.vocabulary import Band, CallPart, Consent, ContactKind, Decision, KeyLevel, Trigger

EXCEPTIONS = Table(
    "exceptions",
    "one key account about which somebody must decide",
    (
        Column("place", Kind.COUNT, say("Place"), "By the value touched, ties by account id.", low=1),
        ACCOUNT_ID,
        ACCOUNT_NAME,
        MEMBERS,
        SHARE_12M,
        Column("manager", Kind.NAME, say("Owner"), "Manager with most of its net sales.", nullable=True),
        Column("managers", Kind.COUNT, say("Managers"), "Managers on its lines of the last 12 months.", low=0),
        Column(
            "value_touched",
            Kind.MONEY,
            say("A year's value"),
            "Margin of a year (net sales without a cost) of the members concerned.",
            low=0,
        ),
        Column(
            "lost_chance",
            Kind.SHARE,
            say("Lost chance"),
            "Of the account; missing a year after its last order.",
            nullable=True,
        ),
        Column("expected_loss", Kind.MONEY, say("Expected loss"), "Of the account.", nullable=True, low=0),
        Column("stopped_on", Kind.DATE, say("Stopped"), "Last order of an account that has stopped.", nullable=True),
        Column(
            "silent_on", Kind.DATE, say("Silent since"), "Last order of a member silent for too long.", nullable=True
        ),
        Column("contract_ended_on", Kind.DATE, say("Contract ended"), "Earliest end, where it is past.", nullable=True),
        Column(
            "contract_ends_on", Kind.DATE, say("Contract ends"), "Earliest end, where it lies ahead.", nullable=True
        ),
        Column(
            "contracts",
            Kind.COUNT,
            say("Contracts due"),
            "Where several end, ended or want notice.",
            nullable=True,
            low=2,
        ),
        Column("refused_on", Kind.DATE, say("Refused"), "Latest refusal.", nullable=True),
        Column(
            "refusal_reason", Kind.VALUE, say("Reason of the refusal"), "In the words of the source.", nullable=True
        ),
        Column("complained_on", Kind.DATE, say("Complained"), "Latest complaint.", nullable=True),
        Column(
            "complaint_reason", Kind.VALUE, say("Reason of the complaint"), "In the words of the source.", nullable=True
        ),
        Column("win_back_on", Kind.DATE, say("Win-back failed"), "Latest failed win-back.", nullable=True),
        Column(
            "win_back_result", Kind.VALUE, say("Result of the win-back"), "In the words of the source.", nullable=True
        ),
        Column("category_on", Kind.DATE, say("Category silent since"), "Last order of the category.", nullable=True),
        Column("category", Kind.NAME, say("Silent category"), "No longer bought.", nullable=True),
        Column("overdue_on", Kind.DATE, say("Payment due"), "Due date of the latest payment overdue.", nullable=True),
        Column(
            "declined_on", Kind.DATE, say("Declining since"), "First day of the quarter of the decline.", nullable=True
        ),
        Column("band_unit", Kind.NAME, say("More dependent unit"), "Missing for the company.", nullable=True),
        Column("band_before", Kind.MEMBER, say("Band before"), "Of this unit.", nullable=True, members=Band),
        Column(
            "band_now",
            Kind.MEMBER,
            say("Band"),
            "Where a unit whose largest account it is moved up by a band or more.",
            nullable=True,
            members=Band,
        ),
        Column("band_share_before", Kind.SHARE, say("Largest share before"), "In this unit.", nullable=True),
        Column("band_share", Kind.SHARE, say("Its share"), "Of this unit's net sales.", nullable=True),
        Column("contacted_on", Kind.DATE, say("Last contact"), "Latest visit or call to a member.", nullable=True),
        Column(
            "no_contact_since",
            Kind.DATE,
            say("No contact since"),
            "Last contact, else the first day with one on record, where that is too long ago.",
            nullable=True,
        ),
        Column("has_refused_contact", Kind.FLAG, say("Refuses contact"), "A member refused to be contacted."),
        Column("decision", Kind.MEMBER, say("Decide"), "What is to be decided.", members=Decision),
        Column("due_on", Kind.DATE, say("Due"), "Day by which to decide."),
    ),
    ("account_id",),
)

_WHY = ("silent_on", "contract_ended_on", "contract_ends_on", "contracts", "refused_on", "refusal_reason",
        "complained_on", "complaint_reason", "win_back_on", "win_back_result", "category_on", "category", "overdue_on",
        "declined_on")  # fmt: skip
CONTACT = (
    Column("person", Kind.NAME, say("Ask for"), "Contact person with most influence.", nullable=True),
    Column("role", Kind.VALUE, say("Role"), "Of the contact person, in the words of the source.", nullable=True),
    Column("last_on", Kind.DATE, say("Last contact"), "Or last result of a call, before the reference date.", True),
    Column("last_kind", Kind.MEMBER, say("Kind of contact"), "Of the last contact.", True, members=ContactKind),
    Column("channel", Kind.VALUE, say("Channel"), "Of the last contact, in the words of the source.", nullable=True),
    Column(
        "outcome", Kind.VALUE, say("Last outcome"), "Result, else reason, in the words of the source.", nullable=True
    ),
)
_CALL = (
    CUSTOMER_ID,
    CUSTOMER_NAME,
    Column("manager", Kind.NAME, say("Owner"), "The customer's manager.", nullable=True),
    Column("triggers", Kind.MEMBERS, say("Triggers"), "All reasons to call.", members=Trigger),
    Column("task_ids", Kind.TEXT, say("Tasks"), "Ids of the calls: customer, trigger and date; for tasks_done."),
    *(EXCEPTIONS[name] for name in _WHY),
    Column("recency_days", Kind.DAYS, say("Days silent"), "Days since the last order.", low=1),
    Column("median_gap_days", Kind.DAYS, say("Usual gap"), "Median days between order days.", nullable=True, low=1),
    *(CUSTOMER_CHANCES[name] for name in ("lost_chance", "years_value", "expected_loss")),
    Column("is_key", Kind.FLAG, say("Key"), "Of a key account."),
    *CONTACT,
    Column("consent", Kind.MEMBER, say("Consent"), "To be contacted, by the table of customers.", members=Consent),
)

CALL_LIST = Table(
    "call_list",
    "one customer to call",
    (
        *_CALL,
        Column("due_on", Kind.DATE, say("Due"), "Day by which to call; missing after this week.", nullable=True),
        Column("rank", Kind.COUNT, say("Rank"), "By expected loss, ties by id.", low=1),
        Column("place", Kind.COUNT, say("Place"), "By expected loss among the calls of the same owner.", low=1),
        Column("is_this_week", Kind.FLAG, say("This week"), "Place within the calls that a manager makes in a week."),
    ),
    ("customer_id",),
)

REFUSED_CONTACT = Table(
    "refused_contact", "one customer with a reason to call who refused contact", _CALL, ("customer_id",)
)

TASK_RESULTS = Table(
    "task_results",
    "one manager, trigger and result of calls",
    (
        Column("manager", Kind.NAME, say("Owner"), "Manager of the customer now.", nullable=True),
        Column("trigger", Kind.MEMBER, say("Trigger"), "Why the call was made.", members=Trigger),
        Column("result", Kind.VALUE, say("Result"), "As it was written down.", nullable=True),
        Column("tasks", Kind.COUNT, say("Calls"), "Calls done.", low=1),
    ),
    ("manager", "trigger", "result"),
)

CALLS_DONE = Table(
    "calls_done",
    "one call with a result",
    (
        Column("task_id", Kind.ID, say("Task"), "Customer, trigger and date."),
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("manager", Kind.NAME, say("Owner"), "Manager of the customer now.", nullable=True),
        Column("trigger", Kind.MEMBER, say("Trigger"), "Why the call was made.", members=Trigger),
        Column("done_on", Kind.DATE, say("Done on"), "Day of the result."),
        Column("result", Kind.VALUE, say("Result"), "As it was written down; the last one of a task.", nullable=True),
    ),
    ("task_id",),
)

CALL_EFFECT = Table(
    "call_effect",
    "one part of the call lists that were parted by chance and whose horizon is over",
    (
        Column("part", Kind.MEMBER, say("Part"), "Called, or kept uncalled.", members=CallPart),
        Column("customers", Kind.COUNT, say("Customers"), "Drawn into the part.", low=0),
        Column("with_result", Kind.COUNT, say("With a result"), "Of a call within the horizon.", low=0),
        Column("ordered", Kind.COUNT, say("Ordered"), "At least one order within the horizon.", low=0),
        Column("share", Kind.SHARE, say("Share"), "Of the part that ordered.", nullable=True),
        Column("low", Kind.SHARE, say("From"), "Wilson interval at 95 %.", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Wilson interval at 95 %.", nullable=True),
    ),
    ("part",),
)

MANAGER_KEYS = Table(
    "manager_keys",
    "one key account in the hands of its manager",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        MEMBERS,
        Column("manager", Kind.NAME, say("Owner"), "Manager with most of its net sales.", nullable=True),
        Column("level", Kind.MEMBER, say("Level"), "The first reason that holds.", members=KeyLevel),
        NET_SALES_12M,
        SHARE_12M,
        EXCEPTIONS["lost_chance"],
        EXCEPTIONS["expected_loss"],
        Column("last_order_on", Kind.DATE, say("Last order"), "Of any member.", nullable=True),
    ),
    ("account_id",),
)

MANAGER_CALLS = Table(
    "manager_calls",
    "one manager",
    (
        Column("manager", Kind.NAME, say("Owner"), "Missing: nobody in the data.", nullable=True),
        Column("calls", Kind.COUNT, say("Calls"), "Customers to call this week.", low=1),
        Column("key_calls", Kind.COUNT, say("Key clients"), "Key clients among them.", low=0),
        Column("expected_loss", Kind.MONEY, say("Expected loss"), "Sum over the calls.", low=0),
        Column("later", Kind.COUNT, say("Later"), "Further customers on the call list.", low=0),
        Column("first_call", Kind.NAME, say("First call"), "The call with the largest expected loss."),
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
    "one key account with new items to offer",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        Column("manager", Kind.NAME, say("Owner"), "The account's manager.", nullable=True),
        Column(
            "new_items", Kind.COUNT, say("New items"), "First sold lately, in categories that the client buys.", low=1
        ),
        Column("bought", Kind.COUNT, say("Bought"), "Of these, bought by the client.", low=0),
        Column("to_offer", Kind.TEXT, say("To offer"), "Up to three not bought, best sold to others first."),
    ),
    ("account_id",),
)
