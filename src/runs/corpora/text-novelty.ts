/** Which lines are new to the parts of a corpus, and which stand in one of them. */
import { type Found, noveltyIn } from "../../sampling/novelty.ts"
import type { TextCorpus } from "./text-corpus.ts"

export const noveltyTo = ({
  train,
  validation,
  test,
}: TextCorpus["parts"]): ((line: string) => Found["found"]) =>
  noveltyIn({ train: train.lines, validation: validation.lines, test: test.lines })
