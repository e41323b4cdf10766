/** The fields of what is asked of a sample, be it lines or a sound: the temperature, and the label of a model that takes labels. */
import type { Signal } from "@preact/signals"
import type { Labels } from "../../../src/data/labels.ts"
import { label } from "../session.ts"
import { Term } from "../term.tsx"

export function TemperatureField({ temperature }: { temperature: Signal<number> }) {
  return (
    <label>
      <Term name="temperature" />
      <input
        type="number"
        min="0"
        max="5"
        step="0.1"
        value={temperature.value}
        onInput={({ currentTarget }) => {
          temperature.value = Math.max(0, currentTarget.valueAsNumber || 0)
        }}
      />
    </label>
  )
}

/** Nothing for a model without labels. */
export function LabelField({ name, labels }: { name?: string; labels?: Labels }) {
  if (!labels) return null
  return (
    <label>
      {name ?? labels.name}
      <select
        value={label.value}
        onChange={({ currentTarget }) => {
          label.value = Number(currentTarget.value)
        }}
      >
        {labels.values.map((value, k) => (
          <option key={value} value={k}>
            {value}
          </option>
        ))}
      </select>
    </label>
  )
}
