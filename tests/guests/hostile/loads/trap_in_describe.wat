;; It traps while it describes itself.
(func (export "headwater:flow/manifest@0.1.0#describe") (result i32)
  unreachable)
