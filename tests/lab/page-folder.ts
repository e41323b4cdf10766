/** The folder that the lab's page is built into, once for all tests: by the first that asks for it. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    labFolder: string
  }
}

/** Vitest calls this once, before the first test, and what it returns after the last. */
export default function providePageFolder(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "makewave-lab-"))
  project.provide("labFolder", folder)
  return () => rmSync(folder, { recursive: true })
}
