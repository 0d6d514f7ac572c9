"""The kernel of a stage: an IPython kernel without history that ends with the process that started it."""

from __future__ import annotations

from ipykernel.kernelapp import launch_new_instance

from kam_analysis.pipeline.process import die_with_parent

if __name__ == "__main__":
    die_with_parent()
    launch_new_instance()
