/** What is trained: the preset, the list, the network, the training. Changes count from the next start; the learning rate at once. */
import { useSignal } from "@preact/signals"
import { resolveRecipe } from "../../../src/runs/recipe.ts"
import { settings as declared, groups, type SettingName, type Settings } from "../../../src/runs/settings.ts"
import type { Setting } from "../../../src/setting.ts"
import { presets } from "../presets.ts"
import { restart, settings, trainer } from "../session.ts"
import { Term, type TermName } from "../term.tsx"
import { ListChoice } from "./list-choice.tsx"

/** The settings that stand in the column; the dialog has all. */
const first: Readonly<Record<string, readonly SettingName[]>> = {
  Network: ["model", "context", "embedding", "hidden", "layers", "batchNormBug"],
  Training: ["steps", "batchSize", "optimizer", "seed"],
}

const explained: Partial<Record<SettingName, TermName>> = {
  context: "context",
  embedding: "embedding",
  hidden: "hidden",
  batchSize: "batch size",
  seed: "seed",
}

/** The values that a training of these settings would have, as far as they do not depend on the data. */
function resolved(given: Settings): Settings {
  try {
    return resolveRecipe(given)
  } catch {
    return given
  }
}

const applies = (name: SettingName, all: Settings): boolean =>
  (declared[name] as Setting).unless?.({ ...all, [name]: undefined }) === undefined

const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

export function SettingsColumn() {
  const all = resolved(settings.value)
  const isOpen = useSignal(false)
  return (
    <section class="settings" aria-label="Settings">
      <label class="wide">
        <span>Preset</span>
        <select
          aria-label="Preset"
          value={presets.findIndex((preset) => preset.settings === settings.value)}
          onChange={({ currentTarget }) => {
            settings.value = presets[Number(currentTarget.value)].settings
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
      <ListChoice />
      {Object.entries(first).map(([title, names]) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {names
            .filter((name) => applies(name, all))
            .map((name) => (
              <Field key={name} name={name} all={all} />
            ))}
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
      {isOpen.value && (
        <dialog
          aria-label="All settings"
          ref={(dialog) => {
            if (dialog && !dialog.open) dialog.showModal()
          }}
          onClose={() => {
            isOpen.value = false
          }}
        >
          <form method="dialog">
            {Object.entries(groups).map(([title, group]) => {
              const names = (Object.keys(group) as SettingName[]).filter((name) => applies(name, all))
              return (
                <fieldset key={title}>
                  <legend>{title}</legend>
                  {names.map((name) => (
                    <Field key={name} name={name} all={all} />
                  ))}
                </fieldset>
              )
            })}
            <button class="main" type="submit">
              Done
            </button>
          </form>
        </dialog>
      )}
    </section>
  )
}

/** A setting with its value, or its default in grey. */
function Field({ name, all }: { name: SettingName; all: Settings }) {
  const { description, choices, parse, accepts, wanted, unit } = declared[name] as Setting
  const problem = useSignal("")
  const given = settings.value[name]
  const value = all[name]
  const set = (next: unknown) => {
    const { [name]: _, ...others } = settings.value
    if (next === undefined) problem.value = ""
    else problem.value = accepts(next) ? "" : wanted
    if (problem.value === "") settings.value = next === undefined ? others : { ...others, [name]: next }
  }
  const label = explained[name] ? <Term name={explained[name]}>{words(name)}</Term> : words(name)
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: one of the three below
    <label title={description}>
      {label}
      {choices ? (
        <select value={String(value ?? "")} onChange={({ currentTarget }) => set(parse(currentTarget.value))}>
          {value === undefined && <option value="" />}
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : unit === undefined ? (
        <input
          type="checkbox"
          checked={value === true}
          onChange={({ currentTarget }) => set(currentTarget.checked)}
        />
      ) : (
        <input
          value={given === undefined ? "" : String(given)}
          placeholder={value === undefined ? "" : String(value)}
          aria-invalid={problem.value !== ""}
          onChange={({ currentTarget: { value } }) => set(value === "" ? undefined : parse(value))}
        />
      )}
      {problem.value !== "" && <em role="alert">{problem.value}</em>}
    </label>
  )
}

const rates = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001]

/** The learning rate of the training that is under way. */
function RateNow() {
  const current = trainer.value
  const now = current?.rate.value
  const atStart = current?.opened.value?.recipe.learningRate
  const value = now !== undefined && Number.isFinite(now) ? now : atStart
  const choices =
    value === undefined || rates.includes(value) ? rates : [value, ...rates].sort((a, b) => b - a)
  return (
    <label>
      <Term name="learning rate">learning rate, now</Term>
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
