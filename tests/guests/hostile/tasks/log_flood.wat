;; Three hundred thousand lines of log.
(import "headwater:flow/logging@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32)))
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (local $left i32)
  (local.set $left (i32.const 300000))
  (loop $more
    (call $log (i32.const 2) (i32.const 16) (i32.const 4) (i32.const 16) (i32.const 4))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $more (local.get $left)))
  (i32.const 32))
