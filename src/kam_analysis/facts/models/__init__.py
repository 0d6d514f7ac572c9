"""Models of what a customer buys: how often, until when, and for how much."""

from kam_analysis.facts.models.beta_geometric import BetaGeometric
from kam_analysis.facts.models.fitting import Verdict
from kam_analysis.facts.models.gamma_gamma import GammaGamma
from kam_analysis.facts.models.geometric_nbd import BgNbd, MbgNbd
from kam_analysis.facts.models.pareto_nbd import ParetoNbd
from kam_analysis.facts.models.purchase_model import PurchaseModel

__all__ = ["BetaGeometric", "BgNbd", "GammaGamma", "MbgNbd", "ParetoNbd", "PurchaseModel", "Verdict"]
