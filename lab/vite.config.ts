/** How the lab is built: one page and a worker under any path, and a service worker that keeps them. */
import { defineConfig } from "vite"
import { chapters } from "./build/chapters.ts"
import { namesAsText } from "./build/names-as-text.ts"
import { offline } from "./build/offline.ts"
import { withoutDrawing } from "./build/without-drawing.ts"

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [chapters(), offline(), withoutDrawing()],
  worker: {
    format: "es",
    plugins: () => [namesAsText(), withoutDrawing()],
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
