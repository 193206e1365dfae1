"""Small archives of pages, written with warcio."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.site import article


def write_warc(path: Path, count: int, host: str = "north.example", *, gzip: bool = True) -> list[str]:
    """A WARC file with so many articles, a day apart, and what else stands in such files. Returns their addresses."""
    urls = []
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzip)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "test"}))
        for number in range(count):
            url, at = f"https://{host}/story-{number}", datetime(2026, 10, 1 + number % 28, tzinfo=UTC)
            body = article(f"Story {number} of {host}")
            for place, kind, content in ((url, "text/html", body), (f"{url}.jpg", "image/jpeg", b"\xff\xd8" * 500)):
                headers = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
                dated = {"WARC-Date": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
                record = writer.create_warc_record(
                    place,
                    "response",
                    BytesIO(content),
                    length=len(content),
                    http_headers=headers,
                    warc_headers_dict=dated,
                )
                writer.write_record(record)
            urls.append(url)
    return urls
