/** The trainer by its messages, without a page: what it says while it is paused. */
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { FromTrainer, ToTrainer } from "../../lab/src/trainer/messages.ts"
import type { Answer } from "../../lab/src/trainer/questions/index.ts"
import { startTrainer } from "../../lab/src/trainer/trainer.ts"
import { readZip } from "../../src/interchange/zip.ts"

const said: FromTrainer[] = []
/** What the page does when it hears a message. */
let hear = (_: FromTrainer) => {}
const worker = {
  onmessage: (_: { data: ToTrainer }) => {},
  postMessage(message: FromTrainer) {
    said.push(message)
    hear(message)
  },
}
const send = (data: ToTrainer) => worker.onmessage({ data })
const until = (holds: (message: FromTrainer) => boolean) =>
  expect.poll(() => said.some(holds), { timeout: 60_000 }).toBe(true)

const bytes = new TextEncoder().encode("emma\nolivia\nava\nmia\nisabella\nsophia\nzoe\nlea\nanna\nida\n")
const list = { name: "some.txt", bytes }
const small = { model: "wavenet", embedding: 4, hidden: 8, batchSize: 4, steps: 100 } as const

beforeEach(() => {
  said.length = 0
  hear = () => {}
  vi.stubGlobal("self", worker)
})
afterEach(() => vi.unstubAllGlobals())

test("what is asked while a question is being answered is answered too, in a pause", async () => {
  startTrainer()
  send({ type: "open", settings: small, list, run: "run", isPassing: true })
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

test("a run that is taken away during an evaluation does not take the averages for its parameters, and closing then is no failure", async () => {
  startTrainer()
  const settings = { ...small, ema: 0.9, evaluateEvery: 10 }
  hear = (message) => {
    if (message.type !== "stage" || !message.stage.startsWith("evaluating") || message.done < 1) return
    hear = () => {}
    send({ type: "ask", id: 1, question: "export", argument: { as: "run" } })
    send({ type: "pause" })
  }
  send({ type: "open", settings, list, run: "run", isPassing: true })
  await until(({ type }) => type === "answer")
  const answer = said.find((message) => message.type === "answer")
  const { bytes } = answer!.value as Answer<"export">
  expect([...readZip(bytes, "run.zip").keys()].sort()).toEqual(
    ["config.json", "some.txt"].map((name) => `run/${name}`),
  )
  await until((message) => message.type === "state" && message.state === "paused")
  send({ type: "close" })
  await until(({ type }) => type === "closed")
  expect(said.some(({ type }) => type === "failed")).toBe(false)
})
