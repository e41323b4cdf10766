/** The view of a training: settings, a panel with what goes on inside, curves, samples. */
import { Lazy } from "../lazy.tsx"
import { ContextField } from "../panels/context-field.tsx"
import { loadCurves, panels } from "../panels/index.ts"
import { Samples } from "../panels/samples.tsx"
import { SettingsColumn } from "../panels/settings.tsx"
import { panel, trainer } from "../session.ts"

/** Arrows lead from tab to tab, and Home and End to the first and the last. */
function chooseByKey(event: KeyboardEvent): void {
  const names = Object.keys(panels)
  const at = names.indexOf(panel.value)
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key]
  if (next === undefined) return
  event.preventDefault()
  panel.value = names.at(next % names.length)!
  document.getElementById(`tab-${panel.value}`)?.focus()
}

export function TrainView() {
  // Nobody types the levels of a sound.
  const isSound = trainer.value?.opened.value?.recipe.sampleRate !== undefined
  return (
    <main class="train">
      <SettingsColumn />
      <div class="middle">
        <section class="panel" aria-label="The network">
          <div class="tabs">
            <div role="tablist" aria-label="Panels" onKeyDown={chooseByKey}>
              {Object.entries(panels).map(([name, { title }]) => (
                <button
                  key={name}
                  type="button"
                  role="tab"
                  id={`tab-${name}`}
                  aria-selected={panel.value === name}
                  aria-controls="panel"
                  tabIndex={panel.value === name ? 0 : -1}
                  onClick={() => {
                    panel.value = name
                  }}
                >
                  {title}
                </button>
              ))}
            </div>
            {!isSound && <ContextField />}
          </div>
          <div id="panel" role="tabpanel" aria-labelledby={`tab-${panel.value}`}>
            <Lazy key={panel.value} load={panels[panel.value]?.load ?? panels.tree.load} />
          </div>
        </section>
        <Lazy load={loadCurves} />
      </div>
      <Samples />
    </main>
  )
}
