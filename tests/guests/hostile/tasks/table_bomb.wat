;; It lets a table grow for as long as it can.
(table $bomb 1 funcref)
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (loop $more
    (br_if $more (i32.ne (table.grow $bomb (ref.null func) (i32.const 4096)) (i32.const -1))))
  unreachable)
