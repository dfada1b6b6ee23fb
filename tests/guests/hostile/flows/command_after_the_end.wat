;; It returns, and asks for one more call while it cleans up.
(import "headwater:flow/calls@0.1.0" "sleep" (func $sleep (param i32) (result i32)))
(func (export "cabi_post_headwater:flow/flow@0.1.0#start") (param i32)
  (drop (call $sleep (i32.const 512))))
