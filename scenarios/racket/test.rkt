(let ([x 12345])
  (begin (print x)
         (begin (printf "\nHello from Racket\n")
                "This is the return value\n")))
