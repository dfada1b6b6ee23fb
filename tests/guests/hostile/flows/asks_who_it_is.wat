;; A flow that asks which attempt it is, as only tasks may.
(import "headwater:flow/task-context@0.1.0" "this-attempt" (func $attempt (param i32)))
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (call $attempt (i32.const 2048))
  (i32.const 48))
