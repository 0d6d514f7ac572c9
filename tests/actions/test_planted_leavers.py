"""The demo company's large leavers stand on the call list."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from kam_analysis.actions import call_list
from kam_analysis.cleaning import clean_source
from kam_analysis.engine import Engine
from kam_analysis.key_clients import key_list
from kam_analysis.params import Params
from kam_analysis.segments.abc_xyz import abc_classes
from kam_analysis.sources.profile import load_profile
from kam_analysis.tables import SHARED

ROOT = Path(__file__).parents[2]
