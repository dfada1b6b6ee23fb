;; A result of twenty thousand brackets in each other.
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (memory.fill (i32.const 65536) (i32.const 0x5b) (i32.const 20000))
  (memory.fill (i32.const 85536) (i32.const 0x5d) (i32.const 20000))
  (i32.store (i32.const 2052) (i32.const 65536))
  (i32.store (i32.const 2056) (i32.const 40000))
  (i32.const 2048))
