/** What is trained: the preset, the list, the network, the training. Changes count from the next start; the learning rate at once. */
import { useSignal } from "@preact/signals"
import type { SettingName } from "../../../src/runs/settings.ts"
import { Dialog } from "../dialog.tsx"
import { forRunning, presets } from "../presets.ts"
import { form, isSame, list, restart, settings, trainer } from "../session.ts"
import { Term } from "../term.tsx"
import { ListChoice } from "./list-choice.tsx"
import { SettingField } from "./setting-field.tsx"

/** The settings that stand in the column; the dialog has all. */
const first: Readonly<Record<string, readonly SettingName[]>> = {
  Network: ["model", "context", "embedding", "hidden", "layers", "heads", "batchNormBug"],
  Training: ["steps", "batchSize", "optimizer", "seed"],
}

export function SettingsColumn() {
  const isOpen = useSignal(false)
  const fields = form.value?.fields ?? []
  return (
    <section class="settings" aria-label="Settings">
      <PresetChoice />
      <ListChoice />
      {Object.entries(first).map(([title, names]) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {names.flatMap((name) =>
            fields
              .filter((field) => field.name === name)
              .map((field) => <SettingField key={name} {...field} />),
          )}
          {title === "Training" && <RateNow />}
        </fieldset>
      ))}
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
              <SettingField key={field.name} {...field} />
            ))}
          </fieldset>
        ))}
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
          // A running text stays one, whatever reads it.
          settings.value = list.value && settings.value.running ? forRunning(preset) : preset.settings
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
        value={value ?? ""}
        disabled={!current?.opened.value}
        onChange={({ currentTarget }) => current?.setRate(Number(currentTarget.value))}
      >
        {value === undefined && <option value="">…</option>}
        {choices.map((rate) => (
          <option key={rate} value={rate}>
            {Number(rate.toPrecision(2))}
          </option>
        ))}
      </select>
    </label>
  )
}
