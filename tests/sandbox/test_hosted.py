"""What a hosted notebook service has, and a grading machine has not, costs a learner nothing."""

from __future__ import annotations

import pytest

from autograder.workers.worker import Worker
from tests.sandbox.conftest import result_of, run, text_of

ANSWER = "\nanswer = 20 + 1"

FIRST_LINES = {
    "drive": "from google.colab import drive\ndrive.mount('/content/drive', force_remount=True)",
    "drive by its full name": (
        "import google.colab.drive\ngoogle.colab.drive.mount('/content/drive')"
    ),
    "upload": "from google.colab import files\nuploaded = files.upload()\nlist(uploaded.items())",
    "upload to": "from google.colab.files import upload_file\nupload_file('a.csv')",
    "download": "from google.colab import files\nfiles.download('model.keras')",
    "secrets": "from google.colab import userdata\nkey = 'x' + userdata.get('KEY')",
    "output": (
        "from google.colab import output\noutput.clear()\noutput.enable_custom_widget_manager()"
    ),
    "a callback": "from google.colab import output\noutput.register_callback('f', print)",
    "redirect": "from google.colab import output\nwith output.use_tags('some'):\n    pass",
    "java script": "from google.colab.output import eval_js\neval_js('1 + 1')",
    "sign in": "from google.colab import auth\nauth.authenticate_user()",
    "tables": "from google.colab import data_table\ndata_table.enable_dataframe_formatter()",
    "pictures": "from google.colab.patches import cv2_imshow\ncv2_imshow([[0]])",
    "the package": "import google.colab\ngoogle.colab.drive.mount('/content/drive')",
    "sheets": "from google.colab import sheets\nsheets.InteractiveSheet(df=[1])",
    "kaggle secrets": (
        "from kaggle_secrets import UserSecretsClient\n"
        "key = 'x' + UserSecretsClient().get_secret('KEY')"
    ),
    "version magic": "%tensorflow_version 2.x",
    "table extension": "%load_ext google.colab.data_table",
    "an extension that is not installed": "%load_ext nb_black\n%reload_ext nb_black",
    "a magic of that extension": "%no_such_magic --with arguments",
    "magics of the kernel": "%autosave 60\n%connect_info",
    "installation": "%pip install --quiet no-such-package",
    "conda": "%conda install no-such-package",
    "widgets": "%matplotlib widget",
    "ipympl": "%matplotlib ipympl",
    "notebook": "%matplotlib notebook",
    "a window": "%matplotlib qt5",
    "interactive inline": "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'",
    "a backend by name": "import matplotlib\nmatplotlib.use('nbAgg')",
    "another backend by name": "import matplotlib.pyplot as plt\nplt.switch_backend('TkAgg')",
    "a backend module": "import matplotlib\nmatplotlib.use('module://ipympl.backend_nbagg')",
}


@pytest.mark.parametrize("line", FIRST_LINES.values(), ids=FIRST_LINES.keys())
def test_an_answer_below_a_line_for_a_service_is_defined(worker: Worker, line: str) -> None:
    record = run(worker, line + ANSWER)
    assert record.status == "ok", record
    assert worker.get("answer") == 21


@pytest.mark.parametrize("magic", ["%%shell", "%%bash", "%%sh"])
def test_a_cell_of_shell_commands_runs(worker: Worker, magic: str) -> None:
    record = run(worker, f"{magic}\necho one\necho two")
    assert text_of(record) == "one\ntwo\n"


def test_an_unknown_cell_magic_over_python_runs_the_python(worker: Worker) -> None:
    record = run(worker, f"%%wandb project{ANSWER}")
    assert record.status == "ok"
    assert worker.get("answer") == 21


def test_an_unknown_cell_magic_over_another_language_is_an_error(worker: Worker) -> None:
    record = run(worker, "%%no_such_language\nint main() { return 0; }")
    assert record.status == "error"
    assert "no_such_language" in record.evalue


@pytest.mark.parametrize("command", ["!pip install -q no_such_package", "%pip install x_y_z"])
def test_an_installer_does_not_try_the_network_again_and_again(
    worker: Worker, command: str
) -> None:
    record = run(worker, command + ANSWER)
    assert worker.get("answer") == 21
    assert "Retrying" not in text_of(record) + text_of(record, "stderr")


def test_a_package_that_is_there_counts_as_installed(worker: Worker) -> None:
    assert "already satisfied: numpy" in text_of(run(worker, "!pip install numpy"))


def test_a_stand_in_says_that_it_is_one(worker: Worker) -> None:
    record = run(worker, "from google.colab import files\nfiles.upload();")
    assert "files.upload" in text_of(record, "stderr")
    assert "graded" in text_of(record, "stderr")


def test_the_notebook_does_not_believe_that_it_runs_on_colab(worker: Worker) -> None:
    source = "import sys\n'google.colab' in sys.modules, 'google.colab' in str(get_ipython())"
    assert result_of(run(worker, source)) == "(False, False)"


def test_a_mounted_drive_is_a_folder_that_can_be_entered(worker: Worker) -> None:
    source = (
        "from google.colab import drive\ndrive.mount('/content/drive')\n"
        "import os\nos.chdir('/content/drive/MyDrive')\nopen('x', 'w').write('1')"
    )
    assert result_of(run(worker, source)) == "1"


def test_a_relative_mount_point_is_made(worker: Worker) -> None:
    source = "from google.colab import drive\ndrive.mount('drive')\n%cd drive/MyDrive"
    assert run(worker, source).status == "ok"


def test_kaggles_working_folder_can_be_written(worker: Worker) -> None:
    source = "open('/kaggle/working/out.txt', 'w').write('ab')"
    assert result_of(run(worker, source)) == "2"


def test_kaggles_input_folder_is_empty(worker: Worker) -> None:
    source = "import os\n[files for _, _, files in os.walk('/kaggle/input')]"
    assert result_of(run(worker, source)) == "[[]]"


def test_a_missing_package_is_still_missing(worker: Worker) -> None:
    record = run(worker, "import no_such_package")
    assert record.ename == "ModuleNotFoundError"
