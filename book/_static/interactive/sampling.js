// Sampling (week 6): the distribution of the next character, changed by temperature, top-k and
// nucleus. The logits are those of the course's model of Shakespeare's plays after six beginnings.
// The reader moves T, k and p and draws characters.
"use strict";

(() => {
  const { element, shape, choice, softmax, ranked, reshaped } = globalThis.figureParts;

  const CHARACTERS = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  // Logits in hundredths, in the order of CHARACTERS, by the text before.
  const LOGITS = {
    "My lord, I ": [-1126, -981, -1281, -1744, -894, -671, -1287, -902, -1341, -1774, -1212, -1420, -1489, -590, -733, -742, -754, -1105, -684, -822, -659, -716, -723, -874, -967, -877, -979, -816, -880, -1016, -724, -669, -810, -1018, -842, -689, -1338, -1237, -1314, -54, -202, -82, -91, -389, -206, -293, -30, -409, -545, -120, -165, -136, -321, -387, -81, -502, -334, -81, -148, -454, -531, 0, -1068, -630, -1267],
    "What is the m": [-876, -1117, -1364, -2009, -1765, -792, -1241, -1264, -1110, -2076, -1126, -1217, -1328, -1428, -1861, -2216, -2427, -1789, -1995, -2374, -3029, -1370, -2124, -2625, -2179, -2502, -2556, -1599, -1633, -2042, -2272, -2178, -2343, -1957, -1892, -2161, -2034, -1511, -2517, -1, -854, -1754, -1936, -103, -1326, -1830, -2046, -84, -1415, -1821, -916, -918, -772, 0, -980, -1426, -788, -1116, -1482, -233, -1289, -1065, -1387, -354, -1487],
    "Sir, I do not k": [-873, -989, -1363, -1975, -1856, -735, -1155, -1113, -1092, -1960, -1126, -1237, -1227, -1071, -1325, -1840, -2013, -761, -1537, -2010, -1643, -1128, -1620, -1786, -1700, -1545, -1441, -1260, -1423, -1676, -954, -1976, -1880, -1291, -1538, -1771, -1909, -1367, -2103, -507, -727, -1210, -1694, -169, -1250, -1181, -650, -191, -1127, -1444, -600, -502, 0, -645, -919, -1082, -863, -904, -1219, -966, -1403, -749, -1538, -789, -1511],
    "I thank your majesty.\n\nKING HENR": [-912, -691, -1787, -1954, -1854, -1608, -1539, -1615, -1406, -1935, -881, -1437, -1428, -826, -1092, -962, -1219, -897, -1875, -944, -1053, -799, -1284, -1557, -1181, -1069, -1079, -1251, -1401, -1496, -932, -1058, -1297, -1259, -1385, -1087, -1327, 0, -1728, -2039, -2123, -2076, -2112, -1696, -2802, -2246, -2186, -1499, -2060, -2402, -1877, -2016, -2601, -1992, -2221, -2547, -2185, -1942, -1812, -1595, -2547, -1605, -2204, -1623, -2241],
    "Good morrow, good my lord.\n\n": [-526, -1251, -1532, -1526, -1046, -791, -1576, -1272, -1460, -1398, -1503, -1462, -1472, -28, -40, -4, -33, -174, 0, -79, -31, -274, -157, -33, -81, -74, -180, -151, -1, -176, -102, -5, -41, -365, -186, -170, -973, -258, -861, -626, -682, -938, -963, -830, -750, -717, -512, -882, -830, -1078, -831, -635, -771, -691, -673, -841, -738, -698, -678, -639, -908, -576, -1024, -532, -1494],
    "O, what a rogue and peasant slave am I": [0, -92, -570, -1637, -1665, -294, -281, -579, -269, -1711, -338, -359, -444, -1191, -1054, -999, -992, -1179, -1103, -1107, -1265, -947, -1574, -1817, -1028, -934, -718, -1269, -1122, -1533, -1241, -781, -1117, -1043, -862, -1028, -1325, -1174, -1409, -777, -779, -609, -591, -933, -538, -956, -879, -1082, -1024, -1578, -553, -467, -452, -854, -689, -909, -698, -380, -551, -1133, -844, -664, -871, -1093, -1197],
  };

  const WIDTH = 420; // of the picture, in SVG units
  const SHOWN = 20; // characters, the most probable first
  const ROW = 17; // height of a row
  const LEFT = 54; // where bars begin
  const DRAWN = 40; // characters by one press of the button

  // --- from logits to what is drawn from ---------------------------------------------------------
  function entropy(probabilities) {
    return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
  }

  function draw(probabilities, uniform) {
    let rest = uniform;
    let last = 0;
    for (const [place, probability] of probabilities.entries()) {
      if (probability === 0) continue;
      last = place;
      if (rest < probability) return place;
      rest -= probability;
    }
    return last;
  }

  globalThis.samplingFunctions = { LOGITS, CHARACTERS, reshaped, entropy, draw };

  // --- drawing -----------------------------------------------------------------------------------
  const name = (place) => ({ "\n": "↵", " ": "␣" })[CHARACTERS[place]] ?? CHARACTERS[place];

  function bars(before, after) {
    const group = shape("g");
    const length = (probability) => (WIDTH - LEFT - 70) * probability;
    ranked(before).slice(0, SHOWN).forEach((place, row) => {
      const y = ROW * row;
      const kept = after[place] > 0;
      group.append(
        shape("text", { x: LEFT - 10, y: y + 13, "text-anchor": "end", class: kept ? "name" : "name dropped" }, name(place)),
        shape("rect", { x: LEFT, y: y + 2, width: length(after[place]), height: ROW - 4, class: "after" }),
        shape("rect", { x: LEFT, y: y + 2, width: Math.max(length(before[place]), 1), height: ROW - 4, class: "before" }),
        shape("text", { x: LEFT + length(Math.max(before[place], after[place])) + 8, y: y + 13, class: "share" },
          kept ? after[place].toFixed(3) : "not drawn"),
      );
    });
    return group;
  }

  function explore(stage, serial) {
    const id = (part) => `sampling-${serial}-${part}`;
    const beginnings = Object.keys(LOGITS);
    const settings = { temperature: 1, k: CHARACTERS.length, p: 1 };
    let beginning = beginnings[0];
    let after = [];

    const picture = shape("svg", {
      viewBox: `0 0 ${WIDTH} ${ROW * SHOWN + 4}`, role: "img",
      "aria-label": "A bar for each of the 20 most probable next characters: filled what is drawn from, outlined what the model says. The text beside it says how many characters are kept.",
    });
    const status = element("p", { role: "status" });
    const drawn = element("p", { class: "drawn" });
    const outputs = {};

    function show() {
      const logits = LOGITS[beginning].map((hundredths) => hundredths / 100);
      const before = softmax(logits, 1);
      after = reshaped(logits, settings);
      picture.replaceChildren(bars(before, after));
      const kept = after.filter((probability) => probability > 0).length;
      const best = ranked(after)[0];
      status.textContent = `${kept} of ${after.length} characters can be drawn. Entropy ${entropy(after).toFixed(2)} bits; of the model ${entropy(before).toFixed(2)}. First: ${name(best)} with ${after[best].toFixed(3)}.`;
      for (const [key, output] of Object.entries(outputs)) output.textContent = shown(key);
      drawn.textContent = "";
    }

    function shown(key) {
      if (key === "k" && settings.k === CHARACTERS.length) return "all";
      return key === "k" ? String(settings.k) : settings[key].toFixed(2);
    }

    function slider(key, label, range) {
      const input = element("input", { type: "range", id: id(key), value: settings[key], ...range });
      input.value = settings[key];
      outputs[key] = element("span", { class: "value", "aria-hidden": "true" });
      input.addEventListener("input", () => {
        settings[key] = Number(input.value);
        show();
        input.setAttribute("aria-valuetext", shown(key));
      });
      return element("div", { class: "control" }, element("label", { for: id(key) }, label), input, outputs[key]);
    }

    const button = element("button", { type: "button" }, `Draw ${DRAWN}`);
    button.addEventListener("click", () => {
      const places = Array.from({ length: DRAWN }, () => draw(after, Math.random()));
      drawn.textContent = places.map(name).join(" ");
    });

    const texts = Object.fromEntries(beginnings.map((text) => [text, { name: text.replaceAll("\n", "↵").replace(/ $/, "␣") }]));
    const controls = element("div", { class: "controls" },
      choice(id("text"), "text so far", texts, (key) => {
        beginning = key;
        show();
      }),
      slider("temperature", "temperature", { min: 0.1, max: 2, step: 0.05 }),
      slider("k", "k", { min: 1, max: CHARACTERS.length, step: 1 }),
      slider("p", "p", { min: 0.05, max: 1, step: 0.05 }),
      status, element("div", { class: "buttons" }, button), drawn,
      element("p", { class: "legend" }, "Outline: the model's probability. Filled: what is drawn from. ␣ is a space, ↵ the end of a line."));
    stage.replaceChildren(element("div", { class: "explorer sampling" }, element("div", { class: "plot" }, picture), controls));
    show();
  }

  document.querySelectorAll('[data-interactive="sampling"]').forEach(explore);
})();
