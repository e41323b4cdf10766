/**
 * What a page can ask about a training: a table with a question a line, each answered in the file of its name, which is loaded when it is
 * first asked.
 */
export const questions = {
  batchNorm: async () => (await import("./batch-norm.ts")).batchNorm,
  diagnose: async () => (await import("./diagnose.ts")).diagnose,
  embedding: async () => (await import("./embedding.ts")).embedding,
  export: async () => (await import("./export.ts")).exportModel,
  geometry: async () => (await import("./geometry.ts")).geometry,
  graph: async () => (await import("./graph.ts")).graph,
  hear: async () => (await import("./hear.ts")).hear,
  look: async () => (await import("./look.ts")).look,
  sample: async () => (await import("./sample.ts")).sample,
}

export type Question = keyof typeof questions
type Answering<Q extends Question> = Awaited<ReturnType<(typeof questions)[Q]>>
export type Argument<Q extends Question> = Parameters<Answering<Q>>[1]
export type Answer<Q extends Question> = Awaited<ReturnType<Answering<Q>>>
