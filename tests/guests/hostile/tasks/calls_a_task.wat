;; A task that asks for a call, as only flows may.
(import "headwater:flow/calls@0.1.0" "cancel" (func $cancel (param i32)))
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (call $cancel (i32.const 0))
  (i32.const 32))
