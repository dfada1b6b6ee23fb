;; A result larger than all that one call may take from a guest.
(memory (export "memory") 8194)
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (i32.store (i32.const 2052) (i32.const 65536))
  (i32.store (i32.const 2056) (i32.const 536870912))
  (i32.const 2048))
