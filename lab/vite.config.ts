/** How the lab is built: one page and a worker under any path, and a service worker that knows all files by the hash of their content. */
import { createHash } from "node:crypto"
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { defineConfig } from "vite"

let out = ""

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [
    {
      name: "offline",
      apply: "build",
      configResolved({ root, build }) {
        out = resolve(root, build.outDir)
      },
      closeBundle() {
        // ONNX Runtime names further engines, which the page never asks for.
        for (const other of globSync("assets/*.{jsep,asyncify,jspi}*", { cwd: out })) rmSync(join(out, other))
        const files = globSync("**/*", { cwd: out, withFileTypes: true })
          .filter((entry) => entry.isFile() && entry.name !== "sw.js")
          .map(({ parentPath, name }) =>
            join(parentPath, name)
              .slice(out.length + 1)
              .replaceAll("\\", "/"),
          )
          .sort()
        const hash = createHash("sha256")
        for (const file of files) hash.update(file).update(readFileSync(join(out, file)))
        const worker = join(out, "sw.js")
        const text = readFileSync(worker, "utf8")
          .replace("__VERSION__", hash.digest("hex").slice(0, 12))
          .replace('"__FILES__"', JSON.stringify(["./", ...files.filter((file) => file !== "index.html")]))
        writeFileSync(worker, text)
      },
    },
  ],
  worker: {
    format: "es",
    rolldownOptions: {
      output: {
        // A layer is shown by the name of its class.
        minify: { mangle: { keepNames: { class: true, function: false } } },
        // What a training begins with is one file, and not one for each set of parts that share it.
        codeSplitting: { groups: [{ name: "trainer", test: /trainer\/trainer\.ts$/ }] },
      },
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist/lab",
    emptyOutDir: true,
    target: "es2024",
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})
