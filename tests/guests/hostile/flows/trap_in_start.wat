;; A flow that traps when it is started.
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  unreachable)
