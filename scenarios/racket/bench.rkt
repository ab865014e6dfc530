;; What `chronovisor bench` has Racket compute, so many rounds: recursion, closures, lists that are sorted, hash tables, strings, vectors,
;; garbage. It is in the language that is there without any library, so that loading racket/base is not most of it.
(module bench '#%kernel
  (define-values (fib)
    (lambda (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))

  (define-values (words)
    (lambda (count)
      (letrec-values ([(loop) (lambda (i table)
                                (if (= i count)
                                    table
                                    (let-values ([(word) (number->string (modulo (* i i) 997) 16)])
                                      (loop (+ i 1) (hash-set table word (+ 1 (hash-ref table word 0)))))))])
        (loop 0 (hash)))))

  (define-values (merge)
    (lambda (a b)
      (if (null? a)
          b
          (if (null? b)
              a
              (if (< (car a) (car b))
                  (cons (car a) (merge (cdr a) b))
                  (cons (car b) (merge a (cdr b))))))))

  (define-values (halves)
    (lambda (all a b) (if (null? all) (values a b) (halves (cdr all) (cons (car all) b) a))))

  (define-values (sorted)
    (lambda (all)
      (if (if (null? all) #t (null? (cdr all)))
          all
          (let-values ([(a b) (halves all null null)])
            (merge (sorted a) (sorted b))))))

  (define-values (numbers)
    (lambda (count)
      (letrec-values ([(loop) (lambda (i all)
                                (if (= i count) all (loop (+ i 1) (cons (modulo (* i 7919) 10007) all))))])
        (loop 0 null))))

  (define-values (adders)
    (lambda (count)
      (let-values ([(all) (make-vector count #f)])
        (letrec-values ([(fill) (lambda (i)
                                  (if (< i count)
                                      (begin (vector-set! all i (cons i (lambda (n) (+ n i)))) (fill (+ i 1)))
                                      (void)))]
                        [(sum) (lambda (i total)
                                 (if (< i count)
                                     (let-values ([(one) (vector-ref all i)])
                                       (sum (+ i 1) (+ total ((cdr one) (car one)))))
                                     total))])
          (fill 0)
          (sum 0 0)))))

  (define-values (round)
    (lambda (sum)
      (let-values ([(table) (words 500)]
                   [(list) (sorted (numbers 500))])
        (modulo (+ (* sum 31) (fib 18) (hash-ref table "1" 0) (hash-count table) (car list)
                   (apply + list) (adders 500))
                1000000007))))

  (define-values (rounds)
    (lambda (left sum) (if (= left 0) sum (rounds (- left 1) (round sum)))))

  (define-values (count) (string->number (vector-ref (current-command-line-arguments) 0)))
  (display count)
  (display " rounds, result ")
  (display (rounds count 0))
  (newline))
