/** The entry of the worker that trains. */

// ONNX Runtime loads this file again in each of its threads, which must do nothing but run the engine.
if (self.name.startsWith("em-pthread")) void import("#ort")
else void import("./trainer.ts").then(({ startTrainer }) => startTrainer())
