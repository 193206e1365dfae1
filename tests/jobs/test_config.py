"""config.yaml: every mistake at once, with its line; nothing guessed; no secret printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from ingest.errors import SettingsError
from jobs.config import Settings, find_config, load_config, seconds, size

PROJECT = Path(__file__).parents[2] / "jobs" / "config.yaml"


def load(folder: Path, text: str) -> Settings:
    path = folder / "config.yaml"
    path.write_text(text, "utf-8")
    return load_config(path)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, text)
    return list(caught.value.problems)


def test_the_projects_own_settings_load() -> None:
    settings = load_config(PROJECT)
    urls = [feed.url for feed in settings.feeds]
    assert len(urls) >= 10
    assert "https://www.theguardian.com/world/rss" in urls
    assert settings.unused() == []


def test_the_defaults_that_it_shows_are_the_defaults(tmp_path: Path) -> None:
    """What stands behind a # in the project's file, uncommented."""
    lines = [line.removeprefix("# ") for line in PROJECT.read_text("utf-8").splitlines()]
    sections = [line for line in lines if line.split(":")[0] in Settings.model_fields and ": {" in line]
    assert len(sections) >= 6
    without = {"database"}
    assert load(tmp_path, "\n".join(sections)).model_dump(exclude=without) == Settings().model_dump(exclude=without)


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    for text in ("", "# nothing yet\n", "{}"):
        settings = load(tmp_path, text)
        assert settings.feeds == []
        assert settings.database == f"sqlite:///{tmp_path / 'dateline.db'}"


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        "pollling: {minimum: 5m}\n"
        "politeness:\n"
        "  delay: fast\n"
        "  respect_robot: true\n"
        "fetch: {max_page_bytes: 4 apples, allow_private: [everybody]}\n"
        "feeds:\n"
        "  - {url: ftp://a.example/feed}\n"
        "  - {title: no address}\n"
        "extract: {workers: 0}\n"
        "archive: {keep: -1d}\n",
    )
    assert [(p.split(":")[1], p.split(": ", 1)[1].split(" ")[0].rstrip(":")) for p in found] == [
        ("1", "pollling"),
        ("3", "politeness.delay"),
        ("4", "politeness.respect_robot"),
        ("5", "fetch.max_page_bytes"),
        ("5", "fetch.allow_private[0]"),
        ("7", "feeds[0].url"),
        ("8", "feeds[1].url"),
        ("9", "extract.workers"),
        ("10", "archive.keep"),
    ]
    assert all(problem.startswith("config.yaml:") for problem in found)
    assert "did you mean polling?" in found[0]
    assert "did you mean respect_robots?" in found[2]
    assert "http://" in found[5]


def test_a_feed_may_be_its_address_alone(tmp_path: Path) -> None:
    settings = load(tmp_path, "feeds:\n  - https://a.example/rss\n  - {url: 'https://b.example/rss', interval: 5m}\n")
    assert [(f.url, f.interval) for f in settings.feeds] == [
        ("https://a.example/rss", None),
        ("https://b.example/rss", 300),
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("feeds: [\n", 2, "not YAML"),
        ("a: b: c\n", 1, "not YAML"),
        ("- feeds\n", 1, "key: value"),
        ("just words\n", 1, "key: value"),
        ("\tdatabase: x\n", 1, "not YAML"),
        ("user_agent: ab\n", 1, "user_agent"),
        ("polling: {minimum: 2h, maximum: 1h}\n", 1, "longer than"),
        ("feeds:\n  - {url: 'http://a.example/'}\n  - {url: 'http://a.example/'}\n", 3, "twice"),
        ("database: sqlite:///a.db\ndatabase: sqlite:///b.db\n", 2, "twice"),
        ("opml: missing.opml\n", 1, "no file 'missing.opml'"),
        ("polling: 5m\n", 1, "polling"),
        ("feeds: {url: 'http://a.example/'}\n", 1, "feeds"),
        ("politeness: {delay: true}\n", 1, "politeness.delay"),
        ("websub: {callback: news.example}\n", 1, "websub.callback: write an address"),
        ("websub: {callback: 'https://news.example/?a=b'}\n", 1, "without ?"),
        ("websub: {listen: 8081}\n", 1, "websub.listen"),
        ("websub: {listen: '127.0.0.1:80810'}\n", 1, "such as 127.0.0.1:8081"),
        ("zzz: 1\n", 1, "there are: database"),
        ("feeds: [{url: 'http://a.example/', interval: sometimes}]\n", 1, "interval"),
    ],
)
def test_a_mistake_has_its_line_and_its_words(tmp_path: Path, text: str, line: int, words: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert problem.startswith(f"config.yaml:{line}: ")
    assert words in problem


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_config(path)


@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.one_of(st.text(max_size=60), st.recursive(st.text(max_size=5), lambda inner: st.lists(inner)).map(str)))
def test_whatever_is_written_gives_settings_or_our_error(tmp_path: Path, text: str) -> None:
    try:
        assert isinstance(load(tmp_path, text), Settings)
    except SettingsError as error:
        assert error.problems  # noqa: PT017 - both outcomes are right
    except UnicodeEncodeError:
        pass  # a lone surrogate cannot be written to a file in the first place


# --- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [("20s", 20), ("5m", 300), ("2h", 7200), ("7d", 604_800), ("1w", 604_800), ("250ms", 0.25), ("1.5h", 5400), (3, 3)],
)
def test_durations(written: object, expected: float) -> None:
    assert seconds(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("500kB", 500_000), ("4MB", 4_000_000), ("1GB", 10**9), ("1MiB", 2**20), ("7", 7), (9, 9), ("1.5 MB", 1_500_000)],
)
def test_sizes(written: object, expected: int) -> None:
    assert size(written) == expected


@pytest.mark.parametrize("written", ["", "m", "5 minutes", "-5m", "5m30s", "soon", None, True, [5], "٥m\u0000"])
def test_what_is_neither_duration_nor_size(written: Any) -> None:
    for read in (seconds, size):
        with pytest.raises(ValueError, match="such as"):
            read(written)


def test_words_that_stand_for_none(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        "feeds: [{url: 'http://a.example/', interval: auto}, {url: 'http://b.example/', interval: 10m}]\n"
        "archive: {keep: forever}\nretention: {polls: forever}\nextract: {workers: auto}\n",
    )
    assert [feed.interval for feed in settings.feeds] == [None, 600]
    assert (settings.archive.keep, settings.retention.polls, settings.extract.workers) == (None, None, None)
    assert settings.workers >= 1


def test_settings_that_do_nothing_yet_are_named(tmp_path: Path) -> None:
    settings = load(tmp_path, "web: {enabled: true}\nwatches: [{name: a}]\nretention: {articles: 5d}\n")
    assert settings.unused() == ["watches", "web", "retention.articles"]


# --- secrets and places ---------------------------------------------------------------------------------------------

SECRET = "hunter2-and-more"


def test_secrets_come_from_the_environment_and_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    (tmp_path / "proxy.txt").write_text(f"http://user:{SECRET}@proxy.example:3128\n")
    settings = load(
        tmp_path, "database: postgresql+psycopg://me:${DB_PASSWORD}@db/news\nfetch: {proxy: 'file:proxy.txt'}\n"
    )
    assert settings.database == f"postgresql+psycopg://me:{SECRET}@db/news"
    assert settings.fetch.proxy == f"http://user:{SECRET}@proxy.example:3128"


def test_secrets_that_are_missing_are_mistakes_with_their_lines(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        "database: postgresql://me:${NOBODY_SET_THIS}@db/news\nfetch:\n  proxy: file:not-there.txt\nwrong: 1\n",
    )
    assert [problem.split(":")[1] for problem in found] == ["1", "3", "4"]
    assert "NOBODY_SET_THIS" in found[0]
    assert "not-there.txt" in found[1]


@pytest.mark.parametrize(
    "text",
    [
        "database: [postgresql://me:${DB_PASSWORD}@db/news]\n",
        "database: {url: 'postgresql://me:${DB_PASSWORD}@db/news'}\n",
        "fetch: {proxy: ['http://me:${DB_PASSWORD}@proxy.example/']}\n",
        "fetch: {proxy: {url: '${DB_PASSWORD}'}}\n",
        "fetch: ['${DB_PASSWORD}']\n",
        "feeds: [{url: 'ftp://me:${DB_PASSWORD}@feeds.example/'}]\n",
        "feeds: '${DB_PASSWORD}'\n",
        "polling: {minimum: '${DB_PASSWORD}'}\n",
        "user_agent: ['${DB_PASSWORD}']\n",
        "opml: '${DB_PASSWORD}'\n",
        "'${DB_PASSWORD}'\n",
    ],
)
def test_no_mistake_repeats_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    assert SECRET not in "\n".join(problems(tmp_path, text))


def test_places_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    here.mkdir()
    (there / "feeds.opml").write_text("<opml/>")
    monkeypatch.chdir(here)
    settings = load(there, "database: sqlite:///data.db\narchive: {directory: pages}\nopml: feeds.opml\n")
    assert settings.database == f"sqlite:///{there / 'data.db'}"
    assert settings.archive_directory == there / "pages"
    assert settings.folder == there
    absolute = load(there, f"database: sqlite:///{tmp_path}/other.db\narchive: {{directory: {tmp_path}/pages}}\n")
    assert absolute.database == f"sqlite:///{tmp_path}/other.db"
    assert absolute.archive_directory == tmp_path / "pages"


def test_which_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one named, else ./config.yaml, else $DATELINE_CONFIG."""
    named, standard, last = tmp_path / "named.yaml", tmp_path / "config.yaml", tmp_path / "last.yaml"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="dateline init"):
        find_config(None)
    with pytest.raises(SettingsError, match=r"named\.yaml: there is no such file"):
        find_config(named)
    last.touch()
    monkeypatch.setenv("DATELINE_CONFIG", str(last))
    assert find_config(None) == last
    standard.touch()
    assert find_config(None).resolve() == standard
    named.touch()
    assert find_config(named) == named
    standard.unlink()
    last.unlink()
    with pytest.raises(SettingsError, match=r"last\.yaml"):
        find_config(None)
