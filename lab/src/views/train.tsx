/** The view of a training: settings, a panel with what goes on inside, curves, samples. */
import type { ComponentType } from "preact"
import { useEffect, useState } from "preact/hooks"
import { Curves } from "../panels/curves.tsx"
import { panels } from "../panels/index.ts"
import { Samples } from "../panels/samples.tsx"
import { SettingsColumn } from "../panels/settings.tsx"
import { context, panel } from "../session.ts"
import { Term } from "../term.tsx"

export function TrainView() {
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
          </div>
          <div id="panel" role="tabpanel" aria-labelledby={`tab-${panel.value}`}>
            <Shown name={panel.value} />
          </div>
        </section>
        <Curves />
      </div>
      <Samples />
    </main>
  )
}

/** The panel of this name, once it is loaded. */
function Shown({ name }: { name: string }) {
  const [Component, setComponent] = useState<ComponentType>()
  useEffect(() => {
    let isShown = true
    void panels[name]?.load().then((loaded) => {
      if (isShown) setComponent(() => loaded)
    })
    return () => {
      isShown = false
      setComponent(undefined)
    }
  }, [name])
  return Component ? <Component /> : null
}
