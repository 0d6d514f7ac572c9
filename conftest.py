"""One thread for linear algebra, as in the stages: two workers with two threads each wait for each other."""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
