;; It asks for a secret that it was not granted.
(import "headwater:flow/task-context@0.1.0" "secret" (func $secret (param i32 i32 i32)))
(data (i32.const 1536) "API_TOKEN")
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (call $secret (i32.const 1536) (i32.const 9) (i32.const 2048))
  (i32.const 2048))
