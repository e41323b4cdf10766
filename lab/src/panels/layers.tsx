/** The layers of the network as a table: shapes and parameters, and on one batch how their outputs are spread and how fast their parameters change. */
import { Term } from "../term.tsx"
import type { Diagnosed, LayerRow } from "../trainer/questions/diagnose.ts"
import { decimal } from "./decimal.ts"
import { useAnswer } from "./use-answer.ts"

/** log10 of update to data: from there to there it is healthy. */
const HEALTHY = [-3.7, -2.3] as const

export function Layers() {
  const { answer, problem } = useAnswer("diagnose", {})
  if (!answer) return <p class="nothing">{problem}</p>
  return <Table {...answer} />
}

function Table({ layers, step, rate }: Diagnosed) {
  const isSaturable = layers.some(({ values }) => values.some(({ saturated }) => saturated !== undefined))
  return (
    <div class="layers">
      <table>
        <caption>
          On one <Term name="batch" />, after {step.toLocaleString("en")} steps, at a{" "}
          <Term name="learning rate" /> of {Number(rate.toPrecision(2))}
        </caption>
        <thead>
          <tr>
            <th scope="col">layer</th>
            <th scope="col">output</th>
            <th scope="col" class="number">
              <Term name="parameters" />
            </th>
            <th scope="col" class="number">
              <Term name="activation">mean ± deviation</Term>
            </th>
            {isSaturable && (
              <>
                <th scope="col" class="number">
                  <Term name="saturation">saturated</Term>
                </th>
                <th scope="col" class="number">
                  <Term name="dead units">dead</Term>
                </th>
              </>
            )}
            <th scope="col" class="number">
              <Term name="update to data" />
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.map((layer) => (
            <Row key={layer.path} layer={layer} isSaturable={isSaturable} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** A layer, and below it the nonlinearities that it computes besides its output. */
function Row({ layer, isSaturable }: { layer: LayerRow; isSaturable: boolean }) {
  const { path, type, depth, shape, parameters, updates, values } = layer
  const own = values.find((each) => each.type === type)
  const others = values.filter((each) => each !== own)
  const name = path.split(".").at(-1)
  return (
    <>
      <tr>
        <th scope="row" style={{ paddingLeft: `${Math.max(0, depth) * 0.75}rem` }} title={path}>
          {path === "" ? (
            type
          ) : (
            <>
              <span class="soft">{name}</span> {type}
            </>
          )}
        </th>
        <td>{shape?.join(" × ")}</td>
        <td class="number">{parameters > 0 && parameters.toLocaleString("en")}</td>
        <Spread values={own} isSaturable={isSaturable} />
        <td class="number">
          <Update updates={updates} />
        </td>
      </tr>
      {others.map((each) => (
        <tr key={each.type}>
          <th scope="row" style={{ paddingLeft: `${(depth + 1) * 0.75}rem` }}>
            {each.type}
          </th>
          <td />
          <td />
          <Spread values={each} isSaturable={isSaturable} />
          <td />
        </tr>
      ))}
    </>
  )
}

const percent = (part: number | undefined): string =>
  part === undefined ? "" : `${(100 * part).toFixed(1)} %`

function Spread({ values, isSaturable }: { values?: LayerRow["values"][number]; isSaturable: boolean }) {
  const { activation, saturated, dead } = values ?? {}
  return (
    <>
      <td class="number">{activation && `${decimal(activation.mean)} ± ${decimal(activation.deviation)}`}</td>
      {isSaturable && (
        <>
          <td class={`number ${(saturated ?? 0) > 0.5 ? "warning" : ""}`}>{percent(saturated)}</td>
          <td class={`number ${(dead ?? 0) > 0.1 ? "warning" : ""}`}>{percent(dead)}</td>
        </>
      )}
    </>
  )
}

/** Of the largest parameter of the layer. */
function Update({ updates }: Pick<LayerRow, "updates">) {
  const first = updates.find(
    ({ updateToData }) => updateToData !== undefined && Number.isFinite(updateToData),
  )
  if (first?.updateToData === undefined) return null
  const log = first.updateToData
  // Source: makemore part 3, which looks at matrices: the numbers of a vector may all be alike, as those of a BatchNorm are at first.
  const [word, kind] =
    first.shape.length < 2
      ? ["", "soft"]
      : log > HEALTHY[1]
        ? ["high", "warning"]
        : log < HEALTHY[0]
          ? ["low", "soft"]
          : ["healthy", "good"]
  const all = updates
    .map(({ path, updateToData = Number.NaN }) => `${path.split(".").at(-1)}: 10^${updateToData.toFixed(1)}`)
    .join(", ")
  return (
    <span class={kind} title={all}>
      10<sup>{decimal(log).slice(0, -1)}</sup> {word}
    </span>
  )
}
