// Quantization of real numbers (week 11): weights or activations of the week's network. The reader
// chooses bits, range and kind of grid; shown are the numbers' histogram with the grid, the error by
// range with its two parts, rounding and clipping, and the signal-to-noise ratio.
"use strict";

(() => {
  const { choice, element, shape, slider } = globalThis.figureParts;

  // In ten-thousandths, sorted; written by dlcourse/data/datasets/derive_weight_histogram.py.
  const SAMPLES = {
    weights: [-1149,-1138,-998,-986,-961,-961,-922,-900,-875,-872,-856,-840,-822,-773,-764,-764,-742,-728,-705,-674,-669,-658,-655,-651,-645,-643,-640,-628,-627,-627,-613,-610,-606,-594,-583,-580,-572,-570,-570,-569,-561,-553,-550,-543,-542,-540,-539,-538,-532,-524,-518,-517,-512,-500,-495,-494,-492,-491,-490,-486,-485,-483,-483,-480,-479,-479,-477,-476,-471,-471,-471,-469,-468,-466,-465,-464,-463,-462,-462,-461,-460,-458,-456,-455,-455,-454,-452,-451,-451,-450,-449,-448,-448,-447,-446,-446,-445,-445,-445,-445,-444,-444,-443,-443,-442,-442,-438,-438,-437,-437,-436,-436,-435,-435,-435,-435,-434,-434,-433,-433,-433,-432,-432,-432,-432,-429,-428,-428,-428,-425,-424,-422,-422,-419,-418,-417,-416,-416,-412,-410,-409,-409,-406,-404,-403,-401,-399,-399,-399,-398,-397,-397,-396,-396,-395,-395,-395,-393,-392,-392,-391,-390,-389,-389,-388,-388,-387,-387,-385,-384,-384,-381,-381,-379,-378,-377,-376,-375,-374,-373,-371,-371,-371,-369,-368,-367,-366,-364,-364,-363,-362,-361,-360,-360,-359,-358,-357,-357,-357,-357,-354,-352,-351,-350,-349,-349,-348,-348,-348,-346,-345,-345,-345,-344,-344,-344,-344,-342,-341,-341,-341,-341,-339,-339,-339,-338,-338,-335,-334,-334,-333,-332,-331,-331,-331,-331,-329,-328,-327,-327,-327,-326,-326,-325,-324,-324,-323,-323,-322,-321,-320,-320,-316,-316,-316,-315,-315,-315,-314,-313,-313,-312,-312,-311,-311,-309,-309,-308,-308,-305,-304,-302,-302,-301,-299,-298,-297,-296,-295,-295,-293,-293,-293,-292,-291,-291,-291,-291,-290,-290,-290,-290,-290,-289,-289,-287,-286,-286,-286,-285,-285,-283,-282,-282,-282,-281,-280,-279,-277,-277,-276,-273,-272,-272,-272,-271,-270,-269,-269,-269,-267,-267,-267,-265,-264,-264,-264,-264,-263,-263,-262,-261,-260,-259,-259,-259,-258,-257,-257,-257,-256,-256,-255,-253,-252,-252,-251,-251,-251,-250,-250,-249,-249,-248,-247,-247,-247,-246,-246,-245,-245,-245,-244,-243,-242,-242,-242,-241,-241,-240,-240,-240,-239,-237,-237,-237,-237,-237,-235,-234,-234,-231,-231,-231,-230,-229,-229,-229,-229,-228,-228,-228,-227,-227,-226,-226,-226,-226,-224,-224,-224,-224,-223,-223,-223,-223,-222,-222,-222,-222,-222,-220,-220,-220,-219,-219,-218,-217,-216,-216,-213,-212,-211,-211,-210,-210,-210,-208,-207,-206,-206,-206,-205,-205,-205,-204,-204,-203,-202,-201,-199,-199,-199,-197,-196,-196,-196,-195,-195,-192,-191,-191,-188,-188,-187,-187,-186,-186,-186,-185,-185,-184,-184,-183,-183,-182,-181,-181,-181,-181,-180,-178,-178,-177,-175,-174,-174,-173,-173,-173,-171,-171,-170,-170,-170,-170,-168,-167,-167,-167,-167,-165,-164,-163,-162,-162,-161,-159,-159,-159,-157,-156,-156,-156,-156,-155,-155,-153,-152,-152,-151,-151,-150,-150,-149,-149,-149,-148,-148,-148,-147,-147,-146,-145,-142,-141,-141,-141,-141,-140,-140,-139,-139,-139,-138,-138,-137,-136,-135,-135,-134,-134,-134,-134,-134,-133,-132,-131,-131,-130,-129,-128,-128,-128,-126,-126,-124,-124,-123,-122,-122,-122,-121,-121,-120,-119,-119,-119,-119,-119,-117,-117,-116,-115,-115,-114,-114,-111,-110,-110,-109,-109,-108,-107,-107,-106,-106,-106,-106,-105,-105,-104,-104,-103,-103,-102,-102,-102,-101,-101,-101,-100,-99,-99,-98,-98,-97,-96,-95,-94,-93,-92,-91,-91,-90,-89,-87,-86,-86,-85,-84,-84,-83,-82,-82,-80,-80,-79,-79,-79,-78,-78,-78,-78,-78,-77,-77,-76,-76,-75,-74,-74,-74,-73,-72,-72,-72,-68,-68,-68,-67,-67,-66,-64,-64,-63,-63,-61,-61,-58,-57,-57,-56,-55,-55,-55,-55,-54,-54,-52,-52,-51,-51,-51,-50,-49,-49,-48,-47,-47,-47,-46,-43,-41,-41,-39,-39,-39,-38,-38,-38,-37,-37,-36,-36,-36,-35,-34,-34,-33,-33,-32,-32,-31,-30,-30,-30,-29,-29,-28,-28,-27,-27,-25,-25,-25,-25,-25,-25,-23,-23,-22,-21,-21,-21,-21,-20,-20,-20,-18,-17,-16,-15,-14,-14,-13,-13,-12,-12,-11,-10,-9,-8,-8,-7,-7,-7,-7,-6,-6,-6,-5,-4,-4,-4,-3,-3,-1,1,1,2,3,4,5,5,8,9,9,10,10,11,12,12,13,14,15,15,15,17,18,18,19,20,21,21,21,22,22,23,23,23,25,26,27,28,28,28,28,29,29,30,30,31,32,33,34,34,35,35,36,38,39,39,40,40,41,41,42,42,42,43,43,44,44,44,44,45,45,46,46,47,47,47,48,48,48,51,52,52,52,53,55,56,57,57,58,58,59,60,61,61,61,62,63,64,64,65,66,66,67,67,68,68,69,70,70,70,71,71,71,72,73,73,73,74,74,75,76,78,78,79,79,79,80,80,82,82,82,84,85,85,87,89,90,90,91,91,91,91,91,92,94,94,94,95,96,97,98,98,99,99,100,100,100,101,103,104,105,105,105,106,106,107,107,108,109,110,110,111,111,111,112,115,115,116,116,116,117,117,117,118,118,119,119,119,120,120,120,120,121,121,122,122,122,122,122,125,125,125,126,126,129,129,129,132,133,133,133,134,135,135,137,137,138,139,139,140,141,142,142,142,142,144,146,147,148,149,149,150,151,152,152,152,153,154,155,155,156,156,156,156,157,157,157,158,159,159,159,160,160,161,161,161,162,162,163,163,163,163,163,164,164,165,168,168,168,169,170,170,170,170,171,172,173,173,173,175,175,176,176,176,176,177,177,177,177,179,179,180,181,182,182,183,183,185,186,186,188,188,189,189,190,190,191,193,193,195,196,196,196,197,197,198,201,202,203,203,204,205,205,205,205,206,206,207,209,210,210,210,211,211,212,212,213,215,215,215,216,216,216,217,217,217,218,219,219,220,220,220,220,221,221,223,225,225,226,227,227,227,227,228,228,228,228,228,229,229,230,230,232,234,234,234,236,237,237,239,240,241,242,243,244,244,245,246,246,247,247,247,248,249,250,250,251,251,251,252,254,254,255,256,257,257,259,259,261,261,262,262,262,263,263,264,265,267,268,268,269,269,270,271,271,272,273,273,275,275,275,277,277,278,278,278,279,280,281,283,285,285,286,287,288,289,290,290,290,291,291,292,292,292,294,295,296,296,297,297,299,300,300,300,301,301,301,301,302,302,302,303,303,303,304,304,304,304,305,306,306,306,306,306,307,308,308,310,310,311,311,312,313,313,313,313,314,314,314,315,315,318,318,318,319,319,322,323,323,323,324,324,324,325,325,326,327,328,329,330,330,331,331,331,333,334,334,334,337,338,341,342,342,343,343,343,344,345,346,346,347,349,349,349,351,352,352,353,356,356,357,358,359,359,359,359,361,361,361,362,363,364,364,364,365,368,368,368,371,371,372,373,374,378,378,378,378,378,378,378,379,381,381,381,383,384,385,387,387,388,388,389,389,390,390,390,391,393,393,395,395,396,396,397,398,398,399,399,401,404,406,408,408,408,409,410,410,413,413,414,417,418,419,419,419,421,425,425,425,426,426,428,429,430,431,433,435,436,437,437,438,439,440,442,444,447,449,451,452,457,457,457,458,461,467,467,468,470,470,470,472,473,475,477,477,479,479,481,482,484,485,487,489,489,493,493,494,497,502,507,508,509,510,510,511,512,517,519,521,526,526,527,527,534,536,536,537,541,542,545,551,554,558,561,561,568,573,582,582,584,590,596,596,597,598,609,610,612,612,616,616,618,622,627,634,637,637,643,676,679,681,684,704,714,743,760,764,767,783,789,842,881,906],
    activations: [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2,2,2,2,2,2,2,2,3,5,5,6,9,10,10,12,12,12,12,15,15,19,19,19,19,21,21,23,24,25,25,25,25,25,25,25,25,25,25,25,25,25,25,25,25,25,26,27,27,32,35,35,35,35,35,36,36,36,37,40,42,42,42,42,42,42,42,42,42,42,43,43,43,44,44,44,44,45,45,47,47,49,49,51,53,54,54,54,58,59,60,60,60,60,60,60,60,61,63,63,66,67,67,67,67,71,75,77,78,80,83,84,84,84,85,85,85,85,87,87,88,88,88,102,105,107,107,107,107,107,110,121,123,123,126,126,126,126,126,127,127,131,131,131,131,133,133,134,139,147,148,148,148,148,148,148,148,148,148,148,149,152,152,152,152,157,162,163,164,166,166,170,173,177,180,182,183,183,183,184,188,189,189,189,190,190,191,191,191,191,191,191,191,191,197,198,201,209,210,211,211,214,215,215,226,229,230,231,236,238,239,246,252,255,257,259,261,262,262,262,263,280,282,285,293,293,293,294,298,300,304,313,322,326,329,330,331,337,339,340,348,355,357,369,370,372,379,381,384,391,392,400,400,400,400,400,400,404,408,412,412,412,412,414,416,425,435,438,439,439,441,441,450,459,459,459,459,459,459,459,459,459,459,461,476,477,482,490,498,508,509,523,523,523,543,546,547,548,553,566,580,588,593,609,615,625,629,632,633,648,656,666,670,687,687,688,699,707,715,723,728,744,763,772,779,781,788,826,829,834,835,836,871,876,882,887,896,907,913,925,931,938,971,983,986,993,1001,1026,1034,1055,1060,1072,1074,1082,1100,1101,1110,1149,1163,1177,1178,1180,1187,1199,1208,1212,1215,1221,1227,1229,1229,1244,1246,1254,1258,1288,1289,1326,1329,1360,1389,1389,1389,1396,1405,1417,1417,1418,1421,1427,1433,1467,1476,1486,1499,1501,1504,1545,1563,1572,1575,1577,1593,1593,1616,1620,1631,1637,1639,1647,1655,1656,1656,1662,1701,1706,1708,1718,1720,1740,1761,1771,1776,1780,1785,1785,1788,1790,1801,1811,1812,1814,1834,1838,1848,1849,1851,1877,1882,1882,1892,1894,1909,1910,1928,1946,1955,1970,1974,1977,1982,2000,2012,2015,2040,2060,2073,2133,2137,2146,2149,2169,2199,2232,2234,2236,2238,2242,2271,2278,2301,2303,2308,2321,2321,2332,2349,2352,2353,2362,2373,2384,2390,2392,2394,2401,2402,2405,2407,2408,2416,2420,2421,2449,2463,2465,2489,2527,2529,2529,2540,2546,2548,2590,2590,2593,2605,2610,2616,2617,2619,2631,2648,2666,2680,2717,2745,2768,2779,2779,2788,2791,2792,2794,2834,2863,2896,2914,2916,2951,2961,2990,3009,3054,3064,3077,3077,3083,3087,3107,3122,3128,3164,3185,3192,3202,3209,3210,3214,3222,3243,3248,3320,3323,3326,3337,3342,3345,3352,3352,3355,3372,3380,3381,3384,3392,3399,3401,3404,3407,3459,3496,3521,3539,3552,3555,3561,3562,3567,3572,3585,3649,3656,3671,3671,3696,3699,3703,3719,3722,3729,3739,3743,3760,3764,3771,3789,3801,3825,3826,3835,3838,3843,3861,3886,3898,3907,3926,3928,3941,3948,3951,3989,3995,3998,4005,4005,4019,4020,4038,4065,4065,4067,4082,4094,4095,4108,4123,4147,4150,4178,4183,4196,4203,4217,4220,4237,4238,4246,4316,4333,4362,4404,4419,4435,4517,4519,4548,4560,4566,4573,4585,4586,4624,4632,4668,4703,4753,4762,4779,4789,4806,4811,4811,4812,4820,4869,4869,4889,4903,4903,4912,4919,4935,5016,5032,5044,5050,5121,5145,5146,5158,5177,5192,5196,5201,5211,5231,5389,5420,5422,5427,5440,5443,5505,5507,5540,5588,5628,5661,5681,5702,5722,5739,5745,5747,5771,5801,5805,5856,5861,5902,5925,5926,5934,5950,5961,5969,6004,6028,6051,6052,6052,6057,6083,6088,6102,6121,6255,6273,6283,6295,6308,6322,6357,6383,6387,6401,6427,6441,6446,6447,6449,6481,6508,6560,6564,6566,6575,6583,6617,6633,6675,6754,6761,6771,6779,6836,6896,6931,6939,6956,6956,6957,6969,6975,6983,6991,7014,7074,7096,7103,7119,7132,7141,7151,7180,7186,7188,7189,7199,7206,7210,7260,7297,7336,7337,7364,7367,7393,7413,7432,7447,7500,7510,7531,7592,7604,7608,7616,7625,7644,7691,7722,7726,7757,7774,7792,7833,7889,7892,7963,7977,7987,8007,8026,8042,8090,8112,8130,8183,8190,8229,8349,8367,8374,8395,8419,8435,8473,8473,8485,8520,8626,8639,8686,8709,8722,8782,8804,8817,8899,8975,9004,9035,9070,9249,9271,9366,9375,9401,9420,9554,9606,9684,9694,9805,9885,9889,9930,9934,10020,10082,10210,10220,10305,10309,10523,10554,10592,10614,10625,10699,10700,10707,10828,10873,10960,11274,11378,11387,11470,11475,11550,11701,11759,11770,11791,11834,11839,11848,11913,11949,12032,12055,12081,12183,12194,12302,12404,12406,12535,12573,12889,12994,13169,13178,13193,13302,13440,13596,13974,13985,14180,14280,14594,14600,14771,15616,15766,16031,16629,17624,17808,18359,19306,22412],
  };
  const UNIT = 1e-4;
  const DATA = {
    weights: { name: "weights of dense_1" },
    activations: { name: "inputs of dense_1" },
  };
  const GRIDS = { symmetric: { name: "symmetric" }, asymmetric: { name: "asymmetric" } };

  const WIDTH = 440; // of each plot, in SVG units
  const UPPER = 170; // height of the histogram
  const LOWER = 150; // height of the errors
  const LOWER_TOP = UPPER + 74; // where the plot of errors begins
  const MARGIN = { left: 46, top: 8, bottom: 44 };
  const BINS = 60;
  const MOST_LINES = 64; // grids with more integers are too fine to be drawn
  const RANGES = Array.from({ length: 39 }, (_, index) => 5 + 2.5 * index); // in percent
  const DECIBELS = [-60, 5]; // the axis of errors
  const BLUE = "#0072b2"; // numbers, error in all
  const ORANGE = "#d55e00"; // rounding
  const GREEN = "#009e73"; // clipping

  // As NumPy rounds: halves go to the even neighbour.
  function rounded(x) {
    const below = Math.floor(x);
    if (x - below !== 0.5) return Math.round(x);
    return below % 2 === 0 ? below : below + 1;
  }

  // Scale, zero point and bounds of the integers, for a range [low, high] that holds 0.
  function grid(low, high, bits, kind) {
    if (kind === "symmetric") {
      const top = 2 ** (bits - 1) - 1;
      return { scale: Math.max(-low, high) / top, zero: 0, bottom: -top, top };
    }
    const [bottom, top] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
    const scale = (high - low) / (top - bottom);
    return { scale, zero: rounded(bottom - low / scale), bottom, top };
  }

  // Mean squared errors by rounding and by clipping, and how many numbers were clipped.
  function errors(values, { scale, zero, bottom, top }) {
    const found = { rounding: 0, clipping: 0, clipped: 0, signal: 0 };
    for (const x of values) {
      const integer = rounded(x / scale) + zero;
      const stored = Math.min(Math.max(integer, bottom), top);
      const squared = (scale * (stored - zero) - x) ** 2 / values.length;
      found[stored === integer ? "rounding" : "clipping"] += squared;
      found.clipped += stored === integer ? 0 : 1;
      found.signal += x ** 2 / values.length;
    }
    return found;
  }

  function bounds(values, percent) {
    const share = percent / 100;
    return [Math.min(values[0], 0) * share, Math.max(values[values.length - 1], 0) * share];
  }

  const numbersOf = (name) => SAMPLES[name].map((stored) => stored * UNIT);
  const decibels = (ratio) => 10 * Math.log10(Math.max(ratio, 1e-12));
  const quantized = (name, bits, percent, kind) => {
    const values = numbersOf(name);
    const made = grid(...bounds(values, percent), bits, kind);
    return { ...made, ...errors(values, made) };
  };

  globalThis.quantizationFunctions = { SAMPLES, quantized };

  const power = (value) => (value === 0 ? "0" : value.toExponential(1).replace("-", "−"));
  const minus = (value, decimals) => value.toFixed(decimals).replace("-", "−");

  function label(x, y, text, anchor = "middle") {
    return shape("text", { x, y, "text-anchor": anchor }, text);
  }

  function rule(d, opacity) {
    return shape("path", { d, "stroke-opacity": opacity });
  }

  // Heights of the histogram's bars, on a scale of roots so that tails can be seen.
  function bars(values, left, right) {
    const counts = new Array(BINS).fill(0);
    for (const x of values) counts[Math.min(BINS - 1, Math.floor(((x - left) / (right - left)) * BINS))] += 1;
    const most = Math.sqrt(Math.max(...counts));
    return counts.map((count, index) => {
      const height = ((UPPER - 12) * Math.sqrt(count)) / most;
      return shape("rect", {
        x: (index * WIDTH) / BINS, y: UPPER - height, width: WIDTH / BINS - 0.6, height, fill: BLUE, "fill-opacity": 0.75,
      });
    });
  }

  function histogram(values, made) {
    const greatest = Math.max(-values[0], values[values.length - 1]);
    const [low, high] = [values[0] < 0 ? -greatest : 0, greatest];
    const pad = 0.04 * (high - low);
    const [left, right] = [low - pad, high + pad];
    const toX = (value) => ((value - left) / (right - left)) * WIDTH;
    const inside = (value) => Math.min(Math.max(toX(value), 0), WIDTH);
    const group = shape("g", { class: "axes" });
    const ends = [made.bottom, made.top].map((integer) => inside(made.scale * (integer - made.zero)));
    for (const [from, to] of [[0, ends[0]], [ends[1], WIDTH]]) {
      group.append(shape("path", {
        d: `M${from} 0 H${to} V${UPPER} H${from} Z`, style: "stroke: none", fill: "currentColor", "fill-opacity": 0.22,
      }));
    }
    const steps = made.top - made.bottom + 1;
    for (let integer = made.bottom; steps <= MOST_LINES && integer <= made.top; integer += 1) {
      const x = toX(made.scale * (integer - made.zero));
      if (x >= 0 && x <= WIDTH) group.append(shape("path", { class: "level", d: `M${x} 0 V${UPPER}`, style: `stroke: ${ORANGE}`, "stroke-width": 1.3 }));
    }
    group.append(rule(`M0 ${UPPER} h${WIDTH}`, 0.8));
    for (const value of new Set([low, 0, high])) group.append(label(toX(value), UPPER + 19, value === 0 ? "0" : minus(value, 2)));
    group.append(label(WIDTH / 2, UPPER + 38, "value (bars: root of the count)"));
    return shape("g", {}, ...bars(values, left, right), group);
  }

  function curve(points, look) {
    const d = points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join(" L");
    return shape("path", { d: `M${d}`, fill: "none", style: `stroke: ${look.stroke}`, "stroke-width": look.width, "stroke-dasharray": look.dash ?? "none" });
  }

  function errorCurves(values, chosen, made) {
    const toX = (percent) => ((percent - RANGES[0]) / (100 - RANGES[0])) * WIDTH;
    const toY = (level) => {
      const share = (level - DECIBELS[0]) / (DECIBELS[1] - DECIBELS[0]);
      return LOWER_TOP + LOWER * (1 - Math.min(Math.max(share, 0), 1));
    };
    const group = shape("g", { class: "axes" });
    for (let level = -60; level <= 0; level += 20) {
      group.append(rule(`M0 ${toY(level)} h${WIDTH}`, level === 0 ? 0.8 : 0.2), label(-6, toY(level) + 5, minus(level, 0), "end"));
    }
    for (const percent of [5, 25, 50, 75, 100]) group.append(label(toX(percent), LOWER_TOP + LOWER + 18, `${percent} %`));
    group.append(label(WIDTH / 2, LOWER_TOP + LOWER + 37, "range, share of least to greatest; error/signal in dB"));
    const found = RANGES.map((percent) => errors(values, grid(...bounds(values, percent), chosen.bits, chosen.kind)));
    const line = (part, look) => curve(RANGES.map((percent, index) => [toX(percent), toY(decibels(part(found[index]) / found[index].signal))]), look);
    group.append(
      line((e) => e.rounding, { stroke: ORANGE, width: 2.5, dash: "8 5" }),
      line((e) => e.clipping, { stroke: GREEN, width: 2.5, dash: "2 4" }),
      line((e) => e.rounding + e.clipping, { stroke: BLUE, width: 4 }),
      shape("circle", {
        cx: toX(chosen.percent), cy: toY(decibels((made.rounding + made.clipping) / made.signal)), r: 7, fill: BLUE, stroke: "#fff", "stroke-width": 1.5,
      }),
    );
    return group;
  }

  function legend() {
    const group = shape("g", { class: "axes" });
    [["in all", BLUE, "none", 4], ["rounding", ORANGE, "8 5", 2.5], ["clipping", GREEN, "2 4", 2.5]].forEach(([name, stroke, dash, width], index) => {
      const [x, y] = [index * 130, LOWER_TOP - 16];
      group.append(
        shape("path", { d: `M${x} ${y} h26`, style: `stroke: ${stroke}`, "stroke-width": width, "stroke-dasharray": dash }),
        label(x + 33, y + 5, name, "start"),
      );
    });
    return group;
  }

  function meaning({ rounding, clipping, clipped }, count) {
    const share = `${((100 * clipped) / count).toFixed(1)} % of the numbers are clipped.`;
    if (clipped === 0) return `${share} A narrower range would have finer steps.`;
    return clipping > rounding
      ? `${share} Clipping costs more than rounding: a wider range would help.`
      : `${share} Rounding costs more than clipping.`;
  }

  function explore(stage, serial) {
    const id = (name) => `quantization-${serial}-${name}`;
    const chosen = { data: "weights", kind: "symmetric", bits: 4, percent: 100 };
    const change = (name) => (value) => {
      chosen[name] = value;
      draw();
    };
    const control = (name, text, range, shown) => slider(id(name), text, { ...range, value: chosen[name] }, shown, change(name));
    const numbers = element("p", { class: "formula", style: "min-height: 6.4em" });
    const status = element("p", { role: "status", style: "min-height: 4.8em" });
    const drawing = shape("g");
    const picture = shape("svg", {
      viewBox: `${-MARGIN.left} ${-MARGIN.top} ${WIDTH + MARGIN.left + 28} ${LOWER_TOP + LOWER + MARGIN.top + MARGIN.bottom}`, role: "img",
      "aria-label": "Above, the numbers' histogram with the grid and the parts that are clipped. Below, the error against the range. The text beside it says scale, errors and signal-to-noise ratio.",
    }, drawing);

    function draw() {
      const values = numbersOf(chosen.data);
      const made = quantized(chosen.data, chosen.bits, chosen.percent, chosen.kind);
      const { scale, zero, bottom, top, rounding, clipping, signal } = made;
      drawing.replaceChildren(histogram(values, made), legend(), errorCurves(values, chosen, made));
      numbers.textContent = `Integers ${minus(bottom, 0)} to ${top}, scale ${scale.toFixed(5)}, zero point ${minus(zero, 0)}. `
        + `Mean squared error: rounding ${power(rounding)}, clipping ${power(clipping)}. `
        + `SNR ${minus(decibels(signal / (rounding + clipping)), 1)} dB.`;
      status.textContent = meaning(made, values.length);
    }

    const controls = element("div", { class: "controls" },
      choice(id("data"), "numbers", DATA, change("data")),
      choice(id("kind"), "grid", GRIDS, change("kind")),
      control("bits", "bits", { min: 2, max: 8, step: 1 }, (value) => `${value}`),
      control("percent", "range", { min: 5, max: 100, step: 2.5 }, (value) => `${value} %`),
      numbers, status,
      element("p", { class: "legend" }, "Orange lines: the grid, where it has at most 64 integers. Shaded: outside of the grid."));
    stage.replaceChildren(element("div", { class: "explorer" }, element("div", { class: "plot" }, picture), controls));
    draw();
  }

  document.querySelectorAll('[data-interactive="weight_quantization"]').forEach(explore);
})();
