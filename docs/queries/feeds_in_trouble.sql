-- Feeds that fail, rest, are gone, or answer but look wrong, the worst first.
select feed_id, url, state, reason, detail, failures, alerts, succeeded_at, due_at
from v_feed_health
where reason is not null or alerts > 0
order by failures desc, alerts desc, feed_id
