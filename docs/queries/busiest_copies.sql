-- The busiest copied stories of a day: who had each first, on how many sites it stood, how soon the last one had it.
select substr(cast(o.first_seen_at as varchar(40)), 1, 10) as day, o.host, o.title, count(*) as copies,
       count(distinct s.copy_host) as hosts, round(cast(avg(s.coverage) as numeric), 2) as carried,
       max(s.hours_later) as last_after_hours
from v_syndication s
join v_articles o on o.article_id = s.original_id
where o.first_seen_at >= '2026-01-01' and s.relation in ('exact', 'near', 'syndicated')
group by substr(cast(o.first_seen_at as varchar(40)), 1, 10), o.host, o.title
order by copies desc, day desc, o.host, o.title
limit 50
