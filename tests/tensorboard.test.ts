/** Event files: their frames and checksums, their messages as the .proto files say, and what TensorBoard itself reads. */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import { expect, test } from "vitest"
import { crc32, crc32c } from "../src/interchange/crc.ts"
import { EventWriter, eventFileName } from "../src/interchange/tensorboard.ts"
import { testByPython } from "./by-python.ts"
import { askPython } from "./python.ts"

test("checksums are those of the catalogue", () => {
  const digits = new TextEncoder().encode("123456789")
  expect(crc32(digits)).toBe(0xcbf43926)
  expect(crc32c(digits)).toBe(0xe3069283)
  expect([crc32(new Uint8Array()), crc32c(new Uint8Array())]).toEqual([0, 0])
})

test("an event is a frame with its length, and checksums that fit", () => {
  const [version, scalar] = records((writer) => writer.scalar("loss", 2.5, 300))
  expect(fields(version)).toEqual({ 1: [12.5], 2: [0n], 3: ["brain.Event:2"] })
  expect(fields(scalar, { 5: "message" })).toMatchObject({ 1: [12.5], 2: [300n] })
  expect(onlyValue(scalar, { 1: "text", 2: "float" })).toEqual({ 1: ["loss"], 2: [2.5] })
})

test("a scalar is rounded to 32 bits, and one that is none stays so", () => {
  const [, ...scalars] = records((writer) => {
    for (const x of [0.1, 1e300, Number.NaN]) writer.scalar("x", x, 0)
  })
  const values = scalars.map((bytes) => onlyValue(bytes, { 2: "float" })[2]?.[0])
  expect(values).toEqual([Math.fround(0.1), Infinity, Number.NaN])
})

test.each<[string, number[], Record<number, number[]>]>([
  [
    "numbers in buckets of equal width",
    [-1, 0, 0.25, 3, Number.NaN, Infinity],
    { 1: [-1], 2: [3], 3: [4], 4: [2.25], 5: [10.0625], 6: [0, 1, 2, 3], 7: [1, 2, 0, 1] },
  ],
  ["one number", [2, 2], { 1: [2], 2: [2], 3: [2], 4: [4], 5: [8], 6: [2], 7: [2] }],
  ["no number", [], { 3: [0], 4: [0], 5: [0] }],
  [
    "the widest",
    [-1e308, 1e308],
    { 1: [-1e308], 2: [1e308], 3: [2], 4: [0], 5: [Infinity], 6: [-5e307, 0, 5e307, 1e308], 7: [1, 0, 0, 1] },
  ],
])("histogram: %s", (_, numbers, expected) => {
  const [, event] = records((writer) => writer.histogram("weights", numbers, 7, { buckets: 4 }))
  const histogram = onlyValue(event, { 5: "message" })[5]?.[0] as Uint8Array
  const doubles = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((field) => [field, "double" as const]))
  expect(fields(histogram, doubles)).toEqual(expected)
})

testByPython("tensorboard")("TensorBoard reads all of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "makewave-events-"))
  const path = join(folder, eventFileName(12.5))
  const writer = new EventWriter((bytes) => appendFileSync(path, bytes), { clock: () => 12.5 })
  const settings = { model: "wavenet", rate: 0.1, bug: false, milestones: [1, 2], none: undefined }
  writer.hyperParameters(settings)
  writer.experiment(
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, [value, settings.rate]])),
    ["loss"],
  )
  for (let step = 0; step < 3; step++) writer.scalar("loss", 3 - step, step * 100)
  writer.histogram("weights", [-1, 0, 1], 200)
  writer.text("samples", "emma\n\nJosé 👩‍🚀", 200)
  writer.ended()

  const read = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

events = EventAccumulator(sys.argv[1], purge_orphaned_data=False).Reload()
hparams = [HParamsPluginData.FromString(content) for content in events.PluginTagToContent("hparams").values()]
start = next(part.session_start_info for part in hparams if part.HasField("session_start_info"))
print(json.dumps({
    "scalars": [[event.step, event.value, event.wall_time] for event in events.Scalars("loss")],
    "histogram": [[h.step, h.histogram_value.num, sum(h.histogram_value.bucket)] for h in events.Histograms("weights")],
    "text": [event.tensor_proto.string_val[0].decode() for event in events.Tensors("samples")],
    "textTags": list(events.PluginTagToContent("text")),
    "metrics": [metric.name.tag for part in hparams for metric in part.experiment.metric_infos],
    "types": {info.name: [info.type, info.differs] for part in hparams for info in part.experiment.hparam_infos},
    "settings": {name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()},
    "status": [part.session_end_info.status for part in hparams if part.HasField("session_end_info")],
}))`
  expect(await askPython("tensorboard", "-c", read, folder)).toEqual({
    scalars: [
      [0, 3, 12.5],
      [100, 2, 12.5],
      [200, 1, 12.5],
    ],
    histogram: [[200, 3, 3]],
    text: ["emma\n\nJosé 👩‍🚀"],
    textTags: ["samples"],
    metrics: ["loss"],
    types: { model: [1, true], rate: [3, false], bug: [1, true], milestones: [1, true], none: [3, true] },
    settings: { model: "wavenet", rate: 0.1, bug: false, milestones: "[1,2]" },
    status: [1],
  })
  rmSync(folder, { recursive: true })
})

/** The bytes of each event, out of frames whose lengths and checksums are those of TFRecord. */
function records(write: (writer: EventWriter) => void): Uint8Array[] {
  const written: number[] = []
  write(new EventWriter((bytes) => written.push(...bytes), { clock: () => 12.5 }))
  const file = Uint8Array.from(written)
  const view = new DataView(file.buffer)
  const events: Uint8Array[] = []
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true))
    const data = file.subarray(at + 12, at + 12 + length)
    expect(view.getUint32(at + 8, true)).toBe(disguised(file.subarray(at, at + 8)))
    expect(view.getUint32(at + 12 + length, true)).toBe(disguised(data))
    events.push(data)
    at += 12 + length + 4
  }
  return events
}

/** As the format's own words have it: rotated right by 15 bits, plus a constant, in 32 bits. */
function disguised(bytes: Uint8Array): number {
  const bits = crc32c(bytes).toString(2).padStart(32, "0")
  return Number((BigInt(`0b${bits.slice(-15)}${bits.slice(0, -15)}`) + 0xa282ead8n) % 2n ** 32n)
}

type Kind = "text" | "message" | "double" | "float"

/** The fields of a message by number. A length-delimited field is a text unless told. */
function fields(message: Uint8Array, kinds: Record<number, Kind> = {}): Record<number, unknown[]> {
  const reader = new BinaryReader(message)
  const found: Record<number, unknown[]> = {}
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    found[field] ??= []
    if (type === WireType.Bit64) found[field].push(reader.double())
    else if (type === WireType.Bit32) found[field].push(reader.float())
    else if (type === WireType.Varint) found[field].push(BigInt(reader.int64()))
    else found[field].push(kinds[field] === "message" ? reader.bytes() : reader.string())
  }
  return found
}

/** The fields of the one value in an event's summary. */
function onlyValue(event: Uint8Array, kinds: Record<number, Kind>): Record<number, unknown[]> {
  const summary = fields(event, { 5: "message" })[5]?.[0] as Uint8Array
  return fields(fields(summary, { 1: "message" })[1]?.[0] as Uint8Array, kinds)
}
