"""`dateline feeds …`: parse, call, print, exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.cli_shared import DONE, FAILED, INTERRUPTED, ConfigOption, JsonOption, database_of, print_json, settings_of

feeds_app = typer.Typer(
    help="Add, list, pause, import, export feeds.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@feeds_app.command("add", epilog="Example: dateline feeds add https://www.theguardian.com/world/rss --tag world")
def feeds_add(
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Addresses of feeds, or of sites.")],
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag of yours; may be given again.")] = None,
    interval: Annotated[str, typer.Option(help="Seconds or 5m, 2h …; auto: found by us.")] = "auto",
    title: Annotated[str | None, typer.Option(help="A title; the feed's own replaces it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Of a site, every feed that is suggested.")] = False,
    no_check: Annotated[bool, typer.Option("--no-check", help="Add without looking: for scripts.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll these feeds from now on.

    Each address is looked at first. Of a site, or a page of it, the best feed is found and added. What cannot be
    reached now is added unseen.
    """
    from jobs.commands.add import add

    outcomes, interrupted = add(
        settings_of(config), urls, tag or [], interval, title, check=not no_check, everything=everything
    )
    _report(outcomes, as_json, interrupted=interrupted)


@feeds_app.command("list", epilog="Example: dateline feeds list --json")
def feeds_list(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Every feed, with its health."""
    from jobs.commands.feeds import list_rows
    from jobs.present import table

    with database_of(config) as database:
        rows = database.read(list_rows)
    if as_json:
        print_json(rows)
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

    with database_of(config) as database:
        record = database.read(feed_record, feed)
    if as_json:
        print_json(record)
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
        print_json(record)
    else:
        print(as_text(record))
    raise typer.Exit(DONE if record["reason"] is None else FAILED)


@feeds_app.command("discover", epilog="Example: dateline feeds discover www.theguardian.com")
def feeds_discover(
    site: Annotated[str, typer.Argument(metavar="SITE", help="A site, a page of it, or a feed; nothing is stored.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The feeds and news sitemaps of a site, ranked, with what to add.

    Each is fetched and parsed: at most 40 requests, one at a time, within a minute. Exit code 1 where none is found.
    """
    from jobs.commands.discover import as_record, as_text, discover, remarks

    findings, interrupted = discover(config, site)
    if as_json:
        print_json(as_record(findings))
    else:
        if findings.ranked:
            print(as_text(findings))
        print("\n".join(remarks(findings)), file=sys.stderr)
    raise typer.Exit(INTERRUPTED if interrupted else DONE if findings.ranked else FAILED)


@feeds_app.command("remove", epilog="Example: dateline feeds remove 3")
def feeds_remove(
    feeds: Annotated[list[str], typer.Argument(metavar="FEED…", help="Numbers or addresses.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget feeds, their polls and entries. Their articles stay."""
    from jobs.commands.feeds import remove

    _report(remove(settings_of(config), feeds), as_json)


@feeds_app.command("pause", epilog="Example: dateline feeds pause 3")
def feeds_pause(
    feeds: Annotated[list[str], typer.Argument(metavar="FEED…", help="Numbers or addresses.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop polling feeds until they are resumed."""
    from jobs.commands.feeds import pause

    _report(pause(settings_of(config), feeds), as_json)


@feeds_app.command("resume", epilog="Example: dateline feeds resume 3")
def feeds_resume(
    feeds: Annotated[list[str], typer.Argument(metavar="FEED…", help="Numbers or addresses.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll feeds again, beginning now."""
    from jobs.commands.feeds import resume

    _report(resume(settings_of(config), feeds), as_json)


@feeds_app.command("import", epilog="Example: dateline feeds import subscriptions.opml --dry-run")
def feeds_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="OPML, CSV with a url column, or one address a line.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add every feed of a list, with an outcome for each line."""
    from jobs.commands.feeds import import_feeds

    _report(import_feeds(settings_of(config), file, dry_run=dry_run), as_json)


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
    with database_of(config) as database:
        text = database.read(export_list, kind)
    if output:
        output.write_text(text, "utf-8")
    else:
        print(text)


def _report(outcomes: list[dict[str, Any]], as_json: bool, *, interrupted: bool = False) -> None:
    """Print an outcome a line; exit 1 where one was refused, 130 where Ctrl-C ended it."""
    from jobs.present import harmless

    if as_json:
        print_json(outcomes)
    for outcome in [] if as_json else outcomes:
        line = f"line {outcome['line']}: " if outcome.get("line") else ""
        detail = f" ({outcome['detail']})" if outcome.get("detail") else ""
        print(harmless(f"{line}{outcome['outcome']}: {outcome['url']}{detail}"))
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if any(o["outcome"] in ("refused", "unknown") for o in outcomes) else DONE)
