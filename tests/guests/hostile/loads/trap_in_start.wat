;; Its module's start function traps.
(func $begin unreachable)
(start $begin)
