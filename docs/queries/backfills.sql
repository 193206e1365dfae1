-- How far each backfill is: its addresses by what became of them, and why some could not be had or are tried again.
select b.id as backfill, b.source, b.state, e.state as addresses, coalesce(e.reason, '') as reason,
       count(e.id) as how_many
from backfills b
left join entries e on e.backfill_id = b.id
group by b.id, b.source, b.state, e.state, coalesce(e.reason, '')
order by b.id desc, how_many desc, addresses, coalesce(e.reason, '')
