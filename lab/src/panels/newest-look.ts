/** What the network makes of the context that is typed: asked for on each change, and four times a second while it trains. */
import { useSignal, useSignalEffect } from "@preact/signals"
import { useRef } from "preact/hooks"
import { useEvery } from "../every.ts"
import { context, label, trainer } from "../session.ts"
import type { Look } from "../trainer/questions/look.ts"

const MILLISECONDS = 250

/** One question is under way at a time, and the newest context wins. */
export function useNewestLook(): { readonly look?: Look; readonly problem: string } {
  const look = useSignal<Look | undefined>(undefined)
  const problem = useSignal("")
  const waiting = useRef({ isBusy: false, isAgain: false }).current

  async function ask(): Promise<void> {
    waiting.isAgain = waiting.isBusy
    if (waiting.isBusy) return
    waiting.isBusy = true
    do {
      waiting.isAgain = false
      const current = trainer.peek()
      if (!current?.opened.peek()) break
      try {
        look.value = await current.ask("look", { context: context.peek(), label: label.peek() })
        problem.value = ""
      } catch (error) {
        problem.value = (error as Error).message
      }
    } while (waiting.isAgain)
    waiting.isBusy = false
  }

  useSignalEffect(() => {
    context.value
    label.value
    if (!trainer.value?.opened.value) look.value = undefined
    else void ask()
  })
  const isTraining = trainer.value?.state.value === "training"
  useEvery(MILLISECONDS, async () => (isTraining ? ask() : undefined), [trainer.value, isTraining])
  return { look: look.value, problem: problem.value }
}
