/**
 * The shape of src, held: imports go one way, each file opens with what it is, names are found by guessing, and the library runs
 * in a page. To let a folder import another, change the table, and with it the picture in docs.
 */
import { globSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { posix } from "node:path"
import { parseSync, Visitor } from "oxc-parser"
import { expect, test } from "vitest"

const language = ["random", "data", "tensor", "nn", "models", "optim", "runtime", "counting", "interchange"]
const library = [...language, "charts", "training", "sampling", "runs", "making", "experiments"]

/** What everything in src may import. */
const everybodys = ["errors.ts", "setting.ts", "display"]

/** Each folder and file directly in src, in the order the data passes, with what it may import besides itself and those. */
const importTable = new Map<string, string[]>([
  ["supported-node.ts", []],
  ["errors.ts", ["supported-node.ts"]],
  ["setting.ts", []],
  ["version.ts", []],
  ["display", []],
  ["random", []],
  ["data", ["random", "charts"]],
  ["tensor", []],
  ["nn", ["tensor", "random", "charts"]],
  ["models", ["nn", "tensor"]],
  ["optim", ["tensor"]],
  ["runtime", ["tensor"]],
  ["counting", ["data", "random", "nn", "models", "charts"]],
  ["interchange", ["data", "nn", "models", "tensor", "runtime", "counting"]],
  ["charts", []],
  ["training", [...language, "charts"]],
  ["sampling", language],
  ["runs", [...language, "charts", "training", "sampling"]],
  ["making", [...language, "training", "sampling", "runs"]],
  ["experiments", [...language, "charts", "training", "sampling", "runs", "making", "version.ts"]],
  ["index.ts", library],
  ["server", ["experiments", "runs"]],
  ["cli", [...library, "server", "index.ts", "version.ts"]],
])

const sources = globSync("src/**/*.ts").sort()
const ofLab = globSync("lab/src/**/*.{ts,tsx}").sort()

test("every folder of src has a row in the import table", () => {
  report(
    sources
      .filter((file) => !importTable.has(place(file)))
      .map(
        (file) =>
          `${file}:1: src/${place(file)} has no row in the import table: say what it may import, or move the file`,
      ),
  )
})

test("every row of the import table is a folder or a file of src", () => {
  expect([...importTable.keys()].filter((name) => !sources.some((file) => place(file) === name))).toEqual([])
})

test("imports go one way", () => {
  report(sources.flatMap((file) => importsOf(file).flatMap((found) => wrongWay(file, found))))
})

test("what a page can load imports nothing of Node", () => {
  const inPage = new Set(["src/index.ts", "src/experiments/index.ts"].flatMap((file) => [...reachable(file)]))
  expect(inPage.size).toBeGreaterThan(100)
  report(
    [...inPage].flatMap((file) =>
      importsOf(file)
        .filter(({ kind, target }) => kind !== "types" && isBuiltin(target))
        .map(
          ({ line, target }) =>
            `${file}:${line}: imports ${target}, and an index that runs in a page leads here: ask node() of src/data/disk.ts for it`,
        ),
    ),
  )
})

test("the page of the lab imports the library and its own files, and nothing of Node", () => {
  expect(ofLab.length).toBeGreaterThan(30)
  report(
    ofLab.flatMap((file) =>
      importsOf(file).flatMap(({ line, target, kind }) => {
        const here = `${file}:${line}: imports ${target}`
        const path = posix.join(posix.dirname(file), target)
        if (isBuiltin(target)) return [`${here}: a page has nothing of Node`]
        if (kind === "computed")
          return [`${here}: nobody can tell which file that is: write its path as a string`]
        if (target.startsWith(".") && !/^(lab\/)?src\//.test(path))
          return [`${here}: the page imports src and lab/src only`]
        return /^src\/(cli|server)\//.test(path) && kind !== "types"
          ? [`${here}: src/${place(path)} is of Node: move what both need into the library`]
          : []
      }),
    ),
  )
})

test("files do not import each other in a circle, but for the tensor and its ops", () => {
  const imports = new Map(
    sources.map((file) => {
      const loaded = importsOf(file).filter(
        ({ kind, target }) => kind !== "dynamic" && target.startsWith("."),
      )
      return [file, loaded.map(({ target }) => posix.join(posix.dirname(file), target))]
    }),
  )
  const language = (file: string) => /^src\/tensor\//.test(file)
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    const circle = path.slice(path.indexOf(file))
    if (path.includes(file) && !circle.every(language))
      circles.push(
        `${file}:1: is in a circle: ${[...circle, file].join(" -> ")}: move what both need into a file`,
      )
    if (path.includes(file) || done.has(file)) return
    for (const next of imports.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of sources) visit(file, [])
  report(circles)
})

test("each file opens with a paragraph that says what it is", () => {
  const paragraph = /^(?:#!.*\n)?\/\*\*(?<text>[\s\S]*?)(?:\n[ *]*\n|\*\/)/
  report(
    [...sources, ...ofLab, ...globSync("lab/{build,public}/*.{ts,js}"), "lab/vite.config.ts"].flatMap(
      (file) => {
        const text = paragraph
          .exec(readFileSync(file, "utf8"))
          ?.groups?.text?.replace(/^[ *]+/gm, "")
          .trim()
        if (text === undefined)
          return [`${file}:1: begins without /** */: say first what the file is, in a sentence`]
        if (!/^\S+(\s+\S+){3,}/.test(text) || !/[.:?!](\s|$)/.test(text))
          return [
            `${file}:1: "${text}" is no sentence: say what the file is on the data's way, and its source`,
          ]
        return []
      },
    ),
  )
})

test("files and folders are in kebab-case and named after what they hold", () => {
  const files = [...globSync("{src,tests,bench,examples,lecture,lab}/**/*.{ts,tsx}")].sort()
  report(
    files.flatMap((file) =>
      file.split("/").flatMap((name) => {
        const stem = name.replace(/(\.test|\.d|\.config)?\.tsx?$/, "")
        if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) return [`${file}:1: "${name}" is not in kebab-case`]
        if (/\b(utils?|helpers?|common|misc)\b/.test(stem))
          return [`${file}:1: "${name}" says nothing: name it after the one idea it holds`]
        return []
      }),
    ),
  )
})

/** Fails with every broken rule, a line each: file:line: what is wrong, what would do. */
function report(broken: string[]): void {
  expect(sources, "run the tests from the project's root").not.toEqual([])
  if (broken.length > 0) expect.fail(`\n${broken.join("\n")}`)
}

/** The folder or file directly in src that a path such as src/nn/linear.ts belongs to: "nn". */
function place(file: string): string {
  return file.split("/")[1] ?? ""
}

interface Import {
  line: number
  /** The module as it is written. */
  target: string
  /** "static" runs when the file is loaded, "dynamic" when the line is reached, "types" never; "computed" has no fixed target. */
  kind: "static" | "dynamic" | "types" | "computed"
}

/** Every import, export-from, import() and type import() of a file. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8")
  const found: Import[] = []
  const add = (source: { start: number; end: number } | null, kind: Import["kind"]) => {
    if (source === null) return
    const line = text.slice(0, source.start).split("\n").length
    const written = text.slice(source.start, source.end)
    const target = /^["'](.*)["']$/.exec(written)?.[1]
    found.push(target === undefined ? { line, target: written, kind: "computed" } : { line, target, kind })
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === "type" ? "types" : "static"),
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === "type" ? "types" : "static"),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === "type" ? "types" : "static"),
    ImportExpression: (node) => add(node.source, "dynamic"),
    TSImportType: (node) => add(node.source, "types"),
  }).visit(parseSync(file, text).program)
  return found
}

/** The files of src that are loaded with a file, or may be later. */
function reachable(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const { target, kind } of importsOf(file))
    if (kind !== "types" && target.startsWith(".")) reachable(posix.join(posix.dirname(file), target), found)
  return found
}

/** What the import table has against an import, if anything. The command line loads a model from a file that its user names. */
function wrongWay(file: string, { line, target, kind }: Import): string[] {
  const from = place(file)
  const here = `${file}:${line}: imports ${target}`
  if (kind === "computed" && file !== "src/cli/model-file.ts")
    return [`${here}: nobody can tell which file that is: write its path as a string`]
  if (target === "makewave" || target.startsWith("makewave/"))
    return [`${here}: a package does not import itself by name: write the relative path`]
  if (!target.startsWith(".")) return []
  const path = posix.join(posix.dirname(file), target)
  if (!path.startsWith("src/")) return [`${here}: src imports nothing outside src`]
  const allowed = [...(importTable.get(from) ?? []), from, ...everybodys]
  if (allowed.includes(place(path))) return []
  return [
    `${here}: src/${from} may import ${allowed.join(", ")} only (the import table of tests/architecture.test.ts)`,
  ]
}
