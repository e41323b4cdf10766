/**
 * Keeps the model of a run as `challenge/`, the package's best single WaveNet: `node experiments/challenge/keep.ts RUN`. Its config has the
 * recipe with all settings, and the validation loss that the model has in the 16 bits of its numbers.
 */
import { statSync } from "node:fs"
import { join } from "node:path"
import { fail } from "../../src/cli/ending.ts"
import { notice, print } from "../../src/cli/output.ts"
import { findRun } from "../../src/cli/run-folder.ts"
import { showLoading, showStage } from "../../src/cli/show-loading.ts"
import { UserError } from "../../src/errors.ts"
import { keepModel } from "../../src/runs/keep-model.ts"
import { KEPT_MODEL } from "../../src/runs/kept.ts"

const FOLDER = join(import.meta.dirname, "../../challenge")

/** What the package may grow by, in bytes. */
const MOST_BYTES = 2_000_000

async function main([run]: readonly string[]): Promise<void> {
  if (run === undefined) throw new UserError("keep: name the run, such as runs/NAME")
  const { steps, validation } = await keepModel(findRun(run), FOLDER, {
    loading: showLoading(),
    notice,
    onStage: showStage,
  })
  const { size } = statSync(join(FOLDER, KEPT_MODEL))
  print(`challenge: ${steps} steps, validation loss ${validation}, ${size} bytes`)
  if (size > MOST_BYTES)
    throw new UserError(`${run}: its model takes more than ${MOST_BYTES} bytes: keep a smaller one`)
}

if (import.meta.main) await main(process.argv.slice(2)).catch(fail)
