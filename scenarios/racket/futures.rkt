#lang racket/base

;; Section 2.5 of the paper: the same function with two futures, and with one and the main thread; then fib, to have
;; something to compute.
(require racket/future)

(define (f x y)
  (let ((s (future (lambda () (+ x y))))
        (d (future (lambda () (- x y)))))
    (* (touch s) (touch d))))

(define (g x y)
  (let ((d (future (lambda () (- x y)))))
    (* (+ x y) (touch d))))

(define (fib n)
  (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))

(define (parallel-fib n1 n2)
  (let ((f1 (future (lambda () (fib n1))))
        (f2 (future (lambda () (fib n2)))))
    (list (touch f1) (touch f2))))

(list (f 7 3) (g 7 3))
(parallel-fib 22 23)
