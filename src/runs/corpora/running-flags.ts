/** Why flags of `sample` for lists and for sound do not apply to a running text, and what does their job. */
import type { CorpusKind } from "./corpus.ts"

export const foreignFlags: CorpusKind["foreignFlags"] = {
  startsWith: "give --prompt, with which it begins",
  endsWith: "it has no end of its own: give --until line or --until paragraph, and it stops at such an end",
  contains:
    "it is written once and not chosen from many: leave it out, or give --prompt, with which it begins",
  avoid:
    "each line follows from those before it, so none can be left out: take them out of what is printed, as with grep -v",
  onlyNew:
    "a text as a whole is hardly ever in the data: leave it out; the length of its longest copied passage is printed after it",
  noRepeats: "two texts are hardly ever equal: leave it out",
  score:
    "it is printed while it is written: write it to a file (> FILE), and evaluate --data FILE gives its loss",
  maximumLength: "give --length, the number of symbols that it has",
  batchSize: "one is written at a time: leave it out; --count says how many",
  column: "it was learned from a file as a whole, columns and all: leave it out",
  seconds: "give --length, the number of symbols that it has",
  out: "it is printed: leave it out, and end the command with > FILE",
}
