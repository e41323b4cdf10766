/** The page: a header, one of three views, and the training behind them. */
import { effect } from "@preact/signals"
import { render } from "preact"
import { AddressProblem } from "./address-problem.tsx"
import { followAddress, openAddress } from "./follow-address.ts"
import { Failure, Header } from "./header.tsx"
import { Lazy } from "./lazy.tsx"
import { trainer, view } from "./session.ts"
import { TrainView } from "./views/train.tsx"

const loadRuns = async () => (await import("./views/runs.tsx")).RunsView
const loadLecture = async () => (await import("./views/lecture.tsx")).LectureView

function Page() {
  return (
    <>
      <Header />
      <AddressProblem />
      <Failure />
      {view.value === "train" && <TrainView />}
      {view.value === "runs" && <Lazy load={loadRuns} />}
      {view.value === "lecture" && <Lazy load={loadLecture} />}
    </>
  )
}

// The worker is loaded while the page is drawn.
void openAddress()
followAddress()

render(<Page />, document.getElementById("lab")!)

document.addEventListener("visibilitychange", () => {
  if (document.hidden) trainer.value?.keep()
})

/** The address of a computer's own server may be another page's tomorrow. */
const isServed = document.querySelector('meta[name="makewave-server"]') !== null

/** After the first steps, so that the files are not fetched twice while the page opens. */
if (import.meta.env.PROD && !isServed && "serviceWorker" in navigator) {
  const stop = effect(() => {
    if (!trainer.value?.step.value) return
    queueMicrotask(() => stop())
    void navigator.serviceWorker.register("./sw.js")
  })
}
