/** The table of runs as TensorBoard's plugin for hyperparameters answers its page. */
import { askPython } from "./python.ts"

/** The columns with whether their values differ, the rows, and the steps of the validation losses of each run. */
export interface HParams {
  readonly columns: Record<string, boolean>
  readonly rows: { name: string; settings: Record<string, unknown>; metrics: Record<string, number> }[]
  readonly steps: Record<string, number[]>
}

export const hparamsTable = async (folder: string): Promise<HParams> =>
  (await askPython("tensorboard", "-c", program, folder)) as HParams

const program = `
import json, sys
from tensorboard import context
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

multiplexer = plugin_event_multiplexer.EventMultiplexer(tensor_size_guidance={"scalars": 0})
multiplexer.AddRunsFromDirectory(sys.argv[1])
multiplexer.Reload()
provider = data_provider.MultiplexerDataProvider(multiplexer, sys.argv[1])
hparams = backend_context.Context(base_plugin.TBContext(logdir=sys.argv[1], multiplexer=multiplexer, data_provider=provider))
asked = context.RequestContext()
experiment = hparams.experiment_from_metadata(asked, "0", True, hparams.hparams_metadata(asked, "0"), [])
columns = [api_pb2.ColParams(hparam=info.name, include_in_result=True) for info in experiment.hparam_infos]
columns += [api_pb2.ColParams(metric=info.name, include_in_result=True) for info in experiment.metric_infos]
statuses = [api_pb2.STATUS_UNKNOWN, api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE, api_pb2.STATUS_RUNNING]
request = api_pb2.ListSessionGroupsRequest(slice_size=100, allowed_statuses=statuses, col_params=columns)
found = list_session_groups.Handler(asked, hparams, "0", request).run()
scalars = provider.read_scalars(asked, experiment_id="0", plugin_name="scalars", downsample=1000)
print(json.dumps({
    "columns": {info.name: info.differs for info in experiment.hparam_infos},
    "rows": [{
        "name": group.name,
        "settings": {name: getattr(value, value.WhichOneof("kind")) for name, value in group.hparams.items() if value.WhichOneof("kind")},
        "metrics": {each.name.tag: each.value for each in group.metric_values},
    } for group in found.session_groups],
    "steps": {run: [each.step for each in tags["loss/validation"]] for run, tags in scalars.items() if "loss/validation" in tags},
}))`
