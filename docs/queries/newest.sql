-- The newest articles, whoever published them.
select published_at, host, title, url
from v_articles
where kind <> 'index'
order by published_at desc, url
limit 50
