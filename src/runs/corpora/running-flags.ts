/** What somebody is told who samples a running text with the flags of a list or of sound. */
import type { CorpusKind } from "./corpus.ts"

export const foreignFlags: CorpusKind["foreignFlags"] = {
  startsWith: "give --prompt, with which it begins",
  endsWith:
    "it goes on and comes to no end of its own: give --until line or --until paragraph, and it ends where one does",
  contains:
    "it is written once, from its beginning on, and not chosen from many: give --prompt, with which it begins",
  avoid:
    "each line follows from those before it, so none can be left out: take them out of what is printed, as with grep -v",
  onlyNew:
    "a whole text is hardly ever in the data: leave it out; after each text is told how long its longest passage is that stands there word for word",
  noRepeats: "two of some length are hardly ever equal: leave it out; --seed says which are written",
  score:
    "it is printed as it is written: write it into a file (> FILE), and evaluate --data FILE tells its loss",
  maximumLength: "nothing stops it before it is long enough: give --length, which says how long that is",
  batchSize: "one is written at a time: leave it out; --count says how many",
  column: "it was learned from a file as a whole, columns and all: leave it out",
  seconds: "give --length, which says how many symbols it has",
  out: "it is printed: leave it out, and end the command with > FILE",
}
