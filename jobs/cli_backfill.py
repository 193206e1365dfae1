"""`dateline backfill …`: parse, call, print, exit code."""

from __future__ import annotations

import sys
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

Since = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", help="2024-01-31, or how long ago: 30d, 12h, 2w, 1y.")
]
Until = Annotated[str | None, typer.Option("--until", metavar="WHEN", help="The same; a day is meant whole.")]
Hosts = Annotated[
    list[str] | None,
    typer.Option("--host", metavar="HOST", help="Only this host and those below it; may be given again."),
]
Paths = Annotated[
    list[str] | None,
    typer.Option("--path", metavar="PATTERN", help="Only paths like this: /news/*; may be given again."),
]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", metavar="CODE", help="Only articles in this language: en; may be given again."),
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="So many, evenly over the time.")]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Look for everything, fetch no page, store nothing; say how much and how long."),
]
Failures = Annotated[
    Path | None,
    typer.Option("--failures", metavar="FILE", help="Write what could not be had there, to be fed to `backfill urls`."),
]
Places = Annotated[list[str], typer.Argument(metavar="SOURCE…")]


@backfill_app.command("sitemap", epilog="Example: dateline backfill sitemap www.example.org --since 2024-01-01")
def sitemap(
    places: Annotated[list[str], typer.Argument(metavar="SITE…", help="Sites, or addresses of sitemaps.")],
    since: Since = None, until: Until = None, host: Hosts = None, path: Paths = None, language: Languages = None,
    limit: Limit = None, dry_run: DryRun = False, failures: Failures = None,
    config: ConfigOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Everything that the sitemaps of a site list: its robots.txt says where they are."""
    _run("sitemap", places, locals())


@backfill_app.command("history", epilog="Example: dateline backfill history https://www.example.org/feed/ --since 1y")
def history(
    places: Annotated[list[str], typer.Argument(metavar="FEED…", help="Addresses of feeds.")],
    since: Since = None, until: Until = None, host: Hosts = None, path: Paths = None, language: Languages = None,
    limit: Limit = None, dry_run: DryRun = False, failures: Failures = None,
    config: ConfigOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """The pages behind a feed: archived feeds (RFC 5005), rel=next, JSON Feed's next_url, WordPress's ?paged=."""
    _run("history", places, locals())


@backfill_app.command(
    "warc", epilog="Example: dateline backfill warc CC-NEWS-*.warc.gz --host example.org --language en"
)
def warc(
    places: Annotated[
        list[str],
        typer.Argument(metavar="FILE|DIR|URL…", help="WARC files, directories, lists (warc.paths.gz), addresses."),
    ],
    since: Since = None, until: Until = None, host: Hosts = None, path: Paths = None, language: Languages = None,
    limit: Limit = None, dry_run: DryRun = False, failures: Failures = None,
    config: ConfigOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """The pages in WARC files, of other tools or Dateline's own, here or on a server."""
    _run("warc", places, locals())


@backfill_app.command(
    "wayback", epilog="Example: dateline backfill wayback www.example.org --since 2019-01-01 --until 2019-12-31"
)
def wayback(
    places: Annotated[list[str], typer.Argument(metavar="SITE…", help="Sites, or beginnings of addresses.")],
    since: Since = None, until: Until = None, host: Hosts = None, path: Paths = None, language: Languages = None,
    limit: Limit = None, dry_run: DryRun = False, failures: Failures = None,
    server: Annotated[str, typer.Option("--server", metavar="URL", help="Another archive that speaks like it.")] = "https://web.archive.org",
    config: ConfigOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """The copies that the Wayback Machine has of a site."""
    _run("wayback", places, locals())


@backfill_app.command(
    "urls", epilog="Example: dateline backfill urls addresses.csv   or   cat addresses.txt | dateline backfill urls -"
)
def urls(
    places: Annotated[list[str], typer.Argument(metavar="FILE…", help="Text, CSV or JSON lines; - is stdin.")],
    since: Since = None, until: Until = None, host: Hosts = None, path: Paths = None, language: Languages = None,
    limit: Limit = None, dry_run: DryRun = False, failures: Failures = None,
    config: ConfigOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """The addresses of a list, with titles and dates where it has them."""
    _run("urls", places, locals())


@backfill_app.command("html", epilog="Example: dateline backfill html saved-pages/")
def html(
    places: Annotated[list[str], typer.Argument(metavar="DIR|FILE…", help="Saved pages.")],
    since: Since = None, until: Until = None, host: Hosts = None, path: Paths = None, language: Languages = None,
    limit: Limit = None, dry_run: DryRun = False, failures: Failures = None,
    config: ConfigOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Saved pages: their addresses are found in them, or in the folders that wget makes."""
    _run("html", places, locals())


def _run(source: str, places: list[str], options: dict[str, Any]) -> None:
    from ingest.backfill.request import Source
    from jobs import logs
    from jobs.commands import backfill as command
    from jobs.commands.feeds import open_store

    logs.configure(brief=True)
    settings = settings_of(options["config"])
    asked = command.Asked(
        source=Source(source),
        places=tuple(places),
        since=options["since"],
        until=options["until"],
        hosts=tuple(options["host"] or ()),
        paths=tuple(options["path"] or ()),
        languages=tuple(options["language"] or ()),
        limit=options["limit"],
    )
    server = options.get("server") or ""
    if options["dry_run"]:
        said = command.rehearse(settings, asked, server)
        print_json(said) if options["as_json"] else print(command.as_estimate(said))
        raise typer.Exit(DONE)
    with open_store(settings) as database:
        number, is_new = command.begin(settings, database, asked, server)
        if not is_new:
            print(f"dateline: backfill {number} asked for the same before: going on with it", file=sys.stderr)
        _work(settings, database, number, options["failures"], as_json=options["as_json"])


def _work(settings: Any, database: Any, number: int, failures: Path | None, *, as_json: bool) -> None:
    from jobs.commands import backfill as command

    report = command.work(settings, database, number)
    if failures is not None:
        count = command.write_failures(database, number, failures)
        print(f"dateline: {count:,} addresses that could not be had are in {failures}", file=sys.stderr)
    said = report.as_dict()
    print_json(said) if as_json else print(command.as_text(said))
    for line in command.what_next(report):
        print(f"dateline: {line}", file=sys.stderr)
    raise typer.Exit(report.ending.exit_code)


@backfill_app.command("list", epilog="Example: dateline backfill list --json")
def list_all(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Every backfill and how far it got."""
    from jobs.commands.backfill import rows
    from jobs.present import table

    with database_of(config) as database:
        found = list(rows(database))
    if as_json:
        print_json(found)
    elif found:
        print(table(found))
    else:
        print("no backfills yet: dateline backfill --help", file=sys.stderr)


@backfill_app.command("show", epilog="Example: dateline backfill show 3")
def show(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number.")],
    failures: Failures = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """One backfill: what it brought, what it left out and why, and the documents that failed."""
    from jobs.commands import backfill as command

    with database_of(config) as database:
        said = command.whole_record(database, number)
        if failures is not None:
            count = command.write_failures(database, number, failures)
            print(f"dateline: {count:,} addresses that could not be had are in {failures}", file=sys.stderr)
    print_json(said) if as_json else print(command.as_whole_text(said))


@backfill_app.command("resume", epilog="Example: dateline backfill resume 3")
def resume(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number.")],
    failures: Failures = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a backfill that was stopped, cancelled, or has something to try again."""
    from ingest.errors import SettingsError
    from jobs.app import wall_clock
    from storage import backfills

    settings = settings_of(config)
    with database_of(config) as database:
        if not database.write(backfills.resume, number, wall_clock()):
            raise SettingsError(f"there is no backfill {number}: see `dateline backfill list`")
        _work(settings, database, number, failures, as_json=as_json)


@backfill_app.command("cancel", epilog="Example: dateline backfill cancel 3")
def cancel(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number.")],
    config: ConfigOption = None,
) -> None:
    """Stop working on a backfill; what it brought stays."""
    from ingest.errors import SettingsError
    from jobs.app import wall_clock
    from storage import backfills

    with database_of(config) as database:
        found = database.read(backfills.load, number)
        if found is None:
            raise SettingsError(f"there is no backfill {number}: see `dateline backfill list`")
        if database.write(backfills.cancel, number, wall_clock()):
            print(f"backfill {number} is cancelled; `dateline backfill resume {number}` takes it up again")
            raise typer.Exit(DONE)
    print(f"dateline: backfill {number} is {found.state} already", file=sys.stderr)
    raise typer.Exit(FAILED)
