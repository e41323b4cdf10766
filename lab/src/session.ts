/** What the page is about: the settings of the next training, the training that is under way, and what of it is shown. */
import { batch, computed, effect, signal } from "@preact/signals"
import { runName } from "../../src/runs/run-name.ts"
import type { SettingName, Settings } from "../../src/runs/settings.ts"
import type { Trained } from "./address.ts"
import { ownText, presets } from "./presets.ts"
import { openTrainer, type Trainer } from "./trainer/client.ts"
import type { Form } from "./trainer/form.ts"
import type { List } from "./trainer/messages.ts"

export const views = ["train", "runs", "lecture"] as const
export type View = (typeof views)[number]

export const view = signal<View>("train")

/** The panel in the middle. */
export const panel = signal("tree")

/** The lecture's chapter, from 0. */
export const chapter = signal(0)

/** What is typed for the network to look at. */
export const context = signal("emm")

/** The number of the label to sample and to look for, of a model with labels. */
export const label = signal(0)

/** Of the next training. Settings that are left out have their defaults. */
export const settings = signal<Settings>(presets[0].settings)

/** The settings as a form; undefined until the first trainer answers. */
export const form = signal<Form | undefined>(undefined)

/** Changes a setting of the next training; the form shows it once the trainer has found what else changes with it. */
export function change(name: SettingName, text: string): void {
  const before = settings.peek()
  // A list that turns out to be a running text has no network chosen for it yet.
  const isText = name === "running" && text === "true" && before.model === undefined
  trainer.peek()?.askForm(isText ? { ...before, ...ownText } : before, { name, text })
}

/** The file of the user to train on, if it is no data set. */
export const list = signal<List | undefined>(undefined)

/** Whether two settings are the same, in whatever order. */
export const isSame = (a: Settings, b: Settings): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())

/** What the training began with. */
export const begun = signal<Trained | undefined>(undefined)

/** The settings that the training began with; undefined until those of a run that is resumed are known. */
export const begunSettings = computed(() => begun.value?.settings)

/** Whether a restart would train something else. */
export const isChanged = computed(() => {
  if (!begun.value) return false
  return !(isSame(begun.value.settings, settings.value) && begun.value.list === list.value)
})

export const trainer = signal<Trainer | undefined>(undefined)

/** Begins a training of the settings. */
export async function restart(): Promise<Trainer | undefined> {
  const [given, file] = [settings.value, list.value]
  return replace(() => {
    begun.value = { settings: given, list: file }
    return openTrainer({ settings: given, list: file, run: freshName(given, file) }, takeForm)
  })
}

/** Goes on with a run of this browser, at another learning rate if one is given. */
export const resume = (run: string, rate?: number, knownSettings?: Settings): Promise<Trainer | undefined> =>
  replace(() => {
    begun.value = knownSettings && { settings: knownSettings }
    return openTrainer({ settings: {}, run, resumes: true, rate }, takeForm)
  })

function takeForm(found: Form): void {
  form.value = found
  if (!isSame(found.settings, settings.value)) settings.value = found.settings
}

let replacements = 0
let closing: Promise<unknown> = Promise.resolve()

/**
 * Closes the training that is under way and opens another, unless a third one is asked for meanwhile; then the result is undefined. A run is
 * locked until it is closed.
 */
async function replace(open: () => Trainer): Promise<Trainer | undefined> {
  const mine = ++replacements
  closing = Promise.all([closing, trainer.peek()?.close()])
  trainer.value = undefined
  await closing
  if (mine === replacements) trainer.value = open()
  return mine === replacements ? trainer.value : undefined
}

/** Two trainings can begin within a second. */
let lastName = ""
let copies = 1

/** As a command names a run: by model, data and time. */
function freshName({ model, data = "list" }: Settings, file?: List): string {
  const name = runName(model, file?.name ?? data)
  copies = name === lastName ? copies + 1 : 1
  lastName = name
  return copies === 1 ? name : `${name}-${copies}`
}

effect(() => {
  const shown = form.peek()?.settings
  if (!shown || !isSame(shown, settings.value)) trainer.value?.askForm(settings.value)
})

// Of a run that is resumed the settings and the list are known once it is open.
effect(() => {
  const opened = trainer.value?.opened.value
  if (!opened) return
  const its = begun.peek()?.settings ?? opened.settings
  batch(() => {
    if (!begun.peek()) settings.value = its
    begun.value = { settings: its, list: opened.list }
    list.value = opened.list
  })
  // What the data decided is known now.
  trainer.peek()?.askForm(settings.peek())
})

/** Of the last training that could begin. */
let goodList: List | undefined

// A list that cannot be read is put away, so that what is chosen next does not fail by it. One that lacks the name of a column is kept for it.
effect(() => {
  const [opened, failure] = [trainer.value?.opened.value, trainer.value?.failure.value]
  if (opened) goodList = opened.list
  else if (failure && !failure.message.includes("--column")) list.value = goodList
})
