-- Which interrupts were injected on which core, how often, and in which task did they arrive most?
SELECT journal, core, vector, count(*) AS interrupts, mode(task) AS task_most
FROM interrupts
GROUP BY journal, core, vector
ORDER BY interrupts DESC, journal, core, vector;
