"""Run the cells of one notebook through papermill, tell the progress, and leave the same notebook wherever it ran."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from kam_analysis.pipeline.kernel import Kernel

INJECTED_ID = "injected-parameters"
ENGINE = "stage"


class CellFailed(Exception):
    """A cell ended with an error.

    Parameters
    ----------
    cell : str
        Number and id of the cell.
    kind : str
        Name of the error's class.
    message : str
        What the error says.
    """

    def __init__(self, cell: str, kind: str, message: str) -> None:
        self.cell, self.kind, self.message = cell, kind, message
        super().__init__(f"cell {cell}: {kind}: {message}")


def run_cells(
    notebook: Path, half_run: Path, parameters: Mapping[str, Any], kernel: Kernel, tell: Callable[[str], None]
) -> NotebookNode:
    """Run a notebook in a kernel, and end the kernel.

    Parameters
    ----------
    notebook : Path
        Has a cell tagged ``parameters``. It is only read.
    half_run : Path
        Where the notebook is kept when a cell fails.
    parameters : mapping
        Plain values that replace the variable ``parameters``.
    kernel : Kernel
        Started in the notebook's folder.
    tell : callable
        Receives one line per finished code cell: number, id, seconds.

    Returns
    -------
    NotebookNode
        The executed notebook as `settled` leaves it.

    Raises
    ------
    CellFailed
        When a cell raises, or the kernel dies.
    """
    half_run.parent.mkdir(parents=True, exist_ok=True)
    half_run.unlink(missing_ok=True)
    runner = _Runner(kernel, tell)
    papermill_engines.register(ENGINE, runner)
    try:
        executed = execute_notebook(
            nbformat.read(notebook, as_version=4),
            None,
            parameters={"parameters": dict(parameters)},
            engine_name=ENGINE,
            progress_bar=False,
        )
    except PapermillExecutionError as error:
        nbformat.write(settled(runner.notebook), half_run)
        raise CellFailed(runner.cell, error.ename, error.evalue) from None
    except DeadKernelError:
        nbformat.write(settled(runner.notebook), half_run)
        raise CellFailed(runner.cell, "DeadKernelError", "the kernel died; was the memory enough?") from None
    return settled(executed)


class _Progress(NotebookExecutionManager):
    def __init__(self, notebook: NotebookNode, tell: Callable[[str], None]) -> None:
        super().__init__(notebook, progress_bar=False, autosave_cell_every=0)
        self.codes = [cell.id for cell in notebook.cells if cell.cell_type == "code"]
        self.cell = "1"
        self._tell = tell
        self._began = time.monotonic()

    def cell_start(self, cell: NotebookNode, cell_index: int | None = None, **more: Any) -> None:
        super().cell_start(cell, cell_index, **more)
        self._began = time.monotonic()
        if cell.cell_type == "code":
            name = INJECTED_ID if _is_injected(cell) else cell.id
            self.cell = f"{self.codes.index(cell.id) + 1}/{len(self.codes)} {name}"

    def cell_complete(self, cell: NotebookNode, cell_index: int | None = None, **more: Any) -> None:
        super().cell_complete(cell, cell_index, **more)
        if cell.cell_type == "code":
            self._tell(f"cell {self.cell} {time.monotonic() - self._began:.1f} s")


class _Runner(NBClientEngine):
    def __init__(self, kernel: Kernel, tell: Callable[[str], None]) -> None:
        self.notebook = NotebookNode()
        self._kernel, self._tell = kernel, tell
        self._progress: _Progress | None = None

    @property
    def cell(self) -> str:
        return self._progress.cell if self._progress else "1"

    def execute_notebook(self, nb: NotebookNode, kernel_name: str, **more: Any) -> NotebookNode:
        self.notebook, self._progress = nb, _Progress(nb, self._tell)
        self._progress.notebook_start()
        PapermillNotebookClient(
            self._progress, km=self._kernel, shutdown_kernel="immediate", timeout=None, startup_timeout=120
        ).execute(cleanup_kc=True)
        return nb


def settled(notebook: NotebookNode) -> NotebookNode:
    """Give a copy of an executed notebook without anything that differs from run to run.

    Timings, ids of papermill and what was said on stderr go; execution counts are in sequence; the injected cell has a
    fixed id.
    """
    copy: NotebookNode = nbformat.from_dict(notebook)
    copy.metadata = nbformat.from_dict(
        {"kernelspec": copy.metadata.get("kernelspec", {}), "language_info": {"name": "python"}}
    )
    count = 0
    for cell in copy.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if _is_injected(cell):
            cell.id = INJECTED_ID
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    return copy


def _is_injected(cell: NotebookNode) -> bool:
    return INJECTED_ID in cell.metadata.get("tags", [])
