;; More memories than a component may have.
(memory $second 1)
(memory $third 1)
