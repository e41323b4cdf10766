/** The list to train on: a data set of the package, a file, or lines that are pasted. */
import { useSignal } from "@preact/signals"
import type { SettingName } from "../../../src/runs/settings.ts"
import { Dialog } from "../dialog.tsx"
import { ownSound, ownText } from "../presets.ts"
import { form, list, restart, settings, trainer } from "../session.ts"
import type { Opened, UserFile } from "../trainer/messages.ts"
import { inForm, SettingField } from "./setting-field.tsx"

const dataSets = { names: "32,513 English first names", languages: "85,296 first names in six languages" }

/** The settings that stand beside the list. */
const first: readonly SettingName[] = ["running", "tokens"]

export function ListChoice() {
  const isOpen = useSignal(false)
  const pasted = useSignal("")
  const isRunning = useSignal(false)
  const opened = trainer.value?.opened.value
  const isSound = opened?.recipe.sampleRate !== undefined
  // Of a run that is resumed it is known once it is open.
  const name = list.value?.name ?? settings.value.data ?? opened?.recipe.data ?? "…"

  const fields = form.value?.fields.filter(({ name }) => first.includes(name)) ?? []

  /** A list of one's own has a recipe of its own. */
  const take = (name: string, bytes: Uint8Array<ArrayBuffer>) => {
    list.value = { name, bytes }
    settings.value = isRunning.value ? ownText : {}
    void restart()
  }
  const takeSounds = (sounds: readonly UserFile[]) => {
    list.value = { name: "sounds", bytes: new Uint8Array(), sounds }
    settings.value = ownSound
    void restart()
  }
  const takeFiles = async (files: readonly File[]) => {
    const opened = await Promise.all(
      files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    )
    if (opened.length === 0) return
    const areSounds = opened.some(({ name }) => /\.wave?$/i.test(name))
    if (areSounds) takeSounds(opened)
    else take(opened[0].name, opened[0].bytes)
    isOpen.value = false
  }

  return (
    <fieldset>
      <legend>List</legend>
      <p title={opened?.description}>
        <b>{name}</b>
        {opened && `, ${plural(opened.lines, thingOf(opened))}`}
      </p>
      {opened?.hint && <p class="note">{inForm(opened.hint)}</p>}
      {fields.map((field) => (
        <SettingField key={field.name} {...field} />
      ))}
      <button
        type="button"
        onClick={() => {
          isOpen.value = true
        }}
      >
        Your own list…
      </button>
      <Dialog
        title="The list"
        isOpen={isOpen}
        onSubmit={() => {
          if (pasted.value.trim() !== "")
            take(isRunning.value ? "text.txt" : "list.txt", new TextEncoder().encode(pasted.value))
        }}
      >
        <p>
          A hundred town names, monsters, products: one a line. Or one running text: a play, a book, a
          program. It stays in this browser.
        </p>
        <label>
          one running text
          <input
            type="checkbox"
            checked={isRunning.value}
            onChange={({ currentTarget }) => {
              isRunning.value = currentTarget.checked
            }}
          />
        </label>
        <label class="wide">
          A text file, a table, or WAV files
          <input
            type="file"
            multiple
            accept=".txt,.csv,.tsv,.json,.jsonl,text/*,.wav,audio/wav"
            onChange={({ currentTarget: { files } }) => void takeFiles([...(files ?? [])])}
          />
        </label>
        <label class="wide">
          or lines, or a text
          <textarea
            rows={8}
            value={pasted.value}
            onInput={({ currentTarget }) => {
              pasted.value = currentTarget.value
            }}
          />
        </label>
        <fieldset>
          <legend>or a data set</legend>
          {Object.entries(dataSets).map(([name, description]) => (
            <button
              key={name}
              type="button"
              onClick={() => {
                list.value = undefined
                settings.value =
                  isSound || opened?.isEndless ? { data: name } : { ...settings.value, data: name }
                isOpen.value = false
                void restart()
              }}
            >
              {name}: {description}
            </button>
          ))}
        </fieldset>
        <button class="main" type="submit">
          Train on these
        </button>
        <button type="button" onClick={() => (isOpen.value = false)}>
          Cancel
        </button>
      </Dialog>
    </fieldset>
  )
}

/** What there are so many of. */
function thingOf({ recipe: { sampleRate, tokens = "characters" }, isEndless }: Opened): string {
  if (sampleRate !== undefined) return "sound"
  return isEndless ? tokens.slice(0, -1) : "line"
}

const plural = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`
