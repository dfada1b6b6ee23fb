;; A result of a byte more than a value may have.
(memory (export "memory") 4098)
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (i32.store (i32.const 2052) (i32.const 65536))
  (i32.store (i32.const 2056) (i32.const 268435457))
  (i32.const 2048))
