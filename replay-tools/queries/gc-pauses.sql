-- How long did Racket's collections stop the program, by generation, and what did they free?
SELECT journal, task, generation, count(*) AS collections, sum(pause_ticks) AS pause_ticks,
    max(pause_ticks) AS longest_ticks, sum(freed_bytes) AS freed_bytes
FROM gcs
GROUP BY ALL
ORDER BY journal, task, generation;
