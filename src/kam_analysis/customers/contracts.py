"""Contracts of the tables that tell who is who; the chapter on the data publishes them."""

from __future__ import annotations

from kam_analysis.findings import say
from kam_analysis.tables import CUSTOMER_ID, Column, Kind, Table
from kam_analysis.vocabulary import Labelled, LikenessReason


class MergeReason(Labelled):
    """Why two records became one customer."""

    TAX_ID = "tax_id", say("the same tax id")
    DECISION = "decision", say("decided by the analyst")


class RecordField(Labelled):
    """A field of a customer's record."""

    NAME = "name", say("Name")
    TAX_ID = "tax_id", say("Tax id")
    INDUSTRY = "industry", say("Industry")
    SIZE = "size", say("Size")
    COUNTRY = "country", say("Country")
    CITY = "city", say("City")
    MANAGER = "manager", say("Manager")
    CONSENT = "consent", say("Consent")


_OTHER_ID = Column("other_id", Kind.ID, say("Other id"), "Id of the other record.")
_NAME = Column("customer_name", Kind.NAME, say("Customer"), "Name as in the source.")
_OTHER_NAME = Column("other_name", Kind.NAME, say("Other name"), "Name of the other record.")

CUSTOMER_MERGES = Table(
    "customer_merges",
    "one record that became another customer",
    (
        CUSTOMER_ID,
        _NAME,
        _OTHER_ID,
        _OTHER_NAME,
        Column("reason", Kind.MEMBER, say("Why"), "Why they are one.", members=MergeReason),
        Column("net_sales", Kind.MONEY, say("Net sales moved"), "Net sales of the other record, now the customer's."),
    ),
    ("other_id",),
)

CUSTOMER_CANDIDATES = Table(
    "customer_candidates",
    "one pair of records that may be one customer",
    (
        CUSTOMER_ID,
        _NAME,
        _OTHER_ID,
        _OTHER_NAME,
        Column("score", Kind.SHARE, say("Similarity"), "0–1 by the words of the names."),
        Column("reason", Kind.MEMBER, say("What is similar"), "What is alike.", members=LikenessReason),
        Column(
            "against",
            Kind.MEMBER,
            say("What differs"),
            "What speaks against it.",
            nullable=True,
            members=LikenessReason,
            absent=say("nothing"),
        ),
        Column("net_sales", Kind.MONEY, say("Net sales of both"), "Of both records, all history."),
        Column("decision", Kind.TEXT, say("Decision"), "Empty: for same, different or group.", nullable=True),
    ),
    ("customer_id", "other_id"),
)

CUSTOMER_GROUPS = Table(
    "customer_groups",
    "one customer of a group that the names suggest and the records do not hold",
    (
        Column("group_no", Kind.COUNT, say("Group"), "1 for the suggested group with the largest net sales.", low=1),
        CUSTOMER_ID,
        _NAME,
        Column("parent_id", Kind.ID, say("Parent group"), "Parent group in the record.", nullable=True),
        Column("net_sales", Kind.MONEY, say("Net sales"), "All history."),
        Column("group_net_sales", Kind.MONEY, say("Net sales of the group"), "Of all its customers."),
    ),
    ("customer_id",),
)

CUSTOMER_RECORDS = Table(
    "customer_records",
    "one field of the customers' records",
    (
        Column("field", Kind.MEMBER, say("Field"), "Field of the customers table.", members=RecordField),
        Column("filled", Kind.COUNT, say("Filled"), "Records with a value.", low=0),
        Column("filled_share", Kind.SHARE, say("Filled, share"), "Of the records."),
        Column("valid_share", Kind.SHARE, say("Plausible"), "Of the filled values.", nullable=True),
        Column(
            "worst_owner",
            Kind.NAME,
            say("Worst filled by"),
            "Manager with most gaps in the field.",
            nullable=True,
            absent=say("nobody"),
        ),
        Column("worst_gaps", Kind.COUNT, say("Gaps"), "Records of that manager without a value.", low=0),
    ),
    ("field",),
)

RECORD_OWNERS = Table(
    "record_owners",
    "one owner of customers' records",
    (
        Column("owner", Kind.NAME, say("Owner"), "Manager in the record; missing: nobody.", nullable=True),
        Column("records", Kind.COUNT, say("Records"), "Customers of the customers table.", low=1),
        Column("filled_share", Kind.SHARE, say("Fields filled"), "Mean over the records and the fields."),
        Column("dated", Kind.COUNT, say("With a date of change"), "Records that say when they changed.", low=0),
        Column("old_share", Kind.SHARE, say("Old"), "Of these, not changed in cleaning.record_days.", nullable=True),
        Column(
            "contacted_share",
            Kind.SHARE,
            say("Contacted"),
            "Records with a contact in cleaning.contact_days; missing without the table interactions.",
            nullable=True,
        ),
    ),
    ("owner",),
)
