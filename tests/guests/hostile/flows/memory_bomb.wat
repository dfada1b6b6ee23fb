;; A flow that takes all the memory that it can get.
(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32)
  (loop $more
    (br_if $more (i32.ne (memory.grow (i32.const 64)) (i32.const -1))))
  unreachable)
