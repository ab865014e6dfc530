-- How often was each system call made, how often did it fail, how many bytes did it move, and how long did it take?
SELECT journal, name, count(*) AS calls, count(error) AS failures, sum(bytes) AS bytes,
    quantile_disc(duration_ticks, 0.5) AS p50_ticks, quantile_disc(duration_ticks, 0.99) AS p99_ticks,
    max(duration_ticks) AS max_ticks
FROM syscalls
GROUP BY journal, name
ORDER BY calls DESC, journal, name;
