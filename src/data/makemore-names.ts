/**
 * makemore's names.txt, the lecture's data: 32,033 names. It is looked for in the folder MAKEWAVE_DATA, then in the
 * user's cache, then downloaded and kept there. Its SHA-256 says that it is the very file the lecture's numbers are of.
 * Source: https://github.com/karpathy/makemore
 */

import { UserError } from "../errors.ts"
import { keepBytes, node, readBytes } from "./disk.ts"
import { download, sha256Of } from "./download.ts"
import type { LoadOptions } from "./load-options.ts"
import { parseLines, type Text } from "./text.ts"

const url = "https://raw.githubusercontent.com/karpathy/makemore/master/names.txt"
const totalBytes = 228_145
const sha256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"

/** The file is two lists, each in the order of births in the USA in 2018, and the second begins with "liam". */
const femaleNames = 18_029

/** Labels: `sex`, "female" or "male". Many names are in both lists. */
export async function loadMakemoreNames(options: LoadOptions): Promise<Text> {
  return withSex(parseLines(await loadBytes(options), { name: "makemore-names" }))
}

/** A user's copy of the file is as good. */
export const isMakemoreNames = async (bytes: Uint8Array<ArrayBuffer>): Promise<boolean> =>
  bytes.length === totalBytes && (await sha256Of(bytes)) === sha256

export const withSex = (text: Text): Text => ({
  ...text,
  labels: { sex: text.lines.map((_, row) => (row < femaleNames ? "female" : "male")) },
})

async function loadBytes({
  onProgress,
  fetch,
  dataFolder,
  cacheFolder,
}: LoadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { join, resolve } = node().getBuiltinModule("node:path")
  const folder = dataFolder ?? process.env.MAKEWAVE_DATA
  const given = folder ? await readBytes(join(folder, "names.txt")) : undefined
  if (given) {
    if (await isMakemoreNames(given)) return given
    throw new UserError(
      `${join(folder!, "names.txt")}: it is not makemore's names.txt, byte for byte: put the file of ${url} there, ` +
        "or take it away, or to use it as it is, give its path as the data",
    )
  }

  const cached = resolve(cacheFolder ?? userCache(), "names.txt")
  const kept = await readBytes(cached)
  if (kept && (await isMakemoreNames(kept))) return kept

  const bytes = await download(url, { totalBytes, sha256, onProgress, fetch }).catch((error: Error) => {
    throw new UserError(
      `makemore-names: ${url} could not be downloaded: ${error.message}. Download it by hand and put it at ${cached}, ` +
        `or in a folder that the environment variable MAKEWAVE_DATA names; or use the data set "names", which needs no download`,
    )
  })
  // Without a cache that can be written to, the next call downloads again.
  await keepBytes(cached, bytes).catch(() => {})
  return bytes
}

function userCache(): string {
  // Required, where all else is imported: a bundler would follow the import to Node's modules.
  const require = node()
    .getBuiltinModule("node:module")
    .createRequire(import.meta.url)
  const { default: envPaths }: typeof import("env-paths") = require("env-paths")
  return envPaths("makewave", { suffix: "" }).cache
}
