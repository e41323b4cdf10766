/** The ONNX graph of a step by groups: each node its operator and shape, and for one that is pointed at, what it reads and what reads it. */
import { useSignal } from "@preact/signals"
import { trainer } from "../session.ts"
import type { GraphNode, GraphOfStep, Group } from "../trainer/questions/graph.ts"
import { useOnce } from "./use-once.ts"

const groups: Readonly<Record<Group, string>> = {
  data: "for all steps of a call at once: the rows of their batches",
  forward: "from the batch to its loss",
  backward: "from the loss back to the gradients",
  update: "the next parameters and running statistics; some are one product with their gradient",
}

/** A group with more nodes is closed at first. */
const MOST = 150

export function Graph() {
  const opened = trainer.value?.opened.value
  const { answer, problem } = useOnce("graph", {})
  if (!opened) return <p class="nothing">Preparing the training…</p>
  if (!answer) return <p class="nothing">{problem || "The graph of a step is being read."}</p>
  return <Groups {...answer} />
}

function Groups({ nodes, bytes }: GraphOfStep) {
  const active = useSignal<number | undefined>(undefined)
  const at = active.value
  const names = Object.keys(groups) as Group[]
  const read = new Set(at === undefined ? [] : nodes[at].reads)
  const kindOf = (k: number) => {
    if (k === at) return "marked"
    if (read.has(k)) return "sees"
    return at !== undefined && nodes[k].reads.includes(at) ? "seen-by" : ""
  }
  const choose = (k: number) => {
    active.value = k
  }
  return (
    <div class="graph">
      <div class="groups">
        {names.map((name) => {
          const members = nodes.flatMap(({ group }, k) => (group === name ? [k] : []))
          return (
            <details key={name} open={members.length <= MOST}>
              <summary>
                <b>{name}</b> {members.length.toLocaleString("en")} nodes{" "}
                <small class="extent">{groups[name]}</small>
              </summary>
              <ol>
                {members.map((k) => (
                  <li key={k}>
                    <button
                      type="button"
                      class={`operator ${kindOf(k)}`}
                      tabIndex={k === (members.includes(at ?? -1) ? at : members[0]) ? 0 : -1}
                      onMouseEnter={() => choose(k)}
                      onFocus={() => choose(k)}
                      onKeyDown={moveFocus}
                    >
                      {nodes[k].operator} <small class="extent">{shapeOf(nodes[k])}</small>
                    </button>
                  </li>
                ))}
              </ol>
            </details>
          )
        })}
      </div>
      <p class="caption">
        {at === undefined ? (
          <>
            A step is {nodes.length.toLocaleString("en")} nodes,{" "}
            {Math.round(bytes / 1024).toLocaleString("en")} KB of ONNX. Point at one:{" "}
            <b class="sees">what it reads</b>, <b class="seen-by">what reads it</b>.
          </>
        ) : (
          describe(nodes, at)
        )}
      </p>
    </div>
  )
}

const shapeOf = ({ shape }: GraphNode): string => (shape ?? ["all steps"]).join(" × ") || "1"

/** "Gemm of matmul, 128 × 128, reads Reshape and network.layers.2.weight" */
function describe(nodes: readonly GraphNode[], at: number): string {
  const { operator, op, reads, leaves } = nodes[at]
  const part = op === "" || op.toLowerCase() === operator.toLowerCase() ? "" : ` of ${op}`
  const all = [...reads.map((k) => nodes[k].operator), ...leaves]
  const last = all.pop()
  const read = last === undefined ? "constants" : all.length > 0 ? `${all.join(", ")} and ${last}` : last
  return `${operator}${part}, ${shapeOf(nodes[at])}, reads ${read}`
}

/** To the node before or after in its group. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
  if (step === undefined) return
  const item = (event.currentTarget as HTMLElement).parentElement
  const next = step < 0 ? item?.previousElementSibling : item?.nextElementSibling
  next?.querySelector("button")?.focus()
  event.preventDefault()
}
