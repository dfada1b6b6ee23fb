;; A failure of a kind that only the engine can know.
(data (i32.const 1536) "I say that I am lost")
(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32)
  (i32.store8 (i32.const 2048) (i32.const 1))
  (i32.store8 (i32.const 2052) (i32.const 17))
  (i32.store (i32.const 2056) (i32.const 1536))
  (i32.store (i32.const 2060) (i32.const 20))
  (i32.const 2048))
