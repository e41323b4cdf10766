/** The view of a training: settings, a panel with what goes on inside, curves, samples. */
import { Lazy } from "../lazy.tsx"
import { panels } from "../panels/index.ts"
import { Samples } from "../panels/samples.tsx"
import { SettingsColumn } from "../panels/settings.tsx"
import { context, panel, trainer } from "../session.ts"
import { Term } from "../term.tsx"

/** The first losses are there before there is a curve to draw. */
const loadCurves = async () => (await import("../panels/curves.tsx")).Curves

export function TrainView() {
  // Nobody types the levels of a sound.
  const isSound = trainer.value?.opened.value?.recipe.sampleRate !== undefined
  return (
    <main class="train">
      <SettingsColumn />
      <div class="middle">
        <section class="panel" aria-label="The network">
          <div class="tabs">
            <div role="tablist" aria-label="Panels">
              {Object.entries(panels).map(([name, { title }]) => (
                <button
                  key={name}
                  type="button"
                  role="tab"
                  id={`tab-${name}`}
                  aria-selected={panel.value === name}
                  aria-controls="panel"
                  onClick={() => {
                    panel.value = name
                  }}
                >
                  {title}
                </button>
              ))}
            </div>
            {!isSound && (
              <label class="context">
                <Term name="context" />
                <input
                  value={context.value}
                  autocomplete="off"
                  onInput={({ currentTarget }) => {
                    context.value = currentTarget.value
                  }}
                />
              </label>
            )}
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
