/**
 * Says which Node makewave needs, before an older one fails on something it lacks. `errors.ts` imports it, and every entry that would
 * fail imports `errors.ts`. A page has no Node. `bin/makewave.cjs` says the same for the command.
 */
const needed = "22.18"

const here = globalThis.process?.versions?.node
if (here && isOlder(here, needed))
  throw new Error(
    `makewave needs Node ${needed} or later, and this is Node ${here}: install a later one, for instance from https://nodejs.org`,
  )

function isOlder(version: string, than: string): boolean {
  const [[major, minor], [majorThan, minorThan]] = [version, than].map((each) => each.split(".").map(Number))
  return major < majorThan || (major === majorThan && minor < minorThan)
}
