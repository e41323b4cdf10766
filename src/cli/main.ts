/** The entry point of `makewave`. Caches compiled code in the system's temporary folder. */
import { enableCompileCache } from "node:module"
import { quitOnClosedPipe } from "./ending.ts"

enableCompileCache()
quitOnClosedPipe()
const { runCommandLine } = await import("./commands.ts")
await runCommandLine(process.argv.slice(2))
