// Beam search (week 6): a tree that grows by steps. The probabilities are those of the page's network
// for some words; dlcourse/data/datasets/derive_beam_trees.py wrote them between the two lines below.
"use strict";

(() => {
  const { element, shape, choice } = globalThis.figureParts;

  // For each word: the pronunciations that are listed, and for each prefix the most probable next
  // phonemes with their probabilities. "." ends a pronunciation.
  // --- begin of the probabilities
  const WORDS = {
    ogre: {"listed": ["OW G ER"], "next": {"": [["OW", 0.7152], ["AA", 0.1651], ["AO", 0.08407], ["AH", 0.03163]], "OW": [["G", 0.9985], ["K", 0.0005786], ["JH", 0.0004026], ["L", 0.0001569]], "OW G": [["R", 0.5732], ["ER", 0.4051], [".", 0.0104], ["EH", 0.005604]], "OW G R": [[".", 0.4723], ["IY", 0.3818], ["EY", 0.09133], ["IH", 0.0174]], "AA": [["G", 0.9971], ["K", 0.001533], ["L", 0.0006088], ["JH", 0.0002353]], "AA G": [["R", 0.7194], ["ER", 0.2702], [".", 0.003187], ["EH", 0.002084]], "OW G ER": [[".", 0.9959], ["IY", 0.003043], ["EY", 0.0006041], ["IH", 0.0001501]], "AO": [["G", 0.9973], ["K", 0.001069], ["L", 0.0004569], ["JH", 0.0003798]], "AO G": [["R", 0.7264], ["ER", 0.2628], [".", 0.004304], ["EH", 0.002318]], "AA G R": [["IY", 0.4711], [".", 0.3182], ["EY", 0.1264], ["AH", 0.03246]], "OW G R IY": [[".", 0.9967], ["IY", 0.001842], ["EY", 0.0006877], ["OW", 0.0001605]], "AH": [["G", 0.9958], ["JH", 0.00142], ["K", 0.001373], ["F", 0.0003637]], "AH G": [["R", 0.7439], ["ER", 0.2427], [".", 0.004939], ["EH", 0.003989]], "AO G R": [["IY", 0.4065], [".", 0.3944], ["EY", 0.1207], ["AH", 0.02976]], "AA G R IY": [[".", 0.9961], ["IY", 0.002199], ["EY", 0.0007852], ["OW", 0.0002015]]}},
    eleven: {"listed": ["IH L EH V AH N", "IY L EH V AH N"], "next": {"": [["EH", 0.4452], ["IH", 0.4135], ["IY", 0.1054], ["AH", 0.01965]], "EH": [["L", 0.9987], ["M", 0.0006644], ["P", 0.0001646], ["G", 0.0001135]], "EH L": [["AH", 0.3724], ["IH", 0.3594], ["IY", 0.1243], ["EH", 0.104]], "EH L AH": [["V", 0.998], ["N", 0.0006299], ["D", 0.0002953], ["W", 0.0001844]], "EH L AH V": [["AH", 0.5989], ["EH", 0.3173], ["IH", 0.04406], ["EY", 0.02258]], "EH L AH V AH": [["N", 0.9996], [".", 0.0001827], ["D", 6.339e-05], ["L", 3.36e-05]], "EH L AH V AH N": [[".", 0.9984], ["IY", 0.0005439], ["EY", 0.0005112], ["EH", 0.0002591]], "IH": [["L", 0.9981], ["M", 0.0009557], ["G", 0.000292], ["P", 0.0001637]], "IH L": [["EH", 0.4574], ["IY", 0.1975], ["IH", 0.1693], ["EY", 0.09315]], "IH L EH": [["V", 0.9981], ["F", 0.0005774], ["N", 0.0003683], ["HH", 0.0001807]], "IH L EH V": [["AH", 0.9254], ["IH", 0.03742], ["EH", 0.02695], ["N", 0.003331]], "IH L EH V AH": [["N", 0.9995], [".", 0.0002249], ["D", 6.554e-05], ["L", 3.771e-05]], "IH L EH V AH N": [[".", 0.9979], ["IY", 0.0007339], ["EY", 0.0006337], ["EH", 0.0003995]], "IY": [["L", 0.9961], ["EH", 0.001321], ["M", 0.001113], ["AH", 0.0004652]], "IY L": [["EH", 0.4179], ["IY", 0.3585], ["IH", 0.1072], ["AH", 0.05532]], "EH L IH": [["V", 0.998], ["JH", 0.0003839], ["F", 0.0003795], ["HH", 0.0003203]], "EH L IH V": [["AH", 0.8117], ["EH", 0.124], ["IH", 0.04112], ["EY", 0.01125]], "EH L IH V AH": [["N", 0.9995], [".", 0.0002341], ["D", 6.92e-05], ["NG", 3.513e-05]], "EH L IH V AH N": [[".", 0.9983], ["IY", 0.00058], ["EY", 0.0005092], ["EH", 0.0002886]], "AH": [["L", 0.999], ["M", 0.000518], ["P", 9.78e-05], ["EH", 7.837e-05]], "AH L": [["EH", 0.5831], ["IY", 0.2524], ["EY", 0.07912], ["IH", 0.06543]], "IH L IY": [["V", 0.9959], ["D", 0.0008838], ["N", 0.0006143], ["JH", 0.0004959]], "IH L IY V": [["AH", 0.828], ["EH", 0.1194], ["IH", 0.03259], ["EY", 0.007994]], "IH L IY V AH": [["N", 0.9996], [".", 0.0001908], ["D", 5.614e-05], ["NG", 3.41e-05]], "IH L IY V AH N": [[".", 0.9983], ["IY", 0.0006132], ["EY", 0.0005158], ["EH", 0.000265]]}},
    brought: {"listed": ["B R AO T"], "next": {"": [["B", 0.9992], ["G", 0.0002023], ["ER", 0.0001908], ["M", 8.14e-05]], "B": [["R", 0.9987], ["ER", 0.0005144], ["AO", 0.000307], ["AA", 0.0001851]], "B R": [["AW", 0.6773], ["AO", 0.1297], ["OW", 0.09294], ["UW", 0.05088]], "B R AW": [["T", 0.9991], ["CH", 0.0001839], ["AH", 0.0001749], ["TH", 0.0001524]], "B R AW T": [[".", 0.9991], ["EY", 0.0002744], ["AH", 0.000149], ["S", 0.0001469]], "G": [["R", 0.9983], ["ER", 0.0008617], ["EH", 0.0002255], ["AA", 0.0001846]], "B ER": [["AH", 0.3795], ["UW", 0.1917], ["OW", 0.1586], ["AO", 0.1017]], "B R AO": [["T", 0.9987], ["CH", 0.0004574], ["TH", 0.0002877], [".", 6.745e-05]], "B R AO T": [[".", 0.998], ["AH", 0.0005122], ["EY", 0.0003751], ["IH", 0.0002861]], "ER": [["AO", 0.4222], ["OW", 0.208], ["AH", 0.1267], ["AA", 0.06183]], "B AO": [["R", 0.8818], ["G", 0.06897], ["T", 0.02672], ["L", 0.005731]], "B R OW": [["T", 0.9969], [".", 0.000585], ["AH", 0.0005674], ["CH", 0.0005426]], "B R OW T": [[".", 0.9991], ["EY", 0.0003126], ["AH", 0.0001376], ["IH", 0.0001361]], "M": [["R", 0.9934], ["AO", 0.002484], ["ER", 0.001371], ["AA", 0.001062]], "G R": [["AW", 0.6427], ["AO", 0.1373], ["OW", 0.1134], ["UW", 0.05782]], "B R UW": [["T", 0.999], ["AH", 0.0002496], ["TH", 0.0002201], ["CH", 0.0002038]], "B R UW T": [[".", 0.9988], ["EY", 0.0003374], ["AH", 0.0002056], ["S", 0.0001814]]}},
    polar: {"listed": ["P OW L ER"], "next": {"": [["P", 0.9997], ["M", 7.7e-05], ["K", 6.827e-05], ["L", 6.23e-05]], "P": [["OW", 0.4164], ["AA", 0.3974], ["AH", 0.1245], ["AO", 0.03881]], "P OW": [["L", 0.9985], ["R", 0.000363], ["K", 0.0002539], ["P", 0.0002099]], "P OW L": [["ER", 0.721], ["AA", 0.2537], ["AO", 0.007777], ["EH", 0.0065]], "P OW L ER": [[".", 0.9922], ["ER", 0.004166], ["R", 0.001724], ["EH", 0.0007664]], "M": [["OW", 0.4527], ["AA", 0.2821], ["AH", 0.181], ["AO", 0.04725]], "P AA": [["L", 0.9964], ["R", 0.001194], ["K", 0.0009795], ["P", 0.0005983]], "P AA L": [["ER", 0.9163], ["AA", 0.06781], ["AH", 0.008852], ["AO", 0.003079]], "P AA L ER": [[".", 0.9936], ["ER", 0.003649], ["R", 0.001402], ["EH", 0.0005505]], "K": [["OW", 0.4923], ["AA", 0.2827], ["AH", 0.1465], ["AO", 0.04948]], "P AH": [["L", 0.9972], ["R", 0.0009146], ["P", 0.0008712], ["K", 0.0002867]], "P AH L": [["ER", 0.5681], ["AA", 0.3838], ["AO", 0.02231], ["EH", 0.01088]], "P OW L AA": [["R", 0.996], [".", 0.001634], ["ER", 0.001625], ["L", 0.0002141]], "P OW L AA R": [[".", 0.9981], ["IY", 0.0009565], ["P", 0.0007854], ["S", 5.089e-05]], "L": [["OW", 0.4355], ["AA", 0.3156], ["AH", 0.138], ["AO", 0.05763]], "P AO": [["L", 0.996], ["R", 0.002007], ["K", 0.0005399], ["P", 0.0004913]], "P AO L": [["ER", 0.8932], ["AA", 0.08928], ["AH", 0.008871], ["AO", 0.003599]], "P AH L ER": [[".", 0.9963], ["ER", 0.001786], ["R", 0.0008556], ["EH", 0.0003842]]}},
  };
  // --- end of the probabilities

  const WIDTHS = { 1: { name: "1 (greedy)" }, 2: { name: "2" }, 3: { name: "3" }, 4: { name: "4" } };
  const ROW = 30; // height of a candidate, in SVG units
  const COLUMN = 100; // width of a step
  const BOX = 72; // width of a candidate
  const TOP = 26;

  // --- the search --------------------------------------------------------------------------------
  const ROOT = { symbol: "<", symbols: [], logp: 0, ended: false, kept: true, parent: null };

  function children(node, word, width) {
    const known = WORDS[word].next[node.symbols.join(" ")] ?? [];
    return known.slice(0, Math.max(width, 2)).map(([symbol, p]) => ({
      symbol, p, symbols: [...node.symbols, symbol], logp: node.logp + Math.log(p),
      ended: symbol === ".", parent: node,
    }));
  }

  // The next column: an ended hypothesis is carried on as it is and competes with the others.
  function grow(column, word, width) {
    const next = column.filter((node) => node.kept).flatMap((node) =>
      node.ended ? [{ ...node, parent: node, carried: true }] : children(node, word, width));
    const best = [...next].sort((a, b) => b.logp - a.logp).slice(0, width);
    for (const node of next) node.kept = best.includes(node);
    return next;
  }

  const ended = (column) => column.filter((node) => node.kept).every((node) => node.ended);

  function search(word, width) {
    const columns = [[ROOT]];
    while (!ended(columns.at(-1))) columns.push(grow(columns.at(-1), word, width));
    return columns;
  }

  const kept = (column) => column.filter((node) => node.kept).sort((a, b) => b.logp - a.logp);
  const spelled = (node) => node.symbols.filter((symbol) => symbol !== ".").join(" ");
  const number = (value) => value.toFixed(2).replace("-", "\u2212");

  // --- drawing -----------------------------------------------------------------------------------
  function tree(columns) {
    const group = shape("g");
    const places = new Map();
    columns.forEach((column, step) => {
      const x = 6 + COLUMN * step;
      group.append(shape("text", { x: x + BOX / 2, y: 14, "text-anchor": "middle", class: "legend" }, step ? `step ${step}` : "start"));
      column.forEach((node, row) => {
        const y = TOP + ROW * row;
        places.set(node, [x, y]);
        const from = node.parent && places.get(node.parent);
        const look = node.kept ? "kept" : "pruned";
        if (from) {
          const middle = (from[0] + BOX + x) / 2;
          group.append(shape("path", {
            d: `M${from[0] + BOX} ${from[1] + 12}C${middle} ${from[1] + 12} ${middle} ${y + 12} ${x} ${y + 12}`,
            class: `branch ${look}`,
          }));
        }
        group.append(box(node, x, y, look));
      });
    });
    return group;
  }

  function box(node, x, y, look) {
    const name = node.symbol === "." ? "end" : node.symbol;
    const text = node.parent ? `${name} ${number(node.logp)}` : "start";
    return shape("g", { class: `candidate ${look}${node.ended ? " ended" : ""}` },
      shape("rect", { x, y, width: BOX, height: 24, rx: node.ended ? 12 : 3 }),
      shape("text", { x: x + BOX / 2, y: y + 17, "text-anchor": "middle" }, text));
  }

  // --- controls ----------------------------------------------------------------------------------
  function explore(stage, serial) {
    const id = (name) => `beam-${serial}-${name}`;
    const options = Object.fromEntries(Object.keys(WORDS).map((word) => [word, { name: word }]));
    let word = Object.keys(WORDS)[0];
    let width = 1;
    let columns = [];

    const picture = shape("svg", {
      role: "img",
      "aria-label": "A tree that grows from left to right, a column for each step. Each box is a phoneme with the sum of logarithms of probabilities on its way; kept boxes are filled, the others are dashed. The text below says the same.",
    });
    const status = element("p", { role: "status" });
    const listed = element("p", { class: "legend" });
    const step = element("button", { type: "button" }, "Step");
    const finish = element("button", { type: "button" }, "To the end");
    const again = element("button", { type: "button" }, "Start over");

    function draw() {
      // As high as the whole search will need, so that the page does not jump.
      const whole = search(word, width);
      const rows = Math.max(...whole.map((column) => column.length));
      picture.setAttribute("viewBox", `0 0 ${COLUMN * (whole.length - 1) + BOX + 12} ${TOP + ROW * rows}`);
      picture.replaceChildren(tree(columns));
      const last = columns.at(-1);
      const over = ended(last);
      step.disabled = finish.disabled = over;
      const best = kept(last);
      status.textContent = over
        ? `Done after ${columns.length - 1} steps. Best: ${spelled(best[0])}, log p ${number(best[0].logp)}, p ${Math.exp(best[0].logp).toFixed(3)}. ${right(best[0])}`
        : `Step ${columns.length - 1}. Kept: ${best.map((node) => `${spelled(node) || "nothing"}${node.ended ? " (ended)" : ""} ${number(node.logp)}`).join("; ")}.`;
      listed.textContent = `In the dictionary: ${WORDS[word].listed.join(" or ")}. Drawn of each hypothesis: its ${Math.max(width, 2)} most probable continuations; no other could be kept.`;
    }

    const right = (node) => (WORDS[word].listed.includes(spelled(node)) ? "In the dictionary." : "Not in the dictionary.");

    function restart() {
      columns = [[{ ...ROOT }]];
      draw();
    }

    step.addEventListener("click", () => {
      columns.push(grow(columns.at(-1), word, width));
      draw();
    });
    finish.addEventListener("click", () => {
      while (!ended(columns.at(-1))) columns.push(grow(columns.at(-1), word, width));
      draw();
    });
    again.addEventListener("click", restart);

    const controls = element("div", { class: "controls" },
      choice(id("word"), "word", options, (chosen) => {
        word = chosen;
        restart();
      }),
      choice(id("width"), "beam width", WIDTHS, (chosen) => {
        width = Number(chosen);
        restart();
      }),
      element("div", { class: "buttons" }, step, finish, again));
    const words = element("div", { class: "words" }, status, listed);
    stage.replaceChildren(element("div", { class: "explorer beam" }, controls,
      element("div", { class: "plot", tabindex: "0", role: "group", "aria-label": "tree, scrolls sideways" }, picture), words));
    restart();
  }

  document.querySelectorAll('[data-interactive="beam_search"]').forEach(explore);
})();
