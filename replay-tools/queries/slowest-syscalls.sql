-- Which system calls took longest, and what did they answer? Ticks are retired instructions of the whole machine.
SELECT journal, position, task, name, duration_ticks, result, error
FROM syscalls
ORDER BY duration_ticks DESC NULLS LAST, journal, tick, sequence
LIMIT 20;
