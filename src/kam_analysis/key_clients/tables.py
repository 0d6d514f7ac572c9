"""Tables that the key-client chapter publishes."""

from __future__ import annotations

from kam_analysis.findings import say
from kam_analysis.tables import (
    ACCOUNT_ID,
    ACCOUNT_NAME,
    CUSTOMER_ID,
    CUSTOMER_NAME,
    MEMBERSHIP,
    NET_SALES_12M,
    SHARE_12M,
    Column,
    Kind,
    Table,
)
from kam_analysis.vocabulary import AbcClass, Band, Criterion, KeyLevel, Labelled, Sureness, UnitColumn


class Subject(Labelled):
    """Whose shares are measured, over which window."""

    CUSTOMERS_ALL = "customers_all", say("customers, all history")
    CUSTOMERS_12M = "customers_12m", say("customers, last 12 months")
    PARENTS_12M = "parents_12m", say("parent groups, last 12 months")


class CriterionMeasure(Labelled):
    """What a criterion measures per customer."""

    VOLUME = "net_sales_12m", say("net sales of 12 months")
    FREQUENCY = "orders_12m", say("orders of 12 months")
    MARGIN = "margin_12m", say("margin money of 12 months, lines with a cost")
    GROWTH = "potential", say("yearly purchases possible from us, else from all suppliers")
    LIFETIME = "formula_ltv", say("lifetime value S·C·P·T")
    BRAND = "brand", say("0–5: rating, else 5 for a reference or referral, else half the latest recommendation")
    STRATEGIC = "strategic", say("rating 0–5")


class CriterionSource(Labelled):
    """Where a criterion's data come from."""

    MEASURED = "measured", say("orders")
    SURVEY = "survey", say("survey and analyst")
    ANALYST = "analyst", say("analyst")


class ClientType(Labelled):
    """Types of clients of articles C and D."""

    BREADWINNER = "breadwinner", say("breadwinner")
    PROSPECT = "prospect", say("prospect")
    IMAGE_MAKER = "image_maker", say("image-maker")
    DEMANDING = "demanding", say("demanding expert")
    INNOVATOR = "innovator", say("innovator")


class TypeBasis(Labelled):
    """On what a client's type rests."""

    DATA = "data", say("by data")
    PROXY = "proxy", say("by a proxy")
    ANALYST = "analyst", say("analyst's flag")
    BOTH = "both", say("data and flag")
    FLAG_AND_PROXY = "flag_and_proxy", say("flag and proxy")
    NONE = "none", say("–")


class TypeRule(Labelled):
    """What the data say of a type."""

    BREADWINNER = "share_of_company", say("share of the company above the key share")
    PROSPECT = "potential", say("new, or few of its purchases with us, and a high potential")
    IMAGE_MAKER = "none", say("the analyst's word only")
    DEMANDING = "complaints", say("many complaints per order while sales do not fall; it may be our bad service")
    INNOVATOR = "new_items", say("buys new items earlier than the company does")


class TypeGap(Labelled):
    """Why the data cannot tell a type."""

    NO_RULE = "no_rule", say("not measurable: no data tell it")
    NO_POTENTIAL = "no_potential", say("not measurable: no potential in the data")
    NO_CONTACTS = "no_contacts", say("not measurable: no complaints in the data")
    SHORT_DATA = "short_data", say("not measurable: needs 24 months")
    NO_ITEMS = "no_items", say("not measurable: no items, or too few months")
    NO_NEW_ITEMS = "no_new_items", say("not measurable: no new items")


class Method(Labelled):
    """Another way to rank the same accounts by the same criteria and weights."""

    MID_RANK = "mid_rank", say("sum of mid-ranks")
    MIN_MAX = "min_max", say("sum of values between lowest and highest")
    TOPSIS = "topsis", say("nearness to the best, distance from the worst (TOPSIS)")
    PARAMETERS = "parameters", say("the same score with the weights of the parameters instead of the comparisons")


class Leaver(Labelled):
    """Who is imagined to leave."""

    CLIENT = "client", say("client")
    PARENT = "parent", say("parent group")
    KEY_CLIENTS = "key_clients", say("all key accounts")


class SalesBlock(Labelled):
    """Block of a customer by net sales and margin share, and what it asks for."""

    LARGE_RICH = "large_rich", say("hold: sales above average, earns well")
    LARGE_THIN = "large_thin", say("renegotiate: sales above average, earns little")
    SMALL_RICH = "small_rich", say("grow: small, earns well")
    SMALL_THIN = "small_thin", say("serve cheaply: small, earns little")


class Position(Labelled):
    """Block of a customer by attractiveness and strength of the relation, and what it asks for."""

    PROTECT = "protect", say("protect: attractive, strong")
    WIN = "win", say("win: attractive, weak")
    KEEP = "keep", say("keep: less attractive, strong")
    LEAVE = "leave", say("little effort: less attractive, weak")


class Effort(Labelled):
    """Effort against value."""

    TOO_LITTLE = "too_little", say("too little attention")
    TOO_MUCH = "too_much", say("too much attention")
    BALANCED = "balanced", say("in proportion")


class DiscountGroup(Labelled):
    """Customers whose discounts are added up; key clients stand in their class as well."""

    KEY = "key", say("key clients")
    A = "A", say("A")
    B = "B", say("B")
    C = "C", say("C")
    N = "N", say("N")
    ALL = "all", say("all customers")


class ManagerState(Labelled):
    """Whether a key client has a manager who is responsible for it."""

    NAMED = "named", say("named")
    UNLISTED = "unlisted", say("not on the list of managers")
    NOBODY = "nobody", say("nobody")


class Contacts(Labelled):
    """On how many people of the client the relation hangs."""

    NONE = "none", say("none on record")
    ONE = "one", say("one person")
    SEVERAL = "several", say("several people")


class MoveReason(Labelled):
    """Why a key client needs another manager."""

    NOBODY = "nobody", say("no manager is named")
    UNLISTED = "unlisted", say("the manager is not on the list of managers")
    OVER_LIMIT = "over_limit", say("the manager has too many key clients; this one is among the smallest")


class MoveFit(Labelled):
    """Why a key client should go to the proposed manager; he has room, and among equals the fewest key clients."""

    BOTH = "both", say("has room; same department, and customers in the same region")
    DEPARTMENT = "department", say("has room; same department")
    REGION = "region", say("nobody of the department has room; has customers in the same region")
    NEITHER = "neither", say("nobody of the department or region has room; lowest load")
    NO_ROOM = "no_room", say("every manager is at the limit: one more is needed")


class Gain(Labelled):
    """What is imagined to bring more."""

    COMES_BACK = "comes_back", say("comes back")
    GROWS = "grows", say("grows to its potential")


class LossStep(Labelled):
    """Steps from what the company earns to what is left without a client."""

    MARGIN = "margin", say("Margin, 12 months")
    SALES = "sales", say("Net sales, 12 months")
    CLIENT = "client", say("gone with the client")
    DISCOUNT = "discount", say("supplier discount lost on the rest")
    SECOND_ORDER = "second_order", say("others who leave after it")
    FIXED_COSTS = "fixed_costs", say("fixed costs")
    LEFT = "left", say("What is left")
    SALES_LEFT = "sales_left", say("What remains")


class GroupKind(Labelled):
    """What customers have in common who are added up as a group."""

    KEY_CLIENTS = "key_clients", say("all key accounts")
    INDUSTRY = "industry", say("industry")


class Move(Labelled):
    """What happened to a place on the key list since the comparison date."""

    ENTERED = "entered", say("entered")
    LEFT = "left", say("left")
    UP = "up", say("moved up")
    DOWN = "down", say("moved down")
    STAYED = "stayed", say("stayed")


class ChangeCause(Labelled):
    """What moved an account by its score: the criterion whose points changed most, or what stands outside it."""

    VOLUME = "volume", say("volume")
    FREQUENCY = "frequency", say("frequency")
    MARGIN = "margin", say("margin")
    GROWTH = "growth", say("growth potential")
    LIFETIME = "lifetime", say("lifetime value")
    BRAND = "brand", say("brand influence")
    STRATEGIC = "strategic", say("strategic importance")
    NO_SALES_BEFORE = "no_sales_before", say("no net sales before")
    NO_SALES_NOW = "no_sales_now", say("no net sales any more")
    OTHERS = "others", say("others moved")


class PlaceMark(Labelled):
    """What to keep in mind of a unit: it is small or hangs on one account."""

    SMALL = "small", say("small unit")
    MONO = "mono", say("mono-client")


class Threshold(Labelled):
    """Thresholds that decide who is key."""

    MIN_SHARE = "min_share", say("key share")
    SMALL_UNIT = "small_unit", say("accounts of a unit that admits")
    TOP_VOLUME = "top_volume", say("places by volume")
    TOP_CUSTOMERS = "top_customers", say("part of the accounts that the score admits")
    TOP_K = "top_k", say("most places by score")
    STRATEGIC = "strategic_from", say("strategic rating that names an account")
    VOLUME = "volume_threshold", say("volume that makes large")
    VOLUME_QUANTILE = "volume_quantile", say("volume that makes large: above that of so many customers")
    VOLUME_SHARE = "volume_share", say("volume that makes large: share of all net sales")


THRESHOLD_KINDS = {
    Threshold.MIN_SHARE.value: Kind.SHARE,
    Threshold.TOP_CUSTOMERS.value: Kind.SHARE,
    Threshold.VOLUME.value: Kind.MONEY,
    Threshold.VOLUME_QUANTILE.value: Kind.SHARE,
    Threshold.VOLUME_SHARE.value: Kind.SHARE,
}

BORDERLINE = Table(
    "borderline_customers",
    "one account whom some weightings put among the first by score",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        NET_SALES_12M,
        SHARE_12M,
        Column("rank", Kind.COUNT, say("Rank"), "By score.", low=1),
        MEMBERSHIP,
        Column("sureness", Kind.MEMBER, say("State"), "How sure the place is.", members=Sureness),
        Column("is_by_score", Kind.FLAG, say("By score"), "Among the first k by the score."),
    ),
    ("account_id",),
)

TYPE_RULES = Table(
    "type_rules",
    "one type of client",
    (
        Column("type", Kind.MEMBER, say("Type"), "Of articles C and D.", members=ClientType),
        Column("rule", Kind.MEMBER, say("Rule on the data"), "What the data must say.", members=TypeRule),
        Column("is_proxy", Kind.FLAG, say("A proxy"), "The data hold something else that goes with it."),
        Column("by_data", Kind.COUNT, say("By data"), "Clients; missing where not measurable.", nullable=True),
        Column(
            "gap",
            Kind.MEMBER,
            say("What is missing"),
            "Why the data cannot tell.",
            nullable=True,
            members=TypeGap,
            absent=say("nothing"),
        ),
        Column("by_analyst", Kind.COUNT, say("By flag"), "Clients; missing without such a flag.", nullable=True),
        Column("by_both", Kind.COUNT, say("By both"), "Clients.", low=0),
    ),
    ("type",),
)

CLIENT_TYPES = Table(
    "client_types",
    "one client with at least one type",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        NET_SALES_12M,
        Column("is_key", Kind.FLAG, say("Key"), "On the company's key list."),
        *(
            Column(kind.value, Kind.MEMBER, label, "On what this type rests.", members=TypeBasis)
            for kind, label in (
                (ClientType.BREADWINNER, say("Breadwinner")),
                (ClientType.PROSPECT, say("Prospect")),
                (ClientType.IMAGE_MAKER, say("Image-maker")),
                (ClientType.DEMANDING, say("Demanding expert")),
                (ClientType.INNOVATOR, say("Innovator")),
            )
        ),
        SHARE_12M,
        Column("potential", Kind.MONEY, say("Potential"), "Possible yearly purchases from us.", nullable=True),
        Column(
            "wallet_share",
            Kind.SHARE,
            say("Of its purchases"),
            "Net sales of 12 months over the customer's purchases from all suppliers.",
            nullable=True,
            high=float("inf"),
        ),
        Column(
            "complaints_per_100",
            Kind.NUMBER,
            say("Complaints per 100 orders"),
            "Of the last 12 months; missing below key_clients.types.demanding_orders orders.",
            nullable=True,
            low=0,
        ),
        Column("new_items", Kind.COUNT, say("New items"), "Bought soon after their first sale.", low=0),
        Column("new_share", Kind.SHARE, say("Lines with new items"), "Of the customer's lines.", nullable=True),
        Column("company_share", Kind.SHARE, say("Company's share"), "Of its lines in the same months.", nullable=True),
    ),
    ("customer_id",),
)

WEIGHT_SWAPS = Table(
    "weight_swaps",
    "one criterion with weight",
    (
        Column("criterion", Kind.MEMBER, say("Criterion"), "Whose weight changes alone.", members=Criterion),
        Column("weight_used", Kind.SHARE, say("Weight used"), "Now."),
        Column(
            "weight_then",
            Kind.SHARE,
            say("Weight at which they swap"),
            "The others keep their proportions; missing where none between 0 and 1 swaps them.",
            nullable=True,
            absent=say("never"),
        ),
        Column("change", Kind.POINTS, say("Change, points"), "Then less now.", nullable=True),
        Column("last_score", Kind.SHARE, say("Last in"), "Mid-rank of the last on the list."),
        Column("first_score", Kind.SHARE, say("First out"), "Mid-rank of the first off the list."),
    ),
    ("criterion",),
)

METHOD_AGREEMENT = Table(
    "method_agreement",
    "one other way to rank",
    (
        Column("method", Kind.MEMBER, say("Ranked by"), "Other way to rank.", members=Method),
        Column(
            "rank_correlation",
            Kind.RATIO,
            say("Rank correlation"),
            "Spearman's, with the weighted mid-ranks; missing where all are tied.",
            nullable=True,
            low=-1,
            high=1,
        ),
        Column("places", Kind.COUNT, say("Places"), "Length of the list.", low=1),
        Column("same", Kind.COUNT, say("Same clients"), "Among the first by both.", low=0),
        Column("same_share", Kind.SHARE, say("Of the list"), "Same clients over places."),
        Column("enter", Kind.NAME, say("Would enter"), "Names, at most five.", nullable=True, absent=say("nobody")),
        Column("leave", Kind.NAME, say("Would leave"), "Names, at most five.", nullable=True, absent=say("nobody")),
    ),
    ("method",),
)

CONCENTRATION = Table(
    "concentration",
    "one subject and window",
    (
        Column(
            "subject", Kind.MEMBER, say("Whose shares"), "Customers or parent groups, and the window.", members=Subject
        ),
        Column("is_without_largest", Kind.FLAG, say("Without the largest"), "Whether the largest subject is left out."),
        Column("n_positive", Kind.COUNT, say("n"), "Subjects with net sales above 0.", low=0),
        Column("net_sales", Kind.MONEY, say("Base"), "Their net sales.", low=0),
        *(
            Column(name, Kind.SHARE, label, meaning, nullable=True)
            for name, label, meaning in (
                ("cr1", say("Largest"), "Share of the largest."),
                ("cr5", say("Five largest"), "Share of the five largest."),
                ("cr20", say("Twenty largest"), "Share of the twenty largest."),
                ("top20pct_share", say("Top 20 %"), "Share of the largest fifth, (n+4) div 5 subjects."),
                ("hhi", say("HHI"), "Sum of squared shares."),
            )
        ),
        Column("gini", Kind.RATIO, say("Gini"), "0 all equal, 1 one has all.", nullable=True, low=0, high=1),
        Column("effective_customers", Kind.NUMBER, say("Effective number"), "1 / HHI.", nullable=True, low=1),
    ),
    ("subject", "is_without_largest"),
)

CONCENTRATION_CURVE = Table(
    "concentration_curve",
    "one customer with net sales above 0 in the last 12 months, largest first",
    (
        Column("rank", Kind.COUNT, say("Rank"), "1 is the largest.", low=1),
        CUSTOMER_ID,
        CUSTOMER_NAME,
        NET_SALES_12M,
        Column("share", Kind.SHARE, say("Share"), "Of the base."),
        Column("cumulated_share", Kind.SHARE, say("Cumulated"), "Of this and all larger customers."),
    ),
    ("rank",),
)

CONCENTRATION_TREND = Table(
    "concentration_trend",
    "one month end",
    (
        Column("month", Kind.MONTH, say("Month"), "Last month of the window."),
        Column("window_months", Kind.COUNT, say("Window, months"), "Length of the rolling window.", low=1),
        Column("n_positive", Kind.COUNT, say("n"), "Customers with net sales above 0 in the window.", low=0),
        Column("cr1", Kind.SHARE, say("Largest"), "Share of the largest.", nullable=True),
        Column("cr5", Kind.SHARE, say("Five largest"), "Share of the five largest.", nullable=True),
    ),
    ("month",),
)

UNIT_TREND = Table(
    "unit_trend",
    "one unit (company, or one value of a unit column) and month end",
    (
        Column("unit_column", Kind.MEMBER, say("Level"), "Which column.", members=UnitColumn),
        Column(
            "unit",
            Kind.NAME,
            say("Unit"),
            "Value on the order line; missing for the company.",
            nullable=True,
            absent=say("whole company"),
        ),
        Column("month", Kind.MONTH, say("Month"), "Last month of the window."),
        Column("window_months", Kind.COUNT, say("Window, months"), "Length of the rolling window.", low=1),
        Column("n", Kind.COUNT, say("n"), "Customers with net sales above 0 in the unit and window.", low=1),
        Column("net_sales", Kind.MONEY, say("Net sales"), "Base: customers above 0.", low=0),
        Column("largest_share", Kind.SHARE, say("Its share"), "Largest client's share of the base."),
        Column("band", Kind.MEMBER, say("Band"), "Dependence band.", members=Band),
    ),
    ("unit_column", "unit", "month"),
)

GROUP_DEPENDENCE = Table(
    "group_dependence",
    "one group of customers",
    (
        Column("kind", Kind.MEMBER, say("Group"), "What they have in common.", members=GroupKind),
        Column(
            "name",
            Kind.NAME,
            say("Name"),
            "Industry; missing for all key accounts.",
            nullable=True,
            absent=say("all key accounts"),
        ),
        Column("customers", Kind.COUNT, say("Number"), "Key accounts or customers with net sales above 0.", low=1),
        Column("net_sales", Kind.MONEY, say("Net sales"), "Of these, last 12 months."),
        Column("share", Kind.SHARE, say("Share"), "Of the net sales of all accounts above 0."),
    ),
    ("kind", "name"),
)

UNIT_KEYS = Table(
    "unit_keys",
    "one account in the company (when on the list) or in one unit (when key there by share)",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        Column("unit_column", Kind.MEMBER, say("Level"), "Which column.", members=UnitColumn),
        Column("unit", Kind.NAME, say("Unit"), "Its value; missing for the company.", nullable=True),
        Column("n", Kind.COUNT, say("n"), "Accounts with net sales above 0 in the unit.", low=0),
        Column("net_sales", Kind.MONEY, say("Net sales"), "In the unit, last 12 months."),
        Column("share", Kind.SHARE, say("Share"), "Of the unit's base; missing at 0 or below.", nullable=True),
        Column("mark", Kind.MEMBER, say("Mark"), "Small or mono-client unit.", nullable=True, members=PlaceMark),
        Column("more", Kind.TEXT, say("More"), "Further units of this level, on its first row.", nullable=True),
    ),
    ("account_id", "unit_column", "unit"),
)

KEY_LEVELS = Table(
    "key_levels",
    "one level",
    (
        Column("unit_column", Kind.MEMBER, say("Level"), "Company or unit column.", members=UnitColumn),
        Column("units", Kind.COUNT, say("Units"), "Different values in the last 12 months.", low=0),
        Column("small", Kind.COUNT, say("Small"), "Units with fewer accounts than key_clients.small_unit.", low=0),
        Column("mono", Kind.COUNT, say("Mono-client"), "Units that hang on one account.", low=0),
        Column(
            "places_of_customers",
            Kind.COUNT,
            say("Key places, customers alone"),
            "Pairs of a unit and a customer that would be key there by itself.",
            low=0,
        ),
        Column("customers", Kind.COUNT, say("Key customers"), "Different customers of these pairs.", low=0),
        Column("places", Kind.COUNT, say("Key places"), "Pairs of a unit and an account that is key there.", low=0),
        Column("accounts", Kind.COUNT, say("Key accounts"), "Different accounts of these pairs.", low=0),
    ),
    ("unit_column",),
)

CRITERIA_REVIEW = Table(
    "criteria_review",
    "one threshold a fifth lower or higher",
    (
        Column("threshold", Kind.MEMBER, say("Threshold"), "Key of key_clients.", members=Threshold),
        Column("step", Kind.SHARE, say("Changed by"), "A fifth down or up.", low=-1),
        Column("value", Kind.NUMBER, say("Now"), "From the parameters.", by="threshold", kinds=THRESHOLD_KINDS),
        Column(
            "value_then",
            Kind.NUMBER,
            say("Then"),
            "Changed; at most 1 for a share, whole for places.",
            by="threshold",
            kinds=THRESHOLD_KINDS,
        ),
        Column("counted", Kind.COUNT, say("Counted now"), "Keys, key places or large customers.", low=0),
        Column("counted_then", Kind.COUNT, say("Counted then"), "The same under the other threshold.", low=0),
        Column("entered", Kind.COUNT, say("More"), "Counted then and not now.", low=0),
        Column("left", Kind.COUNT, say("Fewer"), "Counted now and not then.", low=0),
        Column(
            "enter", Kind.NAME, say("Would enter"), "The largest, at most two.", nullable=True, absent=say("nobody")
        ),
        Column(
            "leave", Kind.NAME, say("Would leave"), "The largest, at most two.", nullable=True, absent=say("nobody")
        ),
    ),
    ("threshold", "step"),
)

CLIENT_LOSS = Table(
    "client_loss",
    "one imagined departure",
    (
        Column(
            "name",
            Kind.NAME,
            say("If this client leaves"),
            "Client or parent group, with the id where a name stands twice; missing for all key clients together.",
            nullable=True,
            absent=say("all key accounts"),
        ),
        Column(
            "leaver",
            Kind.MEMBER,
            say("List of key clients"),
            "Client, parent group or all key clients.",
            members=Leaver,
        ),
        Column("net_sales_lost", Kind.MONEY, say("Net sales lost"), "Last 12 months.", low=0),
        Column("share_lost", Kind.SHARE, say("Share"), "Of the base."),
        Column("margin_lost", Kind.MONEY, say("Margin lost"), "Missing without cost.", nullable=True),
        Column(
            "second_order_margin_lost",
            Kind.MONEY,
            say("Second-order margin loss"),
            "Margin of the others lost by the elasticity; missing without one or without cost.",
            nullable=True,
        ),
        Column(
            "break_even_costs",
            Kind.MONEY,
            say("Break-even fixed costs a month"),
            "A twelfth of the margin of 12 months that is left after every estimated term; missing without a cost.",
            nullable=True,
        ),
        Column(
            "left_after_fixed_costs",
            Kind.MONEY,
            say("Left after fixed costs"),
            "The same margin of 12 months, less 12 times key_clients.fixed_costs_per_month; missing without it.",
            nullable=True,
        ),
        Column("discount_lost", Kind.MONEY, say("Supplier discount lost"), "On the remaining volume.", nullable=True),
        Column("second_order_lost", Kind.MONEY, say("Second-order loss"), "By the elasticity.", nullable=True),
        Column(
            "doubling_share",
            Kind.SHARE,
            say("Further loss that would double the damage"),
            "Share of the rest, lost too.",
            True,
        ),
        Column("largest_share_after", Kind.SHARE, say("Largest share after"), "Of what remains.", nullable=True),
        Column("hhi_after", Kind.SHARE, say("HHI after"), "Of what remains.", nullable=True),
    ),
    ("name", "leaver"),
)

LOSS_STEPS = Table(
    "loss_steps",
    "one step from the margin to what is left without the largest client",
    (
        Column("step", Kind.MEMBER, say("Step"), "What is added or taken away.", members=LossStep),
        Column("money", Kind.MONEY, say("Money"), "Of 12 months; missing where it is not estimated.", nullable=True),
    ),
    ("step",),
)

UNIT_LOSS = Table(
    "unit_loss",
    "one imagined departure and one unit in which the leaver brings more than key_clients.bands.watch",
    (
        Column(
            "name",
            Kind.NAME,
            say("If this client leaves"),
            "Client or parent group; missing for all key clients together.",
            nullable=True,
            absent=say("all key accounts"),
        ),
        Column(
            "leaver",
            Kind.MEMBER,
            say("List of key clients"),
            "Client, parent group or all key clients.",
            members=Leaver,
        ),
        Column("unit_column", Kind.MEMBER, say("Level"), "Which column.", members=UnitColumn),
        Column("unit", Kind.NAME, say("Unit"), "Its value."),
        Column("net_sales_lost", Kind.MONEY, say("Net sales lost"), "In the unit, last 12 months.", low=0),
        Column("share_lost", Kind.SHARE, say("Share"), "Of the unit's base."),
        Column("largest_share_after", Kind.SHARE, say("Largest share after"), "Of what remains.", nullable=True),
        Column("hhi_after", Kind.SHARE, say("HHI after"), "Of what remains.", nullable=True),
        Column("plan", Kind.MONEY, say("Plan"), "Yearly plan of the unit; missing without one.", nullable=True),
        *(
            Column(name, Kind.SHARE, label, meaning, nullable=True, low=-1e9, high=1e9)
            for name, label, meaning in (
                ("plan_share", say("Plan met"), "Net sales of 12 months over the plan."),
                ("plan_share_after", say("Plan met without"), "The same without the leaver."),
            )
        ),
    ),
    ("name", "leaver", "unit_column", "unit"),
)

CLIENT_GAIN = Table(
    "client_gain",
    "one imagined return or growth",
    (
        Column(
            "name",
            Kind.NAME,
            say("If this client"),
            "Client, with the id where a name stands twice; missing for all together.",
            nullable=True,
            absent=say("all together"),
        ),
        Column("gain", Kind.MEMBER, say("What happens"), "Comes back or grows.", members=Gain),
        Column("customers", Kind.COUNT, say("Customers"), "How many.", low=1),
        Column("net_sales_now", Kind.MONEY, say("Net sales now"), "Last 12 months.", low=0),
        Column("net_sales_after", Kind.MONEY, say("Net sales then"), "A year after it.", low=0),
        Column("net_sales_gained", Kind.MONEY, say("Net sales gained"), "Then less now.", low=0),
        Column("margin_gained", Kind.MONEY, say("Margin gained"), "At own margin share; missing without cost.", True),
        Column(
            "discount_gained",
            Kind.MONEY,
            say("Supplier discount gained"),
            "On what the others buy; missing without tiers.",
            nullable=True,
        ),
        Column("share_after", Kind.SHARE, say("Its share then"), "Of the base after it."),
        Column("largest_share_after", Kind.SHARE, say("Largest share after"), "Of the base after it."),
        Column("hhi_after", Kind.SHARE, say("HHI after"), "Of the base after it."),
        Column("band_after", Kind.MEMBER, say("Band then"), "Of the largest client after it.", members=Band),
    ),
    ("name", "gain"),
)

SALES_MARGIN = Table(
    "sales_margin",
    "one customer with net sales above 0 and a cost in the last 12 months",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        NET_SALES_12M,
        Column("margin_12m", Kind.MONEY, say("Margin, 12 months"), "Margin of lines with a cost."),
        Column(
            "margin_share", Kind.SHARE, say("Margin share"), "Margin over net sales with a cost.", low=-1e9, high=1e9
        ),
        Column("block", Kind.MEMBER, say("Block"), "By net sales and margin share.", members=SalesBlock),
    ),
    ("customer_id",),
)

WHALE_CURVE = Table(
    "whale_curve",
    "one customer with a margin in the last 12 months, largest profit first",
    (
        Column("rank", Kind.COUNT, say("Rank"), "1 is the largest profit.", low=1),
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("margin_12m", Kind.MONEY, say("Margin, 12 months"), "Margin of lines with a cost."),
        Column("cost_to_serve", Kind.MONEY, say("Cost to serve"), "Orders and contacts of 12 months.", low=0),
        Column("profit", Kind.MONEY, say("Profit"), "Margin less cost to serve."),
        Column("cumulated_profit", Kind.MONEY, say("Cumulated"), "Of this and all better customers."),
    ),
    ("rank",),
)

RELATION = Table(
    "relation",
    "one customer rated by the analyst on both axes",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        NET_SALES_12M,
        Column("attractiveness", Kind.SHARE, say("Attractiveness"), "Mean of what is known, 1 best."),
        Column("strength", Kind.SHARE, say("Strength"), "Mean of what is known of the relation, 1 best."),
        Column("position", Kind.MEMBER, say("Block"), "By both.", members=Position),
    ),
    ("customer_id",),
)

EFFORT_BY_CLASS = Table(
    "effort_by_class",
    "one class of customers by net sales of the last 12 months",
    (
        Column("abc", Kind.MEMBER, say("Class"), "Class A, B, C or N of segments.abc.", members=AbcClass),
        Column("customers", Kind.COUNT, say("Customers"), "With a contact or value.", low=0),
        Column("contacts", Kind.COUNT, say("Contacts"), "Of the last 12 months.", low=0),
        Column("per_customer", Kind.NUMBER, say("Per customer"), "Contacts over customers.", nullable=True, low=0),
        Column("effort_share", Kind.SHARE, say("Share of effort"), "Of all contacts or their cost."),
        Column("value_share", Kind.SHARE, say("Share of value"), "Of all margin or net sales above 0."),
    ),
    ("abc",),
)

EFFORT_MISMATCH = Table(
    "effort_mismatch",
    "one customer whose effort is out of proportion to the value",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("verdict", Kind.MEMBER, say("Verdict"), "Too little or too much attention.", members=Effort),
        Column(
            "abc", Kind.MEMBER, say("Class"), "Class A, B, C or N of segments.abc.", nullable=True, members=AbcClass
        ),
        Column("contacts", Kind.COUNT, say("Contacts"), "Of the last 12 months.", low=0),
        Column("effort_share", Kind.SHARE, say("Share of effort"), "Of all contacts or their cost."),
        Column("value_share", Kind.SHARE, say("Share of value"), "Of all margin or net sales above 0."),
    ),
    ("customer_id",),
)

_BEFORE_DISCOUNT = (
    Column("sales_before_discount", Kind.MONEY, say("Before discount"), "Net sales and discount, 12 months.", low=0),
    Column("discount", Kind.MONEY, say("Discount"), "Taken off in the last 12 months.", low=0),
)

DISCOUNTS_BY_CLASS = Table(
    "discounts_by_class",
    "one class of customers by net sales of the last 12 months, the key clients, and all",
    (
        Column("group", Kind.MEMBER, say("Group"), "Class, key clients or all.", members=DiscountGroup),
        Column("customers", Kind.COUNT, say("Customers"), "With a sale whose discount is known.", low=0),
        *_BEFORE_DISCOUNT,
        Column("discount_share", Kind.SHARE, say("Share taken off"), "Σ discount/Σ before it.", nullable=True),
        Column("median_share", Kind.SHARE, say("Median customer"), "Of the customers' own shares.", nullable=True),
    ),
    ("group",),
)

GENEROUS_DISCOUNTS = Table(
    "generous_discounts",
    "one customer of class C with more discount than the median key client",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        *_BEFORE_DISCOUNT,
        Column("discount_share", Kind.SHARE, say("Share taken off"), "Discount over sales before it."),
        Column("too_much", Kind.MONEY, say("Too much"), "Above the share of the median key client."),
    ),
    ("customer_id",),
)

MANAGER_LOAD = Table(
    "manager_load",
    "one manager",
    (
        Column("manager", Kind.NAME, say("Manager"), "Missing: the data name nobody.", nullable=True),
        Column(
            "department", Kind.NAME, say("Department"), "Department with most of the manager's sales.", nullable=True
        ),
        Column("customers", Kind.COUNT, say("Customers"), "Customers whose manager this is.", low=0),
        Column("key_clients", Kind.COUNT, say("Key clients"), "Of the company's list.", low=0),
        Column("is_over", Kind.FLAG, say("Over the limit"), "More than key_clients.keys_per_manager."),
        Column("net_sales_12m", Kind.MONEY, say("Net sales, 12 months"), "Of these customers."),
        Column("key_net_sales_12m", Kind.MONEY, say("With key clients"), "Of the key clients among them."),
        Column(
            "c_orders_share",
            Kind.SHARE,
            say("Orders from class C"),
            "Of the manager's orders of 12 months: those of the customers who bring the last 5 % of sales.",
            nullable=True,
        ),
    ),
    ("manager",),
)

KEY_CARE = Table(
    "key_care",
    "one key account",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        Column("manager", Kind.NAME, say("Manager"), "The customer's manager.", nullable=True),
        Column(
            "manager_state", Kind.MEMBER, say("Named manager"), "Whether somebody is responsible.", members=ManagerState
        ),
        Column("role", Kind.VALUE, say("Role"), "Of the manager.", nullable=True),
        Column(
            "contacts",
            Kind.MEMBER,
            say("Contact persons"),
            "On how many people the relation hangs; missing without a table of contacts.",
            nullable=True,
            members=Contacts,
        ),
        Column("people", Kind.COUNT, say("People"), "Different persons on record.", nullable=True, low=0),
        Column("levels", Kind.COUNT, say("On levels"), "Different levels of these persons.", nullable=True, low=0),
        Column("last_visit_on", Kind.DATE, say("Last visit"), "Latest visit on record.", nullable=True),
        Column("days_since_visit", Kind.DAYS, say("Days since"), "From the last visit to the reference date.", True, 1),
    ),
    ("account_id",),
)

KEY_MOVES = Table(
    "key_moves",
    "one key account that needs another manager",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        NET_SALES_12M,
        Column("from_manager", Kind.NAME, say("From manager"), "Present manager.", nullable=True, absent=say("nobody")),
        Column("from_keys", Kind.COUNT, say("Keys before"), "Key clients of the present manager.", nullable=True),
        Column("reason", Kind.MEMBER, say("Why it moves"), "What is wrong now.", members=MoveReason),
        Column(
            "to_manager",
            Kind.NAME,
            say("To manager"),
            "Proposed manager.",
            nullable=True,
            absent=say("nobody has room"),
        ),
        Column("to_department", Kind.NAME, say("Department"), "Of the proposed manager.", nullable=True),
        Column("to_keys", Kind.COUNT, say("Keys then"), "Key clients of the proposed manager after it.", nullable=True),
        Column("fit", Kind.MEMBER, say("Why there"), "How well the proposed manager fits.", members=MoveFit),
        Column("order", Kind.COUNT, say("Step"), "Moves are made one after another.", low=1),
    ),
    ("account_id",),
)

KEY_CHANGES = Table(
    "key_changes",
    "one account on the list now or at the comparison date",
    (
        ACCOUNT_ID,
        ACCOUNT_NAME,
        Column("move", Kind.MEMBER, say("Move"), "Entered, left, moved by its level, or stayed.", members=Move),
        *(
            Column(name, Kind.MEMBER, label, "Missing when off the list.", True, members=KeyLevel, absent=say("–"))
            for name, label in (("level_before", say("Level then")), ("level_now", say("Level now")))
        ),
        Column(
            "cause",
            Kind.MEMBER,
            say("Criterion"),
            "Of a move by score: whose points changed most in its direction.",
            nullable=True,
            members=ChangeCause,
            absent=say("–"),
        ),
        Column("points_change", Kind.SHARE, say("Its points"), "Now less before.", nullable=True, low=-1),
        Column("share_before", Kind.SHARE, say("Share then"), "Of the company, 12 months.", nullable=True),
        Column("share_now", Kind.SHARE, say("Share now"), "Of the company, last 12 months.", nullable=True),
        Column("net_sales_before", Kind.MONEY, say("Net sales before"), "12 months to the comparison date."),
        Column("net_sales_now", Kind.MONEY, say("Net sales now"), "Last 12 months."),
    ),
    ("account_id",),
)

CRITERIA = Table(
    "criteria",
    "one criterion of the score",
    (
        Column("criterion", Kind.MEMBER, say("Criterion"), "Key of key_clients.weights.", members=Criterion),
        Column("measure", Kind.MEMBER, say("Measure"), "What is measured per customer.", members=CriterionMeasure),
        Column("source", Kind.MEMBER, say("Source"), "Where its data come from.", members=CriterionSource),
        Column("weight", Kind.SHARE, say("Weight given"), "From the parameters."),
        Column("weight_used", Kind.SHARE, say("Weight used"), "After spreading the weight of criteria without data."),
        Column("customers", Kind.COUNT, say("Customers with data"), "Among those with net sales above 0.", low=0),
        Column("coverage", Kind.SHARE, say("Coverage"), "Share of them."),
        Column(
            "sales_share", Kind.SHARE, say("Of net sales"), "Their share of the net sales of customers above 0.", True
        ),
        *(
            Column(
                name,
                Kind.NUMBER,
                label,
                f"{meaning} over customers with data.",
                nullable=True,
                by="criterion",
                kinds=dict.fromkeys(("volume", "margin", "growth", "lifetime"), Kind.MONEY),
            )
            for name, label, meaning in (
                ("quarter", say("¼ has at most"), "Lower quartile"),
                ("median", say("½ has at most"), "Median"),
                ("three_quarters", say("¾ has at most"), "Upper quartile"),
                ("highest", say("Highest"), "Largest value"),
            )
        ),
        Column("values", Kind.COUNT, say("Different values"), "Over customers with data.", low=0),
    ),
    ("criterion",),
)

CUSTOMER_CRITERIA = Table(
    "customer_criteria",
    "one customer with net sales above 0 in the last 12 months, one-offs first, largest first",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        NET_SALES_12M,
        Column("volume", Kind.MONEY, say("Volume"), "Net sales in the window of key_clients.volume_threshold."),
        Column("is_large", Kind.FLAG, say("Large"), "Volume strictly above key_clients.volume_threshold."),
        Column("orders_12m", Kind.COUNT, say("Orders, 12 months"), "Orders of the last 12 months.", low=0),
        Column("average_order", Kind.MONEY, say("Average order"), "Net sales of 12 months over orders.", nullable=True),
        Column("largest_order", Kind.MONEY, say("Largest order"), "Of the last 12 months.", nullable=True),
        Column(
            "largest_order_share",
            Kind.SHARE,
            say("Its share"),
            "Largest order over net sales of 12 months; above 1 where later returns took more away.",
            nullable=True,
            low=0,
            high=float("inf"),
        ),
        Column("is_one_off", Kind.FLAG, say("One-off"), "Large, and one order above key_clients.one_off_share."),
        Column(
            "order_days_per_month",
            Kind.RATIO,
            say("Order days a month"),
            "Order days of the last 12 months over the months from the first order, if later; at least one month.",
            nullable=True,
            low=0,
        ),
        Column(
            "active_months",
            Kind.SHARE,
            say("Months with an order"),
            "Of the complete months of the last 12, from that of the first order, if later.",
            nullable=True,
        ),
        Column(
            "variation",
            Kind.RATIO,
            say("Variation"),
            "Standard deviation over mean of the net sales of these months; needs three and a mean above 0.",
            nullable=True,
            low=0,
        ),
        Column("margin_12m", Kind.MONEY, say("Margin, 12 months"), "Margin of lines with a cost.", nullable=True),
        Column(
            "margin_share",
            Kind.SHARE,
            say("Margin share"),
            "Margin over net sales with a cost; missing at 0 or below.",
            nullable=True,
            low=float("-inf"),
            high=float("inf"),
        ),
        Column("formula_ltv", Kind.MONEY, say("Lifetime value"), "S·C·P·T of the customer.", nullable=True),
    ),
    ("customer_id",),
)
