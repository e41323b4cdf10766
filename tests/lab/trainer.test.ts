/** The trainer by its messages, without a page: what it says while it is paused. */
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { FromTrainer, ToTrainer } from "../../lab/src/trainer/messages.ts"
import { startTrainer } from "../../lab/src/trainer/trainer.ts"

const said: FromTrainer[] = []
const worker = {
  onmessage: (_: { data: ToTrainer }) => {},
  postMessage(message: FromTrainer) {
    said.push(message)
  },
}
const send = (data: ToTrainer) => worker.onmessage({ data })
const until = (holds: (message: FromTrainer) => boolean) =>
  expect.poll(() => said.some(holds), { timeout: 60_000 }).toBe(true)

beforeEach(() => {
  said.length = 0
  vi.stubGlobal("self", worker)
})
afterEach(() => vi.unstubAllGlobals())

test("what is asked while a question is being answered is answered too, in a pause", async () => {
  startTrainer()
  const bytes = new TextEncoder().encode("emma\nolivia\nava\nmia\nisabella\nsophia\nzoe\nlea\nanna\nida\n")
  const settings = { model: "wavenet", embedding: 4, hidden: 8, batchSize: 4, steps: 100 } as const
  send({ type: "open", settings, list: { name: "list.txt", bytes }, run: "run", isPassing: true })
  send({ type: "run", until: 2 })
  await until((message) => message.type === "state" && message.state === "paused")
  expect(said.findLast(({ type }) => type === "state")).toMatchObject({ step: 2 })

  send({ type: "ask", id: 1, question: "diagnose", argument: {} })
  await new Promise((resolve) => setTimeout(resolve)) // it is being answered
  expect(said.some(({ type }) => type === "answer")).toBe(false)
  send({ type: "ask", id: 2, question: "look", argument: { context: "em" } })
  await until((message) => message.type === "answer" && message.id === 2)
  expect(said.flatMap((message) => (message.type === "answer" ? [message.id] : []))).toEqual([1, 2])

  send({ type: "close" })
  await until(({ type }) => type === "closed")
})
