-- Which bytes were written into a pipe and never read?
SELECT journal, pipe, writer, first_byte, bytes, written_tick, written_sequence
FROM pipe_transfers
WHERE reader IS NULL
ORDER BY journal, pipe, first_byte;
