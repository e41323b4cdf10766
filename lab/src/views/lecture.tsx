/** The lecture as a walk: a chapter's text on the left, its network, live, on the right. */
import { useEffect } from "preact/hooks"
import { type Chapter, chapters } from "../chapters.ts"
import { Lazy } from "../lazy.tsx"
import { ContextField } from "../panels/context-field.tsx"
import { loadCurves, panels } from "../panels/index.ts"
import { Samples } from "../panels/samples.tsx"
import { begunSettings, chapter, context, isSame, list, panel, restart, settings } from "../session.ts"

/** Shows what the chapter is about. A training of the same settings goes on. */
function show({ preset, panel: itsPanel, context: itsContext }: Chapter): void {
  panel.value = itsPanel
  context.value = itsContext
  list.value = undefined
  settings.value = preset.settings
  if (!isSame(begunSettings.peek() ?? {}, preset.settings)) void restart()
}

export function LectureView() {
  const k = Math.min(chapter.value, chapters.length - 1)
  const { title, place, html } = chapters[k]
  useEffect(() => show(chapters[k]), [k])
  const go = (next: number) => () => {
    chapter.value = next
  }
  return (
    <main class="lecture">
      <article aria-label="Chapter" key={k}>
        <nav aria-label="Chapters">
          <button type="button" disabled={k === 0} onClick={go(k - 1)}>
            Previous
          </button>
          <select
            class="chapter"
            aria-label="Chapter"
            value={k}
            onChange={({ currentTarget }) => {
              chapter.value = Number(currentTarget.value)
            }}
          >
            {chapters.map(({ title }, number) => (
              <option key={title} value={number}>
                {number + 1}. {title}
              </option>
            ))}
          </select>
          <button type="button" disabled={k === chapters.length - 1} onClick={go(k + 1)}>
            Next
          </button>
        </nav>
        <h2>
          {k + 1}. {title} <small>{place}</small>
        </h2>
        <div dangerouslySetInnerHTML={{ __html: html }} />
      </article>
      <div class="middle">
        <section class="panel" aria-label="The network">
          {panel.value === "tree" && (
            <div class="tabs">
              <ContextField />
            </div>
          )}
          <Lazy key={panel.value} load={(panels[panel.value] ?? panels.tree).load} />
        </section>
        <Lazy load={loadCurves} />
      </div>
      <Samples />
    </main>
  )
}
