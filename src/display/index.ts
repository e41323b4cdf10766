/** How things show themselves in a console and in a notebook. */
export { type Displayed, type Forms, inspect, jupyterDisplay, type Media, shownAs } from "./contract.ts"
export { show } from "./show.ts"
