;; A manifest with four milliard tasks, of which none lies in its memory.
(func (export "headwater:flow/manifest@0.1.0#describe") (result i32)
  (i32.store (i32.const 2080) (i32.const 65536))
  (i32.store (i32.const 2084) (i32.const 0xffffffff))
  (i32.const 2048))
