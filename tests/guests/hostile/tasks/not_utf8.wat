;; A result that is no text.
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (i32.store (i32.const 1536) (i32.const 0xfffefdfc))
  (i32.store (i32.const 2052) (i32.const 1536))
  (i32.store (i32.const 2056) (i32.const 4))
  (i32.const 2048))
