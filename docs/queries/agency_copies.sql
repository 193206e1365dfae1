-- Who carried an agency's text, how many per cent of it, and how many minutes after the first who had it.
select coalesce(o.agency, c.agency) as agency, s.original_host, s.copy_host, s.copy_title, s.relation,
       round(s.coverage * 100 * case when c.word_count < o.word_count then c.word_count else o.word_count end
             / o.word_count) as percent,
       round(s.hours_later * 60) as minutes_later
from v_syndication s
join v_articles o on o.article_id = s.original_id
join v_articles c on c.article_id = s.copy_id
where coalesce(o.agency, c.agency) is not null and o.word_count > 0
order by agency, o.first_seen_at desc, minutes_later, s.copy_url
limit 100
