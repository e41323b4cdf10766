"""Runs cells one after the other in a Jupyter kernel, and prints what came of each: JSON in, JSON out.

    echo '[{"code": "1 + 1"}, {"code": "await follow(training)", "interruptAfter": 1}]' | python tests/cells.py FOLDER
"""

import json
import sys
import threading

from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="deno", cwd=sys.argv[1])
results = []
for cell in json.load(sys.stdin):
    outputs = []
    if "interruptAfter" in cell:
        threading.Timer(cell["interruptAfter"], manager.interrupt_kernel).start()
    reply = client.execute_interactive(
        cell["code"], timeout=60, output_hook=lambda message: outputs.append(message["content"] | {"type": message["msg_type"]})
    )["content"]
    results.append({"status": reply["status"], "outputs": [each for each in outputs if each["type"] not in ("status", "execute_input")]})
manager.shutdown_kernel(now=True)
print(json.dumps(results))
