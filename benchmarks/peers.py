"""The peers on the same data, in their own environment (`requirements-bench.lock`): prints JSON for ``value.py``.

``python benchmarks/peers.py FILE MODEL…`` fits each model to the rows of FILE (x, t_x, T); KM is Kaplan–Meier by
lifelines.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np


def measured(name: str, rows: np.ndarray) -> dict[str, object]:
    """Fit one peer and give its seconds of all cores, and its parameters or curve."""
    from lifelines import KaplanMeierFitter
    from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

    started = time.process_time()
    if name == "KM":
        fit = KaplanMeierFitter().fit(rows[:, 1] + 1, rows[:, 0] % 2)
        curve = fit.survival_function_.iloc[:, 0]
        return {"seconds": time.process_time() - started, "curve": curve.to_list(), "times": curve.index.to_list()}
    fitter = {"bg_nbd": BetaGeoFitter, "mbg_nbd": ModifiedBetaGeoFitter, "pareto_nbd": ParetoNBDFitter}[name]()
    try:
        fitter.fit(*rows.T)
    except Exception as error:  # noqa: BLE001 (a peer that fails is a result)
        return {"seconds": time.process_time() - started, "failed": type(error).__name__}
    seconds = time.process_time() - started
    return {"seconds": seconds, "parameters": [float(value) for value in fitter.params_]}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    told = np.loadtxt(sys.argv[1], delimiter=",", dtype=np.float64)
    print(json.dumps({name: measured(name, told) for name in sys.argv[2:]}))
