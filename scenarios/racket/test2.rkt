#lang racket

(let ([f (future (lambda () (+ 1 2)))])
  (print (list (+ 3 4) (touch f))))

(let ([pls (for/list ([i (in-range 2)])
             (dynamic-place (build-path (current-directory) "tmp/place-worker.rkt") 'place-main))])
  (for ([i (in-range 2)]
        [p pls])
    (place-channel-put p i)
    (printf ">>>Place message: ~a\n" (place-channel-get p)))
  (map place-wait pls))
