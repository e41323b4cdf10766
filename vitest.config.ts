import { playwright } from "@vitest/browser-playwright"
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config"
import { chromium } from "./tests/requirements.ts"

/** Tests of code that must run in a page as well: each file in this folder runs in both projects. */
const everywhere = "tests/everywhere/**/*.test.ts"

const inNode: TestProjectInlineConfiguration = {
  test: {
    name: "node",
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/requirements.ts", "tests/everywhere/lecture-in-node.ts", "tests/lab/page-folder.ts"],
    testTimeout: 30_000,
  },
}

const inChromium: TestProjectInlineConfiguration = {
  // Found during the first run instead, the package would be bundled then, and the page reloaded in the middle of a test.
  optimizeDeps: {
    include: [
      "onnxruntime-web/wasm",
      "onnx-buf",
      "@bufbuild/protobuf",
      "@bufbuild/protobuf/wire",
      "@observablehq/plot",
      "asciichart",
      "fft.js",
    ],
    exclude: ["linkedom/worker"],
  },
  test: {
    name: "chromium",
    include: [everywhere],
    globalSetup: "tests/everywhere/lecture-in-node.ts",
    testTimeout: 30_000,
    sequence: { groupOrder: 1 },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: "chromium" }],
      provider: playwright({
        launchOptions: {
          executablePath: chromium,
          args: [
            "--no-sandbox",
            "--enable-unsafe-webgpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
          ],
        },
      }),
    },
  },
}

export default defineConfig({
  test: {
    // ONNX Runtime brings threads of its own.
    maxWorkers: 2,
    projects: chromium ? [inNode, inChromium] : [inNode],
  },
})
