/** The probabilities of the next symbol, as bars: all symbols, or the likeliest of many. */
import { shown } from "./tree-layout.ts"

/** More bars would be narrower than their symbols; one of several characters takes as much for each two. */
const LEAST = 12

export interface NextSymbolProps {
  /** By id. */
  readonly probabilities: Float32Array
  readonly symbols: readonly string[]
  /** Of a running text nothing is the end. */
  readonly isEndless?: boolean
  readonly width: number
  readonly height: number
}

const percent = (p: number): string =>
  p >= 0.0995 ? `${Math.round(100 * p)} %` : `${(100 * p).toFixed(1)} %`

type Distribution = Pick<NextSymbolProps, "probabilities" | "symbols" | "isEndless">

/** "a 34 %, i 12 %", the likeliest first. */
function likeliest({ probabilities, symbols, isEndless }: Distribution, most: number) {
  const ids = Array.from(probabilities.keys()).filter((id) => !(isEndless && id === 0))
  return ids
    .sort((a, b) => probabilities[b] - probabilities[a])
    .slice(0, most)
    .map((id) => ({
      id,
      p: probabilities[id],
      symbol: shown(symbols[id]),
      text: percent(probabilities[id]),
    }))
}

export function NextSymbol({ probabilities, symbols, isEndless, width, height }: NextSymbolProps) {
  const characters = symbols.reduce((most, symbol) => Math.max(most, shown(symbol).length), 1)
  const room = Math.floor(width / (LEAST * Math.ceil(characters / 2)))
  const sorted = likeliest({ probabilities, symbols, isEndless }, room)
  const all = symbols.length <= room ? sorted.toSorted((a, b) => a.id - b.id) : sorted
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
export function NextSymbolTable(props: Distribution) {
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
          {likeliest(props, 30).map(({ id, symbol, text }) => (
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
