"""`dateline reread`: parse, call, print, exit code."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from jobs.cli_shared import DONE, INTERRUPTED, ConfigOption, JsonOption, database_of, print_json, settings_of

DAY = ["%Y-%m-%d"]


def reread(
    host: Annotated[str | None, typer.Option(metavar="HOST", help="Articles of this host only.")] = None,
    since: Annotated[
        datetime | None, typer.Option(metavar="DATE", formats=DAY, help="First seen on that day or later (UTC).")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(metavar="DATE", formats=DAY, help="First seen on that day or earlier (UTC).")
    ] = None,
    article: Annotated[
        list[int] | None, typer.Option(metavar="ID", help="This article; may be given again. It is read in any case.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Read at most that many pages.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what is current: see above.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; count what would change.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Extract again from the page archive, all articles or some.

    For a new version of Dateline, and after boilerplate of a host was learned. Each article's newest archived page is
    read as it was fetched. What changes is a new extraction, not a new revision: the fields and texts of the article
    are replaced; its number, address and times, and its older revisions, stay. A page in which no article is found any
    more, or that the archive no longer holds, changes nothing and is counted.

    An article is current, and left out, when this version has read it already with the boilerplate that is known of
    its host now. So a reread that was interrupted, however it ended, goes on when it is given again.

    It uses all cores (extract.workers), and works beside a running daemon.
    """
    from jobs import logs
    from jobs.commands.reread import Options, as_text, how_to_go_on, reread_articles
    from storage.reread import Selection

    logs.configure()
    settings = settings_of(config)
    selection = Selection(
        ids=tuple(article or ()),
        host=host.strip().lower() if host is not None else None,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) + timedelta(days=1) if until else None,
    )
    options = Options(everything=everything or bool(article), limit=limit, dry_run=dry_run)
    with database_of(config) as database:
        tally = reread_articles(settings, database, selection, options)
    if as_json:
        print_json(tally.summary() | {"dry_run": dry_run})
    else:
        print(as_text(tally, dry_run=dry_run))
    if tally.is_interrupted:
        print(f"dateline: {how_to_go_on(tally, options)}", file=sys.stderr)
    raise typer.Exit(INTERRUPTED if tally.is_interrupted else DONE)
