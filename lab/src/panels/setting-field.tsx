/** A setting as a field of a form: its name, its value or in grey its default, and why the last change of it was refused. */
import type { SettingName } from "../../../src/runs/settings.ts"
import { change, form } from "../session.ts"
import { Term, type TermName } from "../term.tsx"
import type { Field } from "../trainer/form.ts"

const explained: Partial<Record<SettingName, TermName>> = {
  context: "context",
  embedding: "embedding",
  hidden: "hidden",
  batchSize: "batch size",
  seed: "seed",
}

const words = (name: string): string =>
  name === "running" ? "one running text" : name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** A sentence with the settings that it names by their flags as they are named here. */
export const inForm = (sentence: string): string =>
  sentence.replace(/--[a-z][a-z-]*/g, (flag) => `“${words(camelCase(flag.slice(2)))}”`)

const camelCase = (name: string): string => name.replace(/-[a-z]/g, ([, letter]) => letter.toUpperCase())

/** A setting with its value; its default stands there in grey. */
export function SettingField({ name, description, choices, isSwitch, given, value }: Field) {
  const term = explained[name]
  const problem = form.value?.problem
  return (
    <>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: one of the three below */}
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
      {problem?.name === name && <p role="alert">{problem.sentence}</p>}
    </>
  )
}
