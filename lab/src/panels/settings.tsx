/** What is trained: the preset, the list, the network, the training. Changes count from the next start; the learning rate at once. */
import { useSignal } from "@preact/signals"
import type { SettingName } from "../../../src/runs/settings.ts"
import { Dialog } from "../dialog.tsx"
import { presets } from "../presets.ts"
import { change, form, isSame, list, restart, settings, trainer } from "../session.ts"
import { Term, type TermName } from "../term.tsx"
import type { Field } from "../trainer/form.ts"
import { ListChoice } from "./list-choice.tsx"

/** The settings that stand in the column; the dialog has all. */
const first: Readonly<Record<string, readonly SettingName[]>> = {
  Network: ["model", "context", "embedding", "hidden", "layers", "heads", "batchNormBug"],
  Training: ["steps", "batchSize", "optimizer", "seed"],
}

const explained: Partial<Record<SettingName, TermName>> = {
  context: "context",
  embedding: "embedding",
  hidden: "hidden",
  batchSize: "batch size",
  seed: "seed",
}

const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

export function SettingsColumn() {
  const isOpen = useSignal(false)
  const fields = form.value?.fields ?? []
  const problem = form.value?.problem
  return (
    <section class="settings" aria-label="Settings">
      <PresetChoice />
      <ListChoice />
      {Object.entries(first).map(([title, names]) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {names.flatMap((name) =>
            fields.filter((field) => field.name === name).map((field) => <Input key={name} {...field} />),
          )}
          {title === "Training" && <RateNow />}
        </fieldset>
      ))}
      {problem && <p role="alert">{problem}</p>}
      <button
        type="button"
        onClick={() => {
          isOpen.value = true
        }}
      >
        All settings…
      </button>
      <Dialog title="All settings" isOpen={isOpen}>
        {[...Map.groupBy(fields, ({ group }) => group)].map(([group, each]) => (
          <fieldset key={group}>
            <legend>{group}</legend>
            {each.map((field) => (
              <Input key={field.name} {...field} />
            ))}
          </fieldset>
        ))}
        {problem && <p role="alert">{problem}</p>}
        <button class="main" type="submit">
          Done
        </button>
      </Dialog>
    </section>
  )
}

function PresetChoice() {
  return (
    <label class="wide">
      Preset
      <select
        value={presets.findIndex((preset) => isSame(preset.settings, settings.value))}
        onChange={({ currentTarget }) => {
          const preset = presets[Number(currentTarget.value)]
          // A list is read by any network of text; sounds by their own, and it reads nothing else.
          if (list.value?.sounds || preset.settings.sampleRate) list.value = undefined
          settings.value = preset.settings
          void restart()
        }}
      >
        <option value={-1} disabled>
          your own
        </option>
        {presets.map(({ name, description }, k) => (
          <option key={name} value={k} title={description}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

/** A setting with its value; its default stands there in grey. */
function Input({ name, description, choices, isSwitch, given, value }: Field) {
  const term = explained[name]
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: one of the three below
    <label title={description}>
      {term ? <Term name={term}>{words(name)}</Term> : words(name)}
      {choices ? (
        <select value={value ?? ""} onChange={({ currentTarget }) => change(name, currentTarget.value)}>
          {value === undefined && <option value="" />}
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : isSwitch ? (
        <input
          type="checkbox"
          checked={value === "true"}
          onChange={({ currentTarget }) => change(name, String(currentTarget.checked))}
        />
      ) : (
        <input
          value={given ?? ""}
          placeholder={value ?? ""}
          onChange={({ currentTarget }) => change(name, currentTarget.value)}
        />
      )}
    </label>
  )
}

const rates = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001]

/** The learning rate of the training that is under way. */
function RateNow() {
  const current = trainer.value
  const now = current?.rate.value ?? Number.NaN
  const value = Number.isFinite(now) ? now : current?.opened.value?.recipe.learningRate
  const choices =
    value === undefined || rates.includes(value) ? rates : [value, ...rates].sort((a, b) => b - a)
  return (
    <label>
      <Term name="learning rate">rate now</Term>
      <select
        value={value}
        disabled={!current?.opened.value}
        onChange={({ currentTarget }) => current?.setRate(Number(currentTarget.value))}
      >
        {choices.map((rate) => (
          <option key={rate} value={rate}>
            {Number(rate.toPrecision(2))}
          </option>
        ))}
      </select>
    </label>
  )
}
