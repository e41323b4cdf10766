/**
 * Trains on your own list, from a UTF-8 text file with one item per line or from a string, in any alphabet.
 *
 *   npx node examples/07-your-own-list.ts [file] [steps]
 */
import "./errors.ts"
import { describeText, loadText, longest, parseLines, sequences } from "../src/data/index.ts"
import { Generator, openSampler, split, Transformer, train, Vocabulary } from "../src/index.ts"

const rivers =
  "Amazon Congo Danube Dnieper Don Ebro Elbe Ganges Garonne Indus Jordan Loire Mackenzie Maas Mekong Meuse " +
  "Mississippi Missouri Murray Neva Niger Nile Oder Ohio Orinoco Paraná Rhône Rhine Seine Severn Tagus Thames " +
  "Tiber Tigris Ural Vistula Volga Weser Yangtze Yukon Zambezi Guadiana Guadalquivir Drava"

const [file, steps = 500] = process.argv.slice(2)
const text = file ? await loadText(file) : parseLines(rivers.replaceAll(" ", "\n"), { name: "rivers" })
console.log(describeText(text))

// One row per line, with the next symbol as the target at each position, so one pass trains on all positions.
const vocabulary = Vocabulary.from(text.lines)
const contextLength = longest(text.lines) + 1
const rows = sequences(split(text).train.lines, vocabulary, contextLength)
console.log(
  `${vocabulary.size} symbols, ${rows.inputs.shape[0]} rows of ${contextLength}: ${vocabulary.symbols.join("")}`,
)

const random = new Generator(42)
const model = new Transformer({ vocabularySize: vocabulary.size, contextLength, layers: 2, embedding: 32 })
const training = train(model.initialize(random), rows, { steps: Number(steps), every: 100 })
for await (const { step, loss } of training) console.log(step, loss.toFixed(3))

const sampler = await openSampler(model)
for await (const ids of sampler.sample({ count: 8, generator: random })) console.log(vocabulary.decode(ids))
