/** The script of a report's page: its table sorts by a click on a head, and all that belongs to one entry lights up together. */

/** Expects `told`: a sentence for each entry, by its rank. */
export const reportScript = `
const compare = (a, b) =>
  a === "" || b === "" ? (a === "") - (b === "") : isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b
for (const head of document.querySelectorAll("thead th"))
  head.firstChild.addEventListener("click", () => {
    const sign = head.ariaSort === "ascending" ? -1 : 1
    for (const each of head.parentNode.children) each.removeAttribute("aria-sort")
    head.ariaSort = sign === 1 ? "ascending" : "descending"
    const body = head.closest("table").tBodies[0]
    const keyOf = ({ cells: { [head.cellIndex]: cell } }) => cell.dataset.value ?? cell.textContent
    const rows = Array.from(body.rows, (row) => ({ row, key: keyOf(row) }))
    const isEmpty = ({ key }) => key === ""
    rows.sort((a, b) => (isEmpty(a) || isEmpty(b) ? isEmpty(a) - isEmpty(b) : sign * compare(a.key, b.key)))
    body.append(...rows.map(({ row }) => row))
  })

const parts = Map.groupBy(document.querySelectorAll("[data-group]"), ({ dataset }) => dataset.group)
const groups = Object.keys(told)
const figures = document.querySelectorAll("figure")
let lit
function light(group) {
  if (group === lit) return
  for (const part of parts.get(lit) ?? []) part.classList.remove("on")
  lit = group
  for (const part of parts.get(group) ?? []) part.classList.add("on")
  for (const figure of figures) figure.classList.toggle("dimmed", group !== undefined)
  document.querySelector(".told").textContent = told[group] ?? ""
}

// Thin lines are found by a pointer that is near.
const around = [0, 3, -3, 6, -6].flatMap((y) => [0, 3, -3, 6, -6].map((x) => [x, y]))
const at = ({ clientX, clientY }) => {
  for (const [x, y] of around) {
    const part = document.elementFromPoint(clientX + x, clientY + y)?.closest("[data-group]")
    if (part) return part.dataset.group
  }
}
for (const figure of figures) {
  figure.addEventListener("pointermove", (event) => light(at(event)))
  figure.addEventListener("pointerleave", () => light())
  figure.addEventListener("blur", () => light())
  figure.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (event.key === "Escape") light()
    if (!by) return
    event.preventDefault()
    const own = groups.filter((group) => parts.get(group).some((part) => figure.contains(part)))
    light(own[Math.min(own.length - 1, Math.max(0, own.indexOf(lit) + by))])
  })
}
for (const part of document.querySelectorAll("tr[data-group], li[data-group]")) {
  part.addEventListener("pointerenter", () => light(part.dataset.group))
  part.addEventListener("pointerleave", () => light())
}
`
