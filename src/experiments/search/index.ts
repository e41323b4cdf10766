/** The searches by name, as a plan's `method` gives it. */
import type { Space } from "../space.ts"
import { gridSearch } from "./grid.ts"
import { randomSearch } from "./random.ts"
import type { Search } from "./search.ts"
import { tpeSearch } from "./tpe.ts"

export const searches = { grid: gridSearch, random: randomSearch, tpe: tpeSearch } satisfies Record<
  string,
  (space: Space) => Search
>
