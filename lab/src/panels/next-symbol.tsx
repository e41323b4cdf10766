/** The probabilities of the next symbol, as bars: all symbols, or the likeliest of many. */
import { shown } from "./tree-layout.ts"

/** More bars would be narrower than their symbols; one of several characters takes as much for each two. */
const LEAST = 12

export interface NextSymbolProps {
  /** By id. */
  readonly probabilities: Float32Array
  readonly symbols: readonly string[]
  readonly width: number
  readonly height: number
}

const percent = (p: number): string =>
  p >= 0.0995 ? `${Math.round(100 * p)} %` : `${(100 * p).toFixed(1)} %`

/** "a 34 %, i 12 %", the likeliest first. */
function likeliest({ probabilities, symbols }: Pick<NextSymbolProps, "probabilities" | "symbols">) {
  return Array.from(probabilities, (p, id) => ({ id, p, symbol: shown(symbols[id]), text: percent(p) })).sort(
    (a, b) => b.p - a.p,
  )
}

export function NextSymbol({ probabilities, symbols, width, height }: NextSymbolProps) {
  const sorted = likeliest({ probabilities, symbols })
  const characters = Math.max(...symbols.map(({ length }) => length))
  const room = Math.floor(width / (LEAST * Math.ceil(characters / 2)))
  const all = symbols.length <= room ? sorted.toSorted((a, b) => a.id - b.id) : sorted.slice(0, room)
  const slot = width / all.length
  const foot = height - 16
  const most = Math.max(0.25, sorted[0].p)
  return (
    <svg class="bars" width={width} height={height} aria-hidden="true">
      <line x1="0" x2={width} y1={foot} y2={foot} />
      {all.map(({ id, p, symbol, text }, k) => {
        const tall = (p / most) * (foot - 14)
        const isFirst = id === sorted[0].id
        return (
          <g key={id} class={isFirst ? "likeliest" : ""}>
            <rect x={k * slot + slot / 8} y={foot - tall} width={slot * 0.75} height={tall} rx="1.5">
              <title>{`${symbol}: ${text}`}</title>
            </rect>
            <text x={(k + 0.5) * slot} y={foot + 13}>
              {symbol}
            </text>
            {isFirst && (
              <text x={Math.max(18, Math.min(width - 18, (k + 0.5) * slot))} y={foot - tall - 4}>
                {text}
              </text>
            )}
          </g>
        )
      })}
    </svg>
  )
}

/** The bars for those who cannot see them. */
export function NextSymbolTable(props: Pick<NextSymbolProps, "probabilities" | "symbols">) {
  return (
    <div class="for-screen-readers">
      <table>
        <caption>The next symbol after what was typed, the likeliest first</caption>
        <thead>
          <tr>
            <th>symbol</th>
            <th>probability</th>
          </tr>
        </thead>
        <tbody>
          {likeliest(props)
            .slice(0, 30)
            .map(({ id, symbol, text }) => (
              <tr key={id}>
                <td>{id === 0 ? "the end" : symbol}</td>
                <td>{text}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  )
}
