/** Sound comes in and goes out in a page as in Node, to the same numbers. */
import { expect, test } from "vitest"
import {
  muLawDecode,
  muLawEncode,
  readWav,
  resample,
  spectralPeak,
  writeWav,
} from "../../src/data/sound/index.ts"

const tone = Float32Array.from({ length: 22_050 }, (_, k) =>
  Math.fround(Math.sin((2 * Math.PI * 440 * k) / 22_050) / 2),
)

test("a tone goes through a file, another sample rate and levels, and is the same tone", async () => {
  const read = await readWav(await writeWav({ sampleRate: 22_050, samples: tone }), { sampleRate: 8000 })
  expect(read.samples.length).toBe(8000)
  const heard = { sampleRate: 8000, samples: muLawDecode(muLawEncode(read.samples)) }
  expect(spectralPeak(heard)).toBeCloseTo(440, 0)
  expect(await resample(heard, 8000)).toEqual(heard)
})
