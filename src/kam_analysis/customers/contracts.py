"""Contracts of the tables that tell who is who; the chapter on the data publishes them."""

from __future__ import annotations

from kam_analysis import columns as col
from kam_analysis.findings import say
from kam_analysis.tables import Table
from kam_analysis.vocabulary import Labelled, SimilarityReason


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


_OTHER_ID = col.ident("other_id", say("Other id"), "Id of the other record.")
_NAME = col.CUSTOMER_NAME("Name as in the source.")
_OTHER_NAME = col.name("other_name", say("Other name"), "Name of the other record.")

CUSTOMER_MERGES = Table(
    "customer_merges",
    "one record that became another customer",
    (
        col.CUSTOMER_ID,
        _NAME,
        _OTHER_ID,
        _OTHER_NAME,
        col.member("reason", say("Why"), "Why they are one.", MergeReason),
        col.money("net_sales", say("Net sales moved"), "Net sales of the other record, now the customer's."),
    ),
    ("other_id",),
)

CUSTOMER_CANDIDATES = Table(
    "customer_candidates",
    "one pair of records that may be one customer",
    (
        col.CUSTOMER_ID,
        _NAME,
        _OTHER_ID,
        _OTHER_NAME,
        col.share("score", say("Similarity"), "0–1 by the words of the names."),
        col.member("reason", say("What is similar"), "What is alike.", SimilarityReason),
        col.member(
            "against",
            say("What differs"),
            "What speaks against it.",
            SimilarityReason,
            nullable=True,
            absent=say("nothing"),
        ),
        col.money("net_sales", say("Net sales of both"), "Of both records, all history."),
        col.text("decision", say("Decision"), "Empty: for same, different or group.", nullable=True),
    ),
    ("customer_id", "other_id"),
)

CUSTOMER_GROUPS = Table(
    "customer_groups",
    "one customer of a group that the names suggest and the records do not hold",
    (
        col.count("group_no", say("Group"), "1 for the suggested group with the largest net sales.", low=1),
        col.CUSTOMER_ID,
        _NAME,
        col.PARENT_ID("Parent group in the record."),
        col.NET_SALES("All history."),
        col.money("group_net_sales", say("Net sales of the group"), "Of all its customers."),
    ),
    ("customer_id",),
)

CUSTOMER_RECORDS = Table(
    "customer_records",
    "one field of the customers' records",
    (
        col.member("field", say("Field"), "Field of the customers table.", RecordField),
        col.count("filled", say("Filled"), "Records with a value."),
        col.share("filled_share", say("Filled, share"), "Of the records."),
        col.share("valid_share", say("Plausible"), "Of the filled values.", nullable=True),
        col.name(
            "worst_owner",
            say("Worst filled by"),
            "Manager with most gaps in the field.",
            nullable=True,
            absent=say("nobody"),
        ),
        col.count("worst_gaps", say("Gaps"), "Records of that manager without a value."),
    ),
    ("field",),
)

RECORD_OWNERS = Table(
    "record_owners",
    "one owner of customers' records",
    (
        col.NAMED_OWNER("Manager in the record; missing: nobody."),
        col.count("records", say("Records"), "Customers of the customers table.", low=1),
        col.share("filled_share", say("Fields filled"), "Mean over the records and the fields."),
        col.count("dated", say("With a date of change"), "Records that say when they changed."),
        col.share("old_share", say("Old"), "Of these, not changed in cleaning.record_days.", nullable=True),
        col.share(
            "contacted_share",
            say("Contacted"),
            "Records with a contact in cleaning.contact_days; missing without the table interactions.",
            nullable=True,
        ),
    ),
    ("owner",),
)
