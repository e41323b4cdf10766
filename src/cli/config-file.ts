/** Config files in YAML or JSON, with the same settings and checks as the flags and a run's config.json. */
import { readBytes } from "../data/disk.ts"
import { UserError } from "../errors.ts"
import { parseSettings, type Settings } from "../runs/settings.ts"

export async function readConfigFile(path: string): Promise<Settings> {
  const bytes = await readBytes(path)
  if (!bytes) throw new UserError(`${path}: no such file: give a YAML or JSON file of settings`)
  return parseConfig(new TextDecoder().decode(bytes), path)
}

/** `name` is the file's name in errors. JSON is parsed as YAML, of which it is a subset. */
export async function parseConfig(text: string, name: string): Promise<Settings> {
  const { parse, YAMLParseError } = await import("yaml")
  let value: unknown
  try {
    value = parse(text, { logLevel: "error", prettyErrors: true })
  } catch (error) {
    // Excessive aliases ("billion laughs") throw a plain ReferenceError.
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) throw error
    const where = error instanceof YAMLParseError && error.linePos ? `line ${error.linePos[0].line}: ` : ""
    throw new UserError(
      `${name}: ${where}not YAML or JSON (${error.message.split(/ at line |[:\n]/)[0]}): correct it`,
    )
  }
  return parseSettings(value, name)
}
