-- For what did tasks wait, how often, and how long until they were woken?
SELECT b.journal, b.task, b.queues, count(*) AS waits, count(w.tick) AS woken, sum(w.tick - b.tick) AS waited_ticks,
    max(w.tick - b.tick) AS longest_ticks
FROM (SELECT *, tick * 4294967296::HUGEINT + sequence AS moment FROM TaskBlocked) b
ASOF LEFT JOIN (SELECT journal, task, tick, tick * 4294967296::HUGEINT + sequence AS moment FROM TaskWoken) w
    ON w.journal = b.journal AND w.task = b.task AND b.moment <= w.moment
GROUP BY ALL
ORDER BY waited_ticks DESC NULLS LAST, b.journal, b.task, b.queues;
