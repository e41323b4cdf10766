/** Where `makewave` begins. What is loaded is kept compiled in the system's temporary folder, for the next time. */
import { enableCompileCache } from "node:module"
import { quitOnClosedPipe } from "./ending.ts"

enableCompileCache()
quitOnClosedPipe()
const { runCommandLine } = await import("./commands.ts")
await runCommandLine(process.argv.slice(2))
