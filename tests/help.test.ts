/** Help fits the terminal, and every flag that a message names is one that a command has. */
import { globSync, readFileSync } from "node:fs"
import { Command } from "commander"
import fc from "fast-check"
import { parseSync, Visitor } from "oxc-parser"
import { describe, expect, test } from "vitest"
import { commands } from "../src/cli/commands.ts"
import { fitHelp } from "../src/cli/help.ts"
import { settings } from "../src/runs/settings.ts"
import { makewaveHere } from "./command-line.ts"

/** Each command with its flags. */
const defined = await Promise.all(
  Object.entries(commands).map(async ([name, [, load]]) => {
    const command = new Command(name)
    const { define } = await load()
    define(command)
    return command
  }),
)

describe("help", () => {
  const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean)

  test.each(["", ...Object.keys(commands)])("of %s breaks between words at any width", async (command) => {
    const { columns } = process.stdout
    const help = async (width: number) => {
      process.stdout.columns = width
      const { stdout } = await makewaveHere([...(command ? [command] : []), "--help"])
      return stdout
    }
    try {
      const whole = wordsOf(await help(1000))
      for (const width of [60, 80, 120]) {
        const narrow = await help(width)
        expect(wordsOf(narrow)).toEqual(whole)
        for (const line of narrow.split("\n")) expect(line.length, line).toBeLessThanOrEqual(width)
      }
    } finally {
      process.stdout.columns = columns
    }
  })

  test("a flag has its defaults in one place", () => {
    const texts = defined.flatMap(({ options }) => options.map(({ description }) => description))
    expect(texts.filter((text) => text.split("(default").length > 2)).toEqual([])
    expect(texts).toContain("threads per operator (default: 1; 2 for running text)")
  })

  test("paragraphs are refilled, and the text beside a flag stays in its column", () => {
    const text = `One two three
four five.

Flags:
  --flag <x>   six seven eight nine ten eleven
  a command that has more words than that fit`
    expect(fitHelp(text, 39)).toBe(`One two three four five.

Flags:
  --flag <x>   six seven eight nine ten
               eleven
  a command that has more words than
      that fit`)
    expect(fitHelp("  --a-long-flag <count>   one two three four", 30)).toBe(
      "  --a-long-flag <count>\n      one two three four",
    )
  })

  test("only a line of a single word is longer than the width, and no word is lost", () => {
    const word = fc.stringMatching(/^[a-z-]{1,12}$/)
    const line = fc.tuple(
      fc.constantFrom("", "  ", "    "),
      fc.array(word, { minLength: 1 }),
      fc.constantFrom(" ", "   "),
    )
    const text = fc.array(line.map(([indent, words, gap]) => indent + words.join(" ").replace(" ", gap)))
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 100 }), (lines, width) => {
        const fitted = fitHelp(lines.join("\n"), width)
        expect(wordsOf(fitted)).toEqual(wordsOf(lines.join("\n")))
        for (const line of fitted.split("\n"))
          if (wordsOf(line).length > 1) expect(line.length).toBeLessThanOrEqual(width)
      }),
    )
  })

  test("start shows the few flags to begin with, and takes all that train takes", () => {
    const [start, train] = ["start", "train"].map((name) => defined.find((each) => each.name() === name)!)
    const flags = (command: Command) => command.options.map(({ long }) => long)
    expect(flags(start)).toEqual(flags(train))
    expect(start.createHelp().visibleOptions(start).length).toBeLessThan(10)
  })
})

describe("messages", () => {
  const flags = new Set(["--help", ...defined.flatMap(({ options }) => options.map(({ long }) => long!))])
  /** Flags of TensorBoard, Node, npm and Deno. */
  const ofOthers =
    /(tensorboard --logdir|node --conditions|--test|npm install --ignore-scripts|deno jupyter --install)/g
  const files = globSync("src/**/*.ts").filter((file) => file !== "src/cli/former-flags.ts")

  /** The texts in a program, those of them in errors for a user, and the names in flag("name"). */
  function textsOf(file: string) {
    const texts: string[] = []
    const inErrors: string[] = []
    const named: string[] = []
    let errors = 0
    const see = (text: string) => {
      texts.push(text)
      if (errors > 0) inErrors.push(text)
    }
    const within = (change: number) => (node: { callee: { type: string } }) => {
      if ((node.callee as { name?: string }).name === "UserError") errors += change
    }
    new Visitor({
      NewExpression: within(1),
      "NewExpression:exit": within(-1),
      CallExpression: ({ callee, arguments: [name] }) => {
        if (callee.type === "Identifier" && callee.name === "flag" && name?.type === "Literal")
          named.push(String(name.value))
      },
      Literal: ({ value }) => {
        if (typeof value === "string") see(value)
      },
      TemplateElement: ({ value }) => see(value.cooked ?? ""),
    }).visit(parseSync(file, readFileSync(file, "utf8")).program)
    return { texts, inErrors, named }
  }

  test("name only flags that a command has", () => {
    const unknown = files.flatMap((file) => {
      const { texts, named } = textsOf(file)
      const written = texts
        .map((text) => text.replaceAll(ofOthers, ""))
        .flatMap((text) => text.match(/(?<![\w-])--[a-z][a-z0-9-]*/g) ?? [])
      const derived = named.map(
        (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      )
      return [...written, ...derived].filter((flag) => !flags.has(flag)).map((flag) => `${file}: ${flag}`)
    })
    expect(unknown).toEqual([])
    expect(
      files
        .flatMap((file) => textsOf(file).texts)
        .join()
        .match(/--[a-z]/g)?.length,
    ).toBeGreaterThan(100)
  })

  test("name a setting by its flag, beside its flag, or as a config file has it", () => {
    const options = defined.flatMap(({ options }) => options.map((option) => option.attributeName()))
    const names = [...new Set([...Object.keys(settings), ...options])].filter((name) => /[A-Z]/.test(name))
    const bare = new RegExp(`\\b(${names.join("|")})\\b(?![:=]| \\(--)`)
    const found = files.flatMap((file) =>
      textsOf(file)
        .inErrors.filter((text) => text.includes(" ") && bare.test(text))
        .map((text) => `${file}: ${text}`),
    )
    expect(found).toEqual([])
  })
})
