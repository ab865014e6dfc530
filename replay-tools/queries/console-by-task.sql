-- What did each task write to the console, in order?
SELECT journal, position, task, device, text
FROM console
WHERE what = 'written'
ORDER BY journal, tick, sequence;
