/** Config files in YAML or JSON, with the same settings and checks as the flags and a run's config.json. */
import { nameOfPath, readBytes } from "../data/disk.ts"
import { readableText } from "../data/text.ts"
import { UserError } from "../errors.ts"
import { parseSettings, type Settings } from "../runs/settings.ts"

/** The parser takes quadratic time in the number of keys, so there is a bound; all settings with a comment each are 10 KiB. */
const MAXIMUM_BYTES = 2 ** 15

const wanted = "give a YAML or JSON file of settings"

export async function readConfigFile(path: string): Promise<Settings> {
  return parseSettings(await readYaml(path), nameOfPath(path))
}

/** The settings in a text. `name` is its name in errors. */
export const parseConfig = async (text: string, name: string): Promise<Settings> =>
  parseSettings(await parseYaml(text, name), name)

/** The value that a YAML or JSON file holds. */
export async function readYaml(path: string): Promise<unknown> {
  const bytes = await readBytes(path, { maximumBytes: MAXIMUM_BYTES })
  if (!bytes) throw new UserError(`${nameOfPath(path)}: no such file: ${wanted}`)
  return parseYaml(readableText(bytes, nameOfPath(path), wanted).text, nameOfPath(path))
}

/** JSON is parsed as YAML, of which it is a subset. */
async function parseYaml(text: string, name: string): Promise<unknown> {
  const { parse, YAMLParseError } = await import("yaml")
  try {
    return parse(text, { logLevel: "error", prettyErrors: true })
  } catch (error) {
    // Excessive aliases ("billion laughs") throw a plain ReferenceError.
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) throw error
    if (error instanceof YAMLParseError && error.code === "DUPLICATE_KEY")
      throw new UserError(`${name}: line ${error.linePos?.[0].line}: a name is there twice: leave one out`)
    const where = error instanceof YAMLParseError && error.linePos ? `line ${error.linePos[0].line}: ` : ""
    throw new UserError(`${name}: ${where}not YAML or JSON: give lines such as learningRate: 0.1`)
  }
}
