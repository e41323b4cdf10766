/** Which lines are new to the parts of a corpus, and which stand in one of them. */
import { asWritten, type Tokenizer } from "../../data/tokenizers/tokenizer.ts"
import { type Found, noveltyIn } from "../../sampling/novelty.ts"
import type { TextCorpus } from "./text-corpus.ts"

export function noveltyTo(
  { train, validation, test }: TextCorpus["parts"],
  vocabulary: Tokenizer,
): (line: string) => Found["found"] {
  const [ofTrain, ofValidation, ofTest] = [train, validation, test].map(({ lines }) =>
    lines.map((line) => asWritten(line, vocabulary)),
  )
  return noveltyIn({ train: ofTrain, validation: ofValidation, test: ofTest })
}
