"""The untrusted side of grading: the sandbox in which a submission runs.

Two processes that do not trust each other share this package. The judge's side is :mod:`.pool`;
everything else that is imported inside the sandbox holds no secret and may be read by learners.

============  ==========================================================  =================
module        what it is                                                  runs
============  ==========================================================  =================
``pool``      where workers come from                                     judge's side
``process``   one worker: ask it, watch it, end it                        judge's side
``memory``    how much memory a tree of processes uses                    judge's side
``sandbox``   how a zygote is started at each level                       judge's side
``selftest``  what a worker can reach, tried out                          both
``preload``   what a zygote imports before it forks                       both
``channel``   the wire format: plain values, arrays, handles              both
``outputs``   what a cell shows, recorded and bounded                     both
``zygote``    the warm process that is forked for each submission         sandbox
``isolate``   namespaces, mounts, limits, capabilities                    sandbox
``landlock``  what files may be opened                                    sandbox
``seccomp``   which system calls exist                                    sandbox
``serve``     answers the judge's requests                                sandbox
``runner``    runs cells as Jupyter does                                  sandbox
============  ==========================================================  =================

How the judge uses it::

    from autograder.worker.pool import Limits, WorkerDied, WorkerPool

    with WorkerPool(Limits(memory=8 * 2**30), isolation="strict", backend="tensorflow") as pool:
        with pool.worker(files={"digits_model.weights.npz": path}, tier="cpu") as worker:
            record = worker.run_cell(source, seconds=120)     # a CellRecord (module outputs)
            worker.status(["softmax"])                        # {"softmax": Status.DEFINED}
            p = worker.call("softmax", [z], seconds=10)       # plain data, or a Handle
            model = worker.get("digits_model")                # Handle(id=1, type="Functional")
            y = worker.call(model, [x], {"verbose": 0}, path=["predict"])
            worker.get(model, "count_params")                 # a path of attributes
            worker.release([model])
            worker.read_file("digits_model.weights.npz")       # bytes from its folder

``get`` and ``call`` raise ``dlcourse.answer.NotAttempted`` and ``AnswerError`` exactly as
``LocalAnswer`` does, since the worker answers with that class. Any method raises ``WorkerDied``
when the notebook's process has ended or does not answer: ``kind`` says why (exit, crash, memory,
timeout, protocol, lost), ``reason`` is a sentence for the learner, ``retry`` is true only when the
machine is to blame. A worker that has died stays dead: close it and start another. What is shown
while ``get`` and ``call`` run is dropped. ``ChannelError`` means that an argument cannot be sent.

A pool may be used from several threads, a worker from one (``kill`` from any). ``WorkerPool``
raises ``SandboxError`` when the level of isolation cannot be had; it never takes a lower one.

This file stays empty of imports: the sandbox imports the package.
"""
