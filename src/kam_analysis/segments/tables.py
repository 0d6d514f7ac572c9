"""Contracts of the tables that tell how customers group."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from kam_analysis.findings import say
from kam_analysis.segments.advice import GridAction, GridCell, RfmAction, RfmRule
from kam_analysis.tables import CUSTOMER_ID, CUSTOMER_NAME, Column, Kind, Table
from kam_analysis.vocabulary import (
    AbcClass,
    ClusterTrait,
    Consent,
    DemandType,
    Labelled,
    LadderStep,
    LifeCycle,
    PeriodLength,
    RfmSegment,
    UnitVerdict,
    XyzClass,
    ZeroPeriods,
)

_CUSTOMERS = Column("customers", Kind.COUNT, say("Customers"), "Customers in the class.", low=0)
_CUSTOMER_SHARE = Column(
    "customer_share", Kind.SHARE, say("Share of customers"), "Customers of the class over all classed customers.", True
)
_NET_SALES = Column("net_sales", Kind.MONEY, say("Net sales"), "Net sales of the class, in the window of the analysis.")
_NET_SALES_SHARE = Column(
    "net_sales_share",
    Kind.SHARE,
    say("Share of net sales"),
    "Over customers with net sales above 0; missing when there is none.",
    nullable=True,
)
_MARGIN = Column(
    "margin", Kind.MONEY, say("Margin"), "Margin of the class; missing where no line has a cost.", nullable=True
)
_INACTIVE = Column(
    "inactive", Kind.COUNT, say("Inactive"), "Customers of the class without an order in the last 12 months.", low=0
)
_SIZE = (_CUSTOMERS, _CUSTOMER_SHARE, _NET_SALES, _NET_SALES_SHARE)

RFM_HEAT_MAP = Table(
    "rfm_heat_map",
    "one pair of recency and frequency scores",
    (
        Column("r_score", Kind.COUNT, say("R"), "Recency score, the highest is best.", low=1, high=5),
        Column("f_score", Kind.COUNT, say("F"), "Frequency score, the highest is best.", low=1, high=5),
        Column("rf_segment", Kind.MEMBER, say("RF segment"), "Segment of the cell.", members=RfmSegment),
        *_SIZE,
    ),
    ("r_score", "f_score"),
)

RFM_SEGMENTS = Table(
    "rfm_segments",
    "one segment of the recency, frequency and monetary scores",
    (
        Column("rfm_segment", Kind.MEMBER, say("RFM segment"), "Segment by R, F and M.", members=RfmSegment),
        *_SIZE,
        Column("median_recency_days", Kind.DAYS, say("Days since last order, median"), "Over the segment.", True, 1),
        Column("median_orders", Kind.NUMBER, say("Orders, median"), "Over the segment.", True, 1),
        Column(
            "customers_by_rf", Kind.COUNT, say("Customers by R and F"), "Customers of the same name by R and F.", low=0
        ),
        Column("rule", Kind.MEMBER, say("Rule"), "Scores that make the segment.", members=RfmRule),
        Column("action", Kind.MEMBER, say("What to do"), "Action for the segment.", members=RfmAction),
    ),
    ("rfm_segment",),
)

ABC_CLASSES = Table(
    "abc_classes",
    "one class of cumulated value",
    (Column("abc", Kind.MEMBER, say("ABC"), "Class.", members=AbcClass), *_SIZE, _MARGIN, _INACTIVE),
    ("abc",),
)


class Season(Labelled):
    """Whether the company's season is taken out of the sums."""

    KEEP = "keep", say("season kept")
    REMOVE = "remove", say("season taken out")


class ClassedValue(Labelled):
    """What the classes of value cumulate."""

    NET_SALES = "net_sales", say("net sales")
    MARGIN = "margin", say("margin")


class ClassedWindow(Labelled):
    """Over which time the classes of value cumulate."""

    OWN = "own", say("as in the parameters")
    ALL = "all", say("all history")
    YEAR = "year", say("last 12 months")


XYZ_CLASSES = Table(
    "xyz_classes",
    "one way to compute the classes of variation",
    (
        Column("period", Kind.MEMBER, say("Period"), "Calendar period of the sums.", members=PeriodLength),
        Column("zero_periods", Kind.MEMBER, say("Periods without sales"), "Counted or left out.", members=ZeroPeriods),
        Column("season", Kind.MEMBER, say("Season"), "Kept, or taken out of the sums.", members=Season),
        Column("x_until", Kind.RATIO, say("X up to"), "Largest coefficient of variation of X.", low=0),
        Column("y_until", Kind.RATIO, say("Y up to"), "Largest coefficient of variation of Y.", low=0),
        Column("x_customers", Kind.COUNT, say("X"), "Buyers in X.", low=0),
        Column("y_customers", Kind.COUNT, say("Y"), "Buyers in Y.", low=0),
        Column("z_customers", Kind.COUNT, say("Z"), "Buyers in Z.", low=0),
        Column("na_customers", Kind.COUNT, say("n/a"), "Buyers with too short or too thin a history.", low=0),
        Column("x_share", Kind.SHARE, say("X, share"), "Of the buyers that are classed.", nullable=True),
        Column("y_share", Kind.SHARE, say("Y, share"), "Of the buyers that are classed.", nullable=True),
        Column("z_share", Kind.SHARE, say("Z, share"), "Of the buyers that are classed.", nullable=True),
        Column("is_used", Kind.FLAG, say("Used here"), "The way the classes of this page were computed."),
    ),
    ("period", "zero_periods", "season", "x_until", "y_until"),
)

DEMAND_TYPES = Table(
    "demand_types",
    "one type of demand",
    (Column("demand_type", Kind.MEMBER, say("Demand type"), "Type.", members=DemandType), *_SIZE),
    ("demand_type",),
)

ABC_XYZ_GRID = Table(
    "abc_xyz_grid",
    "one cell of the grid: nine classed, three without a measurable variation, one worth nothing",
    (
        Column("cell", Kind.MEMBER, say("Cell"), "Class of value and class of variation.", members=GridCell),
        Column("abc", Kind.MEMBER, say("ABC"), "Class of value.", members=AbcClass),
        Column("xyz", Kind.MEMBER, say("XYZ"), "Class of variation; n/a in N, which wins.", members=XyzClass),
        *_SIZE,
        _MARGIN,
        _INACTIVE,
        Column("action", Kind.MEMBER, say("What to do"), "Action for the cell.", members=GridAction),
    ),
    ("cell",),
)

LOYALTY_LADDER = Table(
    "loyalty_ladder",
    "one step of the loyalty ladder",
    (
        Column("step", Kind.MEMBER, say("Step"), "Highest step that the customers reached.", members=LadderStep),
        Column("is_measurable", Kind.FLAG, say("Measurable"), "The data tell who stands on the step."),
        Column(
            "customers", Kind.COUNT, say("Customers"), "Buyers; missing where not measurable.", nullable=True, low=0
        ),
        _CUSTOMER_SHARE,
        Column("net_sales", Kind.MONEY, say("Net sales"), "All history; missing where not measurable.", nullable=True),
        _NET_SALES_SHARE,
    ),
    ("step",),
)

LIFE_CYCLE_STATES = Table(
    "life_cycle_states",
    "one state of the life cycle",
    (
        Column("state", Kind.MEMBER, say("State"), "State at the reference date.", members=LifeCycle),
        _CUSTOMERS,
        _CUSTOMER_SHARE,
        Column("net_sales_12m", Kind.MONEY, say("Net sales, 12 months"), "Net sales of the last 12 months."),
        Column("net_sales_12m_share", Kind.SHARE, say("Share of 12 months"), "Over positive customers.", nullable=True),
        Column(
            "customers_before",
            Kind.COUNT,
            say("Customers before"),
            "Buyers in the state at the comparison date; missing without one.",
            nullable=True,
            low=0,
        ),
        Column(
            "customer_share_before", Kind.SHARE, say("Share before"), "Their share of the buyers then.", nullable=True
        ),
    ),
    ("state",),
)

LIFE_CYCLE_MOVES = Table(
    "life_cycle_moves",
    "one pair of states, at the comparison date and now",
    (
        Column("state_before", Kind.MEMBER, say("State before"), "State at the comparison date.", members=LifeCycle),
        Column("state", Kind.MEMBER, say("State now"), "State at the reference date.", members=LifeCycle),
        Column("customers", Kind.COUNT, say("Customers"), "Buyers who made this move.", low=0),
        Column("share", Kind.SHARE, say("Share"), "Of the buyers in the state before; sums to 1.", nullable=True),
        Column("net_sales_12m", Kind.MONEY, say("Net sales, 12 months"), "Their net sales of the last 12 months."),
    ),
    ("state_before", "state"),
)

RFM_MOVES = Table(
    "rfm_moves",
    "one pair of RFM segments, at the comparison date and now, that a buyer has",
    (
        Column("rfm_segment_before", Kind.MEMBER, say("Segment before"), "At the comparison date.", members=RfmSegment),
        Column("rfm_segment", Kind.MEMBER, say("Segment now"), "At the reference date.", members=RfmSegment),
        Column("customers", Kind.COUNT, say("Customers"), "Buyers who made this move.", low=1),
        Column("share", Kind.SHARE, say("Share"), "Of the buyers in the segment before who still stand in one."),
        Column("net_sales", Kind.MONEY, say("Net sales now"), "Of the window of the scores that ends now."),
    ),
    ("rfm_segment_before", "rfm_segment"),
)

ABC_MOVES = Table(
    "abc_moves",
    "one pair of classes of value, at the comparison date and now",
    (
        Column("abc_before", Kind.MEMBER, say("Class before"), "At the comparison date.", members=AbcClass),
        Column("abc", Kind.MEMBER, say("Class now"), "At the reference date.", members=AbcClass),
        Column("customers", Kind.COUNT, say("Customers"), "Customers who made this move.", low=0),
        Column("share", Kind.SHARE, say("Share"), "Of the customers in the class before; sums to 1.", nullable=True),
        Column("net_sales", Kind.MONEY, say("Net sales now"), "Of the window of the classes that ends now."),
    ),
    ("abc_before", "abc"),
)


class Segmentation(Labelled):
    """A way to divide the customers."""

    RFM = "rfm", say("RFM segments")
    ABC = "abc", say("ABC classes")
    XYZ = "xyz", say("XYZ classes")
    LADDER = "ladder", say("loyalty ladder")
    LIFE_CYCLE = "life_cycle", say("life cycle")


class ShiftVerdict(Labelled):
    """How far the shares of the classes have shifted."""

    SMALL = "small", say("small")
    MODERATE = "moderate", say("moderate")
    LARGE = "large", say("large")


SEGMENT_SHIFTS = Table(
    "segment_shifts",
    "one way to divide the customers",
    (
        Column("segmentation", Kind.MEMBER, say("Divided by"), "The segmentation.", members=Segmentation),
        Column("customers_before", Kind.COUNT, say("Customers before"), "Classed at the comparison date.", low=0),
        Column("customers", Kind.COUNT, say("Customers"), "Classed at the reference date.", low=0),
        Column(
            "psi",
            Kind.RATIO,
            say("Stability index"),
            "Population stability index of the shares; 0 is the same; missing without customers on either date.",
            nullable=True,
            low=0,
        ),
        Column(
            "psi_by_chance",
            Kind.RATIO,
            say("By chance, up to"),
            "Index that chance exceeds in 5 of 100 cases between samples of this size.",
            nullable=True,
            low=0,
        ),
        Column(
            "verdict",
            Kind.MEMBER,
            say("Shift"),
            "How far.",
            nullable=True,
            members=ShiftVerdict,
            absent=say("not measurable"),
        ),
    ),
    ("segmentation",),
)


class Trait(Labelled):
    """What is known of a customer besides its purchases."""

    INDUSTRY = "industry", say("industry")
    SIZE = "size", say("size")
    REGION = "region", say("region")
    COUNTRY = "country", say("country")


TRAIT_GROUPS = Table(
    "trait_groups",
    "one value of a trait among the buyers of 12 months",
    (
        Column("trait", Kind.MEMBER, say("By"), "Trait of the customer.", members=Trait),
        Column("group", Kind.VALUE, say("Group"), "Value of the trait."),
        Column("buyers", Kind.COUNT, say("Buyers"), "With an order in the last 12 months.", low=1),
        Column(
            "net_sales_12m",
            Kind.MONEY,
            say("Net sales, 12 months"),
            "Of the group; hidden with few buyers.",
            nullable=True,
        ),
        Column(
            "net_sales_share",
            Kind.SHARE,
            say("Share of net sales"),
            "Over all known values of the trait, buyers with net sales above 0.",
            nullable=True,
        ),
        Column("sales_per_buyer", Kind.MONEY, say("Net sales per buyer"), "Mean of 12 months.", nullable=True),
        Column("key_clients", Kind.COUNT, say("Key clients"), "Key clients among them.", nullable=True, low=0),
        Column("regular_share", Kind.SHARE, say("Regular"), "Three orders or more in 12 months.", nullable=True),
        Column("low", Kind.SHARE, say("From"), "Lower bound of the 95 % interval.", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Upper bound of the 95 % interval.", nullable=True),
        Column("verdict", Kind.MEMBER, say("Against the rest"), "Beyond chance, over all groups.", members=UnitVerdict),
    ),
    ("trait", "group"),
)

TRAIT_MIX = Table(
    "trait_mix",
    "one trait by which the change of net sales per buyer is parted",
    (
        Column("trait", Kind.MEMBER, say("By"), "Trait of the customer.", members=Trait),
        Column("groups", Kind.COUNT, say("Groups"), "Values on either date, without a value included.", low=1),
        Column("buyers_before", Kind.COUNT, say("Buyers then"), "Of the 12 months before the comparison date.", low=1),
        Column("buyers", Kind.COUNT, say("Buyers now"), "Of the last 12 months.", low=1),
        Column("sales_per_buyer_before", Kind.MONEY, say("Per buyer then"), "Net sales of 12 months over buyers."),
        Column("sales_per_buyer", Kind.MONEY, say("Per buyer now"), "Net sales of 12 months over buyers."),
        Column("change", Kind.MONEY, say("Change"), "Now less then."),
        Column("mix_effect", Kind.MONEY, say("Mix"), "Part of the change from the weights of the groups."),
        Column("rate_effect", Kind.MONEY, say("Rate"), "Part of the change from the groups themselves."),
        Column("is_reversed", Kind.FLAG, say("Reversed"), "Every group moved the other way than the whole."),
    ),
    ("trait",),
)


class PortraitFeature(Labelled):
    """In what key clients may differ from the other buyers."""

    ORDERS = "orders", say("orders in 12 months")
    ORDER_VALUE = "order_value", say("net sales per order")
    GAP = "gap", say("median days between order days")
    SILENCE = "silence", say("days since the last order")
    TENURE = "tenure", say("days since the first order")
    PRODUCTS = "products", say("different products")
    MARGIN = "margin", say("margin, % of net sales")
    RETURNS = "returns", say("returned, % of gross sales")
    GROWTH = "growth", say("growth of net sales against the year before, %")


class EffectSize(Labelled):
    """Size of a rank effect in words."""

    NEGLIGIBLE = "negligible", say("negligible")
    SMALL = "small", say("small effect")
    MEDIUM = "medium", say("medium effect")
    LARGE = "large", say("large effect")


PORTRAIT_KINDS = {PortraitFeature.ORDER_VALUE.value: Kind.MONEY}
_BY_PORTRAIT: dict[str, Any] = {"by": "feature", "kinds": PORTRAIT_KINDS}

KEY_PORTRAIT = Table(
    "key_portrait",
    "one feature of the buyers of 12 months",
    (
        Column("feature", Kind.MEMBER, say("Feature"), "What is compared.", members=PortraitFeature),
        Column("key_clients", Kind.COUNT, say("Key clients"), "Key clients of whom it is known.", low=0),
        Column("rest", Kind.COUNT, say("Other buyers"), "Other buyers of whom it is known.", low=0),
        Column("median_key", Kind.NUMBER, say("Key clients, median"), "Over those known.", True, **_BY_PORTRAIT),
        Column("median_rest", Kind.NUMBER, say("Others, median"), "Over those known.", True, **_BY_PORTRAIT),
        Column("effect", Kind.RATIO, say("Effect"), "Cliff's delta; hidden with few values.", True, -1, 1),
        Column("low", Kind.RATIO, say("From"), "Lower bound of its 95 % interval.", True, -1, 1),
        Column("high", Kind.RATIO, say("To"), "Upper bound of its 95 % interval.", True, -1, 1),
        Column("size", Kind.MEMBER, say("Size"), "The effect in words.", nullable=True, members=EffectSize),
    ),
    ("feature",),
)

STEP_CONVERSION = Table(
    "step_conversion",
    "one step of the ladder and number of days",
    (
        Column("step", Kind.MEMBER, say("From the step"), "Step that was reached.", members=LadderStep),
        Column("days", Kind.DAYS, say("In days"), "Days after the step was reached.", low=1),
        Column("buyers", Kind.COUNT, say("Buyers"), "Reached the step at least so many days ago.", low=0),
        Column("climbed", Kind.COUNT, say("Moved up"), "Made the next order in time; hidden with few.", True, 0),
        Column("climbed_share", Kind.SHARE, say("Share"), "Climbed over buyers; hidden with few.", nullable=True),
        Column("low", Kind.SHARE, say("From"), "Lower bound of the 95 % interval.", nullable=True),
        Column("high", Kind.SHARE, say("To"), "Upper bound of the 95 % interval.", nullable=True),
    ),
    ("step", "days"),
)


class ConversionTrait(Labelled):
    """What is known of a buyer when the first order is made."""

    FIRST_ORDER = "first_order", say("net sales of the first order")
    INDUSTRY = "industry", say("industry")
    SIZE = "size", say("size")
    REGION = "region", say("region")
    COUNTRY = "country", say("country")


CONVERSION_GROUPS = Table(
    "conversion_groups",
    "one group of buyers by what was known at the first order",
    (
        Column("trait", Kind.MEMBER, say("By"), "What the group is made by.", members=ConversionTrait),
        Column(
            "group", Kind.VALUE, say("Group"), "Value of the trait; missing for a range of net sales.", nullable=True
        ),
        Column("over", Kind.MONEY, say("From"), "Net sales of the first order are above it.", nullable=True),
        Column("up_to", Kind.MONEY, say("To"), "Net sales of the first order are at most so much.", nullable=True),
        Column("buyers", Kind.COUNT, say("Buyers"), "First order at least 90 days ago.", low=1),
        Column("climbed", Kind.COUNT, say("Moved up"), "Ordered again in 90 days.", low=0),
        Column("climbed_share", Kind.SHARE, say("Share"), "Climbed over buyers."),
        Column("low", Kind.SHARE, say("From"), "Lower bound of the 95 % interval."),
        Column("high", Kind.SHARE, say("To"), "Upper bound of the 95 % interval."),
        Column("verdict", Kind.MEMBER, say("Against the rest"), "Beyond chance, over all groups.", members=UnitVerdict),
    ),
    ("trait", "group", "over"),
)


class CalendarMonth(Labelled):
    """Month of any year."""

    JANUARY = "january", say("January")
    FEBRUARY = "february", say("February")
    MARCH = "march", say("March")
    APRIL = "april", say("April")
    MAY = "may", say("May")
    JUNE = "june", say("June")
    JULY = "july", say("July")
    AUGUST = "august", say("August")
    SEPTEMBER = "september", say("September")
    OCTOBER = "october", say("October")
    NOVEMBER = "november", say("November")
    DECEMBER = "december", say("December")


SEASON_INDEX = Table(
    "season_index",
    "one calendar month",
    (
        Column("calendar_month", Kind.MEMBER, say("Calendar month"), "Of all whole years.", members=CalendarMonth),
        Column("index", Kind.RATIO, say("Season index"), "Net sales over those of a mean month.", low=0),
        Column("years", Kind.COUNT, say("Years"), "Whole years it stands on.", low=2),
    ),
    ("calendar_month",),
)


VALUE_ALTERNATIVES = Table(
    "value_alternatives",
    "one way to make the classes of value",
    (
        Column("value", Kind.MEMBER, say("By"), "What is cumulated.", members=ClassedValue),
        Column("window", Kind.MEMBER, say("Window"), "All history or 12 months.", members=ClassedWindow),
        Column("customers", Kind.COUNT, say("Customers"), "With a known value.", low=0),
        Column("a_customers", Kind.COUNT, say("In A"), "Customers of class A.", low=0),
        Column("a_share", Kind.SHARE, say("A, share"), "Of the customers with a value.", nullable=True),
        Column("same_a", Kind.COUNT, say("In A here too"), "In A by the way in use as well.", low=0),
        Column("n_customers", Kind.COUNT, say("In N"), "Worth nothing or less.", low=0),
        Column("is_used", Kind.FLAG, say("Used here"), "The way the classes of this page were computed."),
    ),
    ("value", "window"),
)

NEED_TOPICS = Table(
    "need_topics",
    "one need: products that are bought together",
    (
        Column("need", Kind.COUNT, say("Need"), "The need of most customers is 1.", low=1),
        Column("leading", Kind.NAME, say("What it is"), "Categories or products with the largest shares in it."),
        _CUSTOMERS,
        _CUSTOMER_SHARE,
        Column("net_sales", Kind.MONEY, say("Net sales"), "All history, of the customers at this need."),
        _NET_SALES_SHARE,
    ),
    ("need",),
)


class ListedBy(StrEnum):
    """By which classes customers are listed."""

    RFM = "rfm_segment"
    RF = "rf_segment"
    ABC = "abc"
    XYZ = "xyz"
    GRID = "abc_xyz"
    LADDER = "ladder"
    LIFE_CYCLE = "life_cycle"
    DEMAND = "demand_type"
    CLUSTER = "cluster"
    NEED = "need"


SEGMENT_LIST = Table(
    "segment_list",
    "one customer of a segment that may be contacted",
    (
        CUSTOMER_ID,
        CUSTOMER_NAME,
        Column("segment", Kind.TEXT, say("Segment"), "The class that makes the list."),
        Column("manager", Kind.NAME, say("Manager"), "The customer's manager.", nullable=True),
        Column("department", Kind.NAME, say("Department"), "The customer's department.", nullable=True),
        Column("net_sales_12m", Kind.MONEY, say("Net sales, 12 months"), "Net sales of the last 12 months."),
        Column("orders_12m", Kind.COUNT, say("Orders, 12 months"), "Orders of the last 12 months.", low=0),
        Column("last_order_on", Kind.DATE, say("Last order"), "Day of the last order.", nullable=True),
        Column("consent", Kind.MEMBER, say("Consent"), "Who refused is in no list.", members=Consent),
    ),
    ("customer_id",),
)

_FEATURES = (
    ("recency_days", Kind.DAYS, say("Days since last order, median")),
    ("orders", Kind.NUMBER, say("Orders, median")),
    ("mean_order_value", Kind.MONEY, say("Order value, median")),
    ("net_sales_12m", Kind.MONEY, say("Net sales, 12 months, median")),
    ("tenure_days", Kind.DAYS, say("Days since first order, median")),
    ("products", Kind.NUMBER, say("Products, median")),
)

_CLUSTER = Column("cluster", Kind.COUNT, say("Cluster"), "By descending median net sales of 12 months.", low=1)

CLUSTER_PROFILES = Table(
    "cluster_profiles",
    "one cluster of buyers",
    (
        _CLUSTER,
        Column("first_trait", Kind.MEMBER, say("Marked by"), "Feature farthest from all buyers.", members=ClusterTrait),
        Column("second_trait", Kind.MEMBER, say("And by"), "Feature next farthest.", members=ClusterTrait),
        *_SIZE,
        *(Column(f"median_{name}", kind, label, "Over the cluster.", nullable=True) for name, kind, label in _FEATURES),
        *(
            Column(
                f"level_{name}",
                Kind.RATIO,
                label,
                "Median of the standardised feature less that of all buyers; missing where all are alike.",
                nullable=True,
            )
            for name, _, label in _FEATURES
        ),
    ),
    ("cluster",),
)

CLUSTER_CHOICES = Table(
    "cluster_choices",
    "one number of clusters that was tried",
    (
        Column("k", Kind.COUNT, say("Clusters"), "Number of clusters.", low=2),
        Column(
            "silhouette", Kind.RATIO, say("Silhouette"), "How far clusters lie apart, −1 to 1, higher is better.", True
        ),
        Column(
            "stability",
            Kind.RATIO,
            say("Stability"),
            "Mean adjusted Rand index between the clusters and those of resamples; 1 is the same.",
        ),
        Column("is_stable", Kind.FLAG, say("Stable"), "Stability reaches the limit."),
        Column("is_chosen", Kind.FLAG, say("Chosen"), "Highest silhouette among the stable."),
    ),
    ("k",),
)


class ClusterFeature(Labelled):
    """In what buyers of different clusters may differ."""

    RECENCY_DAYS = "recency_days", say("days since the last order")
    ORDERS = "orders", say("orders")
    MEAN_ORDER_VALUE = "mean_order_value", say("order value")
    NET_SALES_12M = "net_sales_12m", say("net sales in 12 months")
    TENURE_DAYS = "tenure_days", say("days since the first order")
    PRODUCTS = "products", say("different products")


FEATURE_KINDS = {
    ClusterFeature.MEAN_ORDER_VALUE.value: Kind.MONEY,
    ClusterFeature.NET_SALES_12M.value: Kind.MONEY,
}


def limits_of(feature: str) -> tuple[str, str]:
    """Names of the columns with the lower and the upper limit of a cluster's feature.

    Examples
    --------
    >>> limits_of("orders"), limits_of("net_sales_12m")
    (('orders_from', 'orders_to'), ('net_sales_12m_over', 'net_sales_12m_up_to'))
    """
    lower, upper = ("over", "up_to") if feature in FEATURE_KINDS else ("from", "to")
    return f"{feature}_{lower}", f"{feature}_{upper}"


_BY_FEATURE: dict[str, Any] = {"by": "feature", "kinds": FEATURE_KINDS}
_CLUSTER_FEATURE = Column("feature", Kind.MEMBER, say("Feature"), "Behaviour in question.", members=ClusterFeature)

CLUSTER_MOVES = Table(
    "cluster_moves",
    "one pair of clusters, at the comparison date and now",
    (
        Column("cluster_before", Kind.COUNT, say("Cluster before"), "Matched to those of now by common buyers.", low=1),
        Column("cluster", Kind.COUNT, say("Cluster now"), "By descending median net sales of 12 months.", low=1),
        Column("customers", Kind.COUNT, say("Customers"), "Buyers who made this move.", low=0),
        Column("share", Kind.SHARE, say("Share"), "Of the buyers in the cluster before; sums to 1.", nullable=True),
        Column("net_sales_12m", Kind.MONEY, say("Net sales, 12 months"), "Their net sales of the last 12 months."),
        Column(
            "customers_same_rule",
            Kind.COUNT,
            say("By today's clusters"),
            "Buyers who made this move when the clusters of now are applied to both dates.",
            nullable=True,
            low=0,
        ),
    ),
    ("cluster_before", "cluster"),
)

CLUSTER_SEPARATION = Table(
    "cluster_separation",
    "one feature of the buyers",
    (
        _CLUSTER_FEATURE,
        Column(
            "effect",
            Kind.SHARE,
            say("Effect"),
            "Epsilon squared of Kruskal and Wallis: the share of the variance of ranks that lies between clusters.",
        ),
        Column("lowest_cluster", Kind.COUNT, say("Lowest in cluster"), "Cluster with the lowest median.", low=1),
        Column("lowest_median", Kind.NUMBER, say("Median there"), "Median of the lowest cluster.", **_BY_FEATURE),
        Column("highest_cluster", Kind.COUNT, say("Highest in cluster"), "Cluster with the highest median.", low=1),
        Column("highest_median", Kind.NUMBER, say("Median there"), "Median of the highest cluster.", **_BY_FEATURE),
    ),
    ("feature",),
)

CLUSTER_RULES = Table(
    "cluster_rules",
    "one cluster of buyers",
    (
        _CLUSTER,
        *(
            Column(name, FEATURE_KINDS.get(feature.value, Kind.NUMBER), label, meaning, nullable=True)
            for feature in ClusterFeature
            for name, label, meaning in zip(
                limits_of(feature),
                (say("From"), say("To")),
                (f"Limit of {feature.value} from below; `_over` is exclusive.", f"Highest {feature.value}, inclusive."),
                strict=True,
            )
        ),
        Column("buyers", Kind.COUNT, say("Buyers that fit"), "Buyers within the limits.", low=0),
        Column("members", Kind.COUNT, say("of these in the cluster"), "Of them in the cluster.", low=0),
        Column("precision", Kind.SHARE, say("Hits"), "Of the buyers that fit, in the cluster.", nullable=True),
        Column("recall", Kind.SHARE, say("Covered"), "Of the cluster, buyers that fit."),
    ),
    ("cluster",),
)


class ClusterMethod(Labelled):
    """How clusters are drawn."""

    KMEANS = "kmeans", say("k-means")
    MIXTURE = "mixture", say("Gaussian mixture")
    WARD = "ward", say("agglomerative (Ward)")


CLUSTER_METHODS = Table(
    "cluster_methods",
    "one method of drawing clusters",
    (
        Column("method", Kind.MEMBER, say("Method"), "How the clusters were drawn.", members=ClusterMethod),
        Column("clusters", Kind.COUNT, say("Clusters"), "Number of clusters, that of the page.", low=2),
        Column("buyers", Kind.COUNT, say("Buyers compared"), "All, or a sample of many.", low=1),
        Column("agreement", Kind.RATIO, say("Agreement"), "Adjusted Rand index with the clusters of the page."),
        Column("silhouette", Kind.RATIO, say("Silhouette"), "How far its clusters lie apart, −1 to 1."),
        Column("bic", Kind.NUMBER, say("BIC"), "Bayesian information criterion; lower is better.", nullable=True),
        Column(
            "bic_clusters",
            Kind.COUNT,
            say("Clusters by BIC"),
            "Number of groups with the lowest criterion, from 1.",
            nullable=True,
            low=1,
        ),
    ),
    ("method",),
)

CLUSTER_MEDIANS = Table(
    "cluster_medians",
    "one feature in one cluster of buyers",
    (
        _CLUSTER_FEATURE,
        _CLUSTER,
        Column("customers", Kind.COUNT, say("Customers"), "Buyers in the cluster.", low=1),
        Column("median", Kind.NUMBER, say("Median"), "In original units; hidden when too few.", True, **_BY_FEATURE),
        Column("low", Kind.NUMBER, say("From"), "Lower bound of its 95 % interval.", True, **_BY_FEATURE),
        Column("high", Kind.NUMBER, say("To"), "Upper bound of its 95 % interval.", True, **_BY_FEATURE),
    ),
    ("feature", "cluster"),
)
