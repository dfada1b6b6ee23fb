;; It comes back with a step that is none.
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (i32.store8 (i32.const 2048) (i32.const 200))
  (i32.const 2048))
