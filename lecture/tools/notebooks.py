"""Makes the notebooks of the lecture: the chapters, executed by Jupyter with the Deno kernel, with their outputs.

    npm run notebooks                            all of them, into lecture/notebooks
    npm run notebooks -- 6 8                     those of two chapters
    npm run notebooks -- --check                 names the notebooks whose cells are not those of their chapter; executes nothing
    npm run notebooks -- 8 --data makemore-names --steps 200000 --to FOLDER
    npm run notebooks -- --json                  what was made, as JSON

Needs the packages of lecture/tools/requirements.txt and the kernel: npx deno jupyter --install
"""

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

try:
    import jupytext
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError
except ModuleNotFoundError as missing:
    sys.exit(f"error: {sys.executable} has no {missing.name}: pip install -r lecture/tools/requirements.txt")

LECTURE = Path(__file__).resolve().parent.parent
KERNEL = {"name": "deno", "display_name": "Deno", "language": "typescript"}
# Of the longest cell, a training.
SECONDS = 1200
# The kernel reports a cell as done 5 ms after its last line, and what it has not sent by then is lost. So each cell waits a little.
WAIT = "\n;await new Promise((done) => setTimeout(done, 100))"


class Failure(Exception):
    """What the user can mend. Its message is a sentence."""


def notebook_of(chapter):
    """The chapter as a notebook without outputs. Equal chapters give equal notebooks: a cell's id is its number."""
    notebook = jupytext.read(chapter, fmt="ts:percent")
    notebook.metadata = {"kernelspec": KERNEL}
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"
        cell.metadata = {}
    return notebook


def execute(notebook, arguments):
    """Runs the cells in a kernel of their own, which has these arguments in `process.argv`."""
    sources = [cell.source for cell in notebook.cells]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.source += WAIT
    if code:
        code[0].source = f"process.argv.push(...{json.dumps(arguments)})\n{code[0].source}"
    folder = LECTURE / "notebooks"
    folder.mkdir(exist_ok=True)
    try:
        NotebookClient(
            notebook,
            kernel_name=KERNEL["name"],
            resources={"metadata": {"path": str(folder)}},
            timeout=SECONDS,
            record_timing=False,
        ).execute()
    except NoSuchKernel:
        raise Failure("Jupyter has no Deno kernel: npx deno jupyter --install") from None
    except CellExecutionError as error:
        number = next(k for k, cell in enumerate(notebook.cells, 1) if any(o.output_type == "error" for o in cell.get("outputs", [])))
        raise Failure(f"cell {number}: {error.ename}: {error.evalue}") from None
    except DeadKernelError:
        raise Failure("the kernel died") from None
    for cell, source in zip(notebook.cells, sources):
        cell.source = source
    for number, cell in enumerate(code, 1):
        cell.execution_count = number
        cell.outputs = joined(cell.outputs)


def joined(outputs):
    """The outputs with lines that follow one another as one stream."""
    found = []
    for output in outputs:
        last = found[-1] if found else None
        if last and last.output_type == output.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            found.append(output)
    return found


def make(chapter, folder, arguments):
    started = time.monotonic()
    notebook = notebook_of(chapter)
    try:
        execute(notebook, arguments)
    except Failure as failure:
        raise Failure(f"{chapter.name}: {failure}") from None
    nbformat.validate(notebook)
    made = folder / f"{chapter.stem}.ipynb"
    nbformat.write(notebook, made)
    return {"chapter": chapter.name, "notebook": str(made), "seconds": round(time.monotonic() - started, 1)}


def check(chapter, folder):
    """What is wrong with the kept notebook of a chapter; None if nothing is."""
    kept = folder / f"{chapter.stem}.ipynb"
    if not kept.exists():
        return f"{chapter.name} has no notebook"
    cells = [[(cell.cell_type, cell.source) for cell in book.cells] for book in (nbformat.read(kept, 4), notebook_of(chapter))]
    return None if cells[0] == cells[1] else f"{chapter.name} has changed since its notebook was made"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapters", nargs="*", type=int, help="numbers of chapters; all if there are none")
    parser.add_argument("--check", action="store_true", help="compare only")
    parser.add_argument("--data", help="a data set or a file in place of the chapters' own")
    parser.add_argument("--steps", help="the steps of a training; with --data only")
    parser.add_argument("--to", type=Path, default=LECTURE / "notebooks", help="the folder")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    if given.steps and not given.data:
        raise Failure("--steps goes with --data")
    if given.steps and not (given.steps.isdecimal() and int(given.steps) > 0):
        raise Failure(f"steps {given.steps}: give a whole number of at least 1, such as 1000")
    every = {int(file.name[:2]): file for file in sorted(LECTURE.glob("[0-9][0-9]-*.ts"))}
    unknown = [number for number in given.chapters if number not in every]
    if unknown:
        raise Failure(f"chapter {unknown[0]}: there are chapters 1 to {max(every)}")
    chapters = [every[number] for number in given.chapters or every]
    given.to.mkdir(parents=True, exist_ok=True)
    if given.check:
        faults = [fault for chapter in chapters if (fault := check(chapter, given.to))]
        print(json.dumps(faults) if given.json else "\n".join(faults) or "every notebook is that of its chapter")
        if faults:
            raise Failure("make them again: npm run notebooks")
        return

    arguments = [word for word in (given.data, given.steps) if word]
    made = []
    with ThreadPoolExecutor(2) as pool:
        for result in pool.map(lambda chapter: make(chapter, given.to, arguments), chapters):
            made.append(result)
            if not given.json:
                print(f"{result['notebook']}  {result['seconds']} s", flush=True)
    if given.json:
        print(json.dumps(made, indent=2))


try:
    main()
except Failure as failure:
    sys.exit(f"error: {failure}")
