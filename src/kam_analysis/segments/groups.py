"""Customers and money per class, every class present."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from kam_analysis import columns as col
from kam_analysis.findings import say
from kam_analysis.money import SCALE, exact
from kam_analysis.vocabulary import Labelled

CLASS_CUSTOMERS = col.CUSTOMERS("Customers in the class.")

CUSTOMER_SHARE = col.share(
    "customer_share", say("Share of customers"), "Customers of the class over all classed customers.", nullable=True
)

CLASS_NET_SALES = col.NET_SALES("Net sales of the class, in the window of the analysis.")

NET_SALES_SHARE = col.NET_SALES_SHARE("Over customers with net sales above 0; missing when there is none.")

CLASS_SIZE = (CLASS_CUSTOMERS, CUSTOMER_SHARE, CLASS_NET_SALES, NET_SALES_SHARE)


def per_class(frame: pd.DataFrame, column: str, members: type[Labelled]) -> pd.DataFrame:
    """Count customers and add up their money per class, with the classes in the order of the vocabulary.

    The share of net sales is over customers with net sales > 0, as for concentration, so shares lie between 0 and 1
    and sum to 1; they are missing when nobody has positive sales. The share of customers is missing without customers.

    Parameters
    ----------
    frame : DataFrame
        One customer per row with `column`, net_sales and, where known, margin; a missing class belongs to no row.
    column : str
        Name of the class.
    members : type of Labelled
        All classes; an empty one has 0 customers.

    Returns
    -------
    DataFrame
        `column`, customers, customer_share, net_sales, net_sales_share, margin (missing where no margin is known).

    Examples
    --------
    >>> from kam_analysis.vocabulary import AbcClass
    >>> customers = pd.DataFrame({"abc": ["A", "C", "A"], "net_sales": [60.0, 10.0, 30.0]})
    >>> per_class(customers, "abc", AbcClass)[["abc", "customers", "net_sales", "net_sales_share"]].to_dict("list")
    {'abc': ['A', 'B', 'C', 'N'], 'customers': [2, 0, 1, 0], 'net_sales': [90.0, 0.0, 10.0, 0.0], \
'net_sales_share': [0.9, 0.0, 0.1, 0.0]}
    """
    known = frame[frame[column].notna()]
    money = exact(known["net_sales"])
    margin = known["margin"] if "margin" in known else pd.Series(np.nan, known.index)
    sums = (
        pd.DataFrame(
            {
                column: known[column],
                "customers": 1,
                "net_sales": money,
                "positive": np.maximum(money, 0),
                "margin": exact(margin.fillna(0)),
                "with_margin": margin.notna().astype("int64"),
            }
        )
        .groupby(column)
        .sum()
        .reindex([member.value for member in members], fill_value=0)
    )
    return pd.DataFrame(
        {
            column: sums.index.astype("str"),
            "customers": sums["customers"].to_numpy(),
            "customer_share": shares(sums["customers"]),
            "net_sales": sums["net_sales"].to_numpy() / SCALE,
            "net_sales_share": shares(sums["positive"]),
            "margin": (sums["margin"] / SCALE).where(sums["with_margin"] > 0).to_numpy(),
        }
    )


def shares(parts: pd.Series) -> np.ndarray:
    """Parts divided by their sum; missing when the sum is 0.

    Examples
    --------
    >>> shares(pd.Series([3, 1])).tolist()
    [0.75, 0.25]
    """
    whole = int(parts.sum())
    return parts.to_numpy("float64") / whole if whole else np.full(len(parts), np.nan)


def fraction(number: float) -> Fraction:
    """Give the fraction that a parameter means: 0.8 is 4/5, not the nearest binary number.

    Examples
    --------
    >>> fraction(0.8)
    Fraction(4, 5)
    """
    return Fraction(str(number))
