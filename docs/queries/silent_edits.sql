-- Edits after publication that the publisher does not admit: other words, and no note of a correction.
select a.host, a.title, r.number, r.seen_at, r.words_added, r.words_removed
from revisions r
join articles a on a.id = r.article_id
where r.number > 1 and r.correction is null and r.words_added + r.words_removed > 3 and a.kind <> 'live'
order by r.words_added + r.words_removed desc, a.url, r.number
limit 100
