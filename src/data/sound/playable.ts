/** A sound that shows itself: in a notebook as a player. */
import { shownAs } from "../../display/contract.ts"
import type { Sound } from "./sound.ts"

/** A longer sound is played from its beginning: 2 MB in the notebook, two minutes at 8,000 Hz. */
const MOST_SAMPLES = 2 ** 20

/** The sound itself, which from now on shows itself. */
export function playable(sound: Sound): Sound {
  const { sampleRate, samples } = sound
  const seconds = (count: number) => `${(count / sampleRate).toFixed(2)} s`
  const count = samples.length.toLocaleString("en")
  const text = `${seconds(samples.length)} of sound: ${count} samples at ${sampleRate.toLocaleString("en")} Hz`
  return shownAs(sound, {
    text: () => text,
    async html() {
      const [{ paragraph }, { writeWav }] = await Promise.all([
        import("../../display/html.ts"),
        import("./wav.ts"),
      ])
      const played = samples.subarray(0, MOST_SAMPLES)
      const wav = await writeWav({ sampleRate, samples: played })
      const part = played.length < samples.length ? `; here are the first ${seconds(played.length)}` : ""
      return `<audio controls src="data:audio/wav;base64,${base64(wav)}"></audio>\n${paragraph(text + part)}`
    },
  })
}

function base64(bytes: Uint8Array): string {
  let binary = ""
  for (let at = 0; at < bytes.length; at += 2 ** 15)
    binary += String.fromCharCode(...bytes.subarray(at, at + 2 ** 15))
  return btoa(binary)
}
