// Tokenizer (week 6): byte-pair encoding on the words of a short text, merge by merge. The most
// frequent pair of neighbouring tokens is joined; of pairs that are equally frequent, the one whose
// tokens are older (characters first, in the order of their code points) goes first, as in the
// tokenizers library. Below, another text is cut by the merges made so far.
"use strict";

(() => {
  const { element, choice, button } = globalThis.figureParts;

  const LONGEST = 2000; // characters of a text that are looked at
  const ROWS = 5; // pairs shown

  const sentence = "the cat sat on the mat and the fat cat ate that rat";
  const TEXTS = {
    sea: { name: "sea, seas, seat, tea", learn: "sea sea sea sea sea seas seas seat seat seat tea tea tea tea", encode: "teas" },
    cat: { name: "the cat sat", learn: sentence, encode: "the hat that cats chat at" },
    numbers: { name: "years and prices", learn: "1999 1999 1999 2000 2000 2019 2019 2020 19 20 199 1990 1901 999", encode: "1999 1998 2001 91999" },
    own: { name: "your own text", learn: "", encode: "" },
  };

  // --- byte-pair encoding ------------------------------------------------------------------------
  const separated = (text) => text.slice(0, LONGEST).split(/\s+/).filter(Boolean);

  // Distinct words in the order in which they come, with counts, each cut into characters.
  function words(text) {
    const counts = new Map();
    for (const word of separated(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    return [...counts].map(([word, count]) => ({ tokens: [...word], count }));
  }

  function joined(tokens, [left, right]) {
    const made = [];
    for (let i = 0; i < tokens.length; i += 1) {
      if (tokens[i] === left && tokens[i + 1] === right) {
        made.push(left + right);
        i += 1;
      } else made.push(tokens[i]);
    }
    return made;
  }

  // Pairs with their counts, the next to be merged first. A token's age is its place in `vocabulary`.
  function pairs(state) {
    const counts = new Map();
    for (const { tokens, count } of state.words) {
      for (let i = 0; i + 1 < tokens.length; i += 1) {
        const key = JSON.stringify([tokens[i], tokens[i + 1]]);
        counts.set(key, (counts.get(key) ?? 0) + count);
      }
    }
    const age = new Map(state.vocabulary.map((token, place) => [token, place]));
    return [...counts].map(([key, count]) => ({ pair: JSON.parse(key), count }))
      .sort((a, b) => b.count - a.count || age.get(a.pair[0]) - age.get(b.pair[0]) || age.get(a.pair[1]) - age.get(b.pair[1]));
  }

  function begin(text) {
    const found = words(text);
    const characters = [...new Set(found.flatMap(({ tokens }) => tokens))];
    characters.sort((a, b) => a.codePointAt(0) - b.codePointAt(0));
    return { words: found, vocabulary: characters, merges: [] };
  }

  function merged(state, pair) {
    const token = pair.join("");
    return {
      words: state.words.map(({ tokens, count }) => ({ tokens: joined(tokens, pair), count })),
      // Two merges can make the same token.
      vocabulary: state.vocabulary.includes(token) ? state.vocabulary : [...state.vocabulary, token],
      merges: [...state.merges, pair],
    };
  }

  function learned(text, steps) {
    let state = begin(text);
    while (state.merges.length < steps) {
      const [next] = pairs(state);
      if (!next) break;
      state = merged(state, next.pair);
    }
    return state;
  }

  // A text cut by merges, in their order: a list of tokens for each word.
  const encoded = (text, merges) => separated(text).map((word) => merges.reduce(joined, [...word]));

  globalThis.tokenizerFunctions = { learned, encoded, TEXTS };

  // --- drawing -----------------------------------------------------------------------------------
  const quoted = (token) => `“${token}”`;
  const several = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;
  const total = (list) => list.reduce((sum, { tokens, count }) => sum + count * tokens.length, 0);

  function chips(tokens, known, newest) {
    const made = tokens.map((token) => {
      const kind = ["token", ...(known(token) ? [] : ["unknown"]), ...(token === newest ? ["newest"] : [])];
      return element("span", { class: kind.join(" ") }, token);
    });
    return element("span", { class: "word" }, ...made);
  }

  function explore(stage, serial) {
    const id = (name) => `tokenizer-${serial}-${name}`;
    let state = begin(TEXTS.sea.learn);

    const learn = element("textarea", { id: id("learn"), rows: 2, maxlength: LONGEST, spellcheck: "false" });
    const encode = element("textarea", { id: id("encode"), rows: 1, maxlength: LONGEST, spellcheck: "false" });
    const status = element("p", { role: "status" });
    const list = element("div", { class: "tokens", role: "group", "aria-label": "The words of the text, cut into tokens" });
    const table = element("table");
    const merges = element("p", { class: "formula" });
    const result = element("div", { class: "tokens", role: "group", "aria-label": "The text to encode, cut into tokens" });
    const measured = element("p", { class: "formula" });
    const go = (steps) => () => {
      state = learned(learn.value, steps(state.merges.length));
      draw();
    };
    const forward = button("Merge", go((now) => now + 1));
    const further = button("10 merges", go((now) => now + 10));
    const back = button("Back", go((now) => Math.max(0, now - 1)));
    const restart = button("Start again", go(() => 0));

    function draw() {
      const ranked = pairs(state);
      const newest = state.merges.at(-1)?.join("");
      const known = new Set(state.vocabulary);
      list.replaceChildren(...state.words.flatMap(({ tokens, count }) => [chips(tokens, (t) => known.has(t), newest), element("span", { class: "count" }, `× ${count}`), " "]));
      table.replaceChildren(element("caption", {}, "Most frequent pairs"), ...ranked.slice(0, ROWS).map(({ pair, count }, place) =>
        element("tr", place === 0 ? { class: "next" } : {},
          element("th", { scope: "row" }, pair.map(quoted).join(" + ")), element("td", {}, String(count)))));
      merges.textContent = state.merges.length === 0 ? "Merges: none yet."
        : `Merges: ${state.merges.map(([a, b], i) => `${i + 1}. ${a} + ${b}`).join(", ")}.`;
      forward.disabled = further.disabled = ranked.length === 0;
      back.disabled = restart.disabled = state.merges.length === 0;
      status.textContent = describe(ranked);
      const cut = encoded(encode.value, state.merges);
      result.replaceChildren(...cut.flatMap((tokens) => [chips(tokens, (t) => known.has(t), newest), " "]));
      measured.textContent = describeEncoded(cut, known);
    }

    function describe(ranked) {
      const size = `Vocabulary ${state.vocabulary.length}, text ${several(total(state.words), "token")}.`;
      const [next] = ranked;
      const what = next
        ? `Next merge: ${next.pair.map(quoted).join(" + ")}, ${several(next.count, "time")}.`
        : "No pair is left: every word is one token.";
      return `${several(state.merges.length, "merge")}. ${size} ${what}`;
    }

    function describeEncoded(cut, known) {
      const tokens = cut.flat();
      const characters = cut.reduce((sum, word) => sum + [...word.join("")].length, 0);
      if (characters === 0) return "Nothing to encode.";
      const unknown = tokens.filter((token) => !known.has(token)).length;
      return `${several(tokens.length, "token")} for ${several(characters, "character")}: `
        + `${(tokens.length / characters).toFixed(2)} a character.${unknown ? ` Unknown: ${unknown} (dashed).` : ""}`;
    }

    function show(key) {
      if (key !== "own") {
        learn.value = TEXTS[key].learn;
        encode.value = TEXTS[key].encode;
      } else learn.focus();
      go(() => 0)();
    }

    const chooseText = choice(id("text"), "text", TEXTS, show);
    learn.addEventListener("input", () => {
      chooseText.querySelector("select").value = "own";
      go(() => 0)();
    });
    encode.addEventListener("input", draw);
    const field = (area, label) => element("div", { class: "field" }, element("label", { for: area.id }, label), area);
    stage.replaceChildren(element("div", { class: "explorer tokenizer" },
      chooseText,
      field(learn, "Text to learn merges from"),
      element("div", { class: "buttons" }, forward, further, back, restart),
      status, list,
      element("div", { class: "sides" }, table, merges),
      field(encode, "Text to encode"), result, measured));
    show("sea");
  }

  document.querySelectorAll('[data-interactive="tokenizer"]').forEach(explore);
})();
