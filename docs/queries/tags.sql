-- The keywords that publishers give most often.
select t.name, count(*) as articles
from tags t
join article_tags x on x.tag_id = t.id
group by t.name
order by articles desc, t.name
limit 50
