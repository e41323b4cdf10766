/** The top of the page: what the training does now, and the figures of it. */
import { Export } from "./export.tsx"
import { isChanged, restart, resume, trainer, type View, view, views } from "./session.ts"
import { Share } from "./share.tsx"
import { Term } from "./term.tsx"
import type { TrainerState } from "./trainer/messages.ts"

const shown: Readonly<Record<TrainerState, string>> = {
  opening: "preparing",
  training: "training",
  paused: "paused",
  finishing: "finishing",
  done: "done",
  failed: "stopped",
}

const titles: Readonly<Record<View, string>> = { train: "Train", runs: "Runs", lecture: "Lecture" }

const whole = (number: number): string => Math.round(number).toLocaleString("en")

export function Header() {
  const current = trainer.value
  const state = current?.state.value ?? "opening"
  const inWords = current || view.value !== "runs" ? shown[state] : ""
  const stage = current?.stage.value
  return (
    <header>
      <h1>makewave lab</h1>
      <div class="buttons">
        <button
          class="main"
          type="button"
          disabled={state === "opening" || state === "done" || state === "failed"}
          onClick={() => (state === "paused" ? current?.train() : current?.pause())}
        >
          {state === "paused" ? "Train" : "Pause"}
        </button>
        <button type="button" disabled={state !== "paused"} onClick={() => current?.takeSteps(1)}>
          Step
        </button>
        <button type="button" class={isChanged.value ? "due" : ""} onClick={() => restart()}>
          {isChanged.value ? "Start anew" : "Restart"}
        </button>
        <Export />
        <Share />
      </div>
      <nav aria-label="Views">
        {views.map((each) => (
          <button
            key={each}
            type="button"
            aria-current={view.value === each ? "page" : undefined}
            onClick={() => {
              view.value = each
            }}
          >
            {titles[each]}
          </button>
        ))}
      </nav>
      <p class="state" role="status">
        {stage ? `${stage.stage}: ${Math.round(100 * stage.done)} %` : inWords}
      </p>
      <Figures />
    </header>
  )
}

function Figures() {
  const current = trainer.value
  const opened = current?.opened.value
  const { train, validation } = current?.end.value ?? {}
  const loss = current?.loss.value ?? Number.NaN
  return (
    <dl class="figures">
      <div>
        <dt>
          <Term name="step">step</Term> of {opened?.recipe.steps ? whole(opened.recipe.steps) : "…"}
        </dt>
        <dd>{whole(current?.step.value ?? 0)}</dd>
      </div>
      <div>
        <dt>
          <Term name="loss" />
        </dt>
        <dd>{Number.isFinite(loss) ? loss.toFixed(3) : "…"}</dd>
      </div>
      {train !== undefined && (
        <div>
          <dt>
            train / <Term name="validation" />
          </dt>
          <dd>
            {train.toFixed(4)} / {validation?.toFixed(4) ?? "none"}
          </dd>
        </div>
      )}
      <div>
        <dt>steps/s</dt>
        <dd>{whole(current?.speed.value ?? 0)}</dd>
      </div>
      <div>
        <dt>
          <Term name="parameters" />
        </dt>
        <dd>{opened ? whole(opened.parameters) : "…"}</dd>
      </div>
    </dl>
  )
}

/** Why the training stopped, and what would do. */
export function Failure() {
  const current = trainer.value
  const failure = current?.failure.value
  if (!failure) return null
  const { message, kept } = failure
  const rate = current?.opened.value?.recipe.learningRate
  return (
    <div class="failure" role="alert">
      <p>{message}</p>
      {kept !== undefined && rate !== undefined && (
        <button type="button" onClick={() => resume(current!.run, rate / 10)}>
          Go on from step {whole(kept)} with a tenth of the learning rate
        </button>
      )}
    </div>
  )
}
