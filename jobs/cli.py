"""The `dateline` program: parse, call, print, exit code. Heavy imports wait until a command needs them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from jobs.config import Settings
    from storage.engine import Database

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

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
feeds_app = typer.Typer(
    help="Add, list, pause, import, export feeds.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
db_app = typer.Typer(help="The database: its schema and its health.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(feeds_app, name="feeds")
app.add_typer(db_app, name="db")

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="PATH", help="Settings file [default: ./config.yaml, else $DATELINE_CONFIG]."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


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
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `dateline query … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)


def _complain(problems: Any) -> None:
    for problem in problems:
        print(f"dateline: {problem}", file=sys.stderr)


def _settings(config: Path | None) -> Settings:
    from jobs.config import find_config, load_config

    return load_config(find_config(config))


@contextmanager
def _database(config: Path | None) -> Iterator[Database]:
    """The store of the settings, with the schema of this program, for the length of the block."""
    from storage.migrate import open_current

    with closing(open_current(_settings(config).database)) as database:
        yield database


def _print_json(value: Any) -> None:
    from jobs.present import to_json

    print(to_json(value, indent=2))


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
    from jobs.config import find_config
    from jobs.daemon import run as run_daemon
    from jobs.display import Display

    path = find_config(config)
    settings = _settings(path)
    code, summary = run_daemon(
        settings, config_path=path, once=once, everything=everything, display=Display.for_stderr()
    )
    if as_json:
        _print_json(summary)
    elif once:
        print("\n".join(f"{name.replace('_', ' '):22}{count:>8,}" for name, count in summary.items()))
    raise typer.Exit(code)


@app.command(epilog='Example: dateline query "select host, count(*) from v_articles group by host"')
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One statement; :name stands for a --param.")],
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

    run_query(_settings(config).database, sql, param or [], "json" if as_json else kind, output)


@app.command(epilog="Example: dateline show 42 --revisions")
def show(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Its number or any of its addresses.")],
    revisions: Annotated[bool, typer.Option("--revisions", help="List its revisions.")] = False,
    diff: Annotated[
        tuple[int, int] | None, typer.Option("--diff", metavar="A B", help="What changed between two.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """One article: its text, bylines, copies and revisions."""
    from jobs.commands.show import article_record, as_text, diff_text

    with _database(config) as database:
        record = database.read(article_record, article)
    if as_json:
        _print_json(record)
    elif diff:
        print(diff_text(record, *diff))
    else:
        print(as_text(record, revisions=revisions))


@app.command(epilog="Example: dateline status --json")
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """What is coming in, what is late, what is broken and why."""
    from jobs.commands.status import as_text, status_record

    with _database(config) as database:
        record = status_record(database)
    if as_json:
        _print_json(record)
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
        _print_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            print(finding)
    raise typer.Exit(FAILED if any(f.verdict == "fail" for f in findings) else DONE)


@app.command(epilog="Example: dateline extract page.html   or   dateline extract --jsonl < pages.jsonl")
def extract(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE|URL|-]…", help="What to read; - is stdin.")
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='{"url", "html" or "html_b64" or "text"} a line in, an article a line out.')
    ] = False,
    url: Annotated[str | None, typer.Option("--url", help="The address that a FILE or stdin came from.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What Dateline reads in a page."""
    from jobs.commands.extract import extract_lines, extract_sources

    if jsonl:
        raise typer.Exit(extract_lines(config, sources or ["-"]))
    raise typer.Exit(extract_sources(config, sources or ["-"], url, as_json=as_json))


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


@feeds_app.command("add", epilog="Example: dateline feeds add https://www.theguardian.com/world/rss --tag world")
def feeds_add(
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Addresses of feeds.")],
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag of yours; may be given again.")] = None,
    interval: Annotated[str, typer.Option(help="Seconds or 5m, 2h …; auto: found by us.")] = "auto",
    title: Annotated[str | None, typer.Option(help="A title; the feed's own replaces it.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll these feeds from now on."""
    from jobs.commands.feeds import add

    _report(add(_settings(config), urls, tag or [], interval, title), as_json)


@feeds_app.command("list", epilog="Example: dateline feeds list --json")
def feeds_list(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Every feed, with its health."""
    from jobs.commands.feeds import list_rows
    from jobs.present import table

    with _database(config) as database:
        rows = database.read(list_rows)
    if as_json:
        _print_json(rows)
    elif rows:
        print(table(rows))
    else:
        hint = "no feeds yet: dateline feeds add URL; those of config.yaml are added when `dateline run` starts"
        print(hint, file=sys.stderr)


@feeds_app.command("show", epilog="Example: dateline feeds show 3")
def feeds_show(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="Its number or address.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """One feed: its settings, its health, its last polls."""
    from jobs.commands.feeds import as_text, feed_record

    with _database(config) as database:
        record = database.read(feed_record, feed)
    if as_json:
        _print_json(record)
    else:
        print(as_text(record))


@feeds_app.command("check", epilog="Example: dateline feeds check https://www.theguardian.com/world/rss")
def feeds_check(
    url: Annotated[str, typer.Argument(metavar="URL", help="Any address; nothing is stored.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What Dateline sees in a feed, live, with timing."""
    from jobs.commands.check import as_text, check_feed

    record = check_feed(config, url)
    if as_json:
        _print_json(record)
    else:
        print(as_text(record))
    raise typer.Exit(DONE if record["reason"] is None else FAILED)


@feeds_app.command("remove", epilog="Example: dateline feeds remove 3")
def feeds_remove(
    feeds: Annotated[list[str], typer.Argument(metavar="FEED…", help="Numbers or addresses.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget feeds, their polls and entries. Their articles stay."""
    from jobs.commands.feeds import remove

    _report(remove(_settings(config), feeds), as_json)


@feeds_app.command("pause", epilog="Example: dateline feeds pause 3")
def feeds_pause(
    feeds: Annotated[list[str], typer.Argument(metavar="FEED…", help="Numbers or addresses.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop polling feeds until they are resumed."""
    from jobs.commands.feeds import pause

    _report(pause(_settings(config), feeds), as_json)


@feeds_app.command("resume", epilog="Example: dateline feeds resume 3")
def feeds_resume(
    feeds: Annotated[list[str], typer.Argument(metavar="FEED…", help="Numbers or addresses.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll feeds again, beginning now."""
    from jobs.commands.feeds import resume

    _report(resume(_settings(config), feeds), as_json)


@feeds_app.command("import", epilog="Example: dateline feeds import subscriptions.opml --dry-run")
def feeds_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="OPML, CSV with a url column, or one address a line.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add every feed of a list, with an outcome for each line."""
    from jobs.commands.feeds import import_feeds

    _report(import_feeds(_settings(config), file, dry_run=dry_run), as_json)


@feeds_app.command("export", epilog="Example: dateline feeds export --format csv --output feeds.csv")
def feeds_export(
    kind: Annotated[str, typer.Option("--format", metavar="opml|csv", help="What to write.")] = "opml",
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write there, not to stdout.")] = None,
    config: ConfigOption = None,
) -> None:
    """Every feed as OPML or CSV."""
    from ingest.errors import SettingsError
    from jobs.feed_lists import export_list

    if kind not in ("opml", "csv"):
        raise SettingsError(f"--format: {kind} is not opml or csv")
    with _database(config) as database:
        text = database.read(export_list, kind)
    if output:
        output.write_text(text, "utf-8")
    else:
        print(text)


def _report(outcomes: list[dict[str, Any]], as_json: bool) -> None:
    """Print an outcome a line; exit 1 where one was refused."""
    if as_json:
        _print_json(outcomes)
    for outcome in [] if as_json else outcomes:
        line = f"line {outcome['line']}: " if outcome.get("line") else ""
        detail = f" ({outcome['detail']})" if outcome.get("detail") else ""
        print(f"{line}{outcome['outcome']}: {outcome['url']}{detail}")
    raise typer.Exit(FAILED if any(o["outcome"] in ("refused", "unknown") for o in outcomes) else DONE)


@db_app.command("upgrade", epilog="Example: dateline db upgrade")
def db_upgrade(config: ConfigOption = None) -> None:
    """Bring the database to this program's schema."""
    from storage import migrate
    from storage.engine import Database

    with closing(Database(_settings(config).database)) as database:
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

    with closing(Database(_settings(config).database)) as database:
        problems = migrate.check(database)
    if as_json:
        _print_json({"ok": not problems, "problems": problems})
    else:
        print("\n".join(problems) or "the database is sound")
    raise typer.Exit(FAILED if problems else DONE)


if __name__ == "__main__":
    main()
