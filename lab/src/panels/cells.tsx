/** Nodes as cells of their numbers: orange above zero, blue below, the paper at zero. */
import { useLayoutEffect, useRef } from "preact/hooks"

/** Nodes with one scale: the largest magnitude of their numbers. */
export interface CellRow {
  readonly scale: number
  /** The lines of cells in a node; by default as many as its height allows. */
  readonly lines?: number
  readonly nodes: readonly {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
    readonly values?: Float32Array
  }[]
}

/** A cell is at least so many pixels wide and high. Where a node has more channels, a cell is the mean of several. */
const LEAST = 3.5

const SHADES = 24

/** The colours of the page now, from the most negative to the most positive. */
function shades(element: Element): string[] {
  const style = getComputedStyle(element)
  const [low, middle, high] = ["--blue", "--paper", "--orange"].map((name) => style.getPropertyValue(name))
  return Array.from({ length: 2 * SHADES + 1 }, (_, k) => {
    const share = Math.round((100 * Math.abs(k - SHADES)) / SHADES)
    return `color-mix(in srgb, ${k < SHADES ? low : high} ${share}%, ${middle})`
  })
}

/** Drawn again for other rows, and where the page turns dark or light. */
export function Cells({ rows }: { readonly rows: readonly CellRow[] }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    const draw = () => canvas.current && drawCells(canvas.current, rows)
    draw()
    const scheme = matchMedia("(prefers-color-scheme: dark)")
    scheme.addEventListener("change", draw)
    return () => scheme.removeEventListener("change", draw)
  }, [rows])
  return (
    <div aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  )
}

function drawCells(canvas: HTMLCanvasElement, rows: readonly CellRow[]): void {
  const { clientWidth, clientHeight } = canvas
  const ratio = devicePixelRatio
  canvas.width = Math.round(clientWidth * ratio)
  canvas.height = Math.round(clientHeight * ratio)
  const pen = canvas.getContext("2d")
  if (!pen) return
  pen.scale(ratio, ratio)
  const colors = shades(canvas)
  for (const { scale, nodes, lines: given } of rows)
    for (const { x, y, width, height, values } of nodes) {
      if (!values) continue
      const lines = given ?? Math.max(1, Math.floor(height / (2 * LEAST)))
      const most = Math.max(1, Math.floor(width / LEAST)) * lines
      const together = Math.ceil(values.length / most)
      const cells = Math.ceil(values.length / together)
      const columns = Math.ceil(cells / lines)
      for (let cell = 0; cell < cells; cell++) {
        const part = values.subarray(cell * together, (cell + 1) * together)
        const mean = part.reduce((sum, value) => sum + value, 0) / part.length
        pen.fillStyle = colors[SHADES + Math.round(SHADES * Math.max(-1, Math.min(1, mean / scale)))]
        // To the pixel: seams between cells would look like a grid.
        const [left, right] = [cell % columns, (cell % columns) + 1].map(
          (k) => Math.round((x + (k * width) / columns) * ratio) / ratio,
        )
        const line = Math.floor(cell / columns)
        const [top, bottom] = [line, line + 1].map(
          (k) => Math.round((y + (k * height) / lines) * ratio) / ratio,
        )
        pen.fillRect(left, top, right - left, bottom - top)
      }
    }
}
