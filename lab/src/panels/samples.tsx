/** What the network makes now: every two seconds while it trains, and when asked. New things are marked. */
import { useSignal } from "@preact/signals"
import { printedNames } from "../../../src/runs/lecture-figures.ts"
import { useEvery } from "../every.ts"
import { Lazy } from "../lazy.tsx"
import { context, label, trainer } from "../session.ts"
import type { Trainer } from "../trainer/client.ts"
import type { Answer } from "../trainer/questions/index.ts"
import { LabelField, TemperatureField } from "./sampling-fields.tsx"

/** makemore's names.txt has so many lines. */
const LECTURE_LINES = 32_033

const COUNT = 16
const MILLISECONDS = 2000

const loadPlayer = async () => (await import("./player.tsx")).Player

/** Lines of a list, a passage of a running text, or a sound. */
export function Samples() {
  const isSound = trainer.value?.opened.value?.recipe.sampleRate !== undefined
  return isSound ? <Lazy load={loadPlayer} /> : <Written />
}

function Written() {
  const current = trainer.value
  const opened = current?.opened.value
  const prompt = useSignal("")
  const temperature = useSignal(1)
  const answered = useSignal<{ by: Trainer; answer: Answer<"sample"> } | undefined>(undefined)
  const problem = useSignal("")
  const asked = useSignal(0)
  const found = answered.value?.by === current ? answered.value?.answer : undefined

  const ask = async (seed: number) => {
    if (!current || !opened) return
    const argument = {
      count: COUNT,
      prompt: prompt.value,
      temperature: temperature.value,
      label: label.value,
    }
    try {
      answered.value = { by: current, answer: await current.ask("sample", { ...argument, seed }) }
      problem.value = ""
    } catch (error) {
      // Another training may have begun meanwhile, and why one stopped is said above.
      const isSaid = current !== trainer.peek() || current.state.peek() === "failed"
      problem.value = isSaid ? "" : (error as Error).message
    }
  }
  // While it is paused the samples stay as they are, until something about them changes.
  const isMoving = current?.state.value === "training"
  const key = [current, opened, prompt.value, temperature.value, label.value, asked.value, isMoving]
  useEvery(isMoving ? MILLISECONDS : 2 ** 30, () => ask((current?.step.peek() ?? 0) + asked.value), key)

  return (
    <section class="samples" aria-label="Samples">
      <h2>
        {opened?.isEndless ? "Written" : "Made"} after {(found?.step ?? 0).toLocaleString("en")} steps
      </h2>
      <label>
        begins with
        <input
          value={prompt.value}
          autocomplete="off"
          onInput={({ currentTarget }) => {
            prompt.value = currentTarget.value
          }}
        />
      </label>
      <TemperatureField temperature={temperature} />
      <LabelField labels={opened?.condition} />
      {problem.value !== "" && <p role="alert">{problem.value}</p>}
      {opened?.isEndless ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
        <section class="passage" aria-label="What it writes" tabIndex={0}>
          {found?.samples[0]?.text}
        </section>
      ) : (
        <ul>
          {found?.samples.map(({ text, isNew }, k) => (
            <li key={k} class={isNew ? "new" : "known"}>
              <button
                type="button"
                title="look at it in the tree"
                onClick={() => {
                  context.value = text
                }}
              >
                {text || "(nothing)"}
              </button>
              {!isNew && <small>{text === "" ? "" : "in the list"}</small>}
            </li>
          ))}
        </ul>
      )}
      <button
        type="button"
        onClick={() => {
          asked.value++
        }}
      >
        Others
      </button>
      <NotebooksNames />
    </section>
  )
}

/** After the lecture's last network was trained on the lecture's names: how many of its samples are those of the notebook. */
function NotebooksNames() {
  const { samples, opened } = trainer.value ?? {}
  const made = samples?.value
  if (!made || opened?.value?.lines !== LECTURE_LINES) return null
  const equal = made.filter((name, k) => `${name}.` === printedNames[k]).length
  return (
    <p>
      The run's own samples: {equal} of {printedNames.length} are the notebook's.
    </p>
  )
}
