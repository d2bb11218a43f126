"""Encoders on ffmpeg: H.264, VP9, FFV1, GIF and PNG sequences.

One stage per module: `binary` finds ffmpeg and asks what it can do, `codecs` describes what panim writes with it,
`encoding` decides what settings mean for it, `arguments` makes the command lines (all pure), `process` runs one
command, `session` feeds it frames, `joining` joins segments, `encoder` ties them together.

What holds for every file:

- Colours: RGB becomes YUV by BT.709 in the limited range, and the file says so (matrix, primaries, transfer, range).
- Transparency: PNG, FFV1, GIF (a pixel is opaque or not) and VP9 with pixel format yuva420p keep it. Elsewhere
  the alpha of a frame is not looked at: a pixel shows its colour as if it were opaque. (Laying frames over black would
  take ffmpeg 2 to 4 ms of each frame of 1080p, also of opaque ones.)
- Odd sizes: H.264 with subsampled chroma needs even sides. The last column or row is repeated then, and the
  session's `notes` tell it.
- Times: exact in MP4 and MOV, whole milliseconds in Matroska and WebM, hundredths of a second in GIF.
- Sound lasts as long as the video: cut, or followed by silence.
"""
