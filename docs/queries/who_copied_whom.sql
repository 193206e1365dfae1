-- Who carried whose text, and how many hours later.
select original_host, copy_host, count(*) as copies, min(hours_later) as soonest, max(hours_later) as latest
from v_syndication
group by original_host, copy_host
order by copies desc, original_host, copy_host
