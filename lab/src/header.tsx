/** The top of the page: what the training does now, and the figures of it. */
import type { SettingName } from "../../src/runs/settings.ts"
import { flag } from "../../src/setting.ts"
import { stepRate } from "../../src/training/step-rate.ts"
import { Export } from "./export.tsx"
import { SettingField } from "./panels/setting-field.tsx"
import { form, isChanged, restart, resume, trainer, type View, view, views } from "./session.ts"
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

/** A training that blows up has losses of any size. */
const shortLoss = (loss: number): string => (loss < 10_000 ? loss.toFixed(3) : loss.toExponential(2))

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
        <button
          type="button"
          title="one step, and a pause"
          disabled={state !== "paused" && state !== "training"}
          onClick={() => current?.takeSteps(1)}
        >
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
        {stage ? stageInWords(stage) : inWords}
      </p>
      <Figures />
    </header>
  )
}

function Figures() {
  const current = trainer.value
  const opened = current?.opened.value
  const { train, validation } = current?.end.value ?? {}
  const isDone = current?.state.value === "done"
  const isEarly = isDone && current.step.value < (opened?.recipe.steps ?? 0)
  const loss = current?.loss.value ?? Number.NaN
  const speed = current?.speed.value ?? 0
  const rate = stepRate(speed)
  return (
    <dl class="figures">
      <div>
        <dt>
          <Term name="step">step</Term> of {opened?.recipe.steps ? whole(opened.recipe.steps) : "…"}
          {isEarly && (
            <>
              , <Term name="ended early" />
            </>
          )}
        </dt>
        <dd>{whole(current?.step.value ?? 0)}</dd>
      </div>
      <div>
        <dt>
          <Term name="loss" />
        </dt>
        <dd>{Number.isFinite(loss) ? shortLoss(loss) : "…"}</dd>
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
      {!isDone && (
        <div>
          <dt>{rate.unit}</dt>
          <dd>{speed > 0 ? rate.number : "…"}</dd>
        </div>
      )}
      <div>
        <dt>
          <Term name="parameters" />
        </dt>
        <dd>{opened ? whole(opened.parameters) : "…"}</dd>
      </div>
    </dl>
  )
}

/** Of what cannot be divided only the beginning is told. */
const stageInWords = ({ stage, done }: { stage: string; done: number }): string =>
  done > 0 ? `${stage}: ${Math.round(100 * done)} %` : stage

/** Why the training stopped, and what would do: of settings that the sentence names, their fields. */
export function Failure() {
  const current = trainer.value
  const failure = current?.failure.value
  if (!failure) return null
  const { message, kept } = failure
  const rate = current?.opened.value?.recipe.learningRate
  const fields = form.value?.fields.filter(({ name }) => namesFlag(message, name)) ?? []
  return (
    <div class="failure" role="alert">
      <p>{message}</p>
      {view.value === "train" && fields.map((field) => <SettingField key={field.name} {...field} />)}
      {kept !== undefined && rate !== undefined && (
        <button type="button" onClick={() => resume(current!.run, rate / 10)}>
          Go on from step {whole(kept)} with a tenth of the learning rate
        </button>
      )}
    </div>
  )
}

const namesFlag = (message: string, name: SettingName): boolean =>
  new RegExp(`${flag(name)}(?![\\w-])`).test(message)
