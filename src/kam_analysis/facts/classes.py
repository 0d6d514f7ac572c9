"""Classes of customers by cumulated net sales in any window."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kam_analysis import money
from kam_analysis.vocabulary import AbcClass


def sales_classes(net_sales: pd.Series) -> pd.Series:
    """Class of every customer by cumulated net sales, largest first: A to 80 %, B to 95 %, C the rest, N not above 0.

    Who crosses a limit belongs to the higher class, so that a single giant is A; decided in integers.

    Parameters
    ----------
    net_sales : Series
        Money per customer in one window, indexed by anything; ties keep the order of the rows.

    Examples
    --------
    >>> sales_classes(pd.Series([5.0, 80.0, 15.0, 0.0])).tolist()
    ['C', 'A', 'B', 'N']
    """
    sales = money.exact(net_sales)
    order = np.argsort(-sales, kind="stable")
    positive = order[sales[order] > 0]
    before = (np.cumsum(sales[positive]) - sales[positive]).astype(object)
    base = int(sales[positive].sum(dtype=object))
    classes = np.full(len(sales), AbcClass.N.value, dtype=object)
    classes[positive] = np.select([before * 100 < 80 * base, before * 100 < 95 * base], ["A", "B"], "C")
    return pd.Series(classes, index=net_sales.index, dtype="str")
