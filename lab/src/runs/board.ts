/**
 * What the view of runs knows: the runs of all sources, which of them are drawn, and the losses of those. Each line of metrics is fetched
 * once: those before by their bytes, those after by events.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals"
import type { BrokenRun, Listing, RunChange, RunRow } from "../../../src/experiments/run-row.ts"
import type { MetricsPart } from "../../../src/runs/metrics-part.ts"
import { files } from "../../../src/runs/run-files.ts"
import { addLines, type Curve, emptyCurve } from "./curve.ts"
import type { RunSource } from "./store.ts"

/** How many runs are drawn unless more are asked for. */
const MOST_DRAWN = 8

export interface BoardRun {
  /** Unique among all sources. */
  readonly key: string
  readonly source: RunSource
  readonly now: RunRow | BrokenRun
}

/** A curve that grows in place: `value` counts its changes. */
export interface LiveCurve {
  readonly curve: Curve
  readonly version: ReadonlySignal<number>
}

interface Loading extends LiveCurve {
  readonly version: Signal<number>
  /** The byte after the last line that was read. */
  next: number
  /** What is being fetched or added: one part at a time. */
  busy: Promise<void>
}

export interface Board {
  /** Each run is a signal of its own, so that a step of one draws its row alone. */
  readonly runs: ReadonlySignal<ReadonlyMap<string, Signal<BoardRun>>>
  /** Those that are drawn, with the number of their color. */
  readonly drawn: ReadonlySignal<ReadonlyMap<string, number>>
  /** The sources that cannot be reached. */
  readonly lost: ReadonlySignal<ReadonlySet<RunSource>>
  draw(key: string, isDrawn: boolean): void
  curveOf(key: string): LiveCurve
  /** The text of a run's samples; empty where it has none yet. Read again once the run is finished. */
  samplesOf(key: string): ReadonlySignal<string | undefined>
  /** Follows what happens until the returned function is called; what is known stays. */
  watch(): () => void
}

export function openBoard(sources: readonly RunSource[]): Board {
  const runs = signal<ReadonlyMap<string, Signal<BoardRun>>>(new Map())
  const drawn = signal<ReadonlyMap<string, number>>(new Map())
  const lost = signal<ReadonlySet<RunSource>>(new Set())
  const curves = new Map<string, Loading>()
  const samples = new Map<string, { readonly state: string; readonly text: Signal<string | undefined> }>()
  let isChosen = false

  const keyOf = (source: RunSource, run: string) => `${source.place} ${run}`

  function set(source: RunSource, all: readonly (RunRow | BrokenRun)[], isWhole: boolean): void {
    const next = new Map(runs.value)
    if (isWhole) {
      const present = new Set(all.map(({ run }) => keyOf(source, run)))
      for (const [key, run] of next) if (run.peek().source === source && !present.has(key)) next.delete(key)
    }
    for (const now of all) {
      const key = keyOf(source, now.run)
      const before = next.get(key)
      if (before) before.value = { key, source, now }
      else next.set(key, signal({ key, source, now }))
    }
    if (next.size !== runs.value.size || [...next.keys()].some((key) => !runs.value.has(key)))
      runs.value = next
    choose()
  }

  /** Until somebody chooses, those in training are drawn, then the newest. */
  function choose(): void {
    const rows = [...runs.value.values()]
      .map((run) => run.peek())
      .flatMap(({ key, now }) => ("recipe" in now ? [{ key, ...now }] : []))
    const present = new Set(rows.map(({ key }) => key))
    for (const key of drawn.value.keys()) if (!present.has(key)) setDrawn(key, false)
    if (isChosen) return
    const isTraining = ({ state }: RunRow) => Number(state === "training")
    rows.sort((a, b) => isTraining(b) - isTraining(a) || (a.when < b.when ? 1 : -1))
    for (const { key, state } of rows) {
      if (drawn.value.has(key)) continue
      if (drawn.value.size < MOST_DRAWN) setDrawn(key, true)
      else if (state === "training") {
        const given = [...drawn.value.keys()].findLast((each) => !isTrainingNow(each))
        if (given === undefined) break
        setDrawn(given, false)
        setDrawn(key, true)
      } else break
    }
  }

  function isTrainingNow(key: string): boolean {
    const now = runs.value.get(key)?.peek().now
    return now !== undefined && "recipe" in now && now.state === "training"
  }

  function setDrawn(key: string, isDrawn: boolean): void {
    if (drawn.value.has(key) === isDrawn) return
    const next = new Map(drawn.value)
    if (isDrawn) {
      const taken = new Set(next.values())
      let color = 0
      while (taken.has(color)) color++
      next.set(key, color)
    } else next.delete(key)
    drawn.value = next
  }

  /** Parts that lie before the place that was read to are known, and what lies between is fetched. */
  async function add(loading: Loading, part: MetricsPart, fetchFrom: (from: number) => Promise<MetricsPart>) {
    let found = part
    if (part.reset) {
      Object.assign(loading.curve, emptyCurve())
      loading.next = 0
    } else if (part.next <= loading.next) return
    else if (part.from !== loading.next) {
      found = await fetchFrom(loading.next)
      if (found.reset) return add(loading, found, fetchFrom)
    }
    addLines(loading.curve, found)
    loading.next = found.next
    loading.version.value++
  }

  function change(source: RunSource, { run, now, metrics }: RunChange & { metrics?: MetricsPart }): void {
    const key = keyOf(source, run)
    if (now === undefined) {
      const next = new Map(runs.value)
      next.delete(key)
      runs.value = next
      curves.delete(key)
      samples.delete(key)
      choose()
      return
    }
    set(source, [now], false)
    const loading = curves.get(key)
    if (metrics && loading) later(loading, () => add(loading, metrics, (from) => source.metrics(run, from)))
  }

  function later(loading: Loading, act: () => Promise<void>): void {
    loading.busy = loading.busy.then(act).catch(() => {}) // it is told that the source is lost
  }

  return {
    runs,
    drawn,
    lost,

    draw(key, isDrawn) {
      isChosen = true
      setDrawn(key, isDrawn)
    },

    curveOf(key) {
      const found = curves.get(key)
      if (found) return found
      const loading: Loading = {
        ...{ curve: emptyCurve(), version: signal(0), next: 0, busy: Promise.resolve() },
      }
      curves.set(key, loading)
      const { source, now } = runs.value.get(key)!.peek()
      const fetchFrom = (from: number) => source.metrics(now.run, from)
      later(loading, async () => add(loading, await fetchFrom(0), fetchFrom))
      return loading
    },

    samplesOf(key) {
      const { source, now } = runs.value.get(key)!.value
      const state = "recipe" in now ? now.state : ""
      const found = samples.get(key)
      if (found?.state === state) return found.text
      const text = found?.text ?? signal<string | undefined>(undefined)
      samples.set(key, { state, text })
      const read = async () => {
        const names = await source.files(now.run) // a page must not ask for what is not there
        return names.includes(files.samples) ? source.file(now.run, files.samples) : undefined
      }
      void read().then(
        (bytes) => {
          text.value = new TextDecoder().decode(bytes)
        },
        () => {
          text.value = ""
        },
      )
      return text
    },

    watch() {
      const stops = sources.map((source) =>
        source.watch({
          all(listing: Listing) {
            lost.value = new Set([...lost.value].filter((each) => each !== source))
            const before = [...curves]
            set(source, [...listing.rows, ...listing.broken], true)
            // What came while the connection was lost.
            for (const [key, loading] of before) {
              const found = runs.value.get(key)?.peek()
              if (found?.source !== source) continue
              const fetchFrom = (from: number) => source.metrics(found.now.run, from)
              later(loading, async () => add(loading, await fetchFrom(loading.next), fetchFrom))
            }
          },
          one: (changed) => change(source, changed),
          lost() {
            lost.value = new Set([...lost.value, source])
          },
        }),
      )
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}
