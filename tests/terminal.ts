/** A real terminal for tests: a window of tmux in which makewave runs, with what stands on it as text. */
import { execFileSync, spawnSync } from "node:child_process"
import { join, resolve } from "node:path"
import { setTimeout } from "node:timers/promises"

/** Whether there is tmux. */
export const hasTmux = spawnSync("tmux", ["-V"]).status === 0

let count = 0

export class Terminal {
  private readonly socket: string

  /** Runs `makewave ARGS` in a folder. What scrolls away is still read. */
  constructor(folder: string, args: readonly string[], { columns }: { columns: number }) {
    this.socket = join(folder, `tmux-${count++}`)
    const size = ["-x", String(columns), "-y", "24"]
    // Ctrl-C also reaches the shell, which is to go on.
    const shell = ["sh", "-c", 'trap : INT; "$@"; echo "exit code $?"; exec sleep 1000', "sh"]
    const program = ["env", "LANG=C.UTF-8", "NO_COLOR=1", process.execPath, resolve("src/cli/main.ts")]
    const session = ["new-session", "-d", ...size, "-c", folder, ...shell, ...program, ...args]
    this.tmux("-f", "/dev/null", "start-server", ";", "set-option", "-g", "status", "off", ";", ...session)
  }

  /** A key by tmux's name, such as C-c. */
  press(key: string): void {
    this.tmux("send-keys", key)
  }

  resize(columns: number): void {
    this.tmux("resize-window", "-x", String(columns))
  }

  /** The lines as they were written: one that the terminal wrapped is whole. */
  read(): string[] {
    const lines = this.tmux("capture-pane", "-p", "-J", "-S", "-")
    return lines.replace(/ +$/gm, "").trimEnd().split("\n")
  }

  /** Waits, as long as the test may take, until what the terminal shows is as wanted. */
  async until(wanted: (lines: string[]) => boolean): Promise<string[]> {
    while (true) {
      const lines = this.read()
      if (wanted(lines)) return lines
      await setTimeout(20)
    }
  }

  /** Waits for the end of the command and gives all that it left. */
  async end(): Promise<{ code: number; lines: string[] }> {
    const code = (lines: string[]) => /^exit code (\d+)$/.exec(lines.at(-1)!)?.[1]
    const lines = await this.until((lines) => code(lines) !== undefined)
    return { code: Number(code(lines)), lines: lines.slice(0, -1) }
  }

  /** As when a window is closed. */
  close(): void {
    spawnSync("tmux", ["-S", this.socket, "kill-server"])
  }

  private tmux(...args: string[]): string {
    return execFileSync("tmux", ["-S", this.socket, ...args], { encoding: "utf8", stdio: "pipe" })
  }
}
