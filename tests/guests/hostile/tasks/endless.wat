;; A task that never comes back.
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (loop $again (br $again))
  unreachable)
