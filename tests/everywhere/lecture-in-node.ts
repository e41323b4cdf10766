/**
 * What the same training gives in Node, worked out once before the tests: 200 steps of the lecture's network on 3,000 names
 * of the default data. Vitest hands it to the tests in Node and in Chromium.
 */
import type { TestProject } from "vitest/node"
import { loadText } from "../../src/data/catalog.ts"
import { lossesOf } from "./lecture-steps.ts"

declare module "vitest" {
  interface ProvidedContext {
    names: string[]
    lossesInNode: number[]
  }
}

export default async function provideLosses(project: TestProject): Promise<void> {
  const { lines } = await loadText("names")
  const names = lines.slice(0, 3000)
  project.provide("names", names)
  project.provide("lossesInNode", await lossesOf(names))
}
