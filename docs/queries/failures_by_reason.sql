-- What could not be had, and why.
select what, reason, state, count(*) as how_many, count(distinct host) as hosts
from v_failures
group by what, reason, state
order by how_many desc, what, reason, state
