/** The lecture's network trains in a browser as it does in Node. */
import { expect, inject, test } from "vitest"
import { lossesOf, steps } from "./lecture-steps.ts"

test("200 steps give the losses that Node gives", async () => {
  const losses = await lossesOf(inject("names"))
  const inNode = inject("lossesInNode")
  expect(inNode.length).toBe(steps)
  expect(losses.length).toBe(steps)
  for (const [step, loss] of losses.entries()) expect(Math.abs(loss - inNode[step])).toBeLessThan(1e-4)
  // It has learnt something on the way: 3.3 nats at first, well under 3 after 200 steps.
  expect(losses[0]).toBeGreaterThan(3.2)
  expect(losses.slice(-20).reduce((a, b) => a + b, 0) / 20).toBeLessThan(2.9)
})
