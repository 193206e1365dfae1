"""Pages from WARC files, anybody's, whole and broken."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import random
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from backports import zstd
from fastwarc import warc as fastwarc
from fastwarc.stream_io import GzipWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ingest.archive import Archive
from ingest.backfill import inflate, window
from ingest.backfill.archived import ArchivedPage, Chunk, Limits
from ingest.backfill.codings import Gzip, end_of_frame
from ingest.backfill.files import find_files, is_list, read_list
from ingest.backfill.wanted import Wanted
from ingest.backfill.warc import read_chunk
from ingest.errors import ParseError, SettingsError
from ingest.model import Response
from tests.ingest.archives import every_form, hiding, http, in_frames, in_members, info, member, record

GOLDEN = sorted(path.parent for path in (Path(__file__).parents[1] / "golden" / "backfill").glob("*/expected.json"))
ALL = Wanted()
ONE = Limits(max_records=1)
BODY = "<!DOCTYPE html><title>Brücke</title><p>Grüße aus Köln</p>".encode()
URL = "https://north.example/a"


def body(number: int) -> bytes:
    noise = random.Random(number)
    return f"<html><p>{number} {'words and more words ' * noise.randrange(40)}".encode() + noise.randbytes(
        noise.randrange(400)
    )


RECORDS = [info()] + [
    record(http(body(number)), f"https://{('north', 'south', 'west')[number % 3]}.example/{number}")
    for number in range(12)
]
FORMS = every_form(RECORDS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.warc"


class Read:
    """All chunks of a file, put together."""

    def __init__(self, path: Path, wanted: Wanted = ALL, limits: Limits | None = None) -> None:
        self.pages: list[ArchivedPage] = []
        self.left_out: Counter[str] = Counter()
        self.broken: list[tuple[int, str]] = []
        self.positions: list[int] = []
        self.records = self.broken_count = 0
        position: int | None = 0
        while position is not None:
            self.positions.append(position)
            chunk = read_chunk(path, position, wanted, limits)
            self._add(chunk)
            assert chunk.position is None or chunk.position > position
            position = chunk.position

    def _add(self, chunk: Chunk[int]) -> None:
        self.pages += chunk.pages
        self.left_out.update(chunk.left_out)
        self.broken += chunk.broken
        self.broken_count += chunk.broken_count
        self.records += chunk.records
        assert chunk.read_bytes <= chunk.size


def read(path: Path, data: bytes, wanted: Wanted = ALL, limits: Limits | None = None) -> Read:
    path.write_bytes(data)
    return Read(path, wanted, limits)


def only_page(path: Path, *records: bytes) -> ArchivedPage:
    (page,) = read(path, in_members([info(), *records])).pages
    return page


# --- forms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(path: Path, form: str) -> None:
    found = read(path, FORMS[form])
    assert [(page.url, page.body) for page in found.pages] == [
        (f"https://{('north', 'south', 'west')[number % 3]}.example/{number}", body(number)) for number in range(12)
    ]
    assert (found.records, found.left_out, found.broken) == (13, {"no_response": 1}, [])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wanted", [ALL, Wanted(hosts=("south.example",))], ids=["all", "one host"])
def test_a_pause_after_each_record_changes_nothing(path: Path, form: str, wanted: Wanted) -> None:
    whole, paused = read(path, FORMS[form], wanted), Read(path, wanted, ONE)
    assert paused.pages == whole.pages
    assert len(paused.pages) == (4 if wanted.hosts else 12)
    assert (paused.records, paused.left_out) == (whole.records, whole.left_out)
    assert len(paused.positions) >= 13


@pytest.mark.parametrize("form", FORMS)
def test_every_position_can_be_gone_to_at_any_time(path: Path, form: str) -> None:
    positions = read(path, FORMS[form], limits=ONE).positions
    inorder = {position: read_chunk(path, position, ALL, ONE).pages for position in positions}
    shuffled = random.Random(form).sample(positions, len(positions))
    assert {position: read_chunk(path, position, ALL, ONE).pages for position in shuffled} == inorder


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("piece", [17, 1000])
def test_it_does_not_matter_how_much_is_read_at_a_time(
    path: Path, form: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(path, FORMS[form], Wanted(hosts=("west.example",)))
    for module in (window, inflate):
        monkeypatch.setattr(module, "PIECE", piece)
    assert Read(path, Wanted(hosts=("west.example",))).pages == whole.pages


def test_arguments_and_results_cross_process_borders(path: Path) -> None:
    path.write_bytes(FORMS["gzip"])
    arguments = pickle.loads(pickle.dumps((path, 0, Wanted(hosts=("west.example",)), Limits())))
    chunk = read_chunk(*arguments)
    assert pickle.loads(pickle.dumps(chunk)) == chunk
    assert len(chunk.pages) == 4


def test_an_empty_file_and_no_file(path: Path) -> None:
    assert read(path, b"").records == 0
    with pytest.raises(FileNotFoundError):
        read_chunk(path.with_name("none"), 0, ALL)


def test_a_file_that_has_grown_is_gone_on_with(path: Path) -> None:
    path.write_bytes(in_members(RECORDS[:3]))
    first = read_chunk(path, 0, ALL, Limits(max_records=2))
    path.write_bytes(in_members(RECORDS[:5]))
    assert first.position is not None
    second = read_chunk(path, first.position, ALL)
    assert len(first.pages) + len(second.pages) == 4


# --- what a page is ---------------------------------------------------------------------------------------------------


def test_a_page_has_what_the_record_says(path: Path) -> None:
    kept = record(http(BODY, "text/html", "200 OK", "X-Odd: a", "x-odd: b", "Content-Length: 5"), URL)
    page = only_page(path, kept)
    assert (page.url, page.status, page.body) == (URL, 200, BODY)
    assert page.headers == {"content-type": "text/html", "x-odd": "a, b"}
    assert page.fetched_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    with path.open("rb") as file:
        file.seek(page.offset)
        assert gzip.decompress(file.read(page.length)) == kept


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("2024-05-06T07:08:09.123456789Z", datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)),
        ("2024-05-06T07:08Z", datetime(2024, 5, 6, 7, 8, tzinfo=UTC)),
        ("2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
        ("2024-05", datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024", datetime(2024, 1, 1, tzinfo=UTC)),
        ("20240506070809", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("2024-05-06T09:08:09+02:00", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
    ],
)
def test_dates_of_every_precision(path: Path, stated: str, meant: datetime) -> None:
    assert only_page(path, record(http(BODY), date=stated, version="1.1")).fetched_at == meant


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (record(b"GET / HTTP/1.1\r\n\r\n", kind="request"), "no_response"),
        (record(b"a: b\r\n", kind="metadata", content_type="application/warc-fields"), "no_response"),
        (record(b"1.2.3.4", "dns:north.example", content_type="text/dns"), "no_response"),
        (record(b"220 hello", "ftp://north.example/a", content_type="text/plain"), "no_response"),
        (record(http(BODY), None), "no_response"),
        (record(b"", kind="response"), "no_response"),
        (record(BODY, kind="response"), "no_response"),
        (record(b"HTTP/1.1 200 OK\r\nContent-Type: text/html", kind="response"), "no_response"),
        (record(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 60_000), "no_response"),
        (record(http(b""), kind="revisit"), "revisit"),
        (record(http(BODY, "application/pdf")), "not_html"),
        (record(http(b"\x89PNG", None)), "not_html"),
        (record(b"{}", kind="resource", content_type="application/json"), "not_html"),
        (record(http(BODY, status="404 Not Found")), "status"),
        (record(http(BODY, status="304")), "status"),
        (record(http(BODY), "https://south.example/a"), "filtered"),
        (record(http(BODY), "https://north.example/live/a"), "filtered"),
        (record(http(BODY), "https://[north.example/"), "filtered"),
        (record(http(BODY), date="2023-12-31T23:59:59Z"), "outside_window"),
        (record(http(BODY), date="yesterday"), "no_date"),
        (record(http(BODY), more=["WARC-Truncated: time"]), "truncated"),
        (record(http(b"<p>" + bytes(2_000_000))), "too_large"),
        (record(http(b"<p>" + bytes(1_000_001))), "too_large"),
        (record(http(gzip.compress(bytes(3_000_000)), "text/html", "200 OK", "Content-Encoding: gzip")), "too_large"),
        (record(b"<p>" + bytes(1_000_001), kind="resource", content_type="text/html"), "too_large"),
        (record(http(b"\x01\x02\x03", "text/html", "200 OK", "Content-Encoding: br")), "bad_encoding"),
        (record(http(b"\x01\x02\x03", "text/html", "200 OK", "Content-Encoding: rot13")), "bad_encoding"),
    ],
)
@pytest.mark.parametrize("pack", [in_members, b"".join], ids=["gzip", "plain"])
def test_why_records_are_no_pages(path: Path, kept: bytes, why: str, pack: object) -> None:
    wanted = Wanted(since=datetime(2024, 1, 1, tzinfo=UTC), hosts=("north.example",), paths=("/a*",))
    data = pack([kept, record(http(BODY))])  # type: ignore[operator]
    found = read(path, data, wanted, Limits(max_bytes=1_000_000))
    assert (found.left_out, found.broken) == ({why: 1}, [])
    assert [page.body for page in found.pages] == [BODY]


@pytest.mark.parametrize(
    "content",
    [
        http(BODY),
        http(BODY, "application/xhtml+xml"),
        http(BODY, None),
        http(BODY, "TEXT/HTML ;charset=x"),
        http(BODY).replace(b"\r\n", b"\n"),
        http(BODY, "text/html", "200"),
        http(BODY, "text/html", "200 OK", f"Content-Length: {len(BODY) * 9}"),
        http(BODY, "text/html", "200 OK", "Transfer-Encoding: chunked"),  # taken off already
        http(BODY, "text/html", "200 OK", "Content-Encoding: gzip"),  # undone already
        http(BODY, "text/html", "200 OK", "Content-Encoding: br"),
        http(b"5\r\n%b\r\n2F;x=y\r\n%b\r\n0\r\n\r\n" % (BODY[:5], BODY[5:52]) if len(BODY) == 52 else BODY),
        http(b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)),  # left in, and not announced
        http(b"%x\r\n%b\r\n" % (len(BODY), BODY), "text/html", "200 OK", "Transfer-Encoding: chunked"),  # no last one
        http(b"%x\n%b\n0\n\n" % (len(BODY), BODY), "text/html", "200 OK", "Transfer-Encoding: chunked"),
        http(gzip.compress(BODY), "text/html", "200 OK", "Content-Encoding: gzip"),
        http(brotli.compress(BODY), "text/html", "200 OK", "Content-Encoding: br"),
        http(
            b"%x\r\n%b\r\n0\r\n\r\n" % (len(gzip.compress(BODY, mtime=0)), gzip.compress(BODY, mtime=0)),
            "text/html", "200 OK", "Transfer-Encoding: chunked", "Content-Encoding: gzip",
        ),
    ],
)  # fmt: skip
def test_codings_are_undone_where_they_are_there(path: Path, content: bytes) -> None:
    page = only_page(path, record(content))
    assert page.body == BODY
    assert not {"content-encoding", "transfer-encoding", "content-length"} & set(page.headers)


def test_a_page_that_begins_like_a_chunk_is_left_as_it_is(path: Path) -> None:
    odd = b"10\r\n<p>Ten little lines\r\n"
    assert only_page(path, record(http(odd))).body == odd


# --- who writes them --------------------------------------------------------------------------------------------------


def test_wget(path: Path) -> None:
    """Brackets around the address (a slip in WARC/1.0's own grammar), and bodies as they came over the wire."""
    kept = record(
        http(b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY), "text/html", "200 OK", "Transfer-Encoding: chunked"),
        f"<{URL}>",
        content_type="application/http;msgtype=response",
        more=["WARC-IP-Address: 127.0.0.1", "WARC-Block-Digest: sha1:AAAA", "WARC-Warcinfo-ID: <urn:uuid:1>"],
    )
    page = only_page(path, record(b"GET /a HTTP/1.1\r\n\r\n", f"<{URL}>", "request"), kept)
    assert (page.url, page.body) == (URL, BODY)


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_files_that_other_programs_wrote(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    for limits in (Limits(), ONE):
        found = Read(*find_files([folder]), limits=limits)
        assert {page.url: page.body.decode() for page in found.pages} == expected["pages"]
        assert found.left_out == expected["left_out"]
        assert found.broken == []


@pytest.mark.parametrize("is_packed", [True, False])
def test_warcio(path: Path, is_packed: bool) -> None:
    written = io.BytesIO()
    writer = WARCWriter(written, gzip=is_packed, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "warcio"}))
    for number in range(3):
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
        made = writer.create_warc_record(
            f"{URL}/{number}", "response", io.BytesIO(BODY), len(BODY), http_headers=headers
        )
        writer.write_record(made)
        writer.write_record(writer.create_revisit_record(f"{URL}/{number}", "sha1:A", URL, "2024-05-06T07:08:09Z"))
    found = read(path, written.getvalue())
    assert [page.url for page in found.pages] == [f"{URL}/{number}" for number in range(3)]
    assert (found.left_out, found.broken) == ({"no_response": 1, "revisit": 3}, [])


@pytest.mark.parametrize("is_packed", [True, False])
def test_fastwarc(path: Path, is_packed: bool) -> None:
    written = io.BytesIO()
    for number in range(3):
        made = fastwarc.WarcRecord()
        made.init_headers(record_type=fastwarc.WarcRecordType.response)
        made.headers["WARC-Target-URI"] = f"{URL}/{number}"
        made.headers["Content-Type"] = "application/http; msgtype=response"
        made.set_bytes_content(http(BODY))
        if is_packed:
            packer = GzipWriter(written)
            made.write(packer)
            packer.finish()
        else:
            made.write(written)
    assert [page.body for page in read(path, written.getvalue()).pages] == [BODY] * 3


def test_savers_in_browsers(path: Path) -> None:
    """ArchiveWeb.page and warcit: resources, facts of their own about a page, folded lines, addresses beyond ASCII."""
    page_info = record(b"{}", "urn:pageinfo:" + URL, "resource", content_type="application/json", version="1.1")
    saved = record(BODY, "https://north.example/grüße?a=b c", "resource", content_type="text/html", version="1.1")
    folded = record(http(BODY), "https://north.example/long").replace(b": https", b":\r\n https", 1)
    found = read(path, in_members([info(), page_info, saved, folded]))
    assert [(page.url, page.headers) for page in found.pages] == [
        ("https://north.example/gr%C3%BC%C3%9Fe?a=b%20c", {"content-type": "text/html"}),
        ("https://north.example/long", {"content-type": "text/html; charset=utf-8"}),
    ]


def test_a_response_that_lost_its_http_headers(path: Path) -> None:
    page = only_page(path, record(BODY, content_type="text/html; charset=utf-8"))
    assert (page.body, page.headers) == (BODY, {"content-type": "text/html"})


def test_our_own_archive_is_read_by_us_and_by_others(tmp_path: Path) -> None:
    at = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    with closing(Archive(tmp_path, "dateline/test")) as archive:
        for number, raw in enumerate((BODY, gzip.compress(BODY, mtime=0))):
            headers = {"content-type": "text/html"} | ({"content-encoding": "gzip"} if number else {})
            archive.append(Response(URL, f"{URL}/{number}", 200, headers, BODY, raw), at)
    (file,) = find_files([tmp_path])
    found = Read(file)
    assert [(page.url, page.body, page.fetched_at) for page in found.pages] == [
        (f"{URL}/{number}", BODY, at) for number in range(2)
    ]
    with file.open("rb") as opened:
        others = [each.content_stream().read() for each in ArchiveIterator(opened) if each.rec_type == "response"]
    assert others == [BODY, BODY]
    with file.open("rb") as opened:
        responses = fastwarc.ArchiveIterator(opened, record_types=fastwarc.WarcRecordType.response)
        places = [(each.headers["WARC-Target-URI"], each.stream_pos) for each in responses]
    assert places == [(page.url, page.offset) for page in found.pages]


# --- how much is done -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "pages"),
    [
        (Limits(max_pages=2), 2),
        (Limits(max_records=3), 2),
        (Limits(max_kept=1), 1),
        (Limits(max_read=1), 0),
        (Limits(max_s=0), 0),
    ],
)
def test_a_chunk_ends_at_the_first_limit(path: Path, limits: Limits, pages: int) -> None:
    path.write_bytes(in_members([info(), *(record(http(BODY), f"{URL}/{number}") for number in range(4))]))
    chunk = read_chunk(path, 0, ALL, limits)
    assert len(chunk.pages) == pages
    assert chunk.position is not None
    assert 0 < chunk.read_bytes < chunk.size
    assert len(Read(path, ALL, limits).pages) == 4


@pytest.mark.parametrize("pack", [in_members, in_frames, b"".join], ids=["gzip", "zstd", "plain"])
def test_what_is_filtered_is_not_decompressed(path: Path, pack: object) -> None:
    """Shown by damage in the middle of such records, which nobody meets."""
    data = bytearray(pack([record(http(random.Random(n).randbytes(9_000)), f"{URL}/{n}") for n in range(5)]))  # type: ignore[operator]
    for at in range(4_000, len(data), 9_400):
        data[at : at + 4] = bytes(each ^ 255 for each in data[at : at + 4])
    found = read(path, bytes(data), Wanted(hosts=("south.example",)))
    assert (found.left_out, found.broken, found.records) == ({"filtered": 5}, [], 5)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 65_791, 65_792, 400_000])
@pytest.mark.parametrize("check_sum", [True, False])
@pytest.mark.parametrize("noise", [True, False])
def test_the_end_of_a_frame_is_said(path: Path, size: int, check_sum: bool, noise: bool) -> None:
    data = random.Random(size).randbytes(size) if noise else bytes(size)
    frame = zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: check_sum})
    path.write_bytes(b"before" + frame + b"behind")
    assert end_of_frame(window.Window(path), 6) == 6 + len(frame) == 6 + zstd.get_frame_size(frame)
    path.write_bytes(frame[:-1])
    assert end_of_frame(window.Window(path), 0) is None


def test_a_bomb_ends_at_the_limit(path: Path) -> None:
    huge = record(http(b"<p>" + bytes(6_000_000)), "https://north.example/bomb", length=500)
    found = read(path, in_members([info(), huge, record(http(BODY))]))
    assert [page.body for page in found.pages if page.url == URL] == [BODY]
    assert found.broken_count == 1 or found.left_out["too_large"] == 1


# --- members inside others --------------------------------------------------------------------------------------------


FORGED = record(http(b"<p>The minister resigned."), "https://north.example/forged")


@pytest.mark.parametrize("how", [{}, {"says_the_right_size": False}, {"hides_the_end": True}], ids=str)
@pytest.mark.parametrize("hosts", [("north.example",), ()], ids=["filtered", "all"])
def test_a_page_inside_a_page_is_not_taken_for_one_of_another_publisher(
    path: Path, how: dict[str, bool], hosts: tuple[str, ...]
) -> None:
    outer = hiding(FORGED, "https://evil.example/", **how)
    packed = [member(info()), member(outer, 0), *(member(record(http(body(n)), f"{URL}/{n}")) for n in range(5))]
    found = read(path, b"".join(packed), Wanted(hosts=hosts))
    urls = [page.url for page in found.pages]
    assert "https://north.example/forged" not in urls
    assert [url for url in urls if url.startswith(URL)] == [f"{URL}/{n}" for n in range(5)]
    assert found.broken == []
    paused = Read(path, Wanted(hosts=hosts), ONE)
    assert paused.pages == found.pages


def test_the_trap_is_one(tmp_path: Path) -> None:
    """Without the proof the reader would walk into it."""
    outer = hiding(FORGED, "https://evil.example/", hides_the_end=True)
    path = tmp_path / "trap.warc.gz"
    path.write_bytes(member(outer, 0) + member(record(http(BODY))))
    begins = lambda at: gzip.GzipFile(fileobj=io.BytesIO(path.read_bytes()[at:])).read(5) == b"WARC/"  # noqa: E731
    first = Gzip().end_of(window.Window(path), 0, len(outer) - 4, begins)
    assert first == path.read_bytes().index(member(FORGED))
    second = first + len(member(FORGED))
    assert Gzip().end_of(window.Window(path), second, len(outer) - 4, begins) == len(member(outer, 0))


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plain", "gzip", "zstd", "gzip_whole", "gzip_several"])
def test_what_comes_before_the_cut_is_read(path: Path, form: str) -> None:
    data = FORMS[form]
    cut = len(data) - 120
    found = read(path, data[:cut])
    assert [page.body for page in found.pages] == [body(number) for number in range(len(found.pages))]
    assert len(found.pages) >= (9 if form in ("gzip_several", "gzip_whole") else 11)
    assert found.broken_count == 1
    assert found.broken[0][1].startswith("cut short")


@pytest.mark.parametrize("form", ["plain", "gzip", "zstd"])
def test_what_comes_behind_a_damage_is_read(path: Path, form: str) -> None:
    pack = {"plain": bytes, "gzip": member, "zstd": lambda each: in_frames([each])}[form]
    parts = [pack(each) for each in RECORDS]
    damaged = parts[5][: len(parts[5]) // 2]
    found = read(path, b"".join([*parts[:5], damaged, *parts[6:]]))
    assert [page.body for page in found.pages] == [body(number) for number in range(12) if number != 4]
    assert [offset for offset, _ in found.broken] == [len(b"".join(parts[:5]))]


def test_a_flipped_bit_costs_its_own_record(path: Path) -> None:
    parts = [member(each) for each in RECORDS]
    broken = bytearray(parts[5])
    broken[-6] ^= 1  # the check sum
    found = read(path, b"".join([*parts[:5], bytes(broken), *parts[6:]]))
    assert [page.body for page in found.pages] == [body(number) for number in range(12) if number != 4]
    assert found.broken_count == 1
    assert "cannot be read" in found.broken[0][1]


@pytest.mark.parametrize("form", ["plain", "gzip"])
@pytest.mark.parametrize("says", [-40, -1, 40, 5_000_000_000])
def test_a_wrong_length_costs_no_other_record(path: Path, form: str, says: int) -> None:
    content = http(BODY)
    wrong = record(content, "https://north.example/wrong", length=len(content) + says)
    pack = member if form == "gzip" else bytes
    found = read(path, b"".join(pack(each) for each in [*RECORDS[:4], wrong, *RECORDS[4:]]))
    others = [page.body for page in found.pages if page.url != "https://north.example/wrong"]
    assert others == [body(number) for number in range(12)]
    assert found.broken_count + found.left_out["too_large"] >= 1
    assert [page.body for page in found.pages if page.url.endswith("wrong")] in ([], [BODY])


@pytest.mark.parametrize(
    "rubbish",
    [b"\0" * 1000, b"WARC/1.0\r\n\r\n", b"\x1f\x8b\x08\x00" * 50, b"WARC/1.0\r\nContent-Length: x\r\n\r\n", b"x"],
)
@pytest.mark.parametrize("form", ["plain", "gzip", "zstd"])
def test_rubbish_between_records(path: Path, form: str, rubbish: bytes) -> None:
    pack = {"plain": bytes, "gzip": member, "zstd": lambda each: in_frames([each])}[form]
    found = read(path, b"".join([pack(RECORDS[0]), pack(RECORDS[1]), rubbish, pack(RECORDS[2])]))
    assert found.pages[-1].body == body(1)
    assert found.broken_count >= 1
    assert read(path, rubbish).pages == []


def test_heads_without_end(path: Path) -> None:
    found = read(path, b"WARC/1.0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n\r\n" + RECORDS[1])
    assert [page.body for page in found.pages] == [body(0)]
    assert found.broken == [(0, "a head of more than 64 kB")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
@given(
    form=st.sampled_from(sorted(FORMS)),
    places=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), max_size=3),
    cut=st.floats(0, 1),
    hosts=st.sampled_from([(), ("south.example",)]),
)
def test_any_damage_ends_and_is_met_the_same_way_again(
    path: Path, form: str, places: list[tuple[float, int]], cut: float, hosts: tuple[str, ...]
) -> None:
    data = bytearray(FORMS[form])
    for where, flip in places:
        data[round(where * (len(data) - 1))] ^= flip
    wanted = Wanted(hosts=hosts)
    whole = read(path, bytes(data if cut > 0.5 else data[: round(2 * cut * len(data))]), wanted)
    paused = Read(path, wanted, ONE)
    assert paused.pages == whole.pages
    known = {body(number) for number in range(12)}
    # Records that are compressed together have one check sum behind all of them: nothing tells of damage before.
    if form.startswith("gzip") and form not in ("gzip_stored", "gzip_several", "gzip_whole"):
        assert {page.body for page in whole.pages} <= known


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18", b"WARC/1.0\r\n"]),
)
def test_any_bytes_end(path: Path, data: bytes, start: bytes) -> None:
    assert read(path, start + data).pages == []


# --- files ------------------------------------------------------------------------------------------------------------


def test_files_are_found_below_directories(tmp_path: Path) -> None:
    for name in ("b/2.warc.gz", "b/1.WARC", "a.warc.zst", "notes.txt", "b/c/3.warc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = find_files([tmp_path / "notes.txt", tmp_path, tmp_path / "a.warc.zst"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "notes.txt", "a.warc.zst", "b/1.WARC", "b/2.warc.gz", "b/c/3.warc",
    ]  # fmt: skip


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        find_files([tmp_path, tmp_path / "none.warc"])
    assert [problem.split(": ")[1] for problem in caught.value.problems] == [
        "no file in it ends in .warc or .warc.gz or .warc.zst",
        "no such file or directory",
    ]


@pytest.mark.parametrize("is_packed", [True, False])
def test_lists_of_paths(is_packed: bool) -> None:
    plain = b"crawl-data/CC-NEWS/2024/05/a.warc.gz\n\n# c\r\nhttps://other.example/b.warc\n/data/c.warc\n"
    assert read_list(gzip.compress(plain) if is_packed else plain) == [
        "https://data.commoncrawl.org/crawl-data/CC-NEWS/2024/05/a.warc.gz",
        "https://other.example/b.warc",
        "/data/c.warc",
    ]
    assert read_list(plain, "")[0] == "crawl-data/CC-NEWS/2024/05/a.warc.gz"
    assert is_list(Path("warc.paths.gz"))
    assert not is_list(Path("a.warc.gz"))


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08\x00cut", gzip.compress(bytes(70_000_000), 1), b"x" * 5000])
def test_lists_that_are_none(data: bytes) -> None:
    with pytest.raises(ParseError):
        read_list(data)
