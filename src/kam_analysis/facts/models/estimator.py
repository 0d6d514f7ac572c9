"""The conventions of scikit-learn's estimators, without importing it: that takes half a second and sets variables."""

from __future__ import annotations

from inspect import signature
from typing import Any, Self

import numpy as np
import pandas as pd

from kam_analysis.facts.models.fitting import Top


class Estimator:
    """An object whose parameters are the arguments of its constructor; what `fit` found ends with an underscore.

    `sklearn.base.clone` copies it, and it stands in a pipeline.

    Attributes
    ----------
    parameters_ : dict of str to float
        What `fit` found, by name.
    top_ : Top
        Where the likelihood is highest.

    Examples
    --------
    >>> class Model(Estimator):
    ...     def __init__(self, seed=7):
    ...         self.seed = seed
    >>> Model().set_params(seed=3).get_params()
    {'seed': 3}
    """

    parameters_: dict[str, float]
    top_: Top

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the arguments of the constructor by name."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor.

        Raises
        ------
        ValueError
            When the constructor has no such argument.
        """
        for name, value in params.items():
            if name not in self.get_params():
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}")
            setattr(self, name, value)
        return self

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Give each parameter with its interval: how far the data can tell it.

        exp(ln value ± z·s), s from the inverse of the curvature of the likelihood at its top, in the logarithms.

        Parameters
        ----------
        level : float
            Coverage of the interval, between 0 and 1.

        Returns
        -------
        DataFrame
            By parameter: value, low, high; low and high are missing where the parameters are not identified.

        Raises
        ------
        ValueError
            When `level` is not between 0 and 1.

        Examples
        --------
        >>> from kam_analysis.facts.models import BetaGeometric
        >>> model = BetaGeometric().fit([[1, 1]] * 131 + [[2, 1]] * 126 + [[3, 0]] * 743)
        >>> found = model.summary()
        >>> list(found.index), bool((found["low"] < found["value"]).all() and (found["value"] < found["high"]).all())
        (['a', 'b'], True)
        """
        from scipy.special import ndtri

        self._check_is_fitted()
        if not 0 < level < 1:
            raise ValueError(f"level should lie between 0 and 1, got {level}")
        spread = np.full(len(self.parameters_), np.nan)
        if self.top_.verdict.is_identified:
            spread = ndtri((1 + level) / 2) * np.sqrt(np.diag(np.linalg.inv(self.top_.hessian)))
        values = np.array(list(self.parameters_.values()))
        return pd.DataFrame(
            {"value": values, "low": values * np.exp(-spread), "high": values * np.exp(spread)},
            index=pd.Index(list(self.parameters_), name="parameter"),
        )

    def _check_is_fitted(self) -> None:
        if not hasattr(self, "parameters_"):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"this {type(self).__name__} is not fitted yet: call fit first")
