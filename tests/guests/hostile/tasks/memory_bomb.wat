;; It takes all the memory that it can get, and touches it.
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (local $page i32)
  (loop $more
    (local.set $page (memory.grow (i32.const 64)))
    (if (i32.eq (local.get $page) (i32.const -1)) (then unreachable))
    (memory.fill (i32.mul (local.get $page) (i32.const 65536)) (i32.const 1) (i32.const 4194304))
    (br $more))
  unreachable)
