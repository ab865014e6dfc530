-- Which system calls never returned? What a hung task waits in is among them.
SELECT journal, position, task, name, a0, a1, a2
FROM syscalls
WHERE result IS NULL
ORDER BY journal, tick, sequence;
