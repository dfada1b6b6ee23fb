;; A memory that begins with all that 32 bits can name.
(memory (export "memory") 65536)
