"""The imperative shell: processes, shared-memory slots, the worker, the loop. Private to panim_core, but for
`local.render_segment`, which executor plugins call on the machine where a segment is made."""
