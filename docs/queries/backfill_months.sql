-- What each backfill found, by host and month of publication, and how much of it was not in the store before.
select e.backfill_id as backfill, a.host, coalesce(substr(cast(a.published_at as text), 1, 7), 'undated') as month,
       count(distinct a.id) as articles,
       count(distinct case when a.first_seen_at >= b.created_at then a.id end) as new
from entries e
join backfills b on b.id = e.backfill_id
join articles a on a.id = e.article_id
group by e.backfill_id, a.host, coalesce(substr(cast(a.published_at as text), 1, 7), 'undated')
order by backfill desc, a.host, month
