/**
 * The entry point of `makewave`. In a checkout Node first turns TypeScript into JavaScript, and caches that beside the packages, where
 * only those who can change the code can write. Everybody can write to its default, the system's temporary folder.
 */
import { enableCompileCache } from "node:module"
import { join } from "node:path"
import { requireWrittenOutput } from "./ending.ts"

if (import.meta.filename.endsWith(".ts"))
  enableCompileCache(join(import.meta.dirname, "../../node_modules/.cache/compiled"))
requireWrittenOutput()
const { runCommandLine } = await import("./commands.ts")
await runCommandLine(process.argv.slice(2))
