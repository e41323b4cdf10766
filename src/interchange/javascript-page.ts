/**
 * A finished page around a model's JavaScript: one file that opens anywhere, also from a disk, makes new things and needs nothing else.
 * Everything is an ordinary control of HTML, so it works by keyboard and with a screen reader.
 */
import { type JavaScriptOptions, toJavaScript, type Written } from "./javascript.ts"
import { escaped, pageHead } from "./javascript-page-head.ts"
import { toTextPage } from "./javascript-text-page.ts"

export interface PageOptions {
  /** The heading, such as "New town names". */
  readonly title: string
}

/** The text of the page. It throws what `toJavaScript` throws. */
export function toPage(model: Written, options: JavaScriptOptions, { title }: PageOptions): string {
  if (options.unseen !== undefined) return toTextPage(model, options, { title })
  const heading = escaped(title)
  const script = toJavaScript(model, { ...options, global: "makewave" })
  const knowsList = options.lines !== undefined || options.counted !== undefined
  return `${pageHead(heading)}
<main>
  <h1 dir="auto">${heading}</h1>
  <form>
    <label>They begin with (may be empty)
      <input name="prompt" dir="auto" lang="" autocomplete="off" autocapitalize="off" spellcheck="false"></label>${
        options.labels
          ? `
    <label>Kind
      <select name="label"><option value="">any</option>${options.labels.values.map((label) => `<option>${escaped(label)}</option>`).join("")}</select></label>`
          : ""
      }
    <label><span>How unusual: <output name="shown" role="none">0.8</output></span>
      <input name="temperature" type="range" min="0.4" max="1.6" step="0.1" value="0.8"></label>
    <button>Make more</button>
  </form>
  <p role="status"></p>
  <ul dir="auto" lang="" aria-label="${heading}" aria-live="polite"></ul>
  <button type="button">Copy all</button>
</main>
<script>
${script}</script>
<script>
  const form = document.querySelector("form")
  const { prompt, label, temperature, shown } = form.elements
  const [message, list, copier] = ["[role=status]", "ul", "[type=button]"].map((each) => document.querySelector(each))

  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" })
  const charactersOf = (text) => Array.from(segmenter.segment(text.normalize("NFC")), ({ segment }) => segment)
  const isKnown = (character) => makewave.symbols.indexOf(character, 1) > 0

  /** ln p of a text as the beginning. */
  function likelihood(text) {
    const ids = charactersOf(text).map((character) => makewave.symbols.indexOf(character, 1))
    return ids.reduce((sum, id, at) => sum + Math.log(makewave.probabilities(makewave.logits(ids.slice(0, at)${options.labels ? ", label.value || makewave.labels[0]" : ""}))[id]), 0)
  }

  /**
   * What was typed, in capitals and small letters as the list has them. Capitals that it knows stay. A space at the end, which keyboards of
   * phones write behind every word, stays if it is likelier than a guess.
   */
  function beginning(typed) {
    const text = cased(typed.trim())
    if (!/\\s$/.test(typed) || !isKnown(" ")) return text
    return likelihood(text + " ") - likelihood(text) > -Math.log(makewave.symbols.length) ? text + " " : text
  }

  function cased(text) {
    const small = text.toLowerCase()
    if (text !== small && charactersOf(text).every(isKnown)) return text
    const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1)
    const ways = [small, capital(small), small.split(" ").map(capital).join(" "), text.toUpperCase()]
    const known = ways.filter((each) => charactersOf(each).every(isKnown))
    if (known.length === 0) throw new RangeError("Nothing here has “" + charactersOf(text).find((each) => !isKnown(each)) + "”.")
    return known.map((text) => ({ text, ln: likelihood(text) })).reduce((a, b) => (b.ln > a.ln ? b : a)).text
  }

  /** So many that differ, or as many as there are, and what is told in their place. */
  function more(count) {
    const made = new Set()
    let start
    try {
      start = beginning(prompt.value)
    } catch (error) {
      return { made, told: error.message }
    }
    try {
      for (let tries = 0; made.size < count && tries < 5 * count; tries++)
        made.add(makewave.sample({
          prompt: start,
          temperature: Number(temperature.value),${options.labels ? "\n          label: label.value || undefined," : ""}${knowsList ? "\n          onlyNew: true," : ""}
        }))
    } catch {
      return { made, told: made.size > 0 ? "" : "Nothing was found that begins so. Another beginning may help." }
    }
    made.delete("")
    return { made, told: "" }
  }

  function show() {
    const { made, told } = more(12)
    message.textContent = told
    copier.hidden = made.size === 0
    list.replaceChildren(...Array.from(made, (each) => {
      const item = document.createElement("li")
      item.textContent = each
      return item
    }))
  }

  /** What is shown, a line each. Where a page has no clipboard, as from some disks, a text that is selected is copied. */
  async function copy() {
    const text = Array.from(list.children, (item) => item.textContent).join("\\n")
    let copied = true
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      const area = document.createElement("textarea")
      area.value = text
      area.style.position = "fixed"
      copier.before(area)
      area.select()
      copied = document.execCommand("copy")
      area.remove()
      copier.focus()
    }
    message.textContent = copied ? "Copied." : "This browser does not let a page copy: select the lines, and copy them."
  }

  copier.addEventListener("click", copy)
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
