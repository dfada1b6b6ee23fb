;; A flow that traps when it is resumed.
(import "headwater:flow/calls@0.1.0" "sleep" (func $sleep (param i32) (result i32)))
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (drop (call $sleep (i32.const 512)))
  (i32.const 64))
(func (export "headwater:flow/flow@0.1.0#resume") (param i32) (result i32)
  unreachable)
