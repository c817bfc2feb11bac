"""Inside the sandbox: what runs a learner's notebook and answers the judge.

Nothing here imports the rest of the package, and the sandbox is shown this folder only. All of it
may be read by learners; none of it holds a secret.

==============  ==========================================================
module          what it is
==============  ==========================================================
``preload``     what a forkserver imports before it forks
``forkserver``  the warm process that is forked for each submission
``isolate``     namespaces, mounts, limits, capabilities
``landlock``    what files may be opened
``seccomp``     which system calls exist
``serve``       answers the judge's requests
``runner``      runs cells as Jupyter does
``outputs``     what a cell shows, recorded and bounded
``channel``     the wire format: plain values, arrays, handles
==============  ==========================================================
"""
