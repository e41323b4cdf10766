/** The lecture in the page: its chapters as text, their code and its twins folded. */
import { readdirSync } from "node:fs"
import axe from "axe-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { chapterText } from "../../lab/build/chapters.ts"
import { chromium } from "../requirements.ts"
import { eventually, type Lab, openLab, PATIENCE, profileOf, visit } from "./page.ts"

const chapter = `// %% [markdown]
// # Chapter 6: the tree as layers
//
// *21:36 in the lecture, cells 7 to 9 of its notebook.* A product of **matrices**,
// [explained](../docs/tree.md), [drawn](https://example.org/a_b): $p_a * p_b *$.
//
// ## A table
//
// | | b |
// | --- | ---: |
// | \`x < 1\` | 2 |

// %%
import { nn } from "makewave"

const layers: Array<nn.Module> = []

// %% [markdown]
// <details><summary>In PyTorch</summary>
//
// \`\`\`python
// print(list(x.shape), 1 < 2)
// \`\`\`
//
// </details>
`

describe("the text of a chapter", () => {
  const { title, place, html } = chapterText(chapter)!

  test("has its title and its place in the lecture", () => {
    expect(title).toBe("the tree as layers")
    expect(place).toBe("21:36 in the lecture, cells 7 to 9 of its notebook")
  })

  test("is HTML: emphasis, links out of the page, tables, headings below the page's own, math as it is written", () => {
    expect(html).toMatch(
      /^<p>A product of <strong>matrices<\/strong>,\nexplained, <a href="https:\/\/example\.org\/a_b"/,
    )
    expect(html).toContain("$p_a * p_b *$")
    expect(html).toContain("<h3>A table</h3>")
    expect(html).toContain('<tr>\n<td></td>\n<th align="right">b</th>')
    expect(html).toContain('<td><code>x &lt; 1</code></td>\n<td align="right">2</td>')
  })

  test("has the code and its twin folded", () => {
    expect(html).toMatch(
      /<details><summary>Code<\/summary>\n<pre tabindex="0"><code>import [\s\S]*Array&lt;nn\.Module&gt;/,
    )
    expect(html).toMatch(
      /<details><summary>In PyTorch<\/summary><pre tabindex="0"><code>print\(list\(x\.shape\), 1 &lt; 2\)</,
    )
  })

  test("is none without a title", () => {
    expect(chapterText("// %% [markdown]\n// A chapter about trees.\n")).toBeUndefined()
  })
})

describe.skipIf(!chromium)("the view of the lecture", { timeout: PATIENCE }, () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await openLab()
  }, PATIENCE)
  afterAll(() => lab.close())

  const files = readdirSync("lecture").filter((file) => file.endsWith(".ts"))

  test.each([
    ["light", { width: 1280, height: 800 }],
    ["dark", { width: 390, height: 844 }],
  ] as const)(
    "shows every chapter, and axe finds nothing in it unfolded, %s, %o",
    async (colorScheme, viewport) => {
      const context = await profileOf(lab, { colorScheme, viewport })
      const page = await visit(context, lab, "v=1&preset=lecture-row-5&view=lecture")
      const article = page.getByRole("article", { name: "Chapter" })
      await article.waitFor()
      expect(await article.getByRole("combobox").locator("option").count()).toBe(files.length)
      await page.evaluate(axe.source)
      for (const [k, file] of files.entries()) {
        await eventually(() => article.locator("h2").textContent()).toMatch(
          new RegExp(`^${k + 1}\\. .* \\d+:\\d+ in the lecture`),
        )
        const unfolded = await article.evaluate((element) => {
          const all = [...element.querySelectorAll("details")]
          for (const details of all) details.open = true
          return { count: all.length, sideways: element.scrollWidth - element.clientWidth }
        })
        expect(unfolded.count, file).toBeGreaterThan(0)
        expect(unfolded.sideways, file).toBe(0)
        const violations = await page.evaluate(async () => {
          const run = (globalThis as unknown as { axe: typeof axe }).axe
          return (await run.run("article")).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)
        })
        expect(violations, file).toEqual([])
        if (k < files.length - 1) await article.getByRole("button", { name: "Next" }).click()
      }
    },
  )
})
