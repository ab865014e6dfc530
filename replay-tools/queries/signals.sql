-- Which signals were sent, because of what, and were they delivered?
SELECT s.journal, s.position, s.task, s.signal, s.code, s.address, c.type AS caused_by, d.position AS delivered,
    d.handler
FROM SignalSent s
LEFT JOIN events c ON c.journal = s.journal AND c.tick = s.cause_tick AND c.sequence = s.cause_sequence
LEFT JOIN SignalDelivered d ON d.journal = s.journal AND d.cause_tick = s.tick AND d.cause_sequence = s.sequence
ORDER BY s.journal, s.tick, s.sequence;
