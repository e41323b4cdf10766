/** Buttons of which one is pressed: which of a few things a panel shows. */
import type { Signal } from "@preact/signals"

interface SwitchProps<T extends string> {
  /** What is chosen, for screen readers. */
  readonly legend: string
  readonly choices: readonly T[]
  readonly chosen: Signal<T>
}

export function Switch<T extends string>({ legend, choices, chosen }: SwitchProps<T>) {
  return (
    <fieldset class="switch">
      <legend class="for-screen-readers">{legend}</legend>
      {choices.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={chosen.value === each}
          onClick={() => {
            chosen.value = each
          }}
        >
          {each}
        </button>
      ))}
    </fieldset>
  )
}
