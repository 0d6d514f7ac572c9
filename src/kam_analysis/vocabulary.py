"""Words with one meaning everywhere: enums whose labels are entries of the language catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import cast

from kam_analysis.findings import Message, say


class Labelled(StrEnum):
    """An enum whose members carry the message that a person reads.

    Examples
    --------
    >>> Band.CRITICAL.value, Band.CRITICAL.label.template
    ('critical', 'critical')
    """

    label: Message

    def __new__(cls, value: str, label: Message = Message("")) -> Labelled:  # noqa: B008
        """Make a member of a value and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


def words(name: str, pairs: Iterable[tuple[str, Message]]) -> type[Labelled]:
    """Give the words of a column that follow from other words.

    Examples
    --------
    >>> [word.value for word in words("Measures", ((one.column, one.measure) for one in Criterion))][:2]
    ['net_sales_12m', 'orders_12m']
    """
    return cast(type[Labelled], Labelled(name, [(f"M{place}", pair) for place, pair in enumerate(pairs)]))  # type: ignore[arg-type]


class Band(Labelled):
    """How dangerously a unit depends on its largest client; lower edges are exclusive (article C)."""

    NONE = "none", say("none")
    WATCH = "watch", say("watch")
    HIGH = "high", say("high")
    SEVERE = "severe", say("severe")
    CRITICAL = "critical", say("critical")
    MONO = "mono", say("mono-client")


class Rejection(Labelled):
    """Why a line was not kept."""

    REPEATED_ACROSS_FILES = "repeated_across_files", say("repeated across files")
    SAME_SALE = "same_sale", say("same sale in a newer file")
    HIDDEN_ROW = "hidden_row", say("hidden row")
    PART_OF_SET = "part_of_set", say("part of a set that is counted whole")
    EXACT_DUPLICATE = "exact_duplicate", say("exact duplicate")
    TOTALS_ROW = "totals_row", say("totals row")
    NO_LINE = "no_line", say("heading or note: neither date nor amount")
    NO_DATE = "no_date", say("no date")
    UNREADABLE_DATE = "unreadable_date", say("unreadable date")
    NO_AMOUNT = "no_amount", say("no amount")
    UNREADABLE_NUMBER = "unreadable_number", say("unreadable number")
    SERVICE_LINE = "service_line", say("service line")
    TEST_LINE = "test_line", say("test line")
    CANCELLED_ORDER = "cancelled_order", say("cancelled order")
    NO_SALE = "no_sale", say("not a sale: draft, quotation, open deal, payment or opening balance")
    FAR_DATE = "far_date", say("date far from all others")
    BEFORE_WINDOW = "before_window", say("before the period analysed")
    AFTER_AS_OF = "after_as_of", say("on or after the first day not analysed")


class AbcClass(Labelled):
    """Classes by cumulated value; N holds customers worth nothing or less."""

    A = "A", say("A")
    B = "B", say("B")
    C = "C", say("C")
    N = "N", say("N")


class XyzClass(Labelled):
    """Classes by the variation of sales between periods."""

    X = "X", say("X")
    Y = "Y", say("Y")
    Z = "Z", say("Z")
    NA = "na", say("n/a")


class LifeCycle(Labelled):
    """State of a buyer at the reference date; the first that matches, in this order."""

    LOST = "lost", say("lost")
    NEW = "new", say("new")
    RETURNED = "returned", say("returned")
    AT_RISK = "at_risk", say("at risk")
    GROWING = "growing", say("growing")
    DECLINING = "declining", say("declining")
    STABLE = "stable", say("stable")
    ACTIVE = "active", say("active, growth not measurable")


class LadderStep(Labelled):
    """Step of the loyalty ladder."""

    ONE_ORDER = "one_order", say("one order")
    TWO_ORDERS = "two_orders", say("ordered again, not regular yet")
    REGULAR = "regular", say("regular")
    ADHERENT = "adherent", say("adherent")
    ADVOCATE = "advocate", say("advocate")


class Sureness(Labelled):
    """How sure a place on the key list is when the weights vary."""

    SURE = "sure", say("sure")
    BORDERLINE = "borderline", say("borderline")
    OUT = "out", say("out")


class KeyReason(Labelled):
    """Why an account stands on the key list."""

    COMPANY = "company", say("company")
    DEPARTMENT = "department", say("department")
    MANAGER = "manager", say("manager")
    VOLUME = "volume", say("volume")
    SCORE = "score", say("score")
    FLAG = "flag", say("confirmed flag")


class KeyLevel(Labelled):
    """Level of a key account: the first reason that holds, in this order."""

    COMPANY = "company", say("for the company")
    DEPARTMENT = "department", say("for a department")
    MANAGER = "manager", say("for a manager")
    VOLUME = "volume", say("by volume")
    SCORE = "score", say("by score")
    FLAG = "flag", say("by a confirmed flag")


class Flag(Labelled):
    """What an analyst flags a customer as, whatever it buys."""

    WELL_KNOWN = "well_known", say("image-maker")
    DEMANDING = "demanding", say("demanding expert")
    STRATEGIC = "strategic", say("strategic")


class Nomination(Labelled):
    """What became of a nomination by an analyst's flag."""

    OPEN = "open", say("not confirmed")
    CONFIRMED = "confirmed", say("confirmed, but flags do not count")
    REFUSED = "refused", say("refused")


class UnitColumn(Labelled):
    """Levels at which a client can be key."""

    COMPANY = "company", say("Company")
    MANAGER = "manager", say("Manager")
    DEPARTMENT = "department", say("Department")
    COUNTRY = "country", say("Country")
    REGION = "region", say("Region")
    CHANNEL = "channel", say("Channel")


class CriterionSource(Labelled):
    """Where a criterion's data come from."""

    MEASURED = "measured", say("orders")
    SURVEY = "survey", say("survey and analyst")
    ANALYST = "analyst", say("analyst")


class Criterion(Labelled):
    """Criteria of the key-client score, in the order of the parameters.

    A member says what it is called in a sentence and as a head, what its score is of, in which column and words its
    value is measured, where the data come from, and whether that value is money, a count or a rating.

    Examples
    --------
    >>> Criterion.BRAND.source.value, Criterion("volume").unit
    ('survey', 'money')
    """

    head: Message
    of: str
    column: str
    measure: Message
    source: CriterionSource
    unit: str

    def __new__(
        cls,
        value: str,
        label: Message = Message(""),  # noqa: B008
        head: Message = Message(""),  # noqa: B008
        of: str = "",
        column: str = "",
        measure: Message = Message(""),  # noqa: B008
        source: CriterionSource = CriterionSource.MEASURED,
        unit: str = "money",
    ) -> Criterion:
        """Make a member of what is said of it."""
        member = str.__new__(cls, value)
        member._value_, member.label, member.head, member.of = value, label, head, of
        member.column, member.measure, member.source, member.unit = column, measure, source, unit
        return member

    VOLUME = (
        "volume",
        say("volume"),
        say("Volume"),
        "net sales of the last 12 months",
        "net_sales_12m",
        say("net sales of 12 months"),
    )
    FREQUENCY = (
        "frequency",
        say("frequency"),
        say("Frequency"),
        "orders of the last 12 months",
        "orders_12m",
        say("orders of 12 months"),
        CriterionSource.MEASURED,
        "count",
    )
    MARGIN = (
        "margin",
        say("margin"),
        say("Margin"),
        "margin money of the last 12 months",
        "margin_12m",
        say("margin money of 12 months, lines with a cost"),
    )
    GROWTH = (
        "growth",
        say("growth potential"),
        say("Growth potential"),
        "the analyst's potential or wallet",
        "potential",
        say("yearly purchases possible from us, else from all suppliers"),
        CriterionSource.ANALYST,
    )
    LIFETIME = (
        "lifetime",
        say("lifetime value"),
        say("Lifetime value"),
        "the formula's lifetime value",
        "formula_ltv",
        say("lifetime value S·C·P·T"),
    )
    BRAND = (
        "brand",
        say("brand influence"),
        say("Brand influence"),
        "the rating, else reference, referral, recommendation",
        "brand",
        say("0–5: rating, else 5 for a reference or referral, else half the latest recommendation"),
        CriterionSource.SURVEY,
        "rating",
    )
    STRATEGIC = (
        "strategic",
        say("strategic importance"),
        say("Strategic importance"),
        "the analyst's 0–5",
        "strategic",
        say("rating 0–5"),
        CriterionSource.ANALYST,
        "rating",
    )


class RfmSegment(Labelled):
    """Segments of the recency, frequency and monetary scores."""

    CHAMPIONS = "champions", say("champions")
    LOYAL = "loyal", say("loyal")
    POTENTIAL_LOYALISTS = "potential_loyalists", say("potential loyalists")
    NEW = "new", say("newcomers")
    PROMISING = "promising", say("promising")
    NEED_ATTENTION = "need_attention", say("need attention")
    ABOUT_TO_SLEEP = "about_to_sleep", say("about to sleep")
    CANNOT_LOSE = "cannot_lose", say("cannot lose")
    AT_RISK = "at_risk", say("slipping away")
    HIBERNATING = "hibernating", say("hibernating")
    LOST = "lost", say("gone")


class PeriodLength(Labelled):
    """Calendar period that sales are added up over."""

    MONTH = "month", say("month")
    QUARTER = "quarter", say("quarter")


class ZeroPeriods(Labelled):
    """Whether periods without sales count in the variation."""

    KEEP = "keep", say("counted")
    DROP = "drop", say("left out")


class DemandType(Labelled):
    """Demand by how often and how evenly a customer buys."""

    SMOOTH = "smooth", say("smooth")
    ERRATIC = "erratic", say("erratic")
    INTERMITTENT = "intermittent", say("intermittent")
    LUMPY = "lumpy", say("lumpy")


class ClusterTrait(Labelled):
    """What marks a cluster: a feature whose median lies far above or below the one of all buyers."""

    RECENT = "recent", say("bought recently")
    SILENT = "silent", say("no order for long")
    FREQUENT = "frequent", say("many orders")
    RARE = "rare", say("few orders")
    LARGE_ORDERS = "large_orders", say("large orders")
    SMALL_ORDERS = "small_orders", say("small orders")
    HIGH_SALES = "high_sales", say("high sales in 12 months")
    LOW_SALES = "low_sales", say("low sales in 12 months")
    LONG_STANDING = "long_standing", say("long-standing")
    YOUNG = "young", say("recent first order")
    WIDE_RANGE = "wide_range", say("wide range of products")
    NARROW_RANGE = "narrow_range", say("narrow range of products")
    AVERAGE = "average", say("close to the average")


class BridgeStep(Labelled):
    """Step from the buyers or the sales of one period to those of the next."""

    START = "start", say("before")
    EXPANSION = "expansion", say("bought more")
    CONTRACTION = "contraction", say("bought less")
    LOST = "lost", say("did not return")
    REACTIVATED = "reactivated", say("came back")
    NEW = "new", say("first order")
    OTHER = "other", say("returns and corrections")
    END = "end", say("after")


class LtvReading(Labelled):
    """How the lifetime in the formula S·C·P·T is read."""

    REALISED = "realised", say("realised so far")
    EXPECTED = "expected", say("expected")
    CHURN = "churn", say("by the latest churn rate")


class BuyerGroup(Labelled):
    """Whom a lifetime value is computed over."""

    NEW = "new", say("new customers")
    BUYERS = "buyers", say("all buyers")
    REGULARS = "regulars", say("regulars")


class ChanceModel(Labelled):
    """What gives the lost chance, simplest first."""

    RECENCY = "recency", say("recency only")
    BG_NBD = "bg_nbd", say("BG/NBD")
    LOGISTIC = "logistic", say("logistic regression")
    BOOSTING = "boosting", say("gradient boosting")


class ChanceBasis(Labelled):
    """Where a customer's lost chance comes from."""

    MODEL = "model", say("by its own order history")
    ONE_ORDER_DAY = "one_order_day", say("share of one-order customers with as long a gap")
    POOLED = "pooled", say("share of all customers (no ranking possible)")


class ValueModel(Labelled):
    """How the sales of the coming months are predicted per customer."""

    REGRESSION_BLEND = "regression_blend", say("mean of purchase model and regression")
    REGRESSION = "regression", say("regression")
    BLEND = "blend", say("mean of purchase model and boosting")
    BOOSTING = "boosting", say("gradient boosting")
    PARETO_NBD = "pareto_nbd", say("Pareto/NBD")
    BG_NBD = "bg_nbd", say("BG/NBD")
    MBG_NBD = "mbg_nbd", say("MBG/NBD")
    NBD = "nbd", say("NBD without churn")
    FORMULA = "formula", say("formula S·C·P·T")
    LAST_QUARTER = "last_quarter", say("last months, scaled up")
    MEAN = "mean", say("mean of all buyers")


class BuyerKind(Labelled):
    """How a buyer bought before a hold-out."""

    ONE_DAY = "one_day", say("one order day")
    FEW_DAYS = "few_days", say("2 to 5 order days")
    EVEN = "even", say("6 or more, even gaps")
    UNEVEN = "uneven", say("6 or more, uneven gaps")
    RETURNS = "returns", say("with returns")


class PurchaseFit(Labelled):
    """Which purchase model could be identified from the data."""

    BG_NBD = "bg_nbd", say("with churn (BG/NBD)")
    MBG_NBD = "mbg_nbd", say("with churn (MBG/NBD)")
    PARETO_NBD = "pareto_nbd", say("with churn (Pareto/NBD)")
    NBD = "nbd", say("without churn (NBD)")
    POOLED = "pooled", say("one pooled rate")


class SimilarityReason(Labelled):
    """What is alike, or differs, in the names of two customers."""

    SAME_WORDS = "same_words", say("same words")
    OTHER_ORDER = "other_order", say("same words in another order")
    MOST_WORDS = "most_words", say("most of the words")
    WRITTEN_TOGETHER = "written_together", say("same when written as one word")
    INITIALS = "initials", say("an initial for a word")
    MARKS = "marks", say("diacritics left out")
    ONE_LETTER = "one_letter", say("one letter differs")
    NUMBER_MISSING = "number_missing", say("only one has a number")
    NUMBERS_DIFFER = "numbers_differ", say("numbers differ")
    PLACES_DIFFER = "places_differ", say("places differ")
    FORMS_DIFFER = "forms_differ", say("legal forms differ")


class UnitVerdict(Labelled):
    """Whether the share of a unit is below or above the rest, beyond chance."""

    BELOW = "below", say("significantly below the rest")
    ABOVE = "above", say("significantly above the rest")
    ALIKE = "alike", say("no significant difference")
    HIDDEN = "hidden", say("too few buyers")


class Likeness(Labelled):
    """By what accounts are alike, the narrowest first."""

    INDUSTRY_SIZE_REGION = "industry_size_region", say("industry, size and region")
    INDUSTRY_SIZE = "industry_size", say("industry and size")
    INDUSTRY = "industry", say("industry")
    MAIN_CATEGORY = "main_category", say("main category")


class GapKind(Labelled):
    """How a category is missing at an account."""

    NEVER = "never", say("never bought")
    BEFORE = "before", say("not bought for 12 months")
    LESS = "less", say("bought less than by peers")


class DeclineSign(Labelled):
    """What declines at a customer who still orders."""

    RARER = "rarer", say("orders more rarely")
    LESS = "less", say("buys less")
    NARROWER = "narrower", say("buys fewer categories")


class Lost(Labelled):
    """What a customer who still orders no longer buys."""

    ITEM = "item", say("items")
    CATEGORY = "category", say("categories")


class Consent(Labelled):
    """Whether a customer agreed to be contacted."""

    GIVEN = "given", say("given")
    REFUSED = "refused", say("refused")
    UNKNOWN = "unknown", say("not in the data")


class Trigger(Labelled):
    """What makes somebody call a customer; each has its date."""

    UNUSUAL_SILENCE = "unusual_silence", say("unusual silence")
    LIKELY_SILENT = "likely_silent", say("likely silent")
    CONTRACT = "contract", say("contract")
    REFUSAL = "refusal", say("refusal")
    COMPLAINT = "complaint", say("complaint")
    WIN_BACK = "win_back", say("failed win-back")
    CATEGORY = "category", say("silent category")
    PAYMENT = "payment", say("overdue payment")
    DECLINE = "decline", say("quiet decline")


class CallPart(Labelled):
    """Part of a call list that was drawn by chance, so that the effect of calls can be measured."""

    CALL = "call", say("to call")
    CONTROL = "control", say("control, kept uncalled")


class ContactKind(Labelled):
    """What kind of contact with a customer a source recorded."""

    VISIT = "visit", say("visit")
    CALL = "call", say("call")
    COMPLAINT = "complaint", say("complaint")
    RETURN = "return", say("return")
    REFUSAL = "refusal", say("refusal")
    WIN_BACK = "win-back", say("win-back")
    OTHER = "other", say("contact")


class Decision(Labelled):
    """What the director decides about a key account with an exception."""

    WRITTEN_OFFER = "written_offer", say("What to offer in writing: it refuses calls")
    NEW_OFFER = "new_offer", say("A new offer, or who replaces these sales")
    VISIT = "visit", say("Who visits, and with which offer")
    ONE_OWNER = "one_owner", say("One owner: several managers serve parts of the group")
    RENEWAL = "renewal", say("The terms of renewal")
    NEW_OFFER_NOW = "new_offer_now", say("A new offer before it leaves")
    ANSWER = "answer", say("Who answers the complaint")
    CREDIT = "credit", say("Whether to deliver on credit")
    CALL = "call", say("Who calls this week")
    ASK_WHY = "ask_why", say("Who asks why")
    BROADEN = "broaden", say("How the unit sells more to others")
    PLAN = "plan", say("Who brings the plan up to date")


_KNOWN_VALUES = (  # words that sources write in columns of kinds: industry, role, type, channel, reason, result, event
    say("retail"),
    say("restaurant"),
    say("hotel"),
    say("office"),
    say("manufacturing"),
    say("bakery"),
    say("health"),
    say("school"),
    say("storekeeper"),
    say("head of operations"),
    say("accountant"),
    say("owner"),
    say("buyer"),
    say("head of sales"),
    say("key account manager"),
    say("sales manager"),
    say("call"),
    say("visit"),
    say("return"),
    say("complaint"),
    say("refusal"),
    say("win-back"),
    say("phone"),
    say("e-mail"),
    say("meeting"),
    say("chat"),
    say("ordered too much"),
    say("late delivery"),
    say("wrong item"),
    say("manager did not answer"),
    say("wrong invoice"),
    say("damaged"),
    say("expired"),
    say("attention"),
    say("no longer needed"),
    say("price"),
    say("better terms elsewhere"),
    say("product"),
    say("offer sent"),
    say("order"),
    say("credit note"),
    say("solved"),
    say("apology"),
    say("refused"),
    say("will think"),
    say("no answer"),
    say("call later"),
    say("nothing"),
    say("advertising"),
    say("cold calls"),
    say("gifts"),
    say("loyalty bonus"),
    say("trade fair"),
    say("training day"),
    say("web"),
    say("rep"),
    say("tel"),
    say("shop"),
    say("delivery"),
    say("service"),
)
KNOWN_VALUES = {message.template: message for message in _KNOWN_VALUES} | {  # goals of plans stand by their column
    "net_sales_12m": say("net sales of 12 months"),
    "margin_12m": say("margin of 12 months"),
    "orders_12m": say("orders of 12 months"),
    "share_12m": say("share of the company"),
}


def known_value(text: str) -> Message | str:
    """Give the message of a value of the source that the catalogue knows; any other value as it is.

    Examples
    --------
    >>> known_value("hotel").template, known_value("Hotel Ohrid")
    ('hotel', 'Hotel Ohrid')
    """
    return KNOWN_VALUES.get(text, text)


class Segmentation(Labelled):
    """A way to divide the customers."""

    RFM = "rfm", say("RFM segments")
    ABC = "abc", say("ABC classes")
    XYZ = "xyz", say("XYZ classes")
    LADDER = "ladder", say("loyalty ladder")
    LIFE_CYCLE = "life_cycle", say("life cycle")


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


class LineStatus(Labelled):
    """What became of the physical rows."""

    READ = "read", say("read")
    KEPT = "kept", say("kept")
    REJECTED = "rejected", say("rejected")
    IDENTIFIED = "identified", say("kept, with a customer")
    WITHOUT_CUSTOMER = "without_customer", say("kept, without a customer")
    ANONYMOUS = "anonymous", say("of these, anonymous buyers (walk-in, guest)")


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


class SurveyQuestion(Labelled):
    """Questions of a survey that make a score."""

    NPS = "nps", say("NPS")
    CSAT = "csat", say("CSAT")


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
