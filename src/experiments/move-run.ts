/** The way of a run between the folder of a sweep and Redis, where workers train it. */
import { readConfig, showConfig, withPath } from "../runs/run-config.ts"
import { files } from "../runs/run-files.ts"
import type { Store } from "../runs/store.ts"

/** Copies a run, if there is one, over what is there. */
export async function copyRun(from: Store, to: Store): Promise<void> {
  const names = (await from.list()).filter((name) => !/^(\.|lock\.)/.test(name))
  if (!names.includes(files.config)) return
  const unlock = await to.lock()
  try {
    for (const name of names) await to.write(name, (await from.read(name))!)
    // The data lies elsewhere, seen from there.
    const config = await readConfig(to)
    const data = withPath(to.name, config.data, config.recipe.data)
    await to.write(files.config, showConfig({ ...config, data }))
  } finally {
    await unlock()
  }
}

/** Moves a run, if there is one, over what is there. No worker changes it any more from here on. */
export async function moveRun(from: Store, to: Store): Promise<void> {
  const unlock = await from.lock()
  try {
    await copyRun(from, to)
    for (const name of await from.list()) await from.remove(name)
  } finally {
    await unlock()
  }
}
