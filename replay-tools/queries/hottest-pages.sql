-- On which pages of code did each task retire most instructions? Takes a pass over all steps the first time.
SELECT journal, task, printf('0x%x', page) AS page, sum(steps) AS steps,
    round(100.0 * sum(steps) / sum(sum(steps)) OVER (PARTITION BY journal), 2) AS percent
FROM steps_by_page
GROUP BY journal, task, page
ORDER BY steps DESC, journal, task, page
LIMIT 30;
