"""Notebooks of the rooms, run cell by cell in the process of the test."""

from __future__ import annotations

import ast
from typing import Any

import nbformat

from kam_analysis.pipeline.stage import Shown


def executed(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with what its findings leave as outputs; its tables are those of the project that it runs in."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), cell.id, "eval"), names)
            if isinstance(value, Shown):
                cell.outputs = [nbformat.v4.new_output("display_data", data=value._repr_mimebundle_())]
    return notebook
