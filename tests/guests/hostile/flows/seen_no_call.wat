;; A call that claims to have seen what one saw that does not exist.
(import "headwater:flow/calls@0.1.0" "sleep" (func $sleep (param i32) (result i32)))
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (i32.store8 (i32.const 528) (i32.const 1))
  (i32.store (i32.const 532) (i32.const 99))
  (drop (call $sleep (i32.const 512)))
  (i32.const 64))
