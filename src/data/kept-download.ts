/**
 * Files of data sets that are no part of the package: looked for in the folder MAKEWAVE_DATA and in the user's cache, or downloaded into
 * that cache once. The SHA-256 ensures that each is the file that is meant.
 */
import { UserError } from "../errors.ts"
import { writeFileAtomic } from "./atomic-file.ts"
import { node, readBytes } from "./disk.ts"
import { download, sha256Of } from "./download.ts"
import type { LoadOptions } from "./load-options.ts"
import { makeFolder } from "./make-folder.ts"

export interface KnownFile {
  /** The name of the data set, for messages. */
  readonly dataSet: string
  /** What the file is, for messages. */
  readonly what: string
  /** Its name in the data folder and in the cache. */
  readonly fileName: string
  readonly url: string
  readonly totalBytes: number
  /** In hexadecimal. */
  readonly sha256: string
}

/** Whether these bytes are the file's. */
export const isKnownFile = async (
  bytes: Uint8Array<ArrayBuffer>,
  { totalBytes, sha256 }: KnownFile,
): Promise<boolean> => bytes.length === totalBytes && (await sha256Of(bytes)) === sha256

/**
 * The bytes of the file: `bytes` if they are given, else those of the data folder, of the cache, or of a download. Throws a UserError if what
 * is given or in the data folder is another file, or the download fails.
 */
export async function loadKnownFile(
  known: KnownFile,
  { bytes, onProgress, fetch, dataFolder, cacheFolder }: LoadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { dataSet, what, fileName, url } = known
  if (bytes) {
    if (await isKnownFile(bytes, known)) return bytes
    throw new UserError(`${dataSet}: the bytes given are not ${what}, byte for byte: give the file at ${url}`)
  }
  const { join, resolve } = node().getBuiltinModule("node:path")
  const folder = dataFolder ?? node().env.MAKEWAVE_DATA
  const path = folder && join(folder, fileName)
  const given = path && (await readBytes(path))
  if (given) {
    if (await isKnownFile(given, known)) return given
    throw new UserError(
      `${path}: not ${what}, byte for byte: replace it by the file at ${url}, ` +
        "or remove it; to train on this file, give its path as the data",
    )
  }

  const cached = resolve(cacheFolder ?? userCache(), fileName)
  const kept = await readBytes(cached)
  if (kept && (await isKnownFile(kept, known))) return kept

  const { totalBytes, sha256 } = known
  const downloaded = await download(url, { totalBytes, sha256, onProgress, fetch }).catch((error: Error) => {
    throw new UserError(
      `${dataSet}: ${url} could not be downloaded: ${error.message}. Download it by hand and put it at ${cached}, ` +
        "or in the folder MAKEWAVE_DATA, an environment variable. Data that needs no download: names, which comes with the package, or a file of your own",
    )
  })
  // If the cache cannot be written, the next call downloads again.
  await keep(cached, downloaded).catch(() => {})
  return downloaded
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
