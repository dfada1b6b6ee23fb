;; It begins one artifact after the other and ends none: each is a file that is open.
(import "headwater:flow/artifacts@0.1.0" "[constructor]writer" (func $writer (param i32 i32 i32 i32) (result i32)))
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (local $left i32)
  (local.set $left (i32.const 1000000))
  (loop $more
    (drop (call $writer (i32.const 16) (i32.const 4) (i32.const 16) (i32.const 4)))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $more (local.get $left)))
  (i32.const 32))
