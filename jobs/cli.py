"""The `dateline` program: parse, call, print, exit code. Heavy imports wait until a command needs them."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.cli_backfill import backfill_app
from jobs.cli_feeds import feeds_app
from jobs.cli_reread import reread
from jobs.cli_shared import (
    DONE,
    FAILED,
    INTERRUPTED,
    WRONG_USAGE,
    ConfigOption,
    JsonOption,
    database_of,
    print_json,
    settings_of,
)

app = typer.Typer(
    name="dateline",
    help="Dateline watches the news: it polls feeds, reads the articles and keeps them in a SQL database.\n\n"
    "See it work without a network: dateline demo. Begin: dateline init, then dateline run.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # rich's help takes 0.3 s to load
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
db_app = typer.Typer(help="The database: its schema and its health.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(feeds_app, name="feeds")
app.add_typer(backfill_app, name="backfill")
app.add_typer(db_app, name="db")
app.command(epilog="Example: dateline reread --host www.example.org --dry-run")(reread)


def main() -> None:
    """Run a command; every error of ours becomes one clear line and an exit code."""
    from ingest.errors import DatelineError, SettingsError

    try:
        app(prog_name="dateline")
    except SettingsError as error:
        _complain(error.problems)
        sys.exit(WRONG_USAGE)
    except DatelineError as error:
        _complain([str(error)])
        sys.exit(FAILED)
    except BrokenPipeError:  # `dateline query … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except OSError as error:
        _complain([f"{error.filename}: {error.strerror}" if error.filename else str(error)])
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _complain(problems: Any) -> None:
    for problem in problems:
        print(f"dateline: {problem}", file=sys.stderr)


@app.command(epilog="Example: dateline init newsroom && cd newsroom && dateline run")
def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to begin.")] = Path(),
) -> None:
    """Write a commented config.yaml and create the database."""
    from jobs.commands.init import begin

    for line in begin(directory):
        print(line)


@app.command(epilog="Example: dateline run --once --all")
def run(
    once: Annotated[
        bool, typer.Option("--once", help="Do all that is due now and what that makes due, then exit.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Make every feed due first; a host that asked for rest keeps it.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Watch the feeds until stopped: the daemon.

    On a terminal one living line shows what is due, visited and stored; elsewhere stderr has JSON lines.
    Ctrl-C finishes or gives back what is in hand; a second one leaves at once.
    """
    # Until the daemon takes the signals over, nothing is in hand.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(DONE))
    from jobs.config import find_config
    from jobs.daemon import run as run_daemon
    from jobs.display import Display

    path = find_config(config)
    settings = settings_of(path)
    code, summary = run_daemon(
        settings, config_path=path, once=once, everything=everything, display=Display.for_stderr()
    )
    if as_json:
        print_json(summary)
    elif once:
        print("\n".join(f"{name.replace('_', ' '):22}{count:>8,}" for name, count in summary.items()))
    raise typer.Exit(code)


@app.command(epilog='Example: dateline query "select host, count(*) from v_articles group by host"')
def query(
    sql: Annotated[
        str, typer.Argument(metavar="SQL", help="One statement; :name stands for a --param; - reads it from stdin.")
    ],
    param: Annotated[list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="A value for :NAME.")] = None,
    kind: Annotated[
        str, typer.Option("--format", metavar="table|csv|json|jsonl", help="How to print the rows.")
    ] = "table",
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write there, not to stdout.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read-only SQL over the store.

    Views for people: v_articles, v_feed_health, v_syndication, v_volume, v_failures.
    """
    from jobs.commands.query import run_query

    run_query(settings_of(config).database, sql, param or [], "json" if as_json else kind, output)


@app.command(epilog="Example: dateline show 42 --revisions")
def show(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Its number or any of its addresses.")],
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="[A B]", help="With --diff: two of its revisions.")
    ] = None,
    revisions: Annotated[bool, typer.Option("--revisions", help="List its revisions.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="What changed from revision A to B; without them, what changed last.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print its text as Markdown, and nothing else.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """One article: its text, bylines, copies and revisions, and what was left out of its page."""
    from ingest.errors import SettingsError
    from jobs.commands.show import article_record, as_markdown, as_text, difference
    from jobs.present import may_colour

    if numbers and not diff:
        raise SettingsError("the numbers of two revisions go with --diff: dateline show ARTICLE --diff 1 2")
    with database_of(config) as database:
        record = database.read(article_record, article)
    if diff:
        found = difference(record, numbers or ())
        print_json(found.as_list()) if as_json else print(found.as_text(colours=may_colour()))
    elif as_json:
        print_json(record)
    elif markdown:
        print(as_markdown(record))
    else:
        print(as_text(record, revisions=revisions))


@app.command(epilog="Example: dateline status --json")
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """What is coming in, what is late, what is broken and why."""
    from jobs.commands.status import as_text, status_record

    with database_of(config) as database:
        record = status_record(database)
    if as_json:
        print_json(record)
    else:
        print(as_text(record))


@app.command(epilog="Example: dateline doctor")
def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check that all is well, and say what to do.

    Looks at the settings, database, schema, disk, network and clock.
    """
    from jobs.commands.doctor import examine

    findings = examine(config)
    if as_json:
        print_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            print(finding)
    raise typer.Exit(FAILED if any(f.verdict == "fail" for f in findings) else DONE)


@app.command(epilog="Example: dateline extract --explain page.html   or   dateline extract --jsonl < pages.jsonl")
def extract(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE|URL|-]…", help="What to read; - is stdin.")
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='{"url", "html" or "html_b64" or "text"} a line in, an article a line out.')
    ] = False,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The address that a FILE or stdin came from.")
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="Print the text, and nothing else.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the text as Markdown, and nothing else.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Why each block was kept or dropped, and who said what of each field.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What Dateline reads in a page: the article on a terminal, JSON elsewhere.

    Exit code 1 where a page cannot be had or is no article.
    """
    from ingest.errors import SettingsError
    from jobs.commands.extract import choose_form, extract_sources, sources_of

    form = choose_form(text=text, markdown=markdown, explain=explain, as_json=as_json)
    if not jsonl:
        raise typer.Exit(extract_sources(config, sources_of(sources), url, form))
    if text or markdown or explain or url:
        raise SettingsError("--jsonl goes with none of --text, --markdown, --explain and --url: a line in, a line out")
    from jobs.commands.extract_lines import extract_lines

    raise typer.Exit(extract_lines(config, sources_of(sources)))


@app.command(epilog="Example: dateline duplicates --jsonl articles.jsonl > links.jsonl")
def duplicates(
    sources: Annotated[list[str] | None, typer.Argument(metavar="[FILE|-]…", help="What to read; - is stdin.")] = None,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='{"id", "url", "site", "title", "text", "lang"} a line in, a link a line out.'),
    ] = False,
    keep: Annotated[
        int, typer.Option("--keep", metavar="N", min=1, help="Compare with the last N texts, in memory.")
    ] = 100_000,
) -> None:
    """Which texts are copies of earlier ones: exact, near, syndicated, excerpts, or longer texts that contain them.

    The lines come in order of arrival. A text that is new has no line.
    """
    from ingest.errors import SettingsError

    if not jsonl:
        raise SettingsError("duplicates reads and writes JSON lines: say --jsonl")
    from jobs.commands.duplicates import duplicate_lines

    raise typer.Exit(duplicate_lines(sources or ["-"], keep))


@app.command(epilog="Example: dateline demo --keep newsroom")
def demo(
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Keep its settings and database there.")
    ] = None,
) -> None:
    """Show the whole pipeline, without a network.

    A small newsroom on this machine is polled, read, stored and queried before your eyes.
    """
    from jobs.commands.demo import show_demo

    raise typer.Exit(show_demo(keep))


@db_app.command("upgrade", epilog="Example: dateline db upgrade")
def db_upgrade(config: ConfigOption = None) -> None:
    """Bring the database to this program's schema."""
    from storage import migrate
    from storage.engine import Database

    with closing(Database(settings_of(config).database)) as database:
        before = migrate.inspect_schema(database)
        after = migrate.upgrade(database)
    if before.is_current:
        print(f"the schema is current (revision {after.current})")
    else:
        print(f"upgraded from {before.current or 'an empty database'} to revision {after.current}")


@db_app.command("check", epilog="Example: dateline db check")
def db_check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the schema and the integrity of the database."""
    from storage import migrate
    from storage.engine import Database

    with closing(Database(settings_of(config).database)) as database:
        problems = migrate.check(database)
    if as_json:
        print_json({"ok": not problems, "problems": problems})
    else:
        print("\n".join(problems) or "the database is sound")
    raise typer.Exit(FAILED if problems else DONE)


@db_app.command("fingerprints", epilog="Example: dateline db fingerprints")
def db_fingerprints(
    after: Annotated[int, typer.Option(metavar="ID", min=0, help="Go on beyond this article.")] = 0,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the keys by which near copies are found anew, from the stored texts.

    For a database from before there were keys, and after a version that makes other ones. Articles of the window
    (duplicates.window) get keys; links that are stored stay. It works in small portions, beside a running daemon.
    """
    from jobs import logs
    from jobs.commands.fingerprints import rebuild

    logs.configure()
    with database_of(config) as database:
        state = rebuild(settings_of(config), database, after)
    if as_json:
        print_json({"articles": state.articles, "done": state.done, "interrupted": state.is_interrupted})
    else:
        print(f"{state.done:,} of {state.articles:,} articles have their keys")
    if state.is_interrupted:
        print(f"dateline: interrupted; `dateline db fingerprints --after {state.last}` goes on", file=sys.stderr)
    raise typer.Exit(INTERRUPTED if state.is_interrupted else DONE)


if __name__ == "__main__":
    main()
