-- Who writes most, over all publishers.
select p.name, count(*) as articles, count(distinct a.host) as hosts
from people p
join bylines b on b.person_id = p.id
join articles a on a.id = b.article_id
group by p.name
order by articles desc, p.name
limit 50
