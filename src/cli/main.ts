/** The entry point of `makewave`. Caches compiled code in the system's temporary folder. */
import { enableCompileCache } from "node:module"
import { requireWrittenOutput } from "./ending.ts"

enableCompileCache()
requireWrittenOutput()
const { runCommandLine } = await import("./commands.ts")
await runCommandLine(process.argv.slice(2))
