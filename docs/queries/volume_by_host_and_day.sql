-- How much each publisher published, day by day.
select day, host, articles, words, copies
from v_volume
order by day desc, articles desc, host
