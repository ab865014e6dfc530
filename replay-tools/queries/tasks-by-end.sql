-- Which tasks were there, what did they run, and how did they end?
SELECT journal, task, process, parent, program, started_tick, ended_tick, status, signal, syscalls
FROM tasks
ORDER BY journal, task;
