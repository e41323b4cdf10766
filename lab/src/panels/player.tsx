/** What a model of sound makes now: to hear, and as a waveform and a spectrogram; and what it learns from. */
import { useSignal } from "@preact/signals"
import { useEffect, useRef } from "preact/hooks"
import { spectrogram } from "../../../src/data/sound/spectrum.ts"
import { writeWav } from "../../../src/data/sound/wav.ts"
import { label, trainer } from "../session.ts"
import type { Answer } from "../trainer/questions/index.ts"
import { LabelField, TemperatureField } from "./sampling-fields.tsx"

type Heard = Answer<"hear">

const lengths = [1, 2, 4]

export function Player() {
  const current = trainer.value
  const opened = current?.opened.value
  const seconds = useSignal(1)
  const temperature = useSignal(1)
  const seed = useSignal(1)
  const made = useSignal<{ sound: Heard; of: string } | undefined>(undefined)
  const isMaking = useSignal(false)
  const problem = useSignal("")

  const hear = async (ofData: boolean) => {
    if (!current) return
    isMaking.value = true
    try {
      const sound = await current.ask("hear", {
        seconds: seconds.value,
        ofData,
        temperature: temperature.value,
        seed: seed.value++,
        label: label.value,
      })
      const steps = `${sound.step.toLocaleString("en")} steps`
      made.value = { sound, of: ofData ? "What it learns from" : `Made after ${steps}` }
      problem.value = ""
    } catch (error) {
      problem.value = (error as Error).message
    }
    isMaking.value = false
  }

  return (
    <section class="samples player" aria-label="Samples">
      <h2>{made.value?.of ?? "Sound"}</h2>
      <label>
        seconds
        <select
          value={seconds.value}
          onChange={({ currentTarget }) => {
            seconds.value = Number(currentTarget.value)
          }}
        >
          {lengths.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <TemperatureField temperature={temperature} />
      <LabelField name="voice" labels={opened?.condition} />
      <div class="buttons">
        <button
          class="main"
          type="button"
          disabled={!opened || isMaking.value}
          onClick={() => void hear(false)}
        >
          {isMaking.value ? "Making…" : "Make a sound"}
        </button>
        <button type="button" disabled={!opened || isMaking.value} onClick={() => void hear(true)}>
          Hear the data
        </button>
      </div>
      {problem.value !== "" && <p role="alert">{problem.value}</p>}
      {made.value && <Sound key={made.value.sound} {...made.value} />}
    </section>
  )
}

/** Plays at once: somebody asked for it. */
function Sound({ sound, of }: { sound: Heard; of: string }) {
  const audio = useRef<HTMLAudioElement>(null)
  const wave = useRef<HTMLCanvasElement>(null)
  const spectrum = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let address = ""
    let isShown = true
    drawWave(wave.current!, sound)
    drawSpectrogram(spectrum.current!, sound)
    void writeWav(sound).then((bytes) => {
      if (!isShown) return
      address = URL.createObjectURL(new Blob([bytes], { type: "audio/wav" }))
      audio.current!.src = address
      audio.current!.play().catch(() => {}) // where the browser allows it
    })
    return () => {
      isShown = false
      URL.revokeObjectURL(address)
    }
  }, [sound])
  const highest = (sound.sampleRate / 2).toLocaleString("en")
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: there are no words in it */}
      <audio ref={audio} controls aria-label={of} />
      <canvas ref={wave} width={480} height={96} role="img" aria-label="The waveform" />
      <canvas ref={spectrum} role="img" aria-label={`The spectrogram, from 0 to ${highest} Hz`} />
      <p class="hint">Above its waveform; below its spectrogram, up to {highest} Hz.</p>
    </>
  )
}

/** For each column the lowest and the highest sample. */
function drawWave(canvas: HTMLCanvasElement, { samples }: Heard): void {
  const { width, height } = canvas
  const context = canvas.getContext("2d")!
  context.fillStyle = getComputedStyle(canvas).color
  for (let x = 0; x < width; x++) {
    const [first, end] = [x, x + 1].map((column) => Math.floor((column * samples.length) / width))
    let [low, high] = [Infinity, -Infinity]
    for (let k = first; k < Math.max(end, first + 1); k++) {
      low = Math.min(low, samples[k])
      high = Math.max(high, samples[k])
    }
    const top = ((1 - high) / 2) * height
    context.fillRect(x, top, 1, Math.max(1, ((high - low) / 2) * height))
  }
}

/** The decibels below the loudest that are still seen. */
const RANGE = 60

/** A column a frame, low frequencies at the bottom; the louder, the less transparent. */
function drawSpectrogram(canvas: HTMLCanvasElement, sound: Heard): void {
  const { frames } = spectrogram(sound, { hop: Math.max(64, Math.ceil(sound.samples.length / 480)) })
  const height = frames[0].length
  canvas.width = frames.length
  canvas.height = height
  const context = canvas.getContext("2d")!
  const [red, green, blue] = (getComputedStyle(canvas).color.match(/[\d.]+/g) ?? ["0", "0", "0"]).map(Number)
  const loudest = frames.reduce((most, frame) => frame.reduce((a, b) => Math.max(a, b), most), 1e-12)
  const image = context.createImageData(frames.length, height)
  for (const [x, frame] of frames.entries())
    for (const [k, power] of frame.entries()) {
      const decibels = 10 * Math.log10(power / loudest + 1e-12)
      const at = 4 * ((height - 1 - k) * frames.length + x)
      image.data.set([red, green, blue, 255 * Math.max(0, 1 + decibels / RANGE)], at)
    }
  context.putImageData(image, 0, 0)
}
