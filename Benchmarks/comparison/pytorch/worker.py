"""Measures PyTorch on request: a line of JSON in, a line of JSON out. Run as `python -m comparison.pytorch.worker`.

    {"work": {…}, "configuration": {…}, "seconds": 2}   →   {"rate": 12345.6, "peak_memory_bytes": 6e8}
    {"forget": true}                                    →   {}

`work` is what a row of the table says, `configuration` one way to do it. What has been prepared is kept until something
else is asked for. Between requests the process sleeps.
"""

import json, os, sys


def peak_memory():
    with open("/proc/self/status") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")), 0)


def main():
    # Whatever prints something is not to disturb the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(content):
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    import torch
    from . import autoencoders, sampling, timing, training

    makers = {"training": training.make, "sampling": sampling.make, "autoencoder": autoencoders.make}
    prepared = {}

    def forget():
        prepared.clear()
        torch.compiler.reset()

    answer({"torch": torch.__version__})
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("forget"):
            forget()
            answer({})
            continue
        work, configuration = request["work"], request["configuration"]
        try:
            torch.set_num_threads(configuration["threads"])
            torch.backends.mkldnn.enabled = configuration["onednn"]
            key = json.dumps([work, configuration], sort_keys=True)
            if key not in prepared:
                # One at a time: code compiled for several models counts as compiled too often, and then runs eagerly.
                forget()
                torch.manual_seed(0)
                prepared[key] = makers[work["kind"]](work, configuration)
            run, units = prepared[key]
            # Autograd off altogether where nothing is trained.
            with torch.inference_mode(work.get("task") == "encode" or work["kind"] == "sampling"):
                answer({"rate": units * timing.sustained(run, request["seconds"]), "peak_memory_bytes": peak_memory()})
        except Exception as error:
            answer({"error": f"{type(error).__name__}: {error}".splitlines()[0][:200]})


if __name__ == "__main__":
    main()
