/** The list to train on: a data set of the package, a file, or lines that are pasted. */
import { useSignal } from "@preact/signals"
import { Dialog } from "../dialog.tsx"
import { list, restart, settings, trainer } from "../session.ts"

const dataSets = { names: "32,513 English first names", languages: "85,296 first names in six languages" }

export function ListChoice() {
  const isOpen = useSignal(false)
  const pasted = useSignal("")
  const opened = trainer.value?.opened.value
  const name = list.value?.name ?? settings.value.data ?? "names"

  /** A list of one's own has a recipe of its own, unless a network was chosen. */
  const take = (name: string, bytes: Uint8Array<ArrayBuffer>) => {
    list.value = { name, bytes }
    settings.value = {}
    void restart()
  }

  return (
    <fieldset>
      <legend>List</legend>
      <p title={opened?.description}>
        <b>{name}</b>
        {opened && `, ${opened.lines.toLocaleString("en")} lines`}
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
          A text file or a table
          <input
            type="file"
            accept=".txt,.csv,.tsv,.json,.jsonl,text/*"
            onChange={async ({ currentTarget: { files } }) => {
              const file = files?.[0]
              if (!file) return
              take(file.name, new Uint8Array(await file.arrayBuffer()))
              isOpen.value = false
            }}
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
                settings.value = { ...settings.value, data: name }
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
      </Dialog>
    </fieldset>
  )
}
