/** The answer to a question about the training: every two seconds while it trains, and after each step while it does not. */
import { useSignal } from "@preact/signals"
import { useEvery } from "../every.ts"
import { trainer } from "../session.ts"
import type { Answer, Argument, Question } from "../trainer/questions/index.ts"

const MILLISECONDS = 2000

export function useAnswer<Q extends Question>(
  question: Q,
  argument: Argument<Q>,
): { readonly answer?: Answer<Q>; readonly problem: string } {
  const found = useSignal<{ of: unknown; answer: Answer<Q> } | undefined>(undefined)
  const problem = useSignal("")
  const current = trainer.value
  const opened = current?.opened.value
  const isTraining = current?.state.value === "training"
  const ask = async () => {
    if (!current || !opened) return
    try {
      found.value = { of: current, answer: await current.ask(question, argument) }
      problem.value = ""
    } catch (error) {
      problem.value = (error as Error).message
    }
  }
  const changes = [current, opened, isTraining, isTraining ? 0 : current?.step.value]
  useEvery(isTraining ? MILLISECONDS : 2 ** 30, ask, changes)
  // What another training answered is no answer about this one.
  const answer = found.value?.of === current ? found.value?.answer : undefined
  const waiting = opened ? "Looking at the network…" : "Preparing the training…"
  return { answer, problem: problem.value || (answer ? "" : waiting) }
}
