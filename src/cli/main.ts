/**
 * The entry point of `makewave`. In a checkout Node has to turn TypeScript into JavaScript first, and keeps that beside the packages,
 * where only those can write who can change the code too. Its default, the system's temporary folder, is open to everybody.
 */
import { enableCompileCache } from "node:module"
import { join } from "node:path"
import { requireWrittenOutput } from "./ending.ts"

if (import.meta.filename.endsWith(".ts"))
  enableCompileCache(join(import.meta.dirname, "../../node_modules/.cache/compiled"))
requireWrittenOutput()
const { runCommandLine } = await import("./commands.ts")
await runCommandLine(process.argv.slice(2))
