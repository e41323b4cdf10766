/**
 * The tokenizer of bytes: a text is the bytes of its UTF-8 form, which have the ids 1 to 256. Any text can be read, and the vocabulary
 * depends on no data.
 * Sources: UTF-8, https://encoding.spec.whatwg.org/#utf-8; the names of bytes that are not visible alone are SentencePiece's.
 */
import { inspect, jupyterDisplay, type Media } from "../../display/contract.ts"
import { told, UserError } from "../../errors.ts"
import { symbolsInWords, symbolsMedia } from "./symbols-shown.ts"
import { requireId, STOP, type Tokenizer } from "./tokenizer.ts"

const BYTES = 256

const nameOf = (byte: number): string => {
  const isVisible = (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x09
  return isVisible ? String.fromCharCode(byte) : `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`
}

export class Bytes implements Tokenizer {
  readonly tokens = "bytes"
  readonly size = 1 + BYTES
  /** By id, for display: ASCII as it is, other bytes as <0xC3>. */
  readonly symbols: readonly string[] = [".", ...Array.from({ length: BYTES }, (_, byte) => nameOf(byte))]

  /** A text of L bytes -> their ids (L), a byte's value and 1. */
  encode(text: string): Int32Array {
    if (typeof text !== "string") throw new UserError(`encode: ${told(text)}: give a text`)
    const bytes = new TextEncoder().encode(text)
    const ids = new Int32Array(bytes.length)
    for (let k = 0; k < bytes.length; k++) ids[k] = bytes[k] + 1
    return ids
  }

  lengthOf(text: string): number {
    return new TextEncoder().encode(text).length
  }

  missing(): string[] {
    return []
  }

  /** The text with these bytes. Where they are not UTF-8, as within a character that has only begun, it has U+FFFD. */
  decode(ids: Iterable<number>): string {
    const bytes: number[] = []
    for (const id of ids) {
      requireId(id, this.size)
      if (id !== STOP) bytes.push(id - 1)
    }
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes))
  }

  toString(): string {
    return symbolsInWords(this.symbols)
  }

  [inspect](): string {
    return `Bytes, ${this.size} symbols`
  }

  [jupyterDisplay](): Promise<Media> {
    return symbolsMedia(this[inspect](), this.symbols)
  }

  toJSON(): { readonly tokens: "bytes" } {
    return { tokens: this.tokens }
  }
}
