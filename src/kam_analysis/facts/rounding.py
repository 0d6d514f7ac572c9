"""Results of fits, logarithms and matrix products rounded, so that the last digits of a processor decide nothing.

Processors differ in sums of products, in exponentials and in logarithms: by about 1e-15 of a value, and by 1e-12 in the
parameters of a fit. What is rounded far above that is the same everywhere, whatever is then compared, counted or
written. Sums and ratios of money need none of it: they are exact.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FEATURE_DIGITS = 4  # of what a fit gives to a further model
RESULT_DIGITS = 6  # of what a fit gives to a table
FINE_DIGITS = 9  # of a logarithm, an exponential, a product of matrices
PARAMETER_DECIMALS = 7  # of the logarithms of a fit's parameters
LIKELIHOOD_DECIMALS = 6

MOST_TENS = 300
TENS = np.array([float(f"1e{power}") for power in range(MOST_TENS + 1)])

Floats = npt.NDArray[np.float64]


def significant(values: npt.ArrayLike, digits: int = RESULT_DIGITS) -> Floats:
    """Round to so many significant digits; what is missing or infinite stays so.

    Parameters
    ----------
    values : array-like
    digits : int
        1 to 15: `FEATURE_DIGITS`, `RESULT_DIGITS` or `FINE_DIGITS`.

    Returns
    -------
    array
        Of the same shape.

    Examples
    --------
    >>> significant([0.00123456, -98765.0, 0.0, np.nan], 4).tolist()
    [0.001235, -98760.0, 0.0, nan]
    """
    given = np.asarray(values, dtype=np.float64)
    is_sized = np.isfinite(given) & (given != 0)
    sized = np.where(is_sized, given, 1.0)
    decimals = digits - 1 - np.floor(np.log10(np.abs(sized))).astype(np.int64)
    up, down = TENS[np.clip(decimals, 0, MOST_TENS)], TENS[np.clip(-decimals, 0, MOST_TENS)]
    rounded: Floats = np.where(is_sized, np.rint(sized * up / down) / up * down, given)
    return rounded
