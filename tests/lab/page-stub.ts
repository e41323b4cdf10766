/** A page in place of the built one, for tests of the server alone. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** Writes it into a folder. */
export function writePageStub(folder: string): string {
  const files = {
    "index.html": "<!doctype html><html><head><title>lab</title></head><body></body></html>\n",
    "sw.js": "addEventListener('fetch', () => {})\n",
    "app.webmanifest": "{}\n",
    "assets/main-1a2B_c-4.js": "export {}\n",
  }
  mkdirSync(join(folder, "assets"), { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}
