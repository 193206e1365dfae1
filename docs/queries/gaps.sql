-- Where something may have been missed: polls that shared nothing with the one before, and an estimate in items.
select feed_id, url, gaps_possible, round(missed) as missed, items, interval_s
from v_feed_health
order by missed desc, gaps_possible desc, feed_id
