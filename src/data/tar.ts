/**
 * Reads a compressed tar archive, in which npm packages come, so that data can be taken out of one without installing it. The archive must
 * be known, for instance by its hash: no checksum is looked at, and names beyond 100 bytes are not.
 * Source: POSIX.1-1988, ustar, https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */

const BLOCK = 512

/** The regular files of a .tgz, their contents by name, such as package/README, in the order of the archive. */
export async function readTgz(bytes: Uint8Array<ArrayBuffer>): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
  const archive = new Uint8Array(await new Response(unzipped).arrayBuffer())
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
    const field = (start: number, length: number) =>
      new TextDecoder().decode(archive.subarray(at + start, at + start + length)).replace(/\0.*$/s, "")
    const size = Number.parseInt(field(124, 12), 8)
    const start = at + BLOCK
    const isFile = ["", "0"].includes(field(156, 1))
    if (isFile) files.set(field(0, 100), archive.subarray(start, start + size))
    at = start + BLOCK * Math.ceil(size / BLOCK)
  }
  return files
}
