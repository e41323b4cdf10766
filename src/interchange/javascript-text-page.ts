/**
 * A finished page around a model of one running text: it writes a passage that goes on from a beginning.
 * One file that opens anywhere, as the page of a list (javascript-page.ts).
 */
import { type JavaScriptOptions, toJavaScript, type Written } from "./javascript.ts"
import { escaped, pageHead } from "./javascript-page-head.ts"

/** The text of the page. It throws what `toJavaScript` throws. */
export function toTextPage(model: Written, options: JavaScriptOptions, { title }: { title: string }): string {
  const heading = escaped(title)
  return `${pageHead(heading)}
<main>
  <h1 dir="auto">${heading}</h1>
  <form>
    <label>It begins with (may be empty)
      <input name="prompt" dir="auto" lang="" autocomplete="off" spellcheck="false"></label>
    <label><span>How unusual: <output name="shown" role="none">0.8</output></span>
      <input name="temperature" type="range" min="0.4" max="1.4" step="0.1" value="0.8"></label>
    <button>Write another</button>
  </form>
  <p role="status"></p>
  <p class="text" dir="auto" lang="" aria-label="${heading}" aria-live="polite"></p>
  <button type="button">Copy</button>
</main>
<script>
${toJavaScript(model, { ...options, global: "makewave" })}</script>
<script>
  const form = document.querySelector("form")
  const { prompt, temperature, shown } = form.elements
  const [message, text, copier] = ["[role=status]", ".text", "[type=button]"].map((each) => document.querySelector(each))

  function show() {
    message.textContent = ""
    try {
      text.textContent = makewave.sample({ prompt: prompt.value, temperature: Number(temperature.value), length: 800 }).trim()
    } catch (error) {
      message.textContent = error.message
    }
  }

  /** Where a page has no clipboard, as from some disks, the text is selected, to be copied by hand. */
  async function copy() {
    try {
      await navigator.clipboard.writeText(text.textContent)
      message.textContent = "Copied."
    } catch {
      getSelection().selectAllChildren(text)
      message.textContent = "This browser does not let a page copy: the text is selected, copy it."
    }
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
