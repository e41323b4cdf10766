/** `makewave lab`: the lab in a browser, with the runs on the disk beside those that it trains itself. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import type { Command } from "commander"
import { UserError } from "../errors.ts"
import { openLab } from "../server/lab-server.ts"
import { wholeNumber } from "./flags.ts"
import { catchInterrupts } from "./interrupt.ts"
import { notice, print, printJson } from "./output.ts"

const examples = `
The page trains in the browser: a list of your own, the lecture's network, and what goes on inside. Its view Runs shows the folder's
runs as they train, with their curves. The lab answers on this computer only, and changes no file.

Examples:
  makewave lab                     opens the lab; its view Runs has those in ./runs
  makewave lab runs/wide           opens it at that view, with the runs of a sweep
  makewave lab --port 8080 --no-open`

export function define(command: Command): void {
  command
    .argument("[folder]", "a folder that has run folders (default: runs)")
    .option(
      "--port <port>",
      "the port to serve it at (default: the first free one from 4747 on)",
      wholeNumber(0, 65_535),
    )
    .option("--no-open", "open no browser")
    .option("--json", "print its address as a JSON object")
    .addHelpText("after", examples)
    .action(lab)
}

interface Options {
  readonly port?: number
  readonly open: boolean
  readonly json?: true
}

async function lab(folder: string | undefined, { port, open, json }: Options): Promise<void> {
  if (folder !== undefined && !existsSync(folder))
    throw new UserError(`${folder}: there is no such folder: give one that has runs, such as runs`)
  const interruption = catchInterrupts({ doing: "closing the lab" })
  const opened = await openLab({ folder: folder ?? "runs", port })
  const url = folder === undefined ? opened.url : `${opened.url}#view=runs`
  if (json) printJson({ url, port: opened.port, folder: folder ?? "runs" })
  else {
    print(url)
    notice("The lab is open at this address until Ctrl-C.")
  }
  if (open) openBrowser(url)
  if (!interruption.signal.aborted) await once(interruption.signal, "abort")
  await opened.close()
  interruption.release()
}

/** Opens an address as the system does; nothing happens where there is no browser. */
function openBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, string[]>> = {
    darwin: ["open", url],
    win32: ["cmd", "/c", "start", "", url],
  }
  const [program, ...args] = openers[process.platform] ?? ["xdg-open", url]
  const browser = spawn(program, args, { stdio: "ignore", detached: true })
  browser.on("error", () => {})
  browser.unref()
}
