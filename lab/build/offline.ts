/** Tells the service worker which files the page has, by names and a hash of all their contents, so that a new page is kept anew. */
import { createHash } from "node:crypto"
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Plugin } from "vite"

export function offline(): Plugin {
  let out = ""
  return {
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
  }
}
