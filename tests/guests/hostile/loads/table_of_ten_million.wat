;; A table that begins with ten million elements.
(table $bomb 10000000 funcref)
