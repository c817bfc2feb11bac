"""The learner's package of *Deep Learning in Twelve Weeks*.

`check` asks an answer and shows what it found; `data` loads data sets; `train` trains and keeps
weights; `submit` packs what is handed in; `models` holds networks and what lessons need of them;
`plots` draws. `session` tells what this process runs in. The modules `detection`, `expect`,
`pretrained` and `scenes` are the names under which released notebooks import parts of these.
"""

from dlcourse import shared_libraries

__version__ = "0.1.0"

shared_libraries.keep_apart()
