/** A term with a tooltip in plain words. Shown on hover and on focus, and read by screen readers. */
import { useId } from "preact/hooks"

const terms = {
  activation: "What a layer puts out for an input.",
  batch: "The examples that one step learns from, drawn anew for each step.",
  "batch size": "How many examples one step learns from.",
  BatchNorm: "A layer that shifts and scales each channel by its mean and deviation over the batch.",
  context: "The symbols that the network sees before the one it predicts.",
  "dead units": "Outputs that are saturated for every example of the batch: they learn nothing from it.",
  "ended early":
    "The loss on the validation part got no better for a while, so the training ended before its last step.",
  embedding: "The list of numbers that stands for a symbol. It is learned.",
  gradient: "How the loss changes with a number of the network. A step goes against it.",
  hidden: "The number of channels of each layer in between.",
  "learning rate": "How far a step goes. Too low takes forever, too high blows up.",
  loss: "How surprised the network is by the next symbol, in nats: 0 is certain, ln 27 = 3.3 is a guess among 27.",
  parameters: "The numbers of the network that training changes.",
  saturation: "The part of the outputs where tanh is nearly flat, so that little is learned through them.",
  seed: "Where the random numbers begin. The same seed gives the same training, number for number.",
  "smoothed loss": "A running mean of the batches' losses.",
  step: "One update of all parameters, from one batch.",
  temperature: "Above 1, samples are wilder; below 1, tamer; 0 takes the likeliest symbol each time.",
  "update to data":
    "How large a step's change of a parameter is beside the parameter itself; about one in a thousand is healthy.",
  validation: "The loss on lines that the network was not trained on.",
} as const

export type TermName = keyof typeof terms

export function Term({ name, children }: { name: TermName; children?: preact.ComponentChildren }) {
  const id = useId()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: its tooltip shows on focus
    <span class="term" tabIndex={0} aria-describedby={id}>
      {children ?? name}
      <span role="tooltip" id={id}>
        {terms[name]}
      </span>
    </span>
  )
}
