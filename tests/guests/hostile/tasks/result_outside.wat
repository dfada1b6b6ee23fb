;; A result that lies outside its memory.
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (i32.store (i32.const 2052) (i32.const 65536))
  (i32.store (i32.const 2056) (i32.const 0x7fffffff))
  (i32.const 2048))
