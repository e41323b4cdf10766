/**
 * Checksums that detect damage: CRC-32 for zip files, and Castagnoli's CRC-32C for TensorBoard's event files.
 * Source: Peterson & Brown 1961, "Cyclic codes for error detection"; the polynomials: https://reveng.sourceforge.io/crc-catalogue/
 */

/** The checksum of a polynomial given with its bits reversed, the order in which the remainder is kept. */
function checksum(polynomial: number): (bytes: Uint8Array) => number {
  const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomial : 0)
    return remainder
  })
  return (bytes) => {
    let remainder = -1
    for (let i = 0; i < bytes.length; i++)
      remainder = (remainder >>> 8) ^ remainders[(remainder ^ bytes[i]) & 0xff]
    return ~remainder >>> 0
  }
}

export const crc32 = checksum(0xedb88320)
export const crc32c = checksum(0x82f63b78)
