"""Contracts of the tables that tell who stays."""

from __future__ import annotations

from typing import Any

from kam_analysis.findings import Message, say
from kam_analysis.tables import (
    ACCOUNT_ID,
    ACCOUNT_NAME,
    CUSTOMER_CHANCES,
    CUSTOMER_ID,
    CUSTOMER_NAME,
    MEMBERS,
    NET_SALES_12M,
    Column,
    Kind,
    Table,
)
from kam_analysis.vocabulary import BridgeStep, KeyLevel, Labelled, UnitVerdict


class StayGrouping(Labelled):
    """By what buyers are grouped before a period."""

    ALL = "all", say("all buyers")
    ORDERS = "orders", say("orders before")
    ABC = "abc", say("class")
    MANAGER = "manager", say("manager")
    DEPARTMENT = "department", say("department")
    COUNTRY = "country", say("country")
    REGION = "region", say("region")
    CHANNEL = "channel", say("channel")
    INDUSTRY = "industry", say("industry")
    SIZE = "size", say("size")


class StartSegment(Labelled):
    """Segment of a buyer by what it did before a period."""

    ONE_ORDER = "one_order", say("1 order before")
    TWO_ORDERS = "two_orders", say("2 orders before")
    MORE_ORDERS = "more_orders", say("3 orders or more before")
    A = "A", say("class A before")
    B = "B", say("class B before")
    C = "C", say("class C before")
    N = "N", say("class N before")


class SilenceKind(Labelled):
    """Which silences a chance of a return stands on."""

    UNUSUAL = "unusual", say("unusual for the customer")
    ANY = "any", say("any silence")


class RetentionCase(Labelled):
    """Retention as it is, and five more in both readings."""

    NOW = "now", say("as it is")
    POINTS = "points", say("5 points more")
    PERCENT = "percent", say("5 per cent more")


class ReasonKind(Labelled):
    """Types of contacts that carry a reason."""

    REFUSAL = "refusal", say("refusal")
    COMPLAINT = "complaint", say("complaint")
    RETURN = "return", say("return")


class ReasonClass(Labelled):
    """Why customers leave, in the three classes of article C."""

    BETTER_TERMS = "better_terms", say("better terms elsewhere")
    BAD_SERVICE = "bad_service", say("bad service")
    NOT_NEEDED = "not_needed", say("no longer needed")
    OTHER = "other", say("in none of the classes")


class ComplaintStep(Labelled):
    """What a complaint waits for; the value is the column of ``interactions``."""

    ANSWERED = "answered_at", say("first answer")
    CLOSED = "closed", say("closed")


class SurveyQuestion(Labelled):
    """Questions of a survey that make a score."""

    NPS = "nps", say("NPS")
    CSAT = "csat", say("CSAT")


class AnswerGroup(Labelled):
    """How a customer answered."""

    PROMOTER = "promoter", say("promoters (9–10)")
    PASSIVE = "passive", say("passives (7–8)")
    DETRACTOR = "detractor", say("detractors (0–6)")
    SATISFIED = "satisfied", say("satisfied (4–5)")
    DISSATISFIED = "dissatisfied", say("not satisfied (1–3)")


class CommentTheme(Labelled):
    """What a comment is about."""

    DELIVERY = "delivery", say("delivery")
    PRICE = "price", say("price")
    QUALITY = "quality", say("quality")
    RANGE = "range", say("range of goods")
    SERVICE = "service", say("service")
    PAYMENT = "payment", say("payment")
    OTHER = "other", say("in none of the themes")


class ProgrammeGroup(Labelled):
    """Whether a customer is in the loyalty programme."""

    MEMBERS = "members", say("members")
    OTHERS = "others", say("others")


class GrowthGroup(Labelled):
    """Whose growth is looked at."""

    KEY = "key", say("key accounts at the start")
    OTHER = "other", say("other accounts")
    ALL = "all", say("all accounts")
    TODAY = "today", say("key accounts today, chosen by the outcome")


class GrowthStep(Labelled):
    """Why net sales of two years differ."""

    BEFORE = "before", say("before")
    PRICE = "price", say("price")
    VOLUME = "volume", say("volume")
    MIX = "mix", say("mix")
    NEW = "new", say("products only after")
    DROPPED = "dropped", say("products only before")
    NOT_EXPLAINED = "not_explained", say("not explained")
    AFTER = "after", say("after")


_STEP = Column("step", Kind.MEMBER, say("Step"), "Step of the bridge.", members=BridgeStep)
_BUYERS = Column("buyers", Kind.COUNT, say("Buyers"), "Buyers the figure stands on.", low=0)

RETENTION_BRIDGE = Table(
    "retention_bridge",
    "one step from the buyers of the base to those of the period",
    (_STEP, Column("customers", Kind.COUNT, say("Customers"), "Customers of the step; negative where they left.")),
    ("step",),
)

RETENTION_PERIODS = Table(
    "retention_periods",
    "one length of the period that the data allow",
    (
        Column("period_months", Kind.COUNT, say("Months"), "P, length of the period and of its base.", low=1),
        Column("period_start", Kind.DATE, say("Period from"), "t, first day of the period."),
        Column("period_end", Kind.DATE, say("Until"), "First day after the period."),
        Column("base_buyers", Kind.COUNT, say("Buyers before"), "S, with an order in the base.", low=0),
        Column("active_buyers", Kind.COUNT, say("Buyers after"), "E, with an order in the period.", low=0),
        Column("new_buyers", Kind.COUNT, say("New"), "N, whose first order lies in the period.", low=0),
        Column("retained_buyers", Kind.COUNT, say("Stayed"), "Buyers of the base with an order in the period.", low=0),
        Column("reactivated_buyers", Kind.COUNT, say("Came back"), "E − N − stayed: old buyers silent before.", low=0),
        Column("retained_share", Kind.SHARE, say("Retained share"), "Stayed over S.", nullable=True),
        Column("crr_formula", Kind.SHARE, say("CRR by the formula"), "(E − N)/S; can pass 1.", nullable=True, high=1e9),
        Column("is_headline", Kind.FLAG, say("Headline"), "The length that the headline figures use."),
    ),
    ("period_months",),
)

RETENTION_SENSITIVITY = Table(
    "retention_sensitivity",
    "one window before and one length of the period that the data allow",
    (
        Column("window_months", Kind.COUNT, say("Months before"), "W, length of the base [t−W, t).", low=1),
        Column("period_months", Kind.COUNT, say("Months"), "P, length of the period [t, t+P).", low=1),
        Column("base_buyers", Kind.COUNT, say("Buyers before"), "With an order in the base.", low=1),
        Column("retained_buyers", Kind.COUNT, say("Stayed"), "Buyers of the base with an order in the period.", low=0),
        Column("retained_share", Kind.SHARE, say("Retained share"), "Stayed over buyers before."),
        Column("crr_formula", Kind.SHARE, say("CRR by the formula"), "(E − N)/S; can pass 1.", high=1e9),
        Column("is_definition", Kind.FLAG, say("Definition"), "W = P, as the headline figures are defined."),
    ),
    ("window_months", "period_months"),
)

_SHARE_95 = (
    Column("retained_share", Kind.SHARE, say("Retained share"), "Stayed over buyers; hidden when too few.", True),
    Column("low", Kind.SHARE, say("From"), "Lower end of the 95 % Wilson interval.", nullable=True),
    Column("high", Kind.SHARE, say("To"), "Upper end of the 95 % Wilson interval.", nullable=True),
)
_GROUPING = Column("grouping", Kind.MEMBER, say("By"), "By what the buyers are grouped.", members=StayGrouping)

RETENTION_SEGMENTS = Table(
    "retention_segments",
    "one segment of the buyers before the period",
    (
        _GROUPING,
        Column("segment", Kind.MEMBER, say("Segment"), "As it was before the period.", members=StartSegment),
        Column("buyers", Kind.COUNT, say("Buyers before"), "Buyers of the base in the segment.", low=0),
        Column("retained_buyers", Kind.COUNT, say("Stayed"), "With an order in the period too.", True, 0),
        *_SHARE_95,
    ),
    ("segment",),
)

RETENTION_UNITS = Table(
    "retention_units",
    "one unit with a buyer before the period",
    (
        Column("unit", Kind.NAME, say("Unit"), "Value with most of the customer's net sales before the period."),
        _GROUPING,
        Column("buyers", Kind.COUNT, say("Buyers before"), "Buyers of the base in the unit.", low=1),
        Column("retained_buyers", Kind.COUNT, say("Stayed"), "With an order in the period too.", True, 0),
        *_SHARE_95,
        Column("verdict", Kind.MEMBER, say("Against the rest"), "Beyond chance, over all units.", members=UnitVerdict),
    ),
    ("grouping", "unit"),
)


def _points(name: str, label: Message, meaning: str) -> Column:
    return Column(name, Kind.POINTS, label, meaning)


RETENTION_MIX = Table(
    "retention_mix",
    "one grouping of the buyers at two dates",
    (
        _GROUPING,
        Column("groups", Kind.COUNT, say("Groups"), "Groups with a buyer at one of the dates.", low=1),
        Column("buyers_before", Kind.COUNT, say("Buyers then"), "Buyers of the base at the earlier date.", low=1),
        Column("buyers_now", Kind.COUNT, say("Buyers now"), "Buyers of the base at the later date.", low=1),
        Column("share_before", Kind.SHARE, say("Retained then"), "Retained share at the earlier date."),
        Column("share_now", Kind.SHARE, say("Retained now"), "Retained share at the later date."),
        _points("change", say("Change, points"), "Later less earlier."),
        _points("mix_effect", say("of it mix, points"), "Groups grew or shrank: Σ change of weight · mean rate."),
        _points("rate_effect", say("of it rate, points"), "Groups stay differently: Σ change of rate · mean weight."),
        Column("is_reversed", Kind.FLAG, say("Reversed"), "Every large enough group moved against the total."),
    ),
    ("grouping",),
)

KEY_RETENTION = Table(
    "key_retention",
    "one account of the key list at the start of the period",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        MEMBERS,
        Column("level_then", Kind.MEMBER, say("Level then"), "First reason at the start.", members=KeyLevel),
        Column("share", Kind.SHARE, say("Share then"), "Of net sales in the 12 months before the start.", True),
        Column("net_sales_then", Kind.MONEY, say("Net sales before"), "Net sales of the base [t−P, t)."),
        Column("net_sales_now", Kind.MONEY, say("Net sales after"), "Net sales of the period [t, t+P)."),
        Column("was_active", Kind.FLAG, say("Ordered before"), "An order of any member in the base."),
        Column("is_retained", Kind.FLAG, say("Stayed"), "An order in the base and in the period."),
    ),
    ("account_id",),
)

REVENUE_BRIDGE = Table(
    "revenue_bridge",
    "one step from the net sales of the base to those of the period",
    (
        _STEP,
        Column("net_sales", Kind.MONEY, say("Net sales"), "Money of the step; negative where it was lost."),
        Column("customers", Kind.COUNT, say("Customers"), "Customers of the step.", low=0),
    ),
    ("step",),
)

RETENTION_COHORTS = Table(
    "retention_cohorts",
    "one month of first order and one calendar month since",
    (
        Column("cohort_month", Kind.MONTH, say("First order in"), "Month of the first order."),
        Column("months_since", Kind.COUNT, say("Months since"), "Calendar months since that month.", low=0),
        Column("buyers", Kind.COUNT, say("Buyers"), "Customers of the cohort.", low=1),
        Column(
            "active_buyers",
            Kind.COUNT,
            say("Ordered"),
            "With an order in the month; missing while it is incomplete.",
            nullable=True,
            low=0,
        ),
        Column("active_share", Kind.SHARE, say("Share"), "Ordered over buyers of the cohort.", nullable=True),
        Column(
            "is_left_censored",
            Kind.FLAG,
            say("First months"),
            "In the first months of the data old customers look new.",
        ),
    ),
    ("cohort_month", "months_since"),
)

COHORT_SALES = Table(
    "cohort_sales",
    "one month of first order and one calendar month since",
    (
        *RETENTION_COHORTS.columns[:3],
        Column(
            "net_sales",
            Kind.MONEY,
            say("Net sales"),
            "Net sales of the cohort in the month; missing while it is incomplete.",
            nullable=True,
        ),
        Column(
            "first_month_sales",
            Kind.MONEY,
            say("Net sales, first month"),
            "Net sales of the cohort in its first month; missing where that is incomplete.",
            nullable=True,
        ),
        Column(
            "sales_share",
            Kind.SHARE,
            say("Share of the first month"),
            "Net sales over those of the first month; missing where these are not above 0.",
            nullable=True,
            low=-1e9,
            high=1e9,
        ),
        Column(
            "sales_per_buyer_so_far",
            Kind.MONEY,
            say("Net sales per buyer so far"),
            "Net sales from the first month to this one, over buyers of the cohort.",
            nullable=True,
        ),
        RETENTION_COHORTS["is_left_censored"],
    ),
    ("cohort_month", "months_since"),
)

COHORT_MEANS = Table(
    "cohort_means",
    "one number of calendar months since the first order",
    (
        Column("months_since", Kind.COUNT, say("Months since"), "Calendar months since the first order.", low=0),
        Column("cohorts", Kind.COUNT, say("Cohorts"), "Cohorts whose month is complete.", low=1),
        _BUYERS,
        Column("active_share", Kind.SHARE, say("All cohorts"), "Mean share with an order, weighted by size."),
        Column("cohorts_unmarked", Kind.COUNT, say("Unmarked cohorts"), "Without the first months of the data.", low=0),
        Column(
            "active_share_unmarked",
            Kind.SHARE,
            say("Unmarked"),
            "The same mean without the first months of the data.",
            nullable=True,
        ),
    ),
    ("months_since",),
)

REPEAT_RATES = Table(
    "repeat_rates",
    "one length of time since the first order",
    (
        Column("days", Kind.COUNT, say("Within days"), "h, days after the first order day.", low=1),
        _BUYERS,
        Column("repeaters", Kind.COUNT, say("Ordered again"), "Second order day within h days.", low=0),
        Column("repeat_rate", Kind.SHARE, say("Repeat rate"), "Ordered again over buyers.", nullable=True),
        Column("low", Kind.SHARE, say("From"), "Lower end of the 95 % Wilson interval.", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Upper end of the 95 % Wilson interval.", nullable=True),
    ),
    ("days",),
)

LIFETIMES = Table(
    "lifetimes",
    "one kind of buyer",
    (
        Column("unit", Kind.VALUE, say("Kind"), "Value of the grouping.", nullable=True, absent=say("all buyers")),
        _GROUPING,
        Column(
            "buyers",
            Kind.COUNT,
            say("Buyers"),
            "Customers with an order who did not come too late to be followed.",
            low=0,
        ),
        Column(
            "ended", Kind.COUNT, say("Ended"), "Silent for longer than a life allows; hidden when too few.", True, 0
        ),
        Column(
            "alive_share", Kind.SHARE, say("Active after 12 months"), "Kaplan–Meier, 12 months after the first.", True
        ),
        Column("low", Kind.SHARE, say("From"), "Lower end of the 95 % interval (Greenwood, log-log).", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Upper end of the 95 % interval.", nullable=True),
        Column("median_months", Kind.MONTHS, say("Median, months"), "When half have ended; missing if never.", True, 0),
        Column("mean_months", Kind.MONTHS, say("Mean, months"), "Area under the curve up to the cap.", True, 0),
    ),
    ("grouping", "unit"),
)

_ORDER_NO = Column("order_no", Kind.COUNT, say("Order day"), "k, the order day that is waited for.", low=2)

ORDER_WAITS = Table(
    "order_waits",
    "one order day and one number of days since the first",
    (
        _ORDER_NO,
        Column("days", Kind.COUNT, say("Days"), "Days since the first order day.", low=0),
        Column("ordered_share", Kind.SHARE, say("Share"), "Buyers who reached it by then (1 − Kaplan–Meier)."),
    ),
    ("order_no", "days"),
)

ORDER_STEPS = Table(
    "order_steps",
    "one order day after the first",
    (
        _ORDER_NO,
        Column("buyers", Kind.COUNT, say("Buyers before"), "Buyers who reached the order day before.", low=1),
        Column("ordered", Kind.COUNT, say("Reached it"), "Of them with this order day so far.", low=0),
        Column("share_30d", Kind.SHARE, say("In 30 days"), "Within 30 days of the one before (Kaplan–Meier).", True),
        Column("share_90d", Kind.SHARE, say("In 90 days"), "Within 90 days of the one before.", nullable=True),
        Column("share_365d", Kind.SHARE, say("In 365 days"), "Within 365 days of the one before.", nullable=True),
        Column("median_days", Kind.DAYS, say("Median, days"), "Days from the order day before.", True, 1),
        Column("p90_days", Kind.DAYS, say("Nine of ten, days"), "Days by which nine of ten have come.", True, 1),
        Column(
            "median_from_first_days",
            Kind.DAYS,
            say("From the first, days"),
            "Median days from the first order day, over all buyers.",
            True,
            1,
        ),
    ),
    ("order_no",),
)

_MANAGER = Column("manager", Kind.NAME, say("Manager"), "The customer's manager.", nullable=True)

SILENT_CATEGORIES = Table(
    "silent_categories",
    "one customer who still orders and one category that it no longer buys",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        _MANAGER,
        Column("category", Kind.NAME, say("Category"), "Category on the order lines."),
        Column("category_days", Kind.COUNT, say("Bought on days"), "Order days with the category.", low=1),
        Column("last_on", Kind.DATE, say("Last bought"), "Last order day with the category."),
        Column(
            "usual_share", Kind.SHARE, say("Before, of order days"), "Share with it between its first and last day."
        ),
        Column("days_since", Kind.COUNT, say("Order days without"), "Order days since the last with it.", low=1),
        Column("category_silence", Kind.SHARE, say("Chance of it"), "That it is missing so long by chance."),
        Column(
            "net_sales_year", Kind.MONEY, say("Its last 12 months"), "Net sales of the category up to its last day."
        ),
        Column("margin_year", Kind.MONEY, say("Margin of it"), "Margin of the lines with a cost.", nullable=True),
    ),
    ("customer_id", "category"),
)

_RETURNED = (
    Column("returned", Kind.COUNT, say("Came back"), "With an order in the days after; hidden when too few.", True, 0),
    Column("return_share", Kind.SHARE, say("Chance of a return"), "Came back over those followed.", nullable=True),
    Column("low", Kind.SHARE, say("From"), "Lower end of the 95 % Wilson interval.", nullable=True),
    Column("high", Kind.SHARE, say("To"), "Upper end of the 95 % Wilson interval.", nullable=True),
)

RETURN_BY_SILENCE = Table(
    "return_by_silence",
    "one length of silence, of all that grew so long or of those that were unusual for the customer",
    (
        Column("silence_kind", Kind.MEMBER, say("Silences"), "Which silences.", members=SilenceKind),
        Column(
            "silence_days", Kind.COUNT, say("Days without an order"), "Days without an order that were passed.", low=1
        ),
        Column("customers", Kind.COUNT, say("Customers"), "Followed long enough and not asked to come back.", low=0),
        *_RETURNED,
    ),
    ("silence_kind", "silence_days"),
)

WIN_BACK_LIST = Table(
    "win_back_list",
    "one regular customer who stopped",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        _MANAGER,
        Column("last_on", Kind.DATE, say("Last order"), "Last order day."),
        Column("recency_days", Kind.DAYS, say("Days without an order"), "Last order to the reference date.", low=1),
        Column("days_since_stop", Kind.DAYS, say("Since stop, days"), "Since the next order was due.", True, 0),
        Column("net_sales_year", Kind.MONEY, say("Net sales, last year"), "12 months up to the last order."),
        Column("margin_year", Kind.MONEY, say("Margin, last year"), "12 months up to the last order.", nullable=True),
        Column("customers", Kind.COUNT, say("n"), "Silences that the chance stands on.", low=0),
        *_RETURNED[1:],
        Column("expected", Kind.MONEY, say("Expected unaided"), "Chance times margin; net sales without a cost.", True),
        Column("lost_reason", Kind.VALUE, say("Reason"), "Why it left, as recorded.", nullable=True),
    ),
    ("customer_id",),
)

WIN_BACK_RESULTS = Table(
    "win_back_results",
    "one band of the delay between the last order and the win-back contact",
    (
        Column("above_days", Kind.COUNT, say("Delay above, days"), "Exclusive lower edge.", low=0),
        Column("until_days", Kind.COUNT, say("up to, days"), "Inclusive upper edge.", True, 1, absent=say("no limit")),
        Column("contacts", Kind.COUNT, say("Contacts"), "First contact of a silence, followed long enough.", low=0),
        *_RETURNED,
    ),
    ("above_days",),
)

OVERDUE_CUSTOMERS = Table(
    "overdue_customers",
    "one customer with two order days and an order in the last 12 months",
    (
        Column("overdue_rank", Kind.COUNT, say("Rank"), "1 for the largest expected loss.", low=1),
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("manager", Kind.NAME, say("Manager"), "The customer's manager.", nullable=True),
        NET_SALES_12M,
        Column("last_order_on", Kind.DATE, say("Last order"), "Date of the last order."),
        Column("recency_days", Kind.DAYS, say("Days without an order"), "Last order to the reference date.", low=1),
        Column("median_gap_days", Kind.DAYS, say("Usual gap, days"), "Median gap between order days.", low=1),
        *(column for column in CUSTOMER_CHANCES.columns if column.name not in ("customer_id", "basis")),
    ),
    ("customer_id",),
)

RETENTION_WHAT_IF = Table(
    "retention_what_if",
    "one case: retention as it is, or five more in one of the two readings",
    (
        Column("case", Kind.MEMBER, say("Retention"), "As it is, or how it is raised.", members=RetentionCase),
        Column("retention", Kind.SHARE, say("A year"), "Yearly retention r."),
        Column("multiple", Kind.RATIO, say("Years of margin"), "r/(1 + d − r).", low=0),
        Column(
            "value", Kind.MONEY, say("Margin to come, per buyer"), "Yearly margin times the multiple.", nullable=True
        ),
        Column("change", Kind.SHARE, say("Change"), "Against retention as it is.", low=-1, high=1e9),
    ),
    ("case",),
)

_CASES = Column("cases", Kind.COUNT, say("Cases"), "Contacts of the kind with this reason.", low=1)
_CLASS = Column("reason_class", Kind.MEMBER, say("Class"), "Of the articles' three.", True, members=ReasonClass)

REASONS = Table(
    "reasons",
    "one reason of a refusal, complaint or return",
    (
        Column("kind", Kind.MEMBER, say("What"), "Type of the contact.", members=ReasonKind),
        Column("reason", Kind.VALUE, say("Reason"), "In the words of the source.", True, absent=say("no reason given")),
        _CLASS,
        _CASES,
        Column("customers", Kind.COUNT, say("Customers"), "Different customers.", low=1),
        Column("share", Kind.SHARE, say("Share"), "Of the cases of the kind that have a reason.", nullable=True),
        Column("cumulated", Kind.SHARE, say("Cumulated"), "With the more frequent reasons.", nullable=True),
    ),
    ("kind", "reason"),
)

LEAVING_CLASSES = Table(
    "leaving_classes",
    "one class of reasons of leaving",
    (
        Column("reason_class", Kind.MEMBER, say("Reason of leaving"), "Of the articles' three.", members=ReasonClass),
        Column("customers", Kind.COUNT, say("Leavers"), "Customers who left for it.", low=0),
        Column("share", Kind.SHARE, say("Share"), "Of all leavers with a reason; hidden when too few.", nullable=True),
        Column("low", Kind.SHARE, say("From"), "Lower end of the 95 % Wilson interval.", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Upper end of the 95 % Wilson interval.", nullable=True),
        Column("net_sales_year", Kind.MONEY, say("Net sales, last year"), "12 months up to their last orders."),
        Column("recoverable", Kind.COUNT, say("Recoverable"), "By the record, else by class.", low=0),
        Column("followed", Kind.COUNT, say("Followed"), "Long enough after they left.", low=0),
        Column("return_share", Kind.SHARE, say("Came back"), "Of those followed; hidden when too few.", nullable=True),
    ),
    ("reason_class",),
)

COMPLAINT_TIMES = Table(
    "complaint_times",
    "one step of handling complaints, in all or of one reason",
    (
        Column("step", Kind.MEMBER, say("Step"), "First answer, or closed.", members=ComplaintStep),
        Column("reason", Kind.VALUE, say("Reason"), "Reason of the complaints.", True, absent=say("all complaints")),
        Column("complaints", Kind.COUNT, say("Complaints"), "Opened before the reference date.", low=1),
        Column("open", Kind.COUNT, say("Still waiting"), "Not done by the reference date.", low=0),
        Column("median_days", Kind.DAYS, say("Median, days"), "Half are done by then (Kaplan–Meier).", True, 0),
        Column("p90_days", Kind.DAYS, say("Nine of ten, days"), "Nine of ten are done by then.", True, 0),
        Column("share_3d", Kind.SHARE, say("In 3 days"), "Done within 3 days.", nullable=True),
        Column("share_7d", Kind.SHARE, say("In 7 days"), "Done within 7 days.", nullable=True),
    ),
    ("step", "reason"),
)

QUALITY_MONTHS = Table(
    "quality_months",
    "one complete month",
    (
        Column("month", Kind.MONTH, say("Month"), "Calendar month."),
        Column("orders", Kind.COUNT, say("Orders"), "Orders of the month.", low=0),
        Column("complaints", Kind.COUNT, say("Complaints"), "Dated in the month.", low=0),
        Column("complaints_per_100", Kind.NUMBER, say("Per 100 orders"), "Complaints per 100 orders.", True, 0),
        Column("returns", Kind.COUNT, say("Returns"), "Returns noted in the month.", low=0),
        Column("returns_per_100", Kind.NUMBER, say("Per 100 orders"), "Returns per 100 orders.", True, 0),
    ),
    ("month",),
)

_QUESTION = Column("question", Kind.MEMBER, say("Question"), "NPS or CSAT.", members=SurveyQuestion)

_CSAT: dict[str, Any] = {"by": "question", "kinds": {SurveyQuestion.CSAT.value: Kind.SHARE}}

SURVEY_SCORES = Table(
    "survey_scores",
    "one question and wave, or the last 12 months",
    (
        _QUESTION,
        Column("wave", Kind.NAME, say("Wave"), "Wave; its calendar year else.", True, absent=say("last 12 months")),
        Column("answers", Kind.COUNT, say("Answers"), "Latest per respondent.", low=1),
        Column(
            "score",
            Kind.POINTS,
            say("Score"),
            "NPS from −1 to 1, CSAT from 0 to 1; hidden when too few.",
            True,
            **_CSAT,
        ),
        Column("low", Kind.POINTS, say("From"), "Lower end of the 95 % interval.", True, **_CSAT),
        Column("high", Kind.POINTS, say("To"), "Upper end of the 95 % interval.", True, **_CSAT),
        Column("listed", Kind.TEXT, say("Answers, when few"), "The answers themselves.", True, absent=say("–")),
    ),
    ("question", "wave"),
)

ANSWERS_LATER = Table(
    "answers_later",
    "one way to answer",
    (
        _QUESTION,
        Column("answer_group", Kind.MEMBER, say("Answered"), "By the lowest answer.", members=AnswerGroup),
        Column("customers", Kind.COUNT, say("Customers"), "Whose answer is old enough.", low=0),
        Column("ordered", Kind.COUNT, say("Ordered"), "With an order in the days after.", True, 0),
        Column("ordered_share", Kind.SHARE, say("Ordered after"), "Hidden when too few.", nullable=True),
        Column("low", Kind.SHARE, say("From"), "Lower end of the 95 % Wilson interval.", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Upper end of the 95 % Wilson interval.", nullable=True),
        Column("sales_ratio", Kind.RATIO, say("Sales after / before"), "Σ net sales after over Σ before.", True),
    ),
    ("question", "answer_group"),
)


COMMENT_THEMES = Table(
    "comment_themes",
    "one theme of the comments of the last 12 months",
    (
        Column("theme", Kind.MEMBER, say("Theme"), "Coded by a person, else by known words.", members=CommentTheme),
        Column("comments", Kind.COUNT, say("Comments"), "Of the last 12 months.", low=0),
        Column("share", Kind.SHARE, say("Share"), "Of all comments; hidden when those are too few.", nullable=True),
        Column("low", Kind.SHARE, say("From"), "Lower end of the 95 % Wilson interval.", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Upper end of the 95 % Wilson interval.", nullable=True),
        Column("comments_before", Kind.COUNT, say("12 months before"), "Comments of the 12 months before.", low=0),
        Column("customers", Kind.COUNT, say("Customers"), "Different customers, last 12 months.", low=0),
        Column("coded", Kind.COUNT, say("Coded"), "Of the comments, coded by a person.", low=0),
        Column("low_share", Kind.SHARE, say("With a low answer"), "NPS 0–6 or CSAT 1–3; hidden when too few.", True),
        Column("high_share", Kind.SHARE, say("With a high answer"), "NPS 9–10 or CSAT 4–5; hidden when too few.", True),
        Column("example", Kind.TEXT, say("Most frequent text"), "Hidden when too few.", True, absent=say("hidden")),
    ),
    ("theme",),
)

PROGRAMME_MEMBERS = Table(
    "programme_members",
    "one side: members of the loyalty programme, or the others",
    (
        Column("group", Kind.MEMBER, say("Customers"), "In the programme today, or not.", members=ProgrammeGroup),
        Column("buyers", Kind.COUNT, say("Buyers"), "With an order in the last 12 complete months.", low=0),
        Column("buyer_share", Kind.SHARE, say("Of the buyers"), "Of all buyers of these months.", nullable=True),
        Column("net_sales", Kind.MONEY, say("Net sales"), "Of the last 12 complete months."),
        Column("sales_share", Kind.SHARE, say("Of net sales"), "Of customers known by id.", True, low=-1e9, high=1e9),
        Column("base_buyers", Kind.COUNT, say("Buyers before"), "Of the last period's base, as it was then.", low=0),
        Column("retained_share", Kind.SHARE, say("Retained share"), "Ordered in the period; hidden when few.", True),
        Column("low", Kind.SHARE, say("From"), "Lower end of the 95 % Wilson interval.", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Upper end of the 95 % Wilson interval.", nullable=True),
        Column("joined", Kind.COUNT, say("Joined"), "Members with as many days before and after in the data.", True, 0),
        Column("sales_ratio", Kind.RATIO, say("After / before"), "Σ net sales after joining over Σ before.", True),
    ),
    ("group",),
)

CONTACTS_BEFORE = Table(
    "contacts_before_leaving",
    "one type of contact, or all",
    (
        Column("type", Kind.VALUE, say("Contacts"), "Type as recorded.", nullable=True, absent=say("visits and calls")),
        Column("leavers", Kind.COUNT, say("Left"), "Whose 90 days before the last order are on record.", low=0),
        Column("matched", Kind.COUNT, say("Compared"), "Of them with comparable stayers.", low=0),
        Column("stayers", Kind.COUNT, say("Stayers"), "Different customers they are compared with.", low=0),
        Column("left_mean", Kind.RATIO, say("Contacts, left"), "Mean per compared leaver; hidden when few.", True, 0),
        Column("stayed_mean", Kind.RATIO, say("Contacts, stayed"), "Mean of their stayers.", nullable=True, low=0),
        Column("difference", Kind.RATIO, say("Difference"), "Left less stayed.", nullable=True),
        Column("diff_low", Kind.RATIO, say("From"), "Lower end of the 95 % interval.", nullable=True),
        Column("diff_high", Kind.RATIO, say("To"), "Upper end of the 95 % interval.", nullable=True),
    ),
    ("type",),
)


def _growth(name: str, label: Message, meaning: str) -> Column:
    return Column(name, Kind.SHARE, label, meaning, nullable=True, low=-1e9, high=1e9)


KEY_GROWTH = Table(
    "key_growth",
    "one group of accounts in two years",
    (
        Column(
            "group", Kind.MEMBER, say("Accounts"), "Key and other accounts make all; today's stand aside.",
            members=GrowthGroup,
        ),
        Column("accounts_before", Kind.COUNT, say("Bought before"), "With an order in the first year.", low=0),
        Column("accounts_both", Kind.COUNT, say("Bought in both"), "With an order in both years.", low=0),
        Column("accounts_after", Kind.COUNT, say("Bought after"), "With an order in the second year.", low=0),
        Column("net_sales_before", Kind.MONEY, say("Net sales before"), "Of the first year."),
        Column("net_sales_after", Kind.MONEY, say("Net sales after"), "Of the second year."),
        _growth("growth", say("Growth"), "Net sales after over before, less 1; missing at 0 or below."),
        Column("like_before", Kind.MONEY, say("Before, bought in both"), "First year, of those who bought in both."),
        Column("like_after", Kind.MONEY, say("After, bought in both"), "Second year, of those who bought in both."),
        _growth("like_growth", say("Like for like"), "Growth of those who bought in both; missing at 0 or below."),
        Column("lost", Kind.MONEY, say("Lost"), "Net sales before of the others, who did not buy in both years."),
        Column("won", Kind.MONEY, say("Won"), "Net sales after of the others, less their returns."),
    ),
    ("group",),
)  # fmt: skip

REVENUE_VOLATILITY = Table(
    "revenue_volatility",
    "one group of accounts over the last 12 complete months",
    (
        Column("group", Kind.MEMBER, say("Accounts"), "Key accounts then, the others, all.", members=GrowthGroup),
        Column("accounts", Kind.COUNT, say("Number"), "With net sales in these months.", low=0),
        Column("mean_month", Kind.MONEY, say("Mean month"), "Net sales of a month."),
        Column("lowest_month", Kind.MONEY, say("Lowest month"), "Smallest net sales of a month."),
        Column("highest_month", Kind.MONEY, say("Highest month"), "Largest net sales of a month."),
        Column("variation", Kind.RATIO, say("Variation"), "Standard deviation over mean.", True, 0),
    ),
    ("group",),
)

GROWTH_BRIDGE = Table(
    "growth_bridge",
    "one step from the net sales of the first year to those of the second",
    (
        Column("step", Kind.MEMBER, say("Step"), "Before, six effects, after.", members=GrowthStep),
        Column("key_net_sales", Kind.MONEY, say("Key clients"), "Of those who were key at the start; effects signed."),
        _growth("key_share", say("Of sales before"), "Over the key clients' net sales before; missing at 0 or below."),
        Column("key_products", Kind.COUNT, say("Products"), "Products of the step at the key clients.", True, 0),
        Column("all_net_sales", Kind.MONEY, say("All buyers"), "The same of all customers; effects signed."),
        _growth("all_share", say("Of sales before"), "Over all net sales before; missing at 0 or below."),
        Column("all_products", Kind.COUNT, say("Products"), "Products of the step at all customers.", True, 0),
    ),
    ("step",),
)
