/**
 * Event files for TensorBoard: losses, histograms of weights, samples, hyperparameters. An event is a protobuf message, framed by its
 * length and checksums.
 * Source: https://github.com/tensorflow/tensorboard, tensorboard/compat/proto/{event,summary,tensor}.proto and
 * tensorboard/plugins/hparams/{api,plugin_data}.proto; the frame: tensorflow/core/lib/io/record_writer.h.
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import { crc32c } from "./crc.ts"

export interface EventWriterOptions {
  /** Seconds since 1970. */
  readonly clock?: () => number
}

/**
 * Writes events to a function that takes bytes: `new EventWriter((bytes) => appendFileSync(join(folder, eventFileName()), bytes))`, with
 * one file name for the whole run. Each call passes its bytes on at once, so that a killed process loses none.
 */
export class EventWriter {
  private readonly append: (bytes: Uint8Array<ArrayBuffer>) => void
  private readonly clock: () => number

  constructor(append: (bytes: Uint8Array<ArrayBuffer>) => void, { clock = now }: EventWriterOptions = {}) {
    this.append = append
    this.clock = clock
    this.write(0, string(3, "brain.Event:2"))
  }

  /** Discards what earlier files in the folder have for this step and later ones. */
  restart(step: number): void {
    this.write(step, message(7, integer(1, SESSION_START)))
  }

  /** A point of the curve `tag`. Slashes group tags: "loss/train". */
  scalar(tag: string, value: number, step: number): void {
    this.summary(tag, step, float(2, value))
  }

  /** The distribution of numbers over `buckets` ranges of equal width. NaN and infinities are left out. */
  histogram(tag: string, numbers: ArrayLike<number>, step: number, { buckets = 30 } = {}): void {
    const finite = Float64Array.from(numbers).filter(Number.isFinite)
    this.summary(tag, step, message(5, ...histogram(finite, buckets)))
  }

  /** Markdown, such as samples. */
  text(tag: string, markdown: string, step: number): void {
    const scalar = message(8, integer(1, DT_STRING), message(2), string(8, markdown))
    this.summary(tag, step, plugin("text", new Uint8Array(), DATA_CLASS_TENSOR), scalar)
  }

  /** The hyperparameters of a run, for the table of runs. Settings other than numbers, strings and booleans become JSON. */
  hyperParameters(config: Readonly<Record<string, unknown>>): void {
    const settings = Object.entries(config).filter(([, value]) => isObject(value))
    const values = settings.map(([name, value]) => message(1, string(1, name), message(2, valueField(value))))
    this.hparams("session_start_info", message(3, ...values, double(5, this.clock())))
  }

  /**
   * The columns of the table of runs, for a file beside their folders: each hyperparameter with its values in all runs, and the tags of the
   * scalars that are shown. TensorBoard takes the first file with columns for all runs; without any it finds the hyperparameters itself,
   * and shows every scalar.
   */
  experiment(values: Readonly<Record<string, readonly unknown[]>>, metrics: readonly string[]): void {
    const infos = Object.entries(values).map(([name, all]) => {
      const given = all.filter(isObject)
      const types = new Set(given.map((value) => TYPES[typeof value] ?? STRING))
      const differs = new Set(all.map((value) => JSON.stringify(value))).size > 1
      return message(
        4,
        string(1, name),
        integer(4, types.size === 1 ? [...types][0] : STRING),
        bool(7, differs),
      )
    })
    const shown = metrics.map((tag) => message(5, message(1, string(2, tag))))
    this.hparams("experiment", message(2, double(3, this.clock()), ...infos, ...shown))
  }

  /** The end of the run of `hyperParameters`. */
  ended({ failed = false } = {}): void {
    const status = failed ? STATUS_FAILURE : STATUS_SUCCESS
    this.hparams("session_end_info", message(4, integer(1, status), double(2, this.clock())))
  }

  private hparams(tag: string, content: Field): void {
    const noNumbers = message(8, integer(1, DT_FLOAT), message(2, message(2, integer(1, 0))))
    this.summary(`_hparams_/${tag}`, 0, plugin("hparams", encoded(content)), noNumbers)
  }

  private summary(tag: string, step: number, ...value: Field[]): void {
    this.write(step, message(5, message(1, string(1, tag), ...value)))
  }

  private write(step: number, what: Field): void {
    this.append(framed(encoded(double(1, this.clock()), integer(2, step), what)))
  }
}

/** TensorBoard reads files with "tfevents" in their names; the seconds order the files of a run. */
export const eventFileName = (seconds: number = now()): string =>
  `events.out.tfevents.${Math.floor(seconds)}.makewave`

const now = () => Date.now() / 1000

// Numbers of the enumerations.
const DT_FLOAT = 1
const DT_STRING = 7
const DATA_CLASS_TENSOR = 2
const SESSION_START = 1
const STATUS_SUCCESS = 1
const STATUS_FAILURE = 2
const STRING = 1
const TYPES: Readonly<Record<string, number>> = { string: STRING, boolean: 2, number: 3 }

/** Writes a field of a message: its number in the .proto file and its value. */
type Field = (writer: BinaryWriter) => unknown

const fieldOf =
  <T>(wire: WireType, write: (writer: BinaryWriter, value: T) => unknown) =>
  (field: number, value: T): Field =>
  (writer) =>
    write(writer.tag(field, wire), value)

const string = fieldOf<string>(WireType.LengthDelimited, (writer, value) => writer.string(value))
const bytes = fieldOf<Uint8Array>(WireType.LengthDelimited, (writer, value) => writer.bytes(value))
const double = fieldOf<number>(WireType.Bit64, (writer, value) => writer.double(value))
/** A value beyond float32 becomes infinite. */
const float = fieldOf<number>(WireType.Bit32, (writer, value) => writer.float(Math.fround(value)))
const integer = fieldOf<number>(WireType.Varint, (writer, value) => writer.int64(value))
const bool = fieldOf<boolean>(WireType.Varint, (writer, value) => writer.bool(value))
const fields = fieldOf<Field[]>(WireType.LengthDelimited, (writer, value) => {
  writer.fork()
  for (const field of value) field(writer)
  writer.join()
})
const message = (field: number, ...values: Field[]): Field => fields(field, values)

function encoded(...values: Field[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const field of values) field(writer)
  return writer.finish()
}

/** A summary's metadata: the plugin it is for, and content that only that plugin reads. */
const plugin = (name: string, content: Uint8Array, dataClass = 0): Field =>
  message(9, message(1, string(1, name), bytes(2, content)), integer(4, dataClass))

const isObject = (value: unknown): boolean => value !== undefined && value !== null

/** google.protobuf.Value. */
function valueField(value: unknown): Field {
  if (typeof value === "number") return double(2, value)
  if (typeof value === "boolean") return bool(4, value)
  return string(3, typeof value === "string" ? value : JSON.stringify(value))
}

/** The fields of a HistogramProto: bounds, sums, the upper end of each bucket and its count. */
function histogram(numbers: Float64Array, buckets: number): Field[] {
  const least = numbers.reduce((a, b) => Math.min(a, b), Infinity)
  const most = numbers.reduce((a, b) => Math.max(a, b), -Infinity)
  const width = most / buckets - least / buckets
  const one = !(width > 0) // all numbers are equal
  const counts = new Array<number>(numbers.length === 0 ? 0 : one ? 1 : buckets).fill(0)
  for (const x of numbers) counts[one ? 0 : Math.min(Math.floor((x - least) / width), buckets - 1)]++
  const sum = numbers.reduce((total, x) => total + x, 0)
  const sumOfSquares = numbers.reduce((total, x) => total + x * x, 0)
  return [
    ...(counts.length > 0 ? [double(1, least), double(2, most)] : []),
    double(3, numbers.length),
    double(4, sum),
    double(5, sumOfSquares),
    ...counts.map((_, k) => double(6, k === counts.length - 1 ? most : least + (k + 1) * width)),
    ...counts.map((count) => double(7, count)),
  ]
}

/** A TFRecord: the 64-bit length and its checksum, the bytes and their checksum. */
function framed(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(8 + 4 + data.length + 4)
  const view = new DataView(frame.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, masked(crc32c(frame.subarray(0, 8))), true)
  frame.set(data, 12)
  view.setUint32(12 + data.length, masked(crc32c(data)), true)
  return frame
}

/** CRCs of data that contains CRCs are weak, so TFRecord masks them. */
const masked = (checksum: number): number => (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0
