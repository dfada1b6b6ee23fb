;; A call that is to come after one that does not exist.
(import "headwater:flow/calls@0.1.0" "sleep" (func $sleep (param i32) (result i32)))
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (i32.store (i32.const 1536) (i32.const 99))
  (i32.store (i32.const 560) (i32.const 1536))
  (i32.store (i32.const 564) (i32.const 1))
  (drop (call $sleep (i32.const 512)))
  (i32.const 64))
