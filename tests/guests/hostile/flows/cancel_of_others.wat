;; It cancels a call that is not its own.
(import "headwater:flow/calls@0.1.0" "cancel" (func $cancel (param i32)))
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (call $cancel (i32.const 3))
  (i32.const 48))
