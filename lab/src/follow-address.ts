/**
 * Keeps the address of the page in step with what the person does, and does what an address says. A reload goes on with the last run
 * if the address is still the one that it was begun with.
 */
import { effect, signal } from "@preact/signals"
import { UserError } from "../../src/errors.ts"
import type { Settings } from "../../src/runs/settings.ts"
import {
  readShown,
  readTrained,
  type Shown,
  type shownNames,
  trainedPart,
  writeShown,
  writeTrained,
} from "./address.ts"
import { panels } from "./panels/index.ts"
import { presets } from "./presets.ts"
import {
  begun,
  chapter,
  context,
  list,
  panel,
  restart,
  resume,
  settings,
  trainer,
  type View,
  view,
  views,
} from "./session.ts"
import type { Trainer } from "./trainer/client.ts"

/** Why the address could not be opened; "" if it could. */
export const addressProblem = signal("")

/** The browser allows a change of the address about seven times a second. */
const MILLISECONDS = 300

const LAST = "makewave-last-run"

interface LastRun {
  readonly run: string
  readonly settings: Settings
  /** The part of the address that says what was trained. */
  readonly address: string
}

/** What of the page is shown, by its name in the address. */
const now = (): Record<(typeof shownNames)[number], string> => ({
  view: view.value,
  chapter: `${chapter.value}`,
  panel: panel.value,
  typed: context.value,
})

const first = now()

/** Begins what the address says, or goes on with it. */
export async function openAddress(): Promise<void> {
  addressProblem.value = ""
  const { hash } = location
  show({ ...first, ...readShown(hash) })
  // The runs are looked at without a training, which would take the cores from those of the disk.
  if (!trainer.peek()) {
    await leaving("runs")
    if (trainer.peek()) return // a run was opened from there
  }
  const asked = trainedPart(hash)
  const last = readLast()
  // A list that is too long for the address is known to this browser all the same.
  const isLast = asked === "" || asked === last?.address
  try {
    const trained = isLast ? undefined : await readTrained(hash)
    if (trained) {
      settings.value = trained.settings
      list.value = trained.list
      return onRefusal(await restart(), (message) => {
        addressProblem.value = `The address cannot be trained: ${message}`
        return goOn(last)
      })
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    addressProblem.value = error.message
  }
  if (!trainer.peek()) await goOn(last)
}

/** Resolves once another view is shown. */
const leaving = (left: View): Promise<void> =>
  new Promise((resolve) => {
    const stop = effect(() => {
      if (view.value === left) return
      queueMicrotask(() => stop())
      resolve()
    })
  })

/** A reload may come before the browser has ended the trainer that it closes, which still has the run. */
const [PATIENCE_MILLISECONDS, MILLISECONDS_BETWEEN] = [3000, 200]

/** Goes on with the last run, or begins with the first preset. */
async function goOn(
  last: LastRun | undefined,
  until = performance.now() + PATIENCE_MILLISECONDS,
): Promise<Trainer | undefined> {
  settings.value = last?.settings ?? presets[0].settings
  list.value = undefined
  if (!last) return restart()
  const resumed = await resume(last.run, undefined, last.settings)
  onRefusal(resumed, async (message) => {
    if (performance.now() < until && message.includes("is under way")) {
      await new Promise((resolve) => setTimeout(resolve, MILLISECONDS_BETWEEN))
      if (trainer.peek() === resumed) await goOn(last, until)
      return
    }
    const another = await goOn(undefined)
    if (!another) return // the person has begun something else meanwhile
    addressProblem.value = `The last training cannot go on, so another began: ${message}`
    untilReplaced(another)
  })
  return resumed
}

/** What was said of the address no longer matters once the person begins another training. */
function untilReplaced(begun: Trainer): void {
  const stop = effect(() => {
    if (trainer.value === undefined || trainer.value === begun) return
    queueMicrotask(() => stop())
    addressProblem.value = ""
  })
}

/** What to do if a training cannot even begin; nothing if it was not asked for in the end. */
function onRefusal(asked: Trainer | undefined, act: (message: string) => Promise<unknown>): void {
  if (!asked) return
  const stop = effect(() => {
    const [opened, failure] = [asked.opened.value, asked.failure.value]
    if (!opened && !failure) return
    queueMicrotask(() => stop())
    if (failure && !opened && trainer.peek() === asked) void act(failure.message)
  })
}

function show({ view: asked, chapter: number, panel: inside, typed }: Shown): void {
  const known = views.find((each) => each === asked)
  if (known) view.value = known
  if (/^\d+$/.test(number ?? "")) chapter.value = Number(number)
  if (inside !== undefined && Object.hasOwn(panels, inside)) panel.value = inside
  if (typed !== undefined) context.value = typed
}

/** What is shown, where it is not what is shown at first. */
const shownNow = (): Shown =>
  Object.fromEntries(Object.entries(now()).filter(([name, value]) => value !== first[name as keyof Shown]))

/** The address of the training that is under way and of what is shown; undefined while there is none. */
export async function addressNow(): Promise<{ address: string; hasList: boolean } | undefined> {
  const [trained, shown] = [begun.value, shownNow()]
  if (!trained) return undefined
  const { text, hasList } = await writeTrained(trained)
  return { address: new URL(`#${text}${writeShown(shown)}`, location.href).href, hasList }
}

/** From now on the address says what is trained and shown, and the browser keeps which run is the last. */
export function followAddress(): void {
  addEventListener("hashchange", () => void openAddress())
  let timer: ReturnType<typeof setTimeout>
  effect(() => {
    const trained = begun.value
    const opened = trainer.value?.opened.value
    shownNow()
    clearTimeout(timer)
    if (!trained || !opened) return
    timer = setTimeout(async () => {
      const found = await addressNow()
      if (!found || begun.peek() !== trained) return
      history.replaceState(null, "", found.address)
      const { run, isKept } = opened
      if (!isKept) return
      const last: LastRun = { run, settings: trained.settings, address: trainedPart(location.hash) }
      localStorage.setItem(LAST, JSON.stringify(last))
    }, MILLISECONDS)
  })
}

/** Undefined if there is none, or the browser keeps nothing for this page. */
function readLast(): LastRun | undefined {
  try {
    return JSON.parse(localStorage.getItem(LAST) ?? "null") ?? undefined
  } catch {
    return undefined
  }
}
