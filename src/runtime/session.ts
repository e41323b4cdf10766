/**
 * All access to ONNX Runtime. The conditions of two imports in package.json choose the engine: `#ort` is the native library in Node
 * and WebAssembly in a page, `#ort-wasm` is WebAssembly in both. Where the native library does not load, WebAssembly takes over.
 */
import type { InferenceSession } from "onnxruntime-common"
import { requireOptions, UserError } from "../errors.ts"
import { oneOf, positive, requireAccepted, whole } from "../setting.ts"
import type { OnnxType } from "../tensor/op.ts"
import type { Shape } from "../tensor/shape.ts"
import { explained } from "./indices.ts"

/** The execution providers: the CPU (native or as WebAssembly), the GPU through WebGPU, and NVIDIA's CUDA. */
export const providers = ["cpu", "wasm", "webgpu", "cuda"] as const
export type Provider = (typeof providers)[number]

export interface RuntimeOptions {
  readonly provider?: Provider
  /** Threads inside an operator. At the lecture's size one is nearly as fast as two, and steadier. By default 1. */
  readonly threads?: number
  /** The most gigabytes that the process may take. A model that needs more is refused with a MemoryError. By default 2; on a GPU no limit. */
  readonly memory?: number
  /** Receives a sentence if something runs differently than requested. */
  readonly notice?: (sentence: string) => void
}

const settings = {
  provider: oneOf(providers, "cpu", ""),
  threads: whole(1, "", { least: 1, most: 1024 }),
  memory: positive(2, ""),
}

/** Throws a UserError for an unknown option, and a RangeError for a value that an option does not accept. */
export function checkRuntime(options: RuntimeOptions): void {
  requireOptions("runtime", options, [...Object.keys(settings), "notice"])
  requireAccepted("runtime", settings, { ...options })
}

/** The values of a float32, int32 or bool tensor. */
export type Numbers = Float32Array | Int32Array | Uint8Array
/** A tensor of ONNX Runtime, whose own type needs the types of a page. */
export interface SessionTensor {
  readonly data: unknown
  readonly dims: readonly number[]
}
export type Feeds = Record<string, SessionTensor>

type Engine = typeof import("onnxruntime-common")

let fastest: Promise<Engine> | undefined

function loadEngine(provider: Provider, notice: (sentence: string) => void): Promise<Engine> {
  if (provider === "wasm") return import("#ort-wasm")
  withoutTelemetry()
  fastest ??= import("#ort").catch((error: Error) => {
    notice(
      `ONNX Runtime's native library does not load here (${error.message.split("\n")[0]}); its WebAssembly takes over, about four times slower.`,
    )
    return import("#ort-wasm")
  })
  return fastest
}

/**
 * Otherwise the native library reports each session to Microsoft and writes to the system's temporary folder. Set the variable to 0 to
 * allow that.
 * Source: https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
 */
function withoutTelemetry(): void {
  if (globalThis.process?.env) process.env.ORT_DISABLE_TELEMETRY ??= "1"
}

/** A model that is ready to run. */
export interface Session {
  run(feeds: Feeds): Promise<Feeds>
  tensor(values: Numbers | BigInt64Array, shape: Shape, dtype: OnnxType): SessionTensor
  release(): Promise<void>
}

/** What ONNX Runtime says, without the place in its code and the condition that it begins with: "/a.cc:136 f()::<lambda()> x == 1 was false. ". */
export const reasonIn = ({ message }: Error): string =>
  message
    .split("\n")[0]
    .replace(/^.*\.cc:\d+ .* was false\. /, "")
    .trim()

/** Loads a model. `bytes` estimates what its values take. Throws a UserError if the provider is not available. */
export async function openSession(
  model: Uint8Array,
  { provider = "cpu", threads = 1, notice = () => {}, bytes = 0 }: RuntimeOptions & { bytes?: number } = {},
): Promise<Session> {
  const ort = await loadEngine(provider, notice)
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    // A pattern puts all values of a run into one block, besides what the first run allocated: twice the memory.
    enableMemPattern: bytes < 2 ** 26,
    logSeverityLevel: 4,
    // How long an idle thread spins before it sleeps. Spinning longer pays only on idle cores: with two threads on two busy cores,
    // ONNX Runtime's default makes a step twice as slow.
    extra: { session: { intra_op: { spin_duration_us: "50" } } },
  }
  // Errors are thrown, and reworded below; ONNX Runtime would print them as well.
  ort.env.logLevel = "fatal"
  if (ort.env.wasm) ort.env.wasm.numThreads = threads
  let session: InferenceSession
  try {
    session = await ort.InferenceSession.create(model, options)
  } catch (error) {
    if (provider === "cpu" || provider === "wasm") throw error
    throw new UserError(
      `provider '${provider}' is not available (${reasonIn(error as Error)}); use 'cpu', ` +
        (provider === "cuda"
          ? "or install CUDA and onnxruntime-node's CUDA libraries"
          : "or a machine with a GPU"),
    )
  }
  let released = false
  return {
    run(feeds) {
      if (released) throw new Error("run: this model was released: compile it again")
      return session.run(feeds as InferenceSession.FeedsType, { logSeverityLevel: 4 }).catch((error) => {
        throw explained(error)
      })
    },
    tensor: (values, shape, dtype) => new ort.Tensor(dtype, values as never, shape),
    async release() {
      if (released) return
      released = true
      await session.release()
    },
  }
}
