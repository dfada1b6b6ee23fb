;; It asks for the result of a call that it never issued.
(import "headwater:flow/calls@0.1.0" "result-of" (func $result (param i32 i32)))
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (call $result (i32.const 7) (i32.const 2048))
  (i32.const 48))
