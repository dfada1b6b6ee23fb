;; It asks for one call after the other in one activation.
(import "headwater:flow/calls@0.1.0" "sleep" (func $sleep (param i32) (result i32)))
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (loop $more
    (drop (call $sleep (i32.const 512)))
    (br $more))
  unreachable)
