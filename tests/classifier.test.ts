/** The n-gram classifier: Bayes' rule over one n-gram model per label, and the judge of samples built on it. */
import { expect, test } from "vitest"
import { NGram, NGramClassifier } from "../src/counting/index.ts"
import { type Lines, Vocabulary } from "../src/data/index.ts"
import { openJudge } from "../src/sampling/judge.ts"

const sequences = [[1, 2], [1, 1, 2], [3], [3, 3, 2], [3, 2], [1]]
const labels = [0, 0, 1, 1, 1, 0]
const sizes = { labels: 2, order: 2, vocabularySize: 4 }

test("probabilities follow Bayes' rule over one model per label, and sum to 1", () => {
  const classifier = new NGramClassifier(sequences, labels, sizes)
  const models = [0, 1].map((label) => new NGram(sizes).fit(sequences.filter((_, k) => labels[k] === label)))
  for (const sequence of [[1], [3, 1], [2, 2], []]) {
    const joint = models.map((model) => 0.5 * Math.exp(model.logProbability(sequence)))
    const found = classifier.logProbabilities(sequence)
    for (const label of [0, 1])
      expect(Math.exp(found[label])).toBeCloseTo(joint[label] / (joint[0] + joint[1]), 12)
  }
  expect([[1], [3], [1, 2], [3, 3]].map((sequence) => classifier.classify(sequence))).toEqual([0, 1, 0, 1])
})

test("a frequent label needs less evidence, and one without sequences is never predicted", () => {
  const both = [[1], [1], [1], [1]]
  const rare = new NGramClassifier(both, [0, 0, 0, 1], { labels: 3, order: 1, vocabularySize: 4 })
  expect(Array.from(rare.logProbabilities([1]), Math.exp)[0]).toBeGreaterThan(0.5)
  expect(rare.logProbabilities([1])[2]).toBe(Number.NEGATIVE_INFINITY)
  expect(rare.classify([1])).toBe(0)
  expect(() => new NGramClassifier(both, [0], sizes)).toThrow(/1 labels for 4 sequences/)
})

test("the judge: how many lines are classified as their label, and how many samples as their condition", () => {
  const training: Lines = {
    lines: ["aba", "aab", "bab", "cdc", "ddc", "cd"],
    labels: { kind: ["x", "x", "x", "y", "y", "y"] },
  }
  const vocabulary = Vocabulary.from(training.lines)
  const judge = openJudge(training, {
    vocabulary,
    labels: { name: "kind", values: ["x", "y", "z"], counts: [3, 3, 0] },
  })
  const real: Lines = { lines: ["ab", "ba", "dd", "cc", "aa"], labels: { kind: ["x", "x", "y", "y", "y"] } }
  const { all, byLabel } = judge.right(real)
  expect(all).toBeCloseTo(4 / 5, 12)
  expect(byLabel).toEqual([1, 2 / 3, Number.NaN])
  const things = ["ab", "cd", "dc"].map((line) => vocabulary.encode(line))
  expect([judge.taken(things, 0), judge.taken(things, 1)]).toEqual([1 / 3, 2 / 3])
})
