"""Calls of this week as files to work with: one list per manager, and files that customer systems import."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kam_analysis import chapter as chapters
from kam_analysis import columns as col
from kam_analysis.csv_files import neutral, write_csv, write_workbook
from kam_analysis.errors import Problem, UserError
from kam_analysis.findings import Show, Words, is_absent, say
from kam_analysis.params import load
from kam_analysis.pipeline.files import replace_text
from kam_analysis.pipeline.lists import clear, note
from kam_analysis.pipeline.project import Project
from kam_analysis.report.language import Language
from kam_analysis.site.managers import ROOM, file_name
from kam_analysis.tables import Table
from kam_analysis.vocabulary import Trigger

RESULTS = ("order", "will think", "call later", "no answer", "refused", "solved")
TICK = ("yes",)
WORK_LIST = Table(
    "tasks",
    "one customer to call this week",
    (
        col.text("task_id", say("Task"), "All tasks of the call, parted by blanks; leave it as it is."),
        col.CUSTOMER_ID,
        col.CUSTOMER_NAME,
        col.OWNER("The customer's manager."),
        col.text("triggers", say("Triggers"), "All reasons to call."),
        col.text("reason", say("Why"), "In words."),
        col.ASK_FOR,
        col.DUE_ON("Day by which to call."),
        col.EXPECTED_LOSS("Of the customer."),
        col.DONE,
        col.DONE_DATE("Day of the call."),
        col.RESULT("What came of it."),
        col.text("note", say("Note"), "Anything else.", nullable=True),
    ),
    ("task_id",),
)


@dataclass(frozen=True)
class Preset:
    """How a customer system reads a file: mark between cells, how days are written, its heads with our values."""

    mark: str
    day: str
    heads: Mapping[str, str]


PRESETS = {  # heads are the systems' names of fields; amoCRM imports no tasks: there a call is a lead with a note
    "bitrix24": Preset(
        ";",
        "%d.%m.%Y",
        {
            "TITLE": "{title}",
            "DESCRIPTION": "{text}",
            "RESPONSIBLE": "{manager}",
            "DEADLINE": "{due}",
            "TAGS": "{triggers}",
        },
    ),
    "amocrm": Preset(
        ";",
        "%d.%m.%Y",
        {
            "Название сделки": "{title}",
            "Название компании": "{customer}",
            "Контакт": "{person}",
            "Ответственный": "{manager}",
            "Теги": "{triggers}",
            "Примечание": "{text} {due}",
        },
    ),
    "hubspot": Preset(
        ",",
        "%Y-%m-%d",
        {
            "hs_task_subject": "{title}",
            "hs_task_body": "{text}",
            "hs_timestamp": "{due}",
            "hs_task_type": "CALL",
            "hs_task_priority": "{priority}",
            "hs_task_status": "NOT_STARTED",
            "hubspot_owner_id": "{manager}",
        },
    ),
    "salesforce": Preset(
        ",",
        "%Y-%m-%d",
        {
            "Subject": "{title}",
            "Description": "{text}",
            "ActivityDate": "{due}",
            "Status": "Not Started",
            "Priority": "{level}",
            "Owner": "{manager}",
            "Account": "{customer}",
        },
    ),
}


def write_tasks(project: Project, folder: Path) -> list[tuple[Path, int]]:
    """Write ``folder/<source>/tasks/<manager>.csv`` and ``.xlsx`` with this week's calls and columns for the results.

    A filled list put into ``data/raw/<source>/`` is read by the next run as ``tasks_done``.

    Parameters
    ----------
    project : Project
    folder : Path
        Where the lists are wanted; lists of before are replaced.

    Returns
    -------
    list of (Path, int)
        Each file with its customers.

    Raises
    ------
    UserError
        Without a run, when an id would not survive a spreadsheet, or where `folder` holds other files of that name.
    """
    calls, _ = _work(project)
    if odd := [one for one in calls["task_id"] if neutral(one) != one]:
        raise UserError(Problem("ids that a spreadsheet would take for formulas", "call_list", len(odd), odd[:3]))
    target = folder / load(project.params_path).source / "tasks"
    clear(target)
    written = []
    for manager, own in calls.assign(by=calls["manager"].fillna("")).groupby("by", sort=True):
        listed = WORK_LIST.conform(own.reset_index(drop=True))
        path = target / file_name(str(manager)).replace(".html", ".csv")
        write_csv(listed, WORK_LIST, path)
        book = path.with_suffix(".xlsx")
        write_workbook(listed, WORK_LIST, book, {"done": TICK, "result": RESULTS})
        written += [(path, len(listed)), (book, len(listed))]
    note(target)
    return written


def write_preset(project: Project, folder: Path, preset: str) -> tuple[Path, int]:
    """Write this week's calls to ``folder/<source>/tasks_<preset>/calls.csv`` as a customer system imports them.

    Raises
    ------
    UserError
        For an unknown preset, without a run, or where `folder` holds other files of that name.
    """
    if preset not in PRESETS:
        raise UserError(Problem(f"unknown: {preset!r}", cure=f"one of {', '.join(PRESETS)}"))
    calls, language = _work(project)
    target = folder / load(project.params_path).source / f"tasks_{preset}"
    clear(target)
    path = target / "calls.csv"
    replace_text(path, preset_text(calls, PRESETS[preset], language))
    note(target)
    return path, len(calls)


def preset_text(calls: pd.DataFrame, preset: Preset, language: Language) -> str:
    """Text of a file for a customer system; no cell is a formula.

    Parameters
    ----------
    calls : DataFrame
        ``tasks`` with is_key.
    preset : Preset
    language : Language
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=preset.mark, lineterminator="\n")
    writer.writerow(preset.heads)
    for row in calls.to_dict("records"):
        values = _values({str(key): value for key, value in row.items()}, preset.day, language)
        writer.writerow(neutral(template.format_map(values)) for template in preset.heads.values())
    return file.getvalue()


def _values(row: Mapping[str, Any], day: str, language: Language) -> dict[str, str]:
    person = "" if is_absent(row["person"]) else language.text(str(row["person"]))
    ask = [language.sentence(say("Ask for {person}", person=person))] if person else []
    return {
        "title": language.text(say("Call {customer}", customer=str(row["customer_name"]))),
        "text": " ".join([row["reason"], *ask, f"[{row['task_id']}]"]),
        "customer": language.text(str(row["customer_name"])),
        "manager": "" if is_absent(row["manager"]) else language.text(str(row["manager"])),
        "person": person,
        "due": row["due_on"].strftime(day),
        "triggers": row["triggers"],
        "priority": "HIGH" if row["is_key"] else "MEDIUM",
        "level": "High" if row["is_key"] else "Normal",
    }


def _work(project: Project) -> tuple[pd.DataFrame, Language]:
    """Read this week's calls of the last run with their reasons in words."""
    folder = project.findings(ROOM)
    chapter = chapters.read(folder, folder.relative_to(project.root).as_posix())
    calls = chapter.findings["call_list"]
    language = Language(load(project.params_path).report.languages[0], chapter.source["currency"])
    reason = next((one.words for one in calls.show if isinstance(one, Show) and one.words), Words(say("Why"), []))
    week = calls.table[calls.table["is_this_week"]].reset_index(drop=True)
    rows = [{str(key): value for key, value in row.items()} for row in week.to_dict("records")]
    return week.assign(
        task_id=week["task_ids"],
        triggers=[", ".join(language.text(Trigger(one).label) for one in row["triggers"].split()) for row in rows],
        reason=[language.sentence(reason.of(row) or "") for row in rows],
        **dict.fromkeys(("done", "done_date", "result", "note")),
    ), language
