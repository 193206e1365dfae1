"""`dateline backfill …`: parse, call, print, exit code. The six sources have the same options and differ in words."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.cli_shared import DONE, FAILED, ConfigOption, JsonOption, database_of, print_json, settings_of

backfill_app = typer.Typer(
    help="The past, once, from everywhere that it is kept: sitemaps, feed histories, archives, lists.\n\n"
    "The same command again goes on where it was stopped. Beside a running daemon the daemon does the work.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Failures = Annotated[
    Path | None,
    typer.Option("--failures", metavar="FILE", help="Write what could not be had there, to be fed to `backfill urls`."),
]
Number = Annotated[int, typer.Argument(metavar="ID", help="Its number: see `dateline backfill list`.")]

OPTIONS: dict[str, Any] = {
    "since": Annotated[
        str | None, typer.Option("--since", metavar="WHEN", help="2024-01-31, or how long ago: 30d, 12h, 2w, 1y.")
    ],
    "until": Annotated[str | None, typer.Option("--until", metavar="WHEN", help="The same; a day is meant whole.")],
    "host": Annotated[
        list[str] | None,
        typer.Option("--host", metavar="HOST", help="Only this host and those below it; may be given again."),
    ],
    "path": Annotated[
        list[str] | None,
        typer.Option("--path", metavar="PATTERN", help="Only paths like this: /news/*; may be given again."),
    ],
    "language": Annotated[
        list[str] | None,
        typer.Option("--language", metavar="CODE", help="Only articles in this language: en; may be given again."),
    ],
    "limit": Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="So many, evenly spread over the time.")
    ],
    "dry_run": Annotated[
        bool, typer.Option("--dry-run", help="Look, fetch no page, store nothing; say how much it is and how long.")
    ],
    "failures": Failures,
    "config": ConfigOption,
    "as_json": JsonOption,
}
SERVER = Annotated[str, typer.Option("--server", metavar="URL", help="Another archive that speaks like it.")]


@dataclass(frozen=True, slots=True)
class _Way:
    """A source in words. `places`: what its arguments are called; `meant`: what they are."""

    source: str
    places: str
    meant: str
    told: str
    example: str


WAYS = (
    _Way(
        "sitemap",
        "SITE…",
        "Sites, or addresses of sitemaps.",
        "All that a site's sitemaps list.\n\nIts robots.txt says where they are; else the usual places are tried.",
        "www.example.org --since 2024-01-01",
    ),
    _Way(
        "history",
        "FEED…",
        "Addresses of feeds, or of sites: then their feed is found.",
        "The older pages behind a feed.\n\n"
        "Archived feeds (RFC 5005), rel=next, JSON Feed's next_url, WordPress's ?paged=.",
        "https://www.example.org/feed/ --since 1y",
    ),
    _Way(
        "warc",
        "FILE|DIR|URL…",
        "WARC files, plain, gzip or zstd; directories with such files; lists of them (warc.paths.gz); addresses.",
        "The pages in WARC files, here or on a server.\n\n"
        "Of Common Crawl, wget, browsers and crawlers of all kinds, and Dateline's own.",
        "CC-NEWS-*.warc.gz --host example.org --language en",
    ),
    _Way(
        "wayback",
        "SITE…",
        "Sites, or beginnings of addresses: www.example.org/news/.",
        "The Wayback Machine's copies of a site.\n\nThe first copy of each page that was made within the window.",
        "www.example.org --since 2019-01-01 --until 2019-12-31",
    ),
    _Way(
        "urls",
        "FILE…",
        "Text, CSV, TSV or JSON lines; - is standard input.",
        "The pages of a list of addresses.\n\nWith titles and dates, where it has columns for them.",
        "addresses.csv   or   cat addresses.txt | dateline backfill urls -",
    ),
    _Way(
        "html",
        "DIR|FILE…",
        "Saved pages, or directories of them.",
        "Saved pages.\n\nTheir addresses are found in them, or in the folders that wget makes.",
        "saved-pages/",
    ),
)


def _command(way: _Way) -> Any:
    """The function of a source: typer reads its options from the signature."""

    def command(**options: Any) -> None:
        _run(way.source, options)

    places = Annotated[list[str], typer.Argument(metavar=way.places, help=way.meant)]
    options = {**OPTIONS, "server": SERVER} if way.source == "wayback" else OPTIONS
    defaults = {"dry_run": False, "as_json": False, "server": "https://web.archive.org"}
    stated = [Parameter("places", Parameter.KEYWORD_ONLY, annotation=places)]
    for name, kind in options.items():
        stated.append(Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=defaults.get(name)))
    command.__signature__ = Signature(stated)  # type: ignore[attr-defined]
    command.__doc__ = way.told
    return command


for _way in WAYS:
    backfill_app.command(_way.source, epilog=f"Example: dateline backfill {_way.source} {_way.example}")(_command(_way))


def _run(source: str, options: dict[str, Any]) -> None:
    from ingest.backfill.request import Source
    from jobs import logs
    from jobs.commands import backfill as command
    from jobs.commands import backfill_view as view
    from jobs.commands.feeds import open_store

    logs.configure(brief=True)
    settings, as_json = settings_of(options["config"]), options["as_json"]
    asked = command.Asked(
        source=Source(source),
        places=tuple(options["places"]),
        since=options["since"],
        until=options["until"],
        hosts=tuple(options["host"] or ()),
        paths=tuple(options["path"] or ()),
        languages=tuple(options["language"] or ()),
        limit=options["limit"],
    )
    server = options.get("server") or ""
    if options["dry_run"]:
        estimate = command.rehearse(settings, asked, server)
        print_json(estimate) if as_json else print(view.as_estimate(estimate))
        _tell(view.remarks_on(estimate))
        raise typer.Exit(command.exit_code_of(estimate))
    command.check_place_of(options["failures"])
    with open_store(settings) as database:
        number, is_new = command.begin(settings, database, asked, server)
        _tell([view.begun(number, is_new=is_new)])
        _work(settings, database, number, options["failures"], as_json=as_json)


def _work(settings: Any, database: Any, number: int, failures: Path | None, *, as_json: bool) -> None:
    from jobs.commands import backfill as command
    from jobs.commands import backfill_view as view

    report = command.work(settings, database, number)
    said = report.as_dict()
    print_json(said) if as_json else print(view.as_text(said))
    _tell(view.remarks(report))
    if failures is not None:
        _write_failures(database, number, failures)
    raise typer.Exit(report.exit_code)


def _write_failures(database: Any, number: int, path: Path) -> None:
    from jobs.commands.backfill import write_failures

    count = write_failures(database, number, path)
    again = f": `dateline backfill urls {path}` tries them again" if count else ""
    _tell([f"{count:,} addresses that could not be had are in {path}{again}"])


def _tell(lines: list[str]) -> None:
    for line in lines:
        print(f"dateline: {line}", file=sys.stderr)


@backfill_app.command("list", epilog="Example: dateline backfill list --json")
def list_all(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Every backfill and how far it got."""
    from jobs.commands.backfill import rows
    from jobs.commands.backfill_view import rows_for_people
    from jobs.present import table

    with database_of(config) as database:
        found = list(rows(database))
    if as_json:
        print_json(found)
    elif found:
        print(table(rows_for_people(found)))
    else:
        _tell(["no backfills yet: `dateline backfill --help` says which there are"])


@backfill_app.command("show", epilog="Example: dateline backfill show 3")
def show(number: Number, failures: Failures = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """One backfill: what it brought, what it left out and why.

    With the documents and files it looked in, those that failed first.
    """
    from jobs.commands import backfill as command
    from jobs.commands import backfill_view as view

    command.check_place_of(failures)
    with database_of(config) as database:
        said = command.whole_record(database, number)
        print_json(said) if as_json else print(view.as_whole_text(said))
        if failures is not None:
            _write_failures(database, number, failures)


@backfill_app.command("resume", epilog="Example: dateline backfill resume 3")
def resume(number: Number, failures: Failures = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Go on with a backfill.

    With one that was stopped, was cancelled, or has something to try again.
    """
    from jobs import logs
    from jobs.commands import backfill as command

    logs.configure(brief=True)
    command.check_place_of(failures)
    settings = settings_of(config)
    with database_of(config) as database:
        command.resume(settings, database, number)
        _work(settings, database, number, failures, as_json=as_json)


@backfill_app.command("cancel", epilog="Example: dateline backfill cancel 3")
def cancel(number: Number, config: ConfigOption = None) -> None:
    """Stop working on a backfill. What it brought stays."""
    from jobs.commands import backfill as command

    with database_of(config) as database:
        state = command.cancel(settings_of(config), database, number)
    if state is None:
        print(f"backfill {number} is cancelled; `dateline backfill resume {number}` takes it up again")
        raise typer.Exit(DONE)
    _tell([f"backfill {number} is {state} already"])
    raise typer.Exit(FAILED)
