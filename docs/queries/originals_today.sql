-- What came in since a moment, without the copies.
select first_seen_at, host, title, word_count
from v_articles
where canonical_id is null and first_seen_at >= '2026-01-01'
order by first_seen_at desc, url
limit 200
