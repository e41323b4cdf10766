/** What a page can ask about a training: a table with a question a line, each answered in the file of its name. */
import { evaluate } from "./evaluate.ts"
import { geometry } from "./geometry.ts"
import { look } from "./look.ts"
import { sample } from "./sample.ts"

export const questions = { evaluate, geometry, look, sample }

export type Question = keyof typeof questions
export type Argument<Q extends Question> = Parameters<(typeof questions)[Q]>[1]
export type Answer<Q extends Question> = Awaited<ReturnType<(typeof questions)[Q]>>
