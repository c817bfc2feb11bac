// Tic-tac-toe against a tree search with a small network (week 10). The search runs here, in the page,
// as in dlcourse/agents/tree_search.py; the network was trained by games against itself
// (dlcourse/data/datasets/train_tic_tac_toe.py wrote its weights).
"use strict";

(() => {
  const { element, choice, button, softmax } = globalThis.figureParts;

  const WEIGHTS = "eTfyjBeglVeTiFlqfLg6dYgmcuabe/eIdegGhBcrnWk6gnnZjZhSeuhwfik1iOe+fCfCg/jslWeGgWhdhgdBhGgLfAh/gWnEZdhYiYiwcWkrdEgfeVhoZli1h4gFhKiic+fOhfeagpfcbmldctgceifRjpZ1mmgZdTf+hfiAfmejmUdmpvhEfZfsf3bdh4ldm2gsiKhrjhlDgLkxfYhZcdgxhTfkdudygAhygzk6a/difFhneteJgRg9iAhHgQcGgXfqmhiSgFSccifxe6mBhLlKdQfOfPiWeQichylidmfPmKhegOfFaddIYUiJhCeVbwg/gKhlhQl0cphic5hDidishFeLnXiJhqhpnSbTdcfEnbh3c0gkjwfXhZh1frf+h9mKipfQc4fPiRf0ejg6Y8iGeqalf0ckbPf5npfQj6k2fwg7iWhBe4cMfYevieiHgpl8e9ikhHfghrgyh3fAlxg3h/gNg7aYhCgeh6jDkrfogpiNergrb6jxjHeQg7kSoyl+ipedf9feeThScVhBlKijeHaRmQjghHeRmAcvfjhfhYg6lff0dQhlgBgshgf6fbfEXFgGcAiUgBlQlsiUjrg/mblgf6gYjOh9gBhNhlgGe3iGiViZgYfnZ0j7iPeLjge/iJbWbXiqdLeljXd5cNjDj6YmgYkahviLgfhzc4nch2eseqd8lajfffjAg8eVfhegeCecd0feiuhzjnewg4hqctlYWLkGhOaDflj5jng0jvdXiGeohsici2cDVRewkogNg2dDi4aqbZg4kidQfyageLgbf/gslJeljNm3hqeYcpfejUe+jufDgbgQjggug/dabIWShOkxk/dyh2kJkXangFfyebkUj2h2dVjtllhMiBkdeylUiPf7eOkTYQiTcWgtgfcig5azi5f6mJlIg5c5fKhhbJkQi5fFmygQlTeCfmeieVcKgHf6f8dFiYhbgqYGfnfxk9gNfSgPhfisgqg2iQk6exgkg3Zbi1gahWkMc1eVfJjmg0Z3h9glWCivfAZwiScZdskchEfIfBf9fse8g3c/f8bni1gAf5h1ibiPfWbseblsf5nVfnhMgQfAlpXyWrfhiWh/fzfjhfi9i+dwgolWYUi9j0iQe2iPhdiJdpcKg6bWhokrbfh9iXjqjmcsfHiRhHhHg4huhThIgchShWgLb7hciHg1hIi0gqhnivikh0hfi4iajAhii4ihfVeriHnLg4gXfojtgmd8hQemjaZmfxkMfgnJctguc0jJecdQdidIdnmmaNiXePeTYnltprj2laiHaTl6kYerawfyhOiLubeebwRgbfgOdGb+nDo8goWtewTZkFlmtlc+kJh1dwpSgueAlzkOeokghidwf0hid6hbjMZji0eBfvbjfSlrZEfvfnYcioo2iwhzaalZl8ZIk2i8lWeRbkeodOhngEeHg7jch/nWelf2a+lQhZercunlcQd+jKaAd6c9emgihqoTiEgge2bKbndqjzfmhIfxgLiagTd9jThCf0cliDfGcygPgwjii6haf8fAeChHcFmggYgYfphfhEjSgTeNmpfdW0fadobEj0dSeccckMdsiCgYieeNithNiSdDicdcfle8hpdJdThwfyd6iQgefogmdteCaJeMimgogPkCgylMgIZDiFdZikfUdiiqbkj0l3jOiQeIifiQgojjejk1bOiaeFgjhwj2hMdcbYhDjWiCg4d9fSc8eGiNkhiFjIgreIjnfxiTfuhijljBeUetgbiYf7f8d8ethbg5iDZldZgLhui6iGjGgEZqh3jQgXhwkOb3ieipeBdAgFegeOhKihkqiFhVeWgihrfggZjyhSeOdhg2jLktf9dtb6g5iKbqfEgDjsd7gfcyf7fJgfkEjQhvgNg3fblce3eZixgtiUjXhMiJg1gEfQfOgEhxmEgzfJcneWfthqfVjiisjJiPfoeJeah3gIgsdigKgmk8fLfMbNcxfZioh/mydkgXjziFbVe4cgfZhZhXfMjXcceAdsi0ludVfIhKdsgHigd3digKaIhEg0jtdzZhimiIc0jShheEf6cUfumdhImWixhmhVjeaobfYekGewdyhDcBdYd0kRhgifigfEYAf2i/qCjMjYsBQ0c7c9iOlSjidWdgXFcKoKpihVeoZmd1fKjybzigeeLFdJh8bgnGl4dhijfMeXiphTfVZdjXeffqdheLhzfJmZcSe1jqdceyikgki/lXh2haeiebf2dVjNf+cDdejIh9jAhXhKcOjjgtiHkNjUduaTg5gmi9iMdujmhSiEe1i2hogcdvgmW4ftf+gxevhQghhxeNhAeXhIdRddfvhue0jag7jCZ9ejfmfuhIiskyfhdneUf6gmmHgxhVjPhBcxfRlOgqfXjvgsfIg5ekgCkMcGh+i3coiSf6dga2j+fMfOhDepkdkgfKc6e2ekgok/m2acg6iNkRipdsg6ZVd+hrkOi6jUcjihgkh8kufLhqjGiUhoayfkb6f8fxf1hjhfe+h3d+jVe3h1kujfijfJjUe5j1ekgehLgkerj2efgTfVjSb+k1gGffjPjslbhdhPdOfvjSh/mGbXiBgtjfhziYmCfnggjKdLgxfNj9djj7fsgme8jFfngSf0ezhWfGhibJgYhjhOgJgwdpgeiWhrjzjZhOiKgAjbcwfojvjdiKjDdbe6dhlZkfftdNgfgYlRf1dbhFbVethneyfNhPgAe7oLh2jfiVgEehfWfvdEiuhIeYhPeDhZjvkoh9bIiSldf+gvelgokddwhBkgifidhygkdYfFlUhleQhkhfgYdJifiJeWd7fYjngjfninetijdFd/g+gqdXhEiih7ivalfIiNmeggfPgbhihMkKd3cMfidmkVgbiDdXfqhvdHjmjHgFgXjGg7kZhLh9f1fJhshAe3cCbQhPiYe+j0eCiKhFgFiRiLdJgtXahnfAl+d3ctjKfWbtlBd9hJgugMkOgyeCgjcljNi+fgfOf3hAgvjsi3fdcpbrcNdxiOiDfpkoXcjacBgzjqkygCi4e1e4b8bbcGhymcdbeGeMfxb3hik6e+dBhBZfjiiFgzerj1irgRhzi4jJf6eYh4hgbciAfbfDksh/fuhtd2dle3dcg+eAhneii5lchqfAhniAlMh8epkQiqf0gQZSdlfadriXeBaEepbBmBd4dQgugHdxiVZKfIg+hMgCdRoBkzgVkygyajdoeodghXkBcsdzi/c1escjcNg7eIc2hXfGiLjYfIgtcQcxfniKizjGcreJgLhufCfJg6hTgSiHgthTfuhIhGeigofZhchJgafhgZf2g+eWfsdcf0dYh+ghgRgbkCXrmanPfsgCd/YngVcff1fNeml3fJZ/mPjobzmVcZcGV9mEi9lQhqkDcKkrUDjJjNkMeYe3evjNhNjbjXUYgfjWZifCdwkBbLW8eSYMnCiEjYk+ZPkxjtgHgGQhf8mVcSZIecmkkDZwnUi8idmHktYebVc3ikVMlBV4fGfae+q2gtZTcvl3mOj+eXbRlWmMeFf9X1ZykNfZmgjGe4kPdEZik5hBiZeResarefkHVpYlgyZ7n9ZVbIfzg1lBdYV8ggfXT/jSi1m8g7iQjZnMacabjibKXji7fLehjxcdgQfCnuZnjZbLhMfvnHjbmphkhDV2i+mFchcZagbSgddmivgYhqeuecjeedfzile9l2VIdjn/gmbKgwc2e4hrlmZ8kjRIodfJdYeYjujedddggjTemLiba/i6UZf8m0bqbonYgjhXdTnhYYcDaufApajDhqekjIlRXwg+e6egdJhKfldWgrgAXofFbddxl5c6h8oZlWd0eHXkirY2hyiZg6g+fnVJb9gFkfnObNm1XcpVJvnCKgloU3bchtcfl3eem7jhlJR4hFhZe2izgtgrdQkMg+g7gWggiCeEcagVfaf2iJfrgZgNduhAfriydpd+ggdIe7gqi8cBfodMfReDhRi3hJdHnOc5fCg85qhhdUgd";
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const HIDDEN = 32;
  const LINES = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];
  const EXPLORATION = 1.5;

  // --- the game: a board is nine numbers as the player to move sees them, 1 own, -1 the other's ----
  const START = new Array(9).fill(0);
  const after = (board, move) => board.map((cell, i) => (i === move ? -1 : -cell + 0));
  const lineOf = (board, who) => LINES.find((line) => line.every((i) => board[i] === who));

  // -1 where the player to move has lost, 0 for a draw, null while the game goes on.
  function outcome(board) {
    if (lineOf(board, -1)) return -1;
    return board.includes(0) ? null : 0;
  }

  // --- the network ---------------------------------------------------------------------------------
  const numbers = Array.from({ length: WEIGHTS.length / 2 }, (_, k) =>
    ((64 * ALPHABET.indexOf(WEIGHTS[2 * k]) + ALPHABET.indexOf(WEIGHTS[2 * k + 1])) / 4095) * 8 - 4);

  function layers() {
    let used = 0;
    return [[18, HIDDEN], [HIDDEN, HIDDEN], [HIDDEN, 9], [HIDDEN, 1]].map(([inputs, outputs]) => {
      const kernel = numbers.slice(used, used + inputs * outputs);
      used += inputs * outputs;
      const bias = numbers.slice(used, used + outputs);
      used += outputs;
      return { kernel, bias, outputs };
    });
  }
  const [FIRST, SECOND, POLICY, VALUE] = layers();

  const dense = ({ kernel, bias, outputs }, x) => bias.map((start, j) =>
    x.reduce((sum, value, i) => sum + value * kernel[i * outputs + j], start));
  const relu = (x) => x.map((value) => Math.max(0, value));

  function network(board) {
    const planes = [1, -1].flatMap((who) => board.map((cell) => Number(cell === who)));
    const hidden = relu(dense(SECOND, relu(dense(FIRST, planes))));
    return { prior: softmax(dense(POLICY, hidden)), value: Math.tanh(dense(VALUE, hidden)[0]) };
  }

  // --- tree search ---------------------------------------------------------------------------------
  function legal(prior, board) {
    const kept = prior.map((p, i) => (board[i] === 0 ? p + 1e-6 : 0));
    const total = kept.reduce((a, b) => a + b);
    return kept.map((p) => p / total);
  }

  function chosen({ prior, visits, total }) {
    const all = visits.reduce((a, b) => a + b);
    const scores = prior.map((p, i) => (p > 0
      ? total[i] / Math.max(visits[i], 1) + (EXPLORATION * p * Math.sqrt(all + 1)) / (1 + visits[i])
      : -Infinity));
    return scores.indexOf(Math.max(...scores));
  }

  function expand(tree, board, evaluate) {
    const { prior, value } = evaluate(board);
    tree.set(board.join(), { prior: legal(prior, board), visits: new Array(9).fill(0), total: new Array(9).fill(0) });
    return value;
  }

  function simulate(tree, root, evaluate) {
    const path = [];
    let board = root;
    let value = null;
    while (value === null) {
      const node = tree.get(board.join());
      if (!node) {
        value = expand(tree, board, evaluate);
        break;
      }
      const move = chosen(node);
      path.push([node, move]);
      board = after(board, move);
      value = outcome(board);
    }
    for (const [node, move] of path.reverse()) {
      value = -value;
      node.visits[move] += 1;
      node.total[move] += value;
    }
  }

  function search(board, simulations, evaluate = network) {
    const tree = new Map();
    const value = expand(tree, board, evaluate);
    for (let k = 0; k < simulations; k += 1) simulate(tree, board, evaluate);
    return { ...tree.get(board.join()), value };
  }

  // The most visited move; without a search the one with the largest prior.
  function move(board, simulations) {
    const found = search(board, simulations);
    const by = simulations > 0 ? found.visits : found.prior;
    return { ...found, move: by.indexOf(Math.max(...by)) };
  }

  globalThis.ticTacToeFunctions = { after, outcome, network, search, move };

  // --- drawing and playing --------------------------------------------------------------------------
  const SIMULATIONS = { none: { name: "none", count: 0 }, few: { name: "10", count: 10 }, some: { name: "50", count: 50 }, many: { name: "200", count: 200 } };
  const NAMES = ["top left", "top middle", "top right", "middle left", "centre", "middle right", "bottom left", "bottom middle", "bottom right"];
  const signed = (number) => number.toFixed(2).replace("-", "−");

  function play(stage, serial) {
    const settings = { count: 50, agentBegins: false };
    let cells = START; // 1 the reader's, -1 the agent's
    let thought = null; // what the agent's last search found
    const id = (name) => `tic-tac-toe-${serial}-${name}`;

    const buttons = NAMES.map((_, i) => {
      const cell = button("", () => take(i));
      cell.classList.add("cell");
      cell.addEventListener("keydown", (event) => walk(event, i));
      return cell;
    });
    const board = element("div", { class: "board", role: "group", "aria-label": "Board" }, ...buttons);
    const status = element("p", { role: "status" });
    const table = element("p", { class: "formula" });

    const mark = (who) => (who === 1) === settings.agentBegins ? "O" : "X";

    // How the game ended for the reader, or null.
    function ended() {
      if (lineOf(cells, 1)) return "You have won.";
      if (lineOf(cells, -1)) return "The agent has won.";
      return cells.includes(0) ? null : "A draw.";
    }

    function show() {
      const over = ended();
      buttons.forEach((button, i) => {
        const who = cells[i];
        const visited = thought && who === 0 ? thought.visits[i] : 0;
        button.replaceChildren(who === 0 ? element("span", { class: "visits" }, visited > 0 ? String(visited) : "") : mark(who));
        button.classList.toggle("agent", who === -1);
        button.classList.toggle("last", thought !== null && thought.move === i);
        const content = who === 0 ? "empty" : `${mark(who)}, ${who === 1 ? "yours" : "the agent's"}`;
        button.setAttribute("aria-label", `${NAMES[i]}: ${content}`);
        button.setAttribute("aria-disabled", String(who !== 0 || over !== null));
      });
      const moved = thought ? `The agent took ${NAMES[thought.move]}. ` : "";
      status.textContent = over ? `${moved}${over}` : `${moved}Your move: you are ${mark(1)}.`;
      table.replaceChildren(...said());
    }

    function said() {
      if (!thought) return ["The agent has not moved yet."];
      const i = thought.move;
      const network = `Network before the search: probability ${signed(thought.prior[i])} for this move, value ${signed(thought.value)} for the agent.`;
      if (thought.visits[i] === 0) return [network];
      return [`${network} Search: ${thought.visits[i]} of ${settings.count} simulations took it, mean value ${signed(thought.total[i] / thought.visits[i])}.`];
    }

    function answer() {
      if (ended()) return;
      const seen = cells.map((cell) => -cell + 0);
      thought = move(seen, settings.count);
      cells = cells.map((cell, i) => (i === thought.move ? -1 : cell));
    }

    function take(i) {
      if (cells[i] !== 0 || ended()) return;
      cells = cells.map((cell, k) => (k === i ? 1 : cell));
      thought = null;
      answer();
      show();
    }

    // Arrow keys go from cell to cell.
    function walk(event, i) {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const sideways = Math.abs(step) === 1;
      const to = i + step;
      if (to < 0 || to > 8 || (sideways && Math.floor(to / 3) !== Math.floor(i / 3))) return;
      buttons[to].focus();
    }

    function begin(agentBegins) {
      settings.agentBegins = agentBegins;
      cells = START;
      thought = null;
      if (agentBegins) answer();
      show();
    }

    const simulations = choice(id("count"), "simulations for a move", SIMULATIONS, (key) => {
      settings.count = SIMULATIONS[key].count;
    });
    simulations.querySelector("select").value = "some";

    const controls = element("div", { class: "controls" },
      simulations,
      element("div", { class: "buttons" },
        button("New game: you begin", () => begin(false)), button("New game: the agent begins", () => begin(true))),
      status, table,
      element("p", { class: "legend" }, "Small numbers in empty cells: how often the agent's last search tried its own move there. Arrow keys go from cell to cell, Enter takes one."));
    stage.replaceChildren(element("div", { class: "explorer tic-tac-toe" }, element("div", { class: "plot" }, board), controls));
    show();
  }

  document.querySelectorAll('[data-interactive="tic_tac_toe"]').forEach(play);
})();
