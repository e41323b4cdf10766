/** The names of the files of a run's folder, which is all that a page has to know to show one. */
export const files = {
  config: "config.json",
  metrics: "metrics.jsonl",
  checkpoint: "checkpoint.safetensors",
  best: "best.safetensors",
  samples: "samples.txt",
  testOpenings: "test-openings.jsonl",
}
