"""Runs cells one after the other in a Jupyter kernel, and prints what came of each: JSON in, JSON out. A cell with "interrupt" is
interrupted when it first shows something.

    echo '[{"code": "1 + 1"}, {"code": "await follow(training)", "interrupt": true}]' | python tests/cells.py FOLDER
"""

import json
import sys

from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="deno", cwd=sys.argv[1])
results = []
for cell in json.load(sys.stdin):
    outputs = []

    def take(message):
        if message["msg_type"] in ("status", "execute_input"):
            return
        if cell.get("interrupt") and not outputs:
            manager.interrupt_kernel()
        outputs.append(message["content"] | {"type": message["msg_type"]})

    reply = client.execute_interactive(cell["code"], timeout=60, output_hook=take)["content"]
    results.append({"status": reply["status"], "outputs": outputs})
manager.shutdown_kernel(now=True)
print(json.dumps(results))
