/**
 * A finished page around a model's JavaScript: one file that opens anywhere, also from a disk, makes new things and needs nothing else.
 * Everything is an ordinary control of HTML, so it works by keyboard and with a screen reader.
 */
import { type JavaScriptOptions, toJavaScript, type Written } from "./javascript.ts"

export interface PageOptions {
  /** What the list is of, such as "town names". */
  readonly title: string
}

/** The text of the page. It throws what `toJavaScript` throws. */
export function toPage(model: Written, options: JavaScriptOptions, { title }: PageOptions): string {
  const heading = escaped(`New ${title}`)
  const script = toJavaScript(model, { ...options, global: "makewave" })
  const knowsList = options.lines !== undefined || options.counted !== undefined
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${heading}</title>
<style>
  :root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif; accent-color: #0a7d55 }
  body { max-width: 34rem; margin: 8vh auto; padding: 0 1.2rem }
  h1 { font-size: 2rem; line-height: 1.2; overflow-wrap: anywhere }
  form { display: grid; gap: 1rem }
  label { display: grid; gap: .2rem }
  input:not([type=range]), select, button { font: inherit; padding: .5rem .8rem; border: 1px solid #888; border-radius: .5rem }
  button { background: #0a7d55; border-color: #0a7d55; color: #fff; font-weight: 600; cursor: pointer }
  :focus-visible { outline: 3px solid #3aa0ff; outline-offset: 2px }
  ul { list-style: none; padding: 0; columns: 2; column-gap: 1.5rem; font-size: 1.2rem }
  li { padding: .15rem 0; overflow-wrap: anywhere; break-inside: avoid; min-height: 1.5em }
</style>
<main>
  <h1>${heading}</h1>
  <form>
    <label>They begin with
      <input name="prompt" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="anything"></label>${
        options.labels
          ? `
    <label>Kind
      <select name="label"><option value="">any</option>${options.labels.values.map((label) => `<option>${escaped(label)}</option>`).join("")}</select></label>`
          : ""
      }
    <label><span>From usual to unusual: <output name="shown" role="none">1.0</output></span>
      <input name="temperature" type="range" min="0.4" max="1.6" step="0.1" value="1"></label>
    <button>Make more</button>
  </form>
  <p role="status"></p>
  <ul aria-label="${heading}" aria-live="polite"></ul>
</main>
<script>
${script}</script>
<script>
  const form = document.querySelector("form")
  const { prompt, label, temperature, shown } = form.elements

  /** So many that differ, or as many as there are, and what was told in their place. */
  function more(count) {
    const made = new Set()
    try {
      for (let tries = 0; made.size < count && tries < 5 * count; tries++)
        made.add(makewave.sample({
          prompt: prompt.value,
          temperature: Number(temperature.value),${options.labels ? "\n          label: label.value || undefined," : ""}${knowsList ? "\n          onlyNew: true," : ""}
        }))
    } catch (error) {
      return { made, told: made.size > 0 ? "" : error.message }
    }
    made.delete("")
    return { made, told: "" }
  }

  function show() {
    const { made, told } = more(12)
    document.querySelector("[role=status]").textContent = told
    document.querySelector("ul").replaceChildren(...Array.from(made, (each) => {
      const item = document.createElement("li")
      item.dir = "auto"
      item.textContent = each
      return item
    }))
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault()
    show()
  })
  temperature.addEventListener("input", () => { shown.value = Number(temperature.value).toFixed(1) })
  show()
</script>
</html>
`
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
