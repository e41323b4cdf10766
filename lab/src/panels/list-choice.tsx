/** The list to train on: a data set of the package, a file, or lines that are pasted. */
import { useSignal } from "@preact/signals"
import { Dialog } from "../dialog.tsx"
import { ownSound } from "../presets.ts"
import { list, restart, settings, trainer } from "../session.ts"
import type { UserFile } from "../trainer/messages.ts"

const dataSets = { names: "32,513 English first names", languages: "85,296 first names in six languages" }

export function ListChoice() {
  const isOpen = useSignal(false)
  const pasted = useSignal("")
  const opened = trainer.value?.opened.value
  const isSound = opened?.recipe.sampleRate !== undefined
  // Of a run that is resumed it is known once it is open.
  const name = list.value?.name ?? settings.value.data ?? opened?.recipe.data ?? "…"

  /** A list of one's own has a recipe of its own. */
  const take = (name: string, bytes: Uint8Array<ArrayBuffer>) => {
    list.value = { name, bytes }
    settings.value = {}
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
        {opened && `, ${plural(opened.lines, isSound ? "sound" : "line")}`}
      </p>
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
          if (pasted.value.trim() !== "") take("list.txt", new TextEncoder().encode(pasted.value))
        }}
      >
        <p>A hundred town names, monsters, products: one a line. It stays in this browser.</p>
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
          or lines
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
                settings.value = isSound ? { data: name } : { ...settings.value, data: name }
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

const plural = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`
