-- What led to the last event that ended a task? Goes back from cause to cause; change the first SELECT for another event.
WITH RECURSIVE chain AS (
    (SELECT 0 AS step, journal, tick, sequence, type, fields, cause_tick, cause_sequence
     FROM events WHERE type = 'TaskExited' ORDER BY tick DESC, sequence DESC LIMIT 1)
    UNION ALL
    SELECT c.step + 1, e.journal, e.tick, e.sequence, e.type, e.fields, e.cause_tick, e.cause_sequence
    FROM chain c JOIN events e ON e.journal = c.journal AND e.tick = c.cause_tick AND e.sequence = c.cause_sequence)
SELECT step, journal, tick, sequence, type, fields FROM chain ORDER BY step;
