/** The answer to a question about the training that stays the same: asked once for each. */
import { useSignal } from "@preact/signals"
import { useEffect } from "preact/hooks"
import { trainer } from "../session.ts"
import type { Answer, Argument, Question } from "../trainer/questions/index.ts"

/** @param isSkipped Whether there is nothing to ask. */
export function useOnce<Q extends Question>(
  question: Q,
  argument: Argument<Q>,
  isSkipped = false,
): { readonly answer?: Answer<Q>; readonly problem: string } {
  const current = trainer.value
  const opened = current?.opened.value
  const found = useSignal<Answer<Q> | undefined>(undefined)
  const problem = useSignal("")
  useEffect(() => {
    found.value = undefined
    problem.value = ""
    if (!current || !opened || isSkipped) return
    let isShown = true
    current.ask(question, argument).then(
      (answer) => {
        if (isShown) found.value = answer
      },
      (error: Error) => {
        if (isShown) problem.value = error.message
      },
    )
    return () => {
      isShown = false
    }
  }, [current, opened, isSkipped])
  return { answer: found.value, problem: problem.value }
}
