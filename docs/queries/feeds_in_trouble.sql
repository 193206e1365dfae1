-- Feeds that fail, rest or are gone, the worst first.
select feed_id, url, state, reason, failures, succeeded_at, due_at
from v_feed_health
where reason is not null
order by failures desc, feed_id
