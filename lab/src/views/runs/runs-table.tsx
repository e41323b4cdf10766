/** The table of all runs: sorted by a click on a head, filtered by words; each row draws, compares, opens, saves and deletes its run. */
import { type ReadonlySignal, type Signal, useComputed, useSignal } from "@preact/signals"
import { colors } from "../../../../src/charts/svg-chart.ts"
import type { Board, BoardRun } from "../../runs/board.ts"
import { downloadRun } from "../../runs/download.ts"
import { columns, matches, sorted } from "./columns.ts"

interface RunsTableProps {
  readonly board: Board
  readonly pair: ReadonlySignal<readonly string[]>
  /** The run that is pointed at. */
  readonly lit: Signal<string | undefined>
  readonly onPair: (key: string) => void
  readonly onOpen: (run: BoardRun) => void
  /** Shows why it fails, if it does. */
  readonly attempt: (act: Promise<void>) => void
}

export function RunsTable(props: RunsTableProps) {
  const { board } = props
  const filter = useSignal("")
  const order = useSignal({ by: "when", isDescending: true })
  const keys = useComputed(() => {
    const all = [...board.runs.value.values()].map(({ value }) => value)
    const { by, isDescending } = order.value
    return sorted(
      all.filter((run) => matches(run, filter.value)),
      by,
      isDescending,
    ).map(({ key }) => key)
  })
  /** The columns behind the run and what is done with it. */
  const names = useComputed(() => {
    const places = new Set([...board.runs.value.values()].map((run) => run.value.source.place))
    const { run: _, place, ...others } = columns
    return [...(places.size > 1 ? ["place"] : []), ...Object.keys(others)]
  })
  const total = board.runs.value.size
  const isWhole = keys.value.length === total

  return (
    <>
      <div class="runs-head">
        <h2 id="runs-list-title">
          {isWhole ? "" : `${keys.value.length.toLocaleString("en")} of `}
          {total.toLocaleString("en")} {total === 1 ? "run" : "runs"}
        </h2>
        <label>
          filter
          <input
            type="search"
            placeholder="gru hidden=64 finished"
            value={filter}
            onInput={({ currentTarget }) => {
              filter.value = currentTarget.value
            }}
          />
        </label>
      </div>
      <div class="runs-scroll">
        <table class="runs-table">
          <thead>
            <tr>
              <th scope="col">draw</th>
              <Head name="run" order={order} />
              <th scope="col">do</th>
              {names.value.map((name) => (
                <Head key={name} name={name} order={order} />
              ))}
            </tr>
          </thead>
          <tbody onMouseLeave={() => light(props.lit, undefined)}>
            {keys.value.map((key) => (
              <Row key={key} {...props} run={board.runs.value.get(key)!} names={names} />
            ))}
          </tbody>
        </table>
        {total === 0 && <p>There are no runs yet. Train one, and it appears here.</p>}
      </div>
    </>
  )
}

interface Order {
  readonly by: string
  readonly isDescending: boolean
}

function Head({ name, order }: { name: string; order: Signal<Order> }) {
  const { head, isNumber, isDescending = false } = columns[name]
  const { by, isDescending: isDown } = order.value
  const direction = by !== name ? undefined : isDown ? "descending" : "ascending"
  const sort = () => {
    order.value = { by: name, isDescending: by === name ? !isDown : isDescending }
  }
  return (
    <th scope="col" class={isNumber && "number"} {...(direction && { "aria-sort": direction })}>
      <button type="button" class="runs-sort" onClick={sort}>
        {head}
        <span aria-hidden="true">{direction === "descending" ? " ↓" : direction ? " ↑" : ""}</span>
      </button>
    </th>
  )
}

interface RowProps extends RunsTableProps {
  readonly run: Signal<BoardRun>
  readonly names: ReadonlySignal<readonly string[]>
}

function Row({ board, pair, lit, onPair, onOpen, attempt, run, names }: RowProps) {
  const { key, source, now } = run.value
  const color = board.drawn.value.get(key)
  const isPaired = pair.value.includes(key)
  const remove = () => {
    if (confirm(`Delete ${now.run}? Its folder in this browser is removed, with the trained model.`))
      attempt(source.remove!(now.run))
  }
  return (
    <tr class={lit.value === key ? "lit" : undefined} onMouseEnter={() => light(lit, key)}>
      <td>
        <input
          type="checkbox"
          aria-label={`draw ${now.run}`}
          checked={color !== undefined}
          disabled={!("recipe" in now)}
          style={color === undefined ? {} : { accentColor: colors[color % colors.length] }}
          onChange={({ currentTarget }) => board.draw(key, currentTarget.checked)}
        />
      </td>
      <th scope="row">{now.run}</th>
      <td class="actions">
        {"recipe" in now && (
          <button
            type="button"
            class="runs-act"
            aria-pressed={isPaired}
            aria-label={`compare ${now.run}`}
            onClick={() => onPair(key)}
          >
            compare
          </button>
        )}
        {"recipe" in now && (
          <button
            type="button"
            class="runs-act"
            aria-label={`open ${now.run}`}
            onClick={() => onOpen(run.value)}
          >
            open
          </button>
        )}
        <button
          type="button"
          class="runs-act"
          aria-label={`save ${now.run} as a zip file`}
          onClick={() => attempt(downloadRun(source, now.run))}
        >
          zip
        </button>
        {source.remove && (
          <button type="button" class="runs-act" aria-label={`delete ${now.run}`} onClick={remove}>
            delete
          </button>
        )}
      </td>
      {"recipe" in now ? (
        names.value.map((name) => {
          const { text, isNumber } = columns[name]
          const shown =
            name === "state" ? (
              <span class={`run-state ${now.state}`}>{now.state}</span>
            ) : (
              text(now, run.value)
            )
          return (
            <td key={name} class={isNumber && "number"}>
              {shown}
            </td>
          )
        })
      ) : (
        <td colSpan={names.value.length} class="problem">
          {now.problem}
        </td>
      )}
    </tr>
  )
}

function light(lit: Signal<string | undefined>, key: string | undefined): void {
  lit.value = key
}
