"""The kernel of a stage: an IPython kernel that ends with the process that started it.

Run as a program it is the kernel; `start` starts it, and returns while the kernel still imports what notebooks need.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from kam_analysis.findings import RUNS_A_STAGE


class Kernel(AsyncKernelManager):
    """Manager of a kernel of this interpreter, whatever kernels are installed for the person."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """How the kernel is started."""
        return KernelSpec(
            argv=[sys.executable, "-m", __name__, "-f", "{connection_file}", "--HistoryManager.enabled=False"],
            language="python",
            metadata={"supported_encryption": "curve"},
        )


def start(folder: Path) -> Kernel:
    """Start a kernel with `folder` as its working folder."""
    kernel = Kernel()
    surroundings = os.environ | {RUNS_A_STAGE: "1"}
    run_sync(kernel.start_kernel)(cwd=str(folder), env=surroundings, transport_encryption="auto")
    return kernel


if __name__ == "__main__":
    from kam_analysis.pipeline.process import die_with_parent

    die_with_parent()
    import_module("kam_analysis.pipeline.stage")  # while the other side prepares the notebook
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()
