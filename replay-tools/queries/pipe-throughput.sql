-- How many bytes went through each pipe, from whom to whom, and how long did they lie in it?
SELECT journal, pipe, writer, reader, sum(bytes) AS bytes, count(*) AS transfers,
    quantile_disc(latency_ticks, 0.5) AS p50_latency_ticks, max(latency_ticks) AS max_latency_ticks
FROM pipe_transfers
GROUP BY ALL
ORDER BY journal, pipe, writer, reader;
