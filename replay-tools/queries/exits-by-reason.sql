-- Why did the guest exit to the VMM, how often, and how many exits were there per million instructions?
SELECT e.journal, e.reason, count(*) AS exits, round(count(*) * 1e6 / any_value(j.ticks), 1) AS per_million_ticks,
    sum(e.idle_ns) AS idle_ns
FROM exits e JOIN journals j USING (journal)
GROUP BY e.journal, e.reason
ORDER BY exits DESC, e.journal, e.reason;
