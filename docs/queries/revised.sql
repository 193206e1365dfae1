-- Articles whose words were changed after they were published, and by how much.
select a.host, a.title, r.number, r.seen_at, r.words_added, r.words_removed
from revisions r
join articles a on a.id = r.article_id
where r.number > 1
order by r.seen_at desc, a.url, r.number
limit 100
