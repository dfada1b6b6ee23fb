;; One line of a hundred megabytes.
(import "headwater:flow/logging@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32)))
(memory (export "memory") 1602)
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (memory.fill (i32.const 65536) (i32.const 97) (i32.const 104857600))
  (call $log (i32.const 2) (i32.const 16) (i32.const 4) (i32.const 65536) (i32.const 104857600))
  (i32.const 32))
