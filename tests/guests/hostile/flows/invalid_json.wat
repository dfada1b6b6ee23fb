;; A flow whose result is no JSON.
(data (i32.const 1536) "nil")
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (i32.store8 (i32.const 2048) (i32.const 1))
  (i32.store (i32.const 2052) (i32.const 1536))
  (i32.store (i32.const 2056) (i32.const 3))
  (i32.const 2048))
