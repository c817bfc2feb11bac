"""The trusted side of the sandbox: where workers come from, how one is asked, watched and ended.

What runs inside is :mod:`autograder.sandbox`, which imports nothing of this package.

============  ==========================================================
module        what it is
============  ==========================================================
``pool``      where workers come from
``worker``    one worker: ask it, watch it, end it
``launch``    how a forkserver is started at each level of isolation
``memory``    how much memory a tree of processes uses
``selftest``  what a worker can reach, tried out
============  ==========================================================

How the judge uses it::

    from autograder.workers.pool import Limits, WorkerDied, WorkerPool

    with WorkerPool(Limits(memory=8 * 2**30), isolation="strict", backend="tensorflow") as pool:
        with pool.worker(files={"digits_model.weights.npz": path}, tier="cpu") as worker:
            record = worker.run_cell(source, seconds=120)     # a CellRecord (module outputs)
            worker.look(["softmax"], 0)                       # {"softmax": Snapshot(...)}
            p = worker.call("softmax", [z], seconds=10)       # plain data, or a Handle
            model = worker.get("digits_model")                # Handle(id=1, type="Functional")
            y = worker.call(model, [x], {"verbose": 0}, path=["predict"])
            worker.get(model, "count_params")                 # a path of attributes
            worker.read_file("digits_model.weights.npz")      # bytes from its folder

``get`` and ``call`` raise ``dlcourse.check.answer.NotAttempted`` and ``AnswerError`` exactly as
``LocalAnswer`` does, since the worker answers with that class. Any method raises ``WorkerDied``
when the notebook's process has ended or does not answer: ``kind`` says why (exit, crash, memory,
timeout, protocol, lost), ``reason`` is a sentence for the learner, ``retry`` is true only when the
machine is to blame. A worker that has died stays dead: close it and start another. What is shown
while ``get`` and ``call`` run is dropped. ``ChannelError`` means that an argument cannot be sent.

A pool may be used from several threads, a worker from one (``kill`` from any). ``WorkerPool``
raises ``SandboxError`` when the level of isolation cannot be had; it never takes a lower one.
"""
