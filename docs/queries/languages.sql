-- How many articles and words there are in each language.
select language, count(*) as articles, sum(word_count) as words
from v_articles
group by language
order by articles desc, language
