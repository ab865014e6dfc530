#lang racket/base

;; Section 2.6 of the paper: two Fibonacci numbers in two places.
(require racket/place)
(provide start-fib)

(define (fib n)
  (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))

(define (start-fib n)
  (define p
    (place ch
      (define n (place-channel-get ch))
      (place-channel-put ch (fib n))))
  (place-channel-put p n)
  p)

(module+ main
  (define p1 (start-fib 22))
  (define p2 (start-fib 23))
  (values (place-channel-get p1)
          (place-channel-get p2)))
