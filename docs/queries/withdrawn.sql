-- Articles whose pages are gone: since when, and what was found there instead.
select a.withdrawn_at, a.withdrawn_reason, a.host, a.title, a.url
from articles a
where a.withdrawn_at is not null
order by a.withdrawn_at desc, a.url
