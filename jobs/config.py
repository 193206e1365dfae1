"""config.yaml to frozen settings. Every mistake is reported at once, with its line; nothing is guessed."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from ingest.errors import SettingsError

DEFAULT = "config.yaml"
VARIABLE = "DATELINE_CONFIG"

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)?")
_BYTES = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def seconds(value: object) -> object:
    """ "5m" to 300.0; numbers are seconds."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("write a duration such as 20s, 5m, 2h or 7d")
    match = _DURATION.fullmatch(str(value).strip())
    if match is None:
        raise ValueError("write a duration such as 20s, 5m, 2h or 7d")
    return float(match[1]) * _SECONDS[match[2] or "s"]


def size(value: object) -> object:
    """ "15MB" to 15,000,000; numbers are bytes."""
    match = _SIZE.fullmatch(str(value).strip())
    if isinstance(value, bool) or match is None:
        raise ValueError("write a size such as 500kB, 4MB or 1GB")
    return int(float(match[1]) * _BYTES[match[2] or "B"])


def or_word(word: str) -> Any:
    """Accept one word (as None) besides what the next validator takes."""
    return BeforeValidator(lambda value: None if value == word else value)


def _network(value: str) -> str:
    try:
        return str(ip_network(value, strict=False))
    except ValueError:
        raise ValueError("write a network such as 127.0.0.0/8") from None


def _web_address(value: str) -> str:
    if not re.match(r"https?://[^/\s]+", value):
        raise ValueError("write an address that starts with http:// or https://")
    return value


def _callback(value: str) -> str:
    parts = urlsplit(_web_address(value))
    if parts.query or parts.fragment or not parts.hostname:
        raise ValueError("write the public address alone, without ? and #")
    return value.rstrip("/")


def _listen(value: object) -> object:
    """Host and port; the host may be a name, an IPv4 address or an IPv6 address in brackets."""
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+):(\d{1,5})", str(value))
    if match is None or int(match[2]) > 65_535:
        raise ValueError("write an address and a port such as 127.0.0.1:8081")
    return value


Steps = tuple[str | int, ...]  # where in the document: ("feeds", 0, "url")

Duration = Annotated[float, BeforeValidator(seconds), Field(ge=0)]
Positive = Annotated[float, BeforeValidator(seconds), Field(gt=0)]
Size = Annotated[int, BeforeValidator(size), Field(gt=0)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FeedSetting(Section):
    url: Annotated[str, AfterValidator(_web_address)]
    title: str | None = None
    tags: list[str] = []
    interval: Annotated[Positive | None, or_word("auto")] = None


def address_alone(feed: object) -> object:
    """A feed may be its address and nothing else."""
    return {"url": feed} if isinstance(feed, str) else feed


class Polling(Section):
    minimum: Positive = 300
    maximum: Positive = 86_400
    initial: Positive = 1_800


class Politeness(Section):
    delay: Duration = 2
    respect_robots: bool = True
    max_delay: Duration = 120


class Fetch(Section):
    timeout: Positive = 20
    total: Positive = 60
    max_feed_bytes: Size = 15_000_000
    max_page_bytes: Size = 4_000_000
    redirects: Annotated[int, Field(ge=0, le=50)] = 8
    allow_private: list[Annotated[str, AfterValidator(_network)]] = []
    proxy: str | None = None


class Extract(Section):
    workers: Annotated[Annotated[int, Field(ge=1, le=512)] | None, or_word("auto")] = None
    timeout: Positive = 20
    memory: Annotated[int, BeforeValidator(size), Field(ge=300_000_000)] = 1_000_000_000


class Archive(Section):
    enabled: bool = True
    directory: str = "archive"
    keep: Annotated[Positive | None, or_word("forever")] = 90 * 86_400


class Duplicates(Section):
    window: Positive = 30 * 86_400


class Revisions(Section):
    recheck: bool = True
    until: Positive = 7 * 86_400
    budget: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000


class Retention(Section):
    articles: Annotated[Positive | None, or_word("forever")] = None
    polls: Annotated[Positive | None, or_word("forever")] = 30 * 86_400


class WebSub(Section):
    callback: Annotated[str, AfterValidator(_callback)] | None = None
    listen: Annotated[str, BeforeValidator(_listen)] = "127.0.0.1:8081"


class Web(Section):
    enabled: bool = False
    listen: str = "127.0.0.1:8080"


class Metrics(Section):
    enabled: bool = True


class Settings(Section):
    """Everything that config.yaml may say, with its defaults."""

    database: str = "sqlite:///dateline.db"
    user_agent: Annotated[str, Field(min_length=3, max_length=300)] = "Dateline (+https://example.org/contact)"
    feeds: list[Annotated[FeedSetting, BeforeValidator(address_alone)]] = []
    opml: str | None = None
    polling: Polling = Polling()
    politeness: Politeness = Politeness()
    fetch: Fetch = Fetch()
    extract: Extract = Extract()
    archive: Archive = Archive()
    duplicates: Duplicates = Duplicates()
    revisions: Revisions = Revisions()
    retention: Retention = Retention()
    watches: list[dict[str, Any]] = []
    websub: WebSub = WebSub()
    web: Web = Web()
    metrics: Metrics = Metrics()
    _path: Path | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path:
        """Relative paths in the settings are relative to the folder of the file, not to where one stands."""
        return self._path.parent if self._path else Path()

    @property
    def workers(self) -> int:
        return self.extract.workers or os.cpu_count() or 1

    @property
    def archive_directory(self) -> Path:
        return self.folder / self.archive.directory

    def unused(self) -> list[str]:
        """Settings that were changed although this version does nothing with them yet."""
        later = ("watches", "web")
        found = [name for name in later if getattr(self, name) != type(self).model_fields[name].default]
        return found + (["retention.articles"] if self.retention.articles is not None else [])


def find_config(given: Path | None) -> Path:
    """The settings file: the one given, else ./config.yaml, else $DATELINE_CONFIG. Raises SettingsError."""
    if given is not None:
        if not given.is_file():
            raise SettingsError(f"{given}: there is no such file")
        return given
    if Path(DEFAULT).is_file():
        return Path(DEFAULT)
    named = os.environ.get(VARIABLE)
    if named:
        return find_config(Path(named))
    raise SettingsError(
        f"there is no {DEFAULT} in this folder: run `dateline init` to write one, or name yours with --config PATH"
    )


def load_config(path: Path) -> Settings:
    """The settings of a file. Raises SettingsError with every mistake and its line."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from None
    document = _Document.read(path.name, text, path.parent)
    try:
        settings = Settings.model_validate(document.value)
    except ValidationError as error:
        document.problems += [_sentence(document, problem) for problem in error.errors()]
        raise SettingsError(*sorted(document.problems, key=_line)) from None
    document.problems += list(_contradictions(document, settings))
    if document.problems:
        raise SettingsError(*document.problems)
    settings._path = path
    return settings.model_copy(update={"database": _anchored(settings.database, path.parent)})


def _contradictions(document: _Document, settings: Settings) -> Iterator[str]:
    """What each key may say, but not together."""
    if settings.polling.minimum > settings.polling.maximum:
        yield document.at(("polling", "minimum"), "polling.minimum is longer than polling.maximum")
    seen: dict[str, int] = {}
    for number, feed in enumerate(settings.feeds):
        if feed.url in seen:
            path: Steps = ("feeds", number, "url")
            yield document.at(path, f"feeds: {document.shown(path, feed.url)} is listed twice")
        seen[feed.url] = number
    if settings.opml and not (document.folder / settings.opml).is_file():
        yield document.at(("opml",), f"opml: there is no file {document.shown(('opml',), settings.opml)}")


def _anchored(database: str, folder: Path) -> str:
    """A relative SQLite path, made relative to the folder of the settings."""
    prefix = "sqlite:///"
    if database.startswith(prefix) and not database.startswith(prefix + "/") and ":memory:" not in database:
        return prefix + str((folder / database.removeprefix(prefix)).absolute())
    return database


@dataclass
class _Document:
    """A YAML document with the line of each of its keys."""

    name: str
    folder: Path
    value: Any
    lines: dict[Steps, int]
    problems: list[str]
    secrets: set[Steps]  # where a value came from the environment or from a file

    @classmethod
    def read(cls, name: str, text: str, folder: Path) -> _Document:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise SettingsError(f"{name}:{line}: this is not YAML: {error.problem}") from None
        except yaml.YAMLError as error:
            raise SettingsError(f"{name}:1: this is not YAML: {error}") from None
        document = cls(name, folder, {}, {}, [], set())
        if root is not None:
            document.value = document._build(root, ())
            if not isinstance(document.value, dict):
                raise SettingsError(f"{name}:1: settings are lines of `key: value`")
        return document

    def at(self, path: Steps, sentence: str) -> str:
        """The sentence, with the line of `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}: {sentence}"

    def shown(self, path: Steps, value: object) -> str:
        """What stands at `path`, for a sentence; a secret is not repeated."""
        return "(a secret)" if any(at[: len(path)] == path for at in self.secrets) else f"{value!r:.100}"

    def _build(self, node: yaml.Node, path: Steps) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(child, (*path, i)) for i, child in enumerate(node.value)]
        value = yaml.SafeLoader("").construct_object(node)
        return self._secret(value, path) if isinstance(value, str) else value

    def _mapping(self, node: yaml.MappingNode, path: Steps) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*path, key)
            self.lines[here] = key_node.start_mark.line + 1
            if key in found:
                self.problems.append(self.at(here, f"{_dotted(here)} is given twice"))
            found[key] = self._build(value_node, here)
        return found

    def _secret(self, value: str, path: Steps) -> str:
        """`${NAME}` becomes the environment's value, `file:PATH` the file's first line."""
        if value.startswith("file:") or re.search(r"\$\{\w+\}", value):
            self.secrets.add(path)
        if value.startswith("file:"):
            try:
                return (self.folder / value.removeprefix("file:")).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                self.problems.append(self.at(path, f"{_dotted(path)}: {value} cannot be read: {error}"))
                return value

        def environment(match: re.Match[str]) -> str:
            if match[1] not in os.environ:
                self.problems.append(self.at(path, f"{_dotted(path)}: the environment has no {match[1]}"))
            return os.environ.get(match[1], "")

        return re.sub(r"\$\{(\w+)\}", environment, value)


def _line(problem: str) -> int:
    return int(problem.split(":", 2)[1])


def _dotted(path: Steps) -> str:
    return ".".join(f"[{p}]" if isinstance(p, int) else p for p in path).replace(".[", "[")


# What pydantic puts into a path for the alternatives of a value.
_KIND = re.compile(r"(?:function-(?:before|after)|float|int|none|literal|str)(?:\[.*)?", re.DOTALL)


def _sentence(document: _Document, problem: Mapping[str, Any]) -> str:
    """One of pydantic's findings, in our words."""
    path = tuple(p for p in problem["loc"] if isinstance(p, int) or not _KIND.fullmatch(str(p)))
    name, kind = _dotted(path), problem["type"]
    if kind == "extra_forbidden":
        return document.at(path, f"{name} is not a setting{_nearest(path)}")
    if kind == "missing":
        return document.at(path, f"{name} is missing")
    said = problem["msg"].removeprefix("Value error, ")
    shown = f" (it says {document.shown(path, problem['input'])})"
    if any(word in name for word in ("database", "proxy")):
        shown = ""  # it may hold a secret
    return document.at(path, f"{name}: {said}{shown}")


def _nearest(path: Steps) -> str:
    """A guess at what was meant."""
    model: Any = Settings
    for step in path[:-1]:
        if isinstance(step, int):
            continue
        annotation = model.model_fields[step].annotation if step in model.model_fields else None
        model = FeedSetting if step == "feeds" else annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return ""
    near = difflib.get_close_matches(str(path[-1]), model.model_fields, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(model.model_fields)}"
