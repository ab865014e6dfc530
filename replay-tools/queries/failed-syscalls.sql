-- Which system calls failed, with which error, how often, and where first?
SELECT journal, name, error, count(*) AS failures, arg_min(position, tick) AS first_position
FROM syscalls
WHERE error IS NOT NULL
GROUP BY journal, name, error
ORDER BY failures DESC, journal, name, error;
