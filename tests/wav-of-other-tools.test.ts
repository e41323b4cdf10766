/** WAV files that other tools wrote are read sample by sample as those tools read them: sox, Python's wave, and soundfile. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { readWav } from "../src/data/sound/wav.ts"
import { testByPython } from "./by-python.ts"
import { askPython } from "./python.ts"
import { sox } from "./requirements.ts"

const folder = mkdtempSync(join(tmpdir(), "makewave-wav-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Half a step of 32 bits, and what float32 rounds off. */
const WITHIN = 1e-7

async function expectSamples(bytes: Uint8Array, name: string, samples: ArrayLike<number>, rate: number) {
  const read = await readWav(bytes, { name })
  expect([name, read.sampleRate, read.samples.length]).toEqual([name, rate, samples.length])
  const worst = read.samples.reduce((most, sample, k) => Math.max(most, Math.abs(sample - samples[k])), 0)
  expect(worst, name).toBeLessThan(WITHIN)
}

testByPython("soundfile")(
  "Python's wave and soundfile: every depth, integer, float and telephone; WAV, WAVEX, RF64; both endings",
  async () => {
    const written = (await askPython(
      "soundfile",
      join(import.meta.dirname, "fixtures", "write_wav.py"),
      folder,
    )) as { name: string; sampleRate: number; samples: number[] }[]
    expect(written.length).toBeGreaterThan(90)
    for (const { name, sampleRate, samples } of written)
      await expectSamples(readFileSync(join(folder, name)), name, samples, sampleRate)
  },
)

describe.skipIf(!sox)("sox", () => {
  const encodings = ["unsigned 8", "signed 16", "signed 24", "signed 32", "floating-point 32"]
  const others = ["floating-point 64", "a-law 8", "mu-law 8"]

  test.each([...encodings, ...others])(
    "%s bits, to a file and to a pipe, which leaves the sizes open",
    async (encoding) => {
      const [form, bits] = encoding.split(" ")
      for (const [rate, channels, end] of [
        ["8000", "1", "-L"],
        ["48000", "2", "-L"],
        ["96000", "5", "-B"],
      ]) {
        const head = ["-R", "-n", "-r", rate, "-c", channels, "-b", bits, "-e", form, end, "-t", "wav"]
        const effects = ["synth", "0.01", "whitenoise", "vol", "0.9"]
        const name = `${encoding} ${rate} ${channels}`
        const path = join(folder, `${name}.wav`)
        execFileSync("sox", [...head, path, ...effects], { stdio: "ignore" })
        const mono = ["remix", "-", "gain", "0"].slice(0, channels === "1" ? 0 : 2)
        const raw = execFileSync(
          "sox",
          [path, "-t", "raw", "-e", "float", "-b", "64", "-L", "-c", "1", "-", ...mono],
          {
            stdio: ["ignore", "pipe", "ignore"],
          },
        )
        const samples = new Float64Array(new Uint8Array(raw).buffer)
        await expectSamples(readFileSync(path), name, samples, Number(rate))
        const piped = execFileSync("sox", [...head, "-", ...effects], { stdio: ["ignore", "pipe", "ignore"] })
        await expectSamples(piped, `${name}, piped`, samples, Number(rate))
      }
    },
  )

  test("and at another rate, what its best resampler gives, at the same moments", async () => {
    const sweep = join(folder, "sweep.wav")
    const stop = { stdio: "ignore" } as const
    execFileSync(
      "sox",
      ["-n", "-r", "48000", "-b", "24", sweep, "synth", "1", "sine", "100-3000", "vol", "0.5"],
      stop,
    )
    for (const rate of [8000, 11_025, 44_100, 96_000]) {
      const path = join(folder, `${rate}.wav`)
      execFileSync("sox", [sweep, "-b", "24", path, "rate", "-v", String(rate)], stop)
      const theirs = await readWav(readFileSync(path))
      const ours = await readWav(readFileSync(sweep), { sampleRate: rate })
      expect([ours.samples.length, theirs.samples.length]).toEqual([rate, rate])
      // Near the ends two resamplers differ in what lies beyond.
      const margin = Math.floor(rate / 50)
      const inner = ours.samples.subarray(margin, -margin)
      const worst = inner.reduce((most, x, k) => Math.max(most, Math.abs(x - theirs.samples[k + margin])), 0)
      expect(worst, `${rate} Hz`).toBeLessThan(3e-4)
    }
  })
})

test("a file in another format gets the command that converts it", async () => {
  const path = join(folder, "a b.flac")
  writeFileSync(path, "fLaC\0\0\0\x22")
  await expect(readWav(readFileSync(path), { name: path })).rejects.toThrow(
    `this is a FLAC file: give an uncompressed WAV file, as ffmpeg -i '${path}' '${join(folder, "a b.wav")}' makes one`,
  )
})
