#lang racket/base
;; Compiles every module below a collections folder. One that cannot be compiled is told and left out, since some need
;; packages that are not there; but not one of the language that programs are written in.
;; Usage: racket3m -y -X COLLECTS -u compile-collects.rkt COLLECTS
(require compiler/cm racket/file racket/path)

(define collects (simple-form-path (vector-ref (current-command-line-arguments) 0)))

(define needed
  (for/list ([name '("racket/base.rkt" "racket/main.rkt" "racket/place.rkt" "racket/future.rkt" "racket/init.rkt"
                                       "racket/interactive.rkt" "racket/runtime-config.rkt")])
    (build-path collects name)))

(define (compiled? file)
  (with-handlers ([exn:fail? (lambda (e)
                               (eprintf "~a: ~a\n" file (exn-message e))
                               #f)])
    (managed-compile-zo file)
    #t))

(define modules
  (sort (find-files (lambda (path) (path-has-extension? path #".rkt")) collects) path<?))

(define good (for/list ([file modules] #:when (compiled? file)) file))
(printf "~a of ~a modules compiled\n" (length good) (length modules))
(exit (if (for/and ([file needed]) (member file good)) 0 1))
