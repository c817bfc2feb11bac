// Recorded episodes of agents (week 9): CartPole and MinAtar's Breakout, before and after training,
// with the values that the network gave to each action. The reader moves through the steps or plays
// them; the line below shows the largest value and what really followed.
"use strict";

(() => {
  const { element, shape, choice, player } = globalThis.figureParts;

  // Written by dlcourse/data/datasets/derive_agent_replay.py. A list of numbers is [least, greatest,
  // text], two characters for each, of 4,096 levels.
  const EPISODES = {
    cart_before: {"actions": "010101010101010101001010101010101010101001010101010101001010101001010101001010", "values": [-1.05, 0.35, "zJvWfyxP0xvXghww2MvDhHwv3Zu4htwc4tuoiYwN54uZjOve7IuJkauu8ft5nPuZ+Atrqzt//rtbuCs/TaxQv6qrT+xPxRosUTwxx2n7U3vxyYn3Wwuny5n1Y+sw0NnYbTqp1KmAd1o22ek7g9ne30kDkPlf5RjcnpjiJcuKpahyMSrEqzgQPaoAsXfXSslht1foWujpwHgBZ/g/ztf4dxeh2DeIhfcSGLjIkZaCLmgdnyYRQGdJqzXkU3ZhucYNZpXDAYdid6UdF9ZhijSCLnVBnLPuRrR3rrQaYJOdArSLeRLVIvNKknH7"], "followed": [1.0, 54.34, "///c+4+U9v9K8l7/7Z6z6M5l4+4W3t3F2b1y1I0dzyzHybxvxDwWvou6uMtdstr9rNqcpro5oHnUmhltk4kDjOiYhhgqfze6eCdIcObUaZZdYhXkWmVoUpTqSqRpQoPmOjNgMbLXKRJLIEG9F0ErDiCXBMAA"], "score": "78 in 78 steps", "scene": [-0.64, 0.02, "/Y5m/V5g+659+35z+d6M+a5/9/6V996F9i6X9g6E9G6T9E598p6J8n5w8N558L5c7x5i7w5C7W5E7V4f674d6J4+5w434+5T4l5I305g3b5S2q5l2R5T1g5j1H5N0W5az+5AzN5Jy14ryE4wxs4Ow84Pwk3ov03kvc25us2vtk3Hs124rt3Kq+21p23BpH2noA2tnR2NmK2Olc1nkV1hjn00ih0ohzzzgtzffPzreKzPcszTbnyuaKypZFx7XoxtWkw2VHweTTwkR3wBQEv9OovPM1u/LauGJotqINslGbr8ERrwCgq5AWqf"]},
    cart_after: {"actions": "001010101010110101010101101010101010101101001101010110101010110011010111111010000000000110101001100011100010110001110000000011111111111100001000100000000111111111100100000000001111100101010110101101011010101010101010101010101010101001101010101010101010101010101010101010110110101010110110110101010110", "values": [7.74, 52.1, "6K6I6W6U6c6n6d6Y6m6s6l6d6v6w6s6h6y616t6n60666u6s617A6v6y6x6i6w606x6m6x626w6p6y646w6r6y676v6u6z696t6w6w6Y6r6v6t6Z6p6t6r6a6m6s6o6b6j6q6l6c6h6p6h6c6g6o6e6b6d6n6a6a6X6A6U6U6W6B6P6P6V6d6K6P6Q6G6I6O6O6J6G6O6L6K6E6O6G6I595x6D6G585z5+6D5651576B5352545/5y505j5b5x5w5y555q5s5h5c5m5p5g5e5j5n5f5g5M5Q5A5O5C5d5T5755396E6P50AB7OAr79Ef8DNI8Daq7grc641l6z5T7E6t7G7F6r7B6e6q6V6O6U6b6Q6J6V6W6M6A6U6P6M6a6N6O5+536N6C6Z6Y556R6N6a5/6F555o5/526T6J6W6a6N6K6X6c6J6M5z5x6L6E6j6h6P6f6c6m6H6V5w5T6G6G6m6a6w6j6W6T6L6A6K54595lvx5W185r4P5x4m555A595b6L6A6Z6N6g6F6a526T5j6M5v6X5Wnu6fum6r1S6q5Z6j7N7Cqv6Z0L6c5+7E7J6kza646E7c7A7f6/707Q8J7j8a7t8j7p7N7j7z777z8f718o8A8i8E8j8J8g8H8Z708F7d7t66vy7W3H7g7p8LW78VlI8bzx8f759X8++E9T+j9v/B+P/S+v/c/H/M/i/O/g/A/d+8/R+7+/+9+v/M/M/f/t/c/Y/u/3/s/i/b/x/3/q+0/h/O/Y/z/b+2/N/a/T+b/F/B/N/z/h+y/J/i/b+h/G/Q/T///k/K/N/7/e/G/J/3/Y/D/H/z/U/A/G/g++/E/L/M+p/A/H+5+V+1+7+s+G+q+w+i96+g+l+Y9v+W+b+O9k+M+Q+F9a+D+H989Q97999z9H9y909q8+9q9r9i819j9j9b+V9e9q9T809V9h9L8r9N9a9C8k9E9T838Z869J8i8H8p818O728R8b777n768D7l7S7l7t7P677T7b696n7B7K6s6W6x666d6H6h6t6P566T6g6C5v6G6V545n586O5x5k506J5t5l5q6F5r5q5F505s535g5c5d505k5n5I485k5n5T5O5c5j5a5X455S5J5I4G46414/4p4l4e404e4g4C4B4O4d3+4B3u3f3/4I3v3l374L3w3q314L3y3v3w4L30313o3U"], "followed": [99.34, 99.97, "/x/u/s/q/o/m/k/h/f/d/a/Y/W/T/R/O/M/K/H/E/C+/+9+6+3+1+y+v+s+q+n+k+h+e+b+Y+V+S+P+M+J+G+D9/9895919y9v9r9o9k9h9d9a9W9S9P9L9H9D8/8783808v8r8n8j8f8b8W8S8O8J8F8A78737z7u7p7k7g7b7W7R7M7H7C69636y6t6n6i6c6X6R6M6G6A56505u5o5i5c5W5Q5J5D48424v4p4i4b4U4N4G3/343x3q3i3b3T3M3E28212t2l2d2V2M2E181z1r1i1Z1Q1I0/010s0j0a0Q0Hz9zzzpzfzVzLzBy3ysyiyXyMyBx2xrxgxVxJw+wywmwawOwCv2vpvdvQvDu2upucuPuCt0tmtYtKs8susgsRsCrzrkrVrGq2qnqXqHp3pnpWpGo1okoToBnwnenNm7momWmDlxlelLk3kkkQj8jojUi/iriWiBhrhWhAgqgUf9fnfQe5eheKdydadBcpcQb3bebEaqaQZ2ZbZAYlYKXuXSW2WZV8VfVBUkUGTnTJSqSKRrRLQrQKPpPIOnOFNiNAMdL6LWKyKOJpJEIeH4HSGsGFFdE1ENDkC7CSBoA+"], "score": "800 in 800 steps, not over", "scene": [-1.86, 0.5, "yzxMyyxKyrxSydxkyVxryHx7x/yCxxySxqyYxbyoxUyuxGy+w+zEwwzVwpzbwozYwgzfwgzdwYzlwXzjwQzswPzswHz2wGz2v/0Bv+0CwDz6wCz9wIz2wHz6wNz1wMz6wRz1wQz8wWz4wU0Awaz+wZ0Gwe0Fwd0Pwi0Qwu0Hw00JxA0BxF0FxE0TxJ0XxV0Txa0Zxm0Wxr0dx30cx80lyI0lya0cym0dy40WzE0ZzW0Tzi0Yz00Tz/0a0S0X0q0K090J1I0S1a0S1z0J2F0K2d0D2v0F3Iz/3nzv4OzV47yy5uyF6pxO7cwh8Xvp9Ku793uW+et5+9tl/WtZ/otV/0tZ/5tl/3t4/vuU/tuk/yup/xu1/2u3/1vA/6u//5vG/xvV/wva/2vT/1vV/tvf/fvz/Xv7/Xv4/dvq/cvl/Vvp/Hv2+/v4+xwC+qwC+qv3+jv0+Vv7+BwL9zwQ9swJ9sv49lvw9Xvx9Dv78owO8Hwq7exP6vx+55y35Kzl4i0J4A0j3l003R083D06290w290c3Dz/3RzZ3lyq4Axw4UxB4iwc4owA4ovu4vvQ4vu84puw4but4Vuf4HuZ30ub3Zum24u52QvV1hv50swnzvxdy6yIyMypxkzAxDzNwpzPwVzIwIy3wCycwDx4wLxJwMwkwGwIwGviwBvFv0uxvhulvHuiumuot/u2tRvNscvsrgwUqexFpjxrouyGoAyXnZyem5yamSyhlkyxk9y4kPzJjozQi6zhiTzphlz7g+0Dge0Cf30MfW0Mev0YeP0Zd10SdU0Vc60Pca0TcA0Pbt0BbTz+bAzxalzvaSzjZ4zjZlzYZLzYY3zOYdzPYKzGXwzIXcy/XCzBWuy5WUy8WBy0Vny3VTywU5yzUlytULywT4yqTdytTKynSvyrScylSCypRuyjRUynRAyhQmymQFy0Pqy5PXyzO9y4OpyzOPy4N7yzNhy5NNy0Mzy6Mfy2MFy8Lxy4LXy/LDy8KpzCKVy/J6zHJnzEJMzMI5zKIezTIKzRHwzbHczaHBzkGuzkGTzvF/zwFlz7FRz9E20KEi0NEH0bDz0gDY0wDE02Cp1ICV1QCI1PBz1aBm1bBf1UBR1YBK1TA91ZA21WAo1fAh1eAT1pAL1sAL1lAD1qAD1mAJ1ZAI1XAO1NAa06Ag0yAt0gAy0aA/0LBE0GBRz4BWz1Bjzo"]},
    breakout_before: {"actions": "000000", "values": [-0.13, 0.6, "4XH6gC12CzkX3GASeW+zC8Vg32DMc7/dHwlb"], "followed": [0.0, 0.0, "AAAAAAAAAAAA"], "score": "0 in 6 steps", "scene": "EADAD/////EBEAD/////ECFBE/////EDGCF/////EEHDG/////EFIEH/////"},
    breakout_after: {"actions": "00220112200210110022200001001220000111220111212121220021001102200212200000010111012002002222101100000202111220201111000221111110111112122222221211212102210220001111111212122101", "values": [-1.61, 8.55, "3t243n4I4B4I2Y022q5T4Q5a9S7s7n7S7gJM6p656t8R708p8G7+817t7G6/8t8J8s4d3A5CxS2vcu4o32RqS939LrO375Ky8l8K7S7w6k7Y7m6V8P9V75+W8u6n864Y3O3Y3F2H0z564K2N847WUmOz5uPf8D7X7U6K5c5f6a6w6H8/7g9o8V7B9A/9/3/W6h5m6a5k5P5f4f2/1R1O42m1467JRK4j6aLg6W6K606E5G6P868B6z516G6F5S6P4s2/3E2d1b0y1o1V1n1Q19zo2Y4J6GH/4f2r5A4t5D4O4T3c5b423g445H12zZ3Q122kvqt3xXvr0Kq/x0wFvPxuvvMsTCzhKEPFzoIsyLxYxRxNuix8vWuuxPzMwayxygyQxm2q2X4HxFx3w/uytPvev7uSxMtztFrHyvxcwF0uNWqu0e0Hzr00zxzx2T0M0jyfzYvI1Ay9yyrgwTe5sCwvbitNvwi7xfxSYIX0scObvUwKya0exUyqzVwYyXz6wX0p1ezz0ZvRpOu/pOZxw0n9TQvJq0OKzjuPNJ2htw18oj4O3P2/5P5R34367I2t7R543N7D5K6A+l+Vxi5n2u5O5N363C54416X4F2M3h2f2b2qmK6CZefG7JQ+7x8T5j5F1P7t7G7b7f6z6V6m5z4R7WyfxauwmOwWiFseyAihxY2EYluVzJPk1bwnxd02z9xu0azMyK0wzC1b1Mxn1v2w260a37411mmHopbNvcyVrSwFxrmayrzts2yawTsZvkyQWHsD0zW9qg1Evvyl4G0Cvk2aqBzbvo3lyp1Awuvlw44CtLlbymqYdP0HoIT9x1tZaH1Jp1W41Ns7MM0T2H2NxnwAxAxbxAxqvRy70rzcy+yG0W0P06050Ux22Jr6tRtDxWspxCuRs/wQxbtk0j2C2Y06zbfZydYCUr2s561j7q535r4H5K3n4L7L5y3O3P4Xz/sS0qlJhRqRYnW5oEIieisFRcclpnRLpcqqmAl0pbqXppp/j1p0pPtCrdr/rHjtjmkhkXj0lgkKpzeEiUR9cAACGaCN"], "followed": [0.0, 7.71, "516a7A7m8M8z9b+C+r/T/84N4x5W576g7G7s8T869h1x2T223a3+4i5G5r6R627czq0M0t1P1y2V243b3/4j5IxUx0yUy1zWz30Y061d1/2iutvLvpwIwnxHxnyHynzIzp0KsTswtNtquIulvEviwBwgw/pGphp8qXqyrOrqsGsjs/lElcl0mMmlm+nXnxoKoko/pZhbhxiHidizjKjgj3kPkmk+lWdVdod7ePeie2fKfefygHgcgxYtY9ZNZeZuZ/aQahaybDbUbmb4TxT+ULUYUlUzVAVOVbVpV3WFWUOKOTOcOlOvO4PCPMPVPfPpPzHlHqHvH0H5H+IDIJIOITAAAAAAAAAA"], "score": "15 in 176 steps", "scene": "EADAD/////EBEAD/////ECFBE/////FDGCF/////GEHDG/////GFIEH/////FGIFI/////EHHGI/////FIGHH/////GJFIG/////GJEJF/////GIEJE////9HHFIE////9GGGHF////9GFHGG////9FEIFH////9EDIEI////9ECHDI////9EBGCH////9FAFBG////9GAEAF////9HBEAE///79HCFBE///79HDGCF///79HEHDG///79HFIEH///79GGIFI///79GFHGI///79GEGFH///79FDFEG///79GCEDF///79HBDCE///79HADBD/9/79HAEAD/9/79HBFAE/9/79HCGBF/9/79GDHCG/9/79FEIDH/9/79EFIEI/9/79FGHFI/9/79GHGGH/9/79GIFHG/9/79GJEIF/9/79FJEJE/9/78EIFJE/9/78FHGIF/9/78EGHHG/9/78FFIGH/9/78EEIFI/9/78FFHEI/9/78EGGFH/9/78FHFGG/9/78GIEHF/9/78GJDIE/9/78GJDJD/9/r8HIEJD/9/r8GHFIE/9/r8GGGHF/9/r8GFHGG/9/r8FEIFH/9/r8EDIEI/9/r8ECHDI/9/r8EBGCH/9/r8FAFBG/9/r8FAEAF/9/r8FBDAE/9/r8GCDBD/9fr8FDECD/9fr8GEFDE/9fr8HFGEF/9fr8HGHFG/9fr8HHIGH/9fr8HIIHI/9fr8HJHII/9fr8HJGJH/9fr8HIFJG/9fr8GHEIF/9fr8GGEHE/9fr0FFFGE/9fr0EEGFF/9fr0DDHEG/9fr0DCIDH/9fr0CBICI/9fr0DAHBI/9fr0DAGAH/9fr0DBFAG/9fr0ECEBF/9fr0EDECE/9fq0EEFDE/9fq0FFGEF/9fq0GGHFG/9fq0HHIGH/9fq0IIIHI/9fq0HHHII/9fq0HGGHH/9fq0GFFGG/9fq0FEEFF/9fq0FDDEE/9fq0FCCDD/9fq0FBCCCv9fq0FADBCv9fq0FAEADv9fq0GBFAEv9fq0GCGBFv9fq0HDHCGv9fq0GEIDHv9fq0FFIEIv9fq0EEHFIv9fq0FDGEHv9fq0GCFDGv9fq0GBECFv9fq0HAEBEv9fi0HAFAEv9fi0GBGAFv9fi0FCHBGv9fi0EDICHv9fi0DEIDIv9fi0DFHEIv9fi0DGGFHv9fi0DHFGGv9fi0EIEHFv9fi0FJDIEv9fi0GJCJDv9fi0HICJCv1fi0GHDICv1fi0FGEHDv1fi0EFFGEv1fi0DEGFFv1fi0DDHEGv1fi0CCIDHv1fi0BBICIv1fi0ACHBIv1fi0ADGCHv1fi0AEFDGv1fi0AFEEFv1fi0AGDFEv1fi0BHDGDv1ei0CIEHDv1ei0DJFIEv1ei0EJGJFv1ei0FIHJGv1ei0GHIIHv1ei0HGIHIv1ei0GFHGIv1ei0HEGFHv1ei0GDFEGv1ei0FCEDFv1ei0GBDCEv1ei0FACBDv1ei0GACACP1ei0FBDACP1ei0ECEBDP1ei0FDFCEP1ei0GEGDFP1ei0FFHEGP1ei0FGIFHP1ei0GHIGIP1ei0HIHHIP1ei0HJGIHP1ei0HJFJGP1ei0HIEJFP1ei0HHEIEP1eiwHGFHEP1eiwGFGGFP1eiwFEHFGP1eiwEDIEHP1eiwDCIDIP1eiwCBHCIP1eiwDAGBHP1eiwCAFAGP1eiwDBEAFP1eiwECEBEP1egwFDFCEP1egwGEGDFP1egwFFHEGP1egwEGIFHP1egw"},
  };
  const NAMES = {
    cart_before: { name: "CartPole, before training" },
    cart_after: { name: "CartPole, after training" },
    breakout_before: { name: "Breakout, before training" },
    breakout_after: { name: "Breakout, after training" },
  };
  const FIRST = "cart_after";
  const ACTIONS = { cart: ["push left", "push right"], breakout: ["stay", "left", "right"] };

  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const [WIDTH, HEIGHT] = [400, 300]; // of the picture, in SVG units
  const CHART = 84; // height of the line of values
  const PAUSE = { cart: 60, breakout: 160 }; // milliseconds between two steps that play by themselves

  function decoded([low, high, text]) {
    const level = (place) => 64 * ALPHABET.indexOf(text[place]) + ALPHABET.indexOf(text[place + 1]);
    return Array.from({ length: text.length / 2 }, (_, i) => low + ((high - low) * level(2 * i)) / 4095);
  }

  const game = (key) => key.split("_")[0];

  // One episode: for each step the values of all actions, the action, the sum of rewards before it,
  // the discounted sum of those after it, and what the game shows.
  function episode(key) {
    const stored = EPISODES[key];
    const actions = ACTIONS[game(key)].length;
    const values = decoded(stored.values);
    const steps = stored.actions.length;
    const perStep = (numbers, size) => Array.from({ length: steps }, (_, t) => numbers.slice(size * t, size * (t + 1)));
    return {
      steps,
      values: perStep(values, actions),
      actions: Array.from(stored.actions, Number),
      score: stored.score,
      followed: decoded(stored.followed),
      scene: game(key) === "cart"
        ? perStep(decoded(stored.scene), 2)
        : stored.scene.match(/.{10}/g).map(scene),
    };
  }

  // Ten characters: paddle, ball x, ball y, trail x, trail y, and 30 bricks in five of them.
  function scene(text) {
    const [paddle, ballX, ballY, trailX, trailY, ...bits] = Array.from(text, (character) => ALPHABET.indexOf(character));
    const bricks = bits.flatMap((number) => Array.from({ length: 6 }, (_, i) => (number >> (5 - i)) & 1));
    return { paddle, ball: [ballX, ballY], trail: [trailX, trailY], bricks };
  }

  globalThis.replayFunctions = { EPISODES, episode };

  // --- drawing -----------------------------------------------------------------------------------
  function drawCart([x, angle]) {
    const scale = WIDTH / 5.6;
    const [left, base] = [WIDTH / 2 + x * scale, 220];
    const reach = 150;
    const group = shape("g");
    group.append(shape("line", { x1: 0, x2: WIDTH, y1: base + 14, y2: base + 14, class: "track" }));
    for (const edge of [-2.4, 2.4]) {
      const at = WIDTH / 2 + edge * scale;
      group.append(shape("line", { x1: at, x2: at, y1: base - 6, y2: base + 26, class: "limit" }));
    }
    group.append(
      shape("rect", { x: left - 30, y: base - 14, width: 60, height: 28, rx: 4, class: "cart" }),
      shape("line", { x1: left, y1: base - 12, x2: left + reach * Math.sin(angle), y2: base - 12 - reach * Math.cos(angle), class: "pole" }),
      shape("circle", { cx: left, cy: base - 12, r: 5, class: "axle" }));
    return group;
  }

  function drawBreakout({ paddle, ball, trail, bricks }) {
    const cell = HEIGHT / 10;
    const left = (WIDTH - HEIGHT) / 2;
    const group = shape("g");
    const square = (x, y, kind) => group.append(shape("rect", { x: left + x * cell + 1, y: y * cell + 1, width: cell - 2, height: cell - 2, class: kind }));
    group.append(shape("rect", { x: left, y: 0, width: HEIGHT, height: HEIGHT, class: "field" }));
    bricks.forEach((brick, place) => brick && square(place % 10, 1 + Math.floor(place / 10), "brick"));
    square(paddle, 9, "paddle");
    for (const [[x, y], r, kind] of [[trail, 0.16, "trail"], [ball, 0.36, "ball"]]) {
      group.append(shape("circle", { cx: left + (x + 0.5) * cell, cy: (y + 0.5) * cell, r: r * cell, class: kind }));
    }
    return group;
  }

  function drawChart({ values, followed, steps }, index) {
    const most = values.map((row) => Math.max(...row));
    const [low, high] = [Math.min(0, ...most), Math.max(...most, ...followed) * 1.05];
    const across = (t) => 34 + (steps > 1 ? t / (steps - 1) : 0) * (WIDTH - 40);
    const down = (value) => 6 + (1 - (value - low) / (high - low)) * (CHART - 12);
    const points = (line) => line.map((value, t) => `${across(t).toFixed(1)},${down(value).toFixed(1)}`).join(" ");
    const label = (value) => shape("text", { x: 30, y: down(value) + 4, class: "tick" }, value.toFixed(high < 20 ? 1 : 0));
    return [
      shape("line", { x1: 34, x2: WIDTH - 6, y1: down(0), y2: down(0), class: "zero" }), label(0), label(high / 1.05),
      shape("polyline", { points: points(followed), class: "followed" }),
      shape("polyline", { points: points(most), class: "predicted" }),
      shape("line", { x1: across(index), x2: across(index), y1: 2, y2: CHART - 2, class: "cursor" }),
    ];
  }

  function drawBars(names, values, action) {
    const [low, high] = [Math.min(0, ...values), Math.max(...values, 1e-9)];
    return values.map((value, place) =>
      element("div", { class: place === action ? "bar chosen" : "bar" },
        element("span", { class: "name" }, names[place]),
        element("span", { class: "room" }, element("span", { class: "length", style: `width: ${(100 * (value - low)) / (high - low)}%` })),
        element("span", { class: "number" }, value.toFixed(2))));
  }

  function explore(stage, serial) {
    const id = (part) => `agent-replay-${serial}-${part}`;
    let key;
    let shown;

    const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "The game at the chosen step; the text beside it says the same." });
    const chart = shape("svg", { viewBox: `0 0 ${WIDTH} ${CHART}`, role: "img", class: "chart", "aria-label": "The largest action value and the discounted return that followed, over the steps of the episode." });
    const bars = element("div", { class: "bars", "aria-hidden": "true" });
    const status = element("p", { role: "status" });

    function draw(index) {
      const names = ACTIONS[game(key)];
      const values = shown.values[index];
      picture.replaceChildren((game(key) === "cart" ? drawCart : drawBreakout)(shown.scene[index]));
      chart.replaceChildren(...drawChart(shown, index));
      bars.replaceChildren(...drawBars(names, values, shown.actions[index]));
      const told = names.map((name, place) => `${name} ${values[place].toFixed(2)}`).join(", ");
      status.textContent = `Step ${index}: ${told}. Chosen: ${names[shown.actions[index]]}. Discounted return that followed: ${shown.followed[index].toFixed(1)}. Whole episode: ${shown.score}.`;
      return [String(index), `step ${index} of ${shown.steps - 1}`];
    }

    function begin(chosen) {
      key = chosen;
      shown = episode(key);
      load(shown.steps, PAUSE[game(key)]);
    }

    const { row, play, load } = player(id("step"), "step", draw);
    const agents = choice(id("agent"), "agent", NAMES, begin);
    agents.querySelector("select").value = FIRST;

    const controls = element("div", { class: "controls" }, agents,
      row, element("div", { class: "buttons" }, play), bars, status,
      element("p", { class: "legend" }, "Bars: the network's value of each action, in rewards; the chosen one is bold. Line below the game, solid: the largest of them at each step. Dashed: the discounted return that followed."));
    stage.replaceChildren(element("div", { class: "explorer agent-replay" }, element("div", { class: "plot" }, picture, chart), controls));
    begin(FIRST);
  }

  document.querySelectorAll('[data-interactive="agent_replay"]').forEach(explore);
})();
