/** The page of the lab as `npm run build` makes it, for tests in a browser: built anew if a source of it is newer. */
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"

const PAGE = "dist/lab"

/** The folder of the page. Two files of tests that ask at once build it once. */
export async function builtPage(): Promise<string> {
  const lock = `${PAGE}.lock`
  mkdirSync("dist", { recursive: true })
  while (!isMade(lock)) await new Promise((resolve) => setTimeout(resolve, 200))
  try {
    const sources = globSync(["lab/**/*", "src/**/*.ts", "package-lock.json"]).map(timeOf)
    if (timeOf(join(PAGE, "index.html")) < Math.max(...sources)) build()
  } finally {
    rmSync(lock, { recursive: true })
  }
  return PAGE
}

function build(): void {
  const vite = join("node_modules", "vite", "bin", "vite.js")
  const { status, stderr } = spawnSync(process.execPath, [vite, "build", "lab", "--logLevel", "error"], {
    encoding: "utf8",
  })
  if (status !== 0) throw new Error(`the lab's page cannot be built: ${stderr}`)
}

function isMade(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch {
    return false
  }
}

/** In milliseconds; 0 for what does not exist. */
const timeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
