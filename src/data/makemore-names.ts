/**
 * makemore's names.txt, the lecture's data: 32,033 names. It is read from the folder MAKEWAVE_DATA or the user's cache,
 * or downloaded into that cache. Its SHA-256 ensures that it is the file behind the lecture's numbers.
 * Source: https://github.com/karpathy/makemore
 */
import { UserError } from "../errors.ts"
import { writeFileAtomic } from "./atomic-file.ts"
import { node, readBytes } from "./disk.ts"
import { download, sha256Of } from "./download.ts"
import type { LoadOptions } from "./load-options.ts"
import { makeFolder } from "./make-folder.ts"
import { parseLines, type Text } from "./text.ts"

const url = "https://raw.githubusercontent.com/karpathy/makemore/master/names.txt"
const totalBytes = 228_145
const sha256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"

/** The file is two lists, each ordered by births in the USA in 2018; the second begins with "liam". */
const femaleNames = 18_029

/** Labels: `sex`, "female" or "male". Many names occur with both. */
export async function loadMakemoreNames(options: LoadOptions): Promise<Text> {
  return asInTheLecture(parseLines(await loadBytes(options), { name: "makemore-names" }))
}

/** Whether a user's file is a copy of names.txt. */
export const isMakemoreNames = async (bytes: Uint8Array<ArrayBuffer>): Promise<boolean> =>
  bytes.length === totalBytes && (await sha256Of(bytes)) === sha256

export const asInTheLecture = (text: Text): Text => ({
  ...text,
  duplicates: "apart",
  labels: { sex: text.lines.map((_, row) => (row < femaleNames ? "female" : "male")) },
})

async function loadBytes(options: LoadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { onProgress, fetch, dataFolder = process.env.MAKEWAVE_DATA, cacheFolder = userCache() } = options
  const { join, resolve } = node().getBuiltinModule("node:path")
  const path = dataFolder && join(dataFolder, "names.txt")
  const given = path && (await readBytes(path))
  if (given) {
    if (await isMakemoreNames(given)) return given
    throw new UserError(
      `${path}: not makemore's names.txt, byte for byte: replace it by the file at ${url}, ` +
        "or remove it; to train on this file, give its path as the data",
    )
  }

  const cached = resolve(cacheFolder, "names.txt")
  const kept = await readBytes(cached)
  if (kept && (await isMakemoreNames(kept))) return kept

  const bytes = await download(url, { totalBytes, sha256, onProgress, fetch }).catch((error: Error) => {
    throw new UserError(
      `makemore-names: ${url} could not be downloaded: ${error.message}. Download it by hand and put it at ${cached}, ` +
        "or in the folder MAKEWAVE_DATA, an environment variable. Data that needs no download: names, which comes with the package, or a file of your own",
    )
  })
  // If the cache cannot be written, the next call downloads again.
  await keep(cached, bytes).catch(() => {})
  return bytes
}

async function keep(path: string, bytes: Uint8Array): Promise<void> {
  const folder = node().getBuiltinModule("node:path").dirname(path)
  await makeFolder(folder)
  await writeFileAtomic(path, bytes)
}

function userCache(): string {
  // `require` instead of `import`, which a bundler would follow to Node's modules.
  const require = node()
    .getBuiltinModule("node:module")
    .createRequire(import.meta.url)
  const { default: envPaths }: typeof import("env-paths") = require("env-paths")
  return envPaths("makewave", { suffix: "" }).cache
}
