"""The command ``kam``."""

from __future__ import annotations

import errno
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kam_analysis.errors import EXIT_BAD_INPUT, EXIT_FAILED, UserError

if TYPE_CHECKING:
    import pandas as pd

    from kam_analysis.pipeline.history import History
    from kam_analysis.pipeline.project import Project
    from kam_analysis.sources.mapping import Answers
    from kam_analysis.sources.mapping.write import Judge

app = typer.Typer(
    name="kam",
    help="Key-client analysis: sales exports in; tables, metrics and HTML reports out.",
    epilog="Exit statuses: 0 done, 1 failed, 2 bad input or parameters, 75 another run is at work.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
Name = Annotated[str, typer.Argument(help="Name of a source.")]
Levels = Annotated[
    str | None,
    typer.Option(
        "--levels",
        metavar="OUTER,…,INNER",
        help="What stands under one another in one column: customer_name,document,item.",
    ),
]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="ROLE=COLUMN",
        help="Answer: ROLE=COLUMN, ROLE=TABLE.COLUMN, or ROLE= for none; repeatable.",
    ),
]
Said = Annotated[
    list[str] | None,
    typer.Option("--answer", metavar="KEY=VALUE", help="Answer to a question, as the question says; repeatable."),
]
NOW = "now"  # the results of the last run
Within = Annotated[float, typer.Option(min=0, help="How far a subtotal may be off the sum of its rows.")]


def main() -> None:
    """Run the command line; mistakes of input are told without a traceback."""
    from kam_analysis.pipeline.lock import Busy

    try:
        app()
    except UserError as error:
        _stop(str(error), EXIT_BAD_INPUT)
    except Busy as error:
        _stop(str(error), Busy.exit_status)
    except OSError as error:  # a full disk, no permission, a file where a folder should be
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        _stop(f"{error.filename or 'disk'}: {(error.strerror or str(error)).lower()}", EXIT_FAILED)


@app.command()
def get(name: Name) -> None:
    """Fetch a known set (online_retail, northwind, cdnow, complete_journey), or the tables of the source's database."""
    from kam_analysis.pipeline.fetch import fetch

    project = _project()
    for path in fetch(project, name):
        typer.echo(path.relative_to(project.root))


@app.command("map")
def map_source(
    files: Annotated[list[Path], typer.Argument(help="The exports: CSV, text, workbooks, Parquet.")],
    name: Annotated[str, typer.Option("--name", help="Name of the source.")],
    role: Roles = None,
    answer: Said = None,
    date_order: Annotated[str | None, typer.Option(help="dmy or mdy, where the data do not tell.")] = None,
    discount: Annotated[str | None, typer.Option(help="rate, percent or money.")] = None,
    cost: Annotated[str | None, typer.Option(help="line or unit.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Decimal mark of the numbers: . or ,")] = None,
    levels: Levels = None,
    subtotals_within: Within = 0,
) -> None:
    """Read heads and cells of unknown exports and write sources/NAME.yaml, with the reason of every guess."""
    from kam_analysis.sources.mapping import Answers, map_source

    answers = Answers.of(
        role or [],
        levels,
        subtotals_within,
        answer or [],
        date_order=date_order,
        discount=discount,
        cost=cost,
        decimal=decimal,
    )
    project = _project()
    typer.echo(map_source(project.root, name, files, answers, _judge(project, answers)))


@app.command()
def paste(
    name: Annotated[str, typer.Option("--name", help="Name of the source.")],
    role: Roles = None,
    answer: Said = None,
    date_order: Annotated[str | None, typer.Option(help="dmy or mdy, where the data do not tell.")] = None,
    discount: Annotated[str | None, typer.Option(help="rate, percent or money.")] = None,
    cost: Annotated[str | None, typer.Option(help="line or unit.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Decimal mark of the numbers: . or ,")] = None,
    levels: Levels = None,
    subtotals_within: Within = 0,
) -> None:
    """Map a table pasted on standard input, as a spreadsheet copies it, and write sources/NAME.yaml."""
    from kam_analysis.sources.mapping import Answers, map_pasted

    answers = Answers.of(
        role or [],
        levels,
        subtotals_within,
        answer or [],
        date_order=date_order,
        discount=discount,
        cost=cost,
        decimal=decimal,
    )
    project = _project()
    typer.echo(map_pasted(project.root, name, sys.stdin.buffer.read(), answers, _judge(project, answers)))


@app.command()
def use(name: Name) -> None:
    """Make NAME the current source, in params.yaml."""
    from kam_analysis.pipeline.switch import use as switch

    changed = switch(_project(), name)
    typer.echo(f"{'the source is now' if changed else 'the source was already'} {name}")


@app.command()
def check() -> None:
    """Check parameters, profile and data without a run."""
    from kam_analysis.pipeline.check import check_data

    counts = check_data(_project())
    typer.echo(f"in order: {counts.pop('', 0):,} lines kept")
    for reason, rows in counts.items():
        typer.echo(f"{rows:,} lines rejected: {reason.replace('_', ' ')}")


@app.command()
def doctor() -> None:
    """Say what a run needs and what is there: Python, disk, memory, languages, project, browser, database drivers."""
    from kam_analysis.pipeline.doctor import examine

    found = list(examine(_project()))
    typer.echo("\n".join(map(str, found)))
    if any(one.cure and one.is_needed for one in found):
        raise typer.Exit(EXIT_FAILED)


@app.command()
def run() -> None:
    """Bring tables, metrics and pages up to date."""
    from kam_analysis.pipeline.run import run as run_all

    raise typer.Exit(run_all(_project(), _progress, partial(typer.echo, err=True)))


@app.command("try")
def try_parameters(
    changes: Annotated[list[str], typer.Argument(metavar="KEY=VALUE…", help="As in key_clients.min_share=0.05.")],
    name: Annotated[str | None, typer.Option(help="How the try is called; by default the changes themselves.")] = None,
    pages: Annotated[bool, typer.Option("--pages", help="Draw the pages too.")] = False,
) -> None:
    """Run with other parameters beside the project, which stays as it is, and compare the results with those of now."""
    from kam_analysis.pipeline.tries import try_parameters

    called, status = try_parameters(_project(), changes, name, pages, partial(typer.echo, err=True))
    if status:
        raise typer.Exit(status)
    _compare(NOW, called, None)


@app.command()
def compare(
    names: Annotated[
        list[str], typer.Argument(metavar="[A] B", help="A try, the number of a published set, or now: the last run.")
    ],
    html: Annotated[Path | None, typer.Option("--html", metavar="DIR", help="Write a page and its tables too.")] = None,
) -> None:
    """Set two results side by side: of A, or of now, and of B."""
    from kam_analysis.errors import Problem

    if len(names) > 2:
        raise UserError(Problem("more than two names", "kam compare", cure="kam compare A B"))
    before, after = [*([NOW] * (2 - len(names))), *names]
    _compare(before, after, html)


@app.command()
def publish(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where readers find the reports.")]) -> None:
    """Copy the reports to DIR/<source>/<language>, all at once or not at all."""
    from kam_analysis.pipeline.publish import NotPublishable
    from kam_analysis.pipeline.publish import publish as publish_set

    try:
        typer.echo(publish_set(_project(), folder))
    except NotPublishable as problem:
        _stop(str(problem), EXIT_FAILED)


@app.command()
def history() -> None:
    """List the published sets: data, parameters and code of each."""
    from kam_analysis.pipeline.last_run import history_text, published

    known = published(_project())
    _skipped(known)
    typer.echo(history_text(known))


@app.command()
def diff(
    before: Annotated[str | None, typer.Argument(metavar="A", help="Number of a set; by default the newest.")] = None,
    now: Annotated[str, typer.Argument(metavar="B", help="Number of a set, or now: the last run.")] = "now",
) -> None:
    """Say what differs between two sets: headlines and what moved them, key list, calls."""
    from kam_analysis.pipeline.execute import printable
    from kam_analysis.pipeline.last_run import changes_text, chosen, published

    project = _project()
    known = published(project)
    _skipped(known)
    one, two = (chosen(project, name, known) for name in (before or str(max(known.sets, default=0)), now))
    typer.echo(printable(changes_text(one, two)))


@app.command()
def find(query: Annotated[list[str], typer.Argument(help="Any part of a name in any letters, an id, a city.")]) -> None:
    """Find a customer in the register of the last run."""
    from kam_analysis.customers.find import find as search
    from kam_analysis.customers.find import told

    typer.echo(told(search(_project_register(), " ".join(query))))


@app.command()
def resolve(
    customer: Annotated[str, typer.Argument(help="Id of a customer.")],
    other: Annotated[str, typer.Argument(help="Id of the other record.")],
    decision: Annotated[str, typer.Argument(help="same, different or group.")],
    note: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Write down what two records are: one customer, different ones, or branches of one group."""
    from kam_analysis.customers.register import SEPARATOR
    from kam_analysis.customers.resolutions import Decision, Resolution, write_resolution
    from kam_analysis.errors import Problem
    from kam_analysis.params import load

    if decision not in list(Decision):
        raise UserError(Problem(f"unknown decision {decision!r}", cure=f"one of {', '.join(Decision)}"))
    project, register = _project(), _project_register()
    known = {
        *register["customer_id"],
        *(name for ids in register["other_ids"].dropna() for name in ids.split(SEPARATOR)),
    }
    made = Resolution(customer, other, Decision(decision), note)
    path, before = write_resolution(project.raw(load(project.params_path).source), made, known)
    names = {
        other: str(row["customer_name"])
        for row in register.to_dict("records")
        for other in (row["customer_id"], *(str(row["other_ids"] or "").split(SEPARATOR)))
    }
    instead = f", instead of {before.decision}{f' ({before.note})' if before.note else ''}" if before else ""
    typer.echo(f"{customer} {names[customer]} and {other} {names[other]}: {decision}{instead}")
    typer.echo(f"written to {path.relative_to(project.root)}; `kam run` heeds it")


@app.command()
def upsert(file: Annotated[Path, typer.Argument(help="A newer export of the customers table.")]) -> None:
    """Say what a newer export of customers would change: new, same and conflicting records, field by field."""
    from kam_analysis.customers.upsert import told, upsert_plan
    from kam_analysis.pipeline.check import customers_of

    before, after = customers_of(_project(), file)
    typer.echo(told(upsert_plan(before, after, _project_register())))


@app.command()
def lists(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the lists are wanted.")],
    by: Annotated[
        str, typer.Option(help="rfm_segment, abc, xyz, abc_xyz, ladder, life_cycle, cluster, …")
    ] = "rfm_segment",
    kind: Annotated[str, typer.Option("--format", help="csv or xlsx.")] = "csv",
    only_consent: Annotated[bool, typer.Option("--only-consent", help="Leave out who did not say yes.")] = False,
    control: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Write this week's calls instead, this share of them kept uncalled."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the draw of the control; needed with it.")] = None,
    tasks: Annotated[
        bool, typer.Option("--tasks", help="Write this week's calls instead, a list per manager.")
    ] = False,
    preset: Annotated[
        str | None,
        typer.Option(help="Write them for an import instead: bitrix24, amocrm, hubspot, salesforce."),
    ] = None,
) -> None:
    """Write one list of customers per segment; who refused to be contacted is in none."""
    from kam_analysis.errors import Problem
    from kam_analysis.pipeline.lists import write_calls, write_lists
    from kam_analysis.site.work_lists import write_preset, write_tasks

    if preset is not None or tasks:
        project = _project()
        written = write_tasks(project, folder) if preset is None else [write_preset(project, folder, preset)]
        for path, listed in written:
            typer.echo(f"{path}: {listed} customers")
        return
    if control is not None:
        if seed is None:
            raise UserError(Problem("--control needs --seed", cure="--seed with any whole number, written down"))
        for path, listed in write_calls(_project(), folder, kind, control, seed):
            typer.echo(f"{path}: {listed} customers")
        typer.echo(
            "Before the next run: copy call_parts_… into data/raw/NAME, name it under call_parts in the profile."
        )
        return
    for path, listed, left_out in write_lists(_project(), folder, by, kind, only_consent):
        typer.echo(f"{path}: {listed} customers, {left_out} left out by consent")


@app.command()
def plan(account: Annotated[str, typer.Argument(metavar="ID", help="Id of a key account.")]) -> None:
    """Write a plan of a key account to be filled in: its figures as goals, its manager as owner."""
    from kam_analysis.site.plan_template import write_plan

    typer.echo(write_plan(_project(), account))


@app.command()
def pdf(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the PDF files are wanted.")]) -> None:
    """Print the board page, and the pages of accounts and managers, as PDF with Chromium."""
    from kam_analysis.pipeline.pdf import write_pdfs

    for path in write_pdfs(_project(), folder):
        typer.echo(path)


@app.command()
def new(
    kind: Annotated[str, typer.Argument(help="page.")],
    name: Annotated[str, typer.Argument(help="Small letters, digits and _.")],
) -> None:
    """Write a notebook that becomes a page of the reports with the next run."""
    from kam_analysis.errors import Problem
    from kam_analysis.pipeline.own import new_page

    if kind != "page":
        raise UserError(Problem(f"unknown: {kind!r}", "kam new", cure="kam new page NAME"))
    project = _project()
    path = new_page(project, name)
    typer.echo(f"{path.relative_to(project.root)}: change it as you like; kam run makes it a page")


@app.command()
def demo() -> None:
    """Write the demo company's data again: the same bytes each time."""
    from kam_analysis.demo import write

    project = _project()
    write(project.raw("demo"), project.truth("demo"))
    typer.echo(project.raw("demo").relative_to(project.root))


@app.command()
def clean(
    keep: Annotated[int, typer.Option(min=0, help="Runs of every stage that can still be gone back to.")] = 10,
) -> None:
    """Delete old runs from DVC's cache and the pictures that pages were drawn from."""
    from kam_analysis.pipeline.clean import clean as forget

    forgotten, freed = forget(_project(), keep)
    typer.echo(f"{forgotten} runs forgotten, {freed / 1e6:.1f} MB freed")


def _progress(line: str) -> None:
    """One line per stage; on a terminal the cell at work stands where that line will."""
    is_passing = ": cell " in line or line.startswith("Running stage")
    if sys.stdout.isatty():
        typer.echo(f"\r\x1b[K{line}", nl=not is_passing)
    elif not is_passing:
        typer.echo(line)


def _compare(before: str, after: str, html: Path | None) -> None:
    from kam_analysis.params import load
    from kam_analysis.pipeline.compare import compare, told, write_page
    from kam_analysis.pipeline.execute import printable
    from kam_analysis.pipeline.tries import results_of
    from kam_analysis.report.language import Language
    from kam_analysis.sources.profile import load_profile

    project = _project()
    params = load(project.params_path)
    profile = load_profile(project.profile_path(params.source))
    language = Language(params.report.languages[0], profile.currency)
    comparison = compare(results_of(project, before), results_of(project, after), (before, after))
    typer.echo(printable(told(comparison, language)))
    if html:
        typer.echo(write_page(comparison, html, profile.title, language))


def _judge(project: Project, answers: Answers) -> Judge:
    """Stop a mapping that loses much, by the thresholds of the project."""
    from kam_analysis.cleaning.losses import stop_at_losses
    from kam_analysis.params import load

    rules, accepted = load(project.params_path).cleaning, answers.said.get("accept", ())
    return partial(stop_at_losses, rules=rules, accepted=accepted)


def _skipped(known: History) -> None:
    for path in known.broken:
        typer.echo(f"{path.name} cannot be read and is left out", err=True)


def _project_register() -> pd.DataFrame:
    from kam_analysis.engine import Engine
    from kam_analysis.errors import Problem
    from kam_analysis.tables import CUSTOMER_REGISTER

    path = _project().table(CUSTOMER_REGISTER.name)
    if not path.is_file():
        raise UserError(Problem("there is no register of customers yet", cure="kam run"))
    with Engine() as engine:
        engine.read_parquet(CUSTOMER_REGISTER.name, path)
        return engine.frame(CUSTOMER_REGISTER.name, CUSTOMER_REGISTER)


def _project() -> Project:
    from kam_analysis.pipeline.project import Project, find_project

    return Project(find_project())


def _stop(message: str, status: int) -> None:
    from kam_analysis.pipeline.execute import printable

    typer.echo(printable(message), err=True)
    sys.exit(status)
