// Spectrogram explorer: the reader chooses the length and the shape of the window, and sees what the
// spectrogram can then tell apart: two clicks in time, two tones in frequency, a word's sounds.
"use strict";

(() => {
  const { element, shape, choice } = globalThis.figureParts;

  const RATE = 8000; // samples a second
  const FFT = 1024; // every window is filled up with zeros to this length
  const LENGTHS = [32, 64, 128, 256, 512, 1024];
  const COLUMNS = 240;
  const RANGE = 60; // decibels below the loudest place that are drawn
  const [WIDTH, HEIGHT] = [420, 300]; // of the plot, in SVG units
  const [LEFT, BOTTOM] = [46, 40];

  // "six", said by flite's voice rms, from the course's recordings: 8-bit mu-law.
  const WORD =
    "gH6Afn9/f36Af35/foB+foB/f4B/f4B/fn+Af35/gH9/f39+f4B9fn5+fn5+fn9+fn9/foB9gH9+f3+AfoF/f39+f31+fX98fXx9" +
    "fH17en17enl7fHp7fHp+en16eXt4gneDeXt6en9/fXZ8fnp2fnt+e392enl0gHF1eXpthnZ3jmuJfIF2iG+Fk2iTh3eDkGiYhmyV" +
    "c5dcuVGdpVisYJphqFuFml2Zh3KBknCIjHp1k2iMb3Z0gXN+imeaZJhtioNwlmebX55nkXx6k26dY59sm26aZ5dweYt5hGOhXZON" +
    "Wq5OsVCmgFmxSbVPpmOLl1+kWalYoXhmp1unVbaJT78/v02jZ26lUqZelXtxmG6bbphfrFaZhmiLlF2ecYNqnmqEnl2oYKJlm2mU" +
    "e2alUq9Um4ZhpFyhZZOPWbBKuUO8SKyHTb87xT68Sq1kaKNVo2terEyvV6VdoXl3kHdurkPHRYS+OMk7wTvEQpuzPMU/tk+yUJuU" +
    "W5alRrlQiY9pcJJvaZNxbX2VXp58ZKdfp1WxTaxifYeMWLJGukqkoUu4SLdHuEa1TLVLsk2yU61RpodXsUmzW3KgaWexRL8+wkC8" +
    "R7050zDBuDHWKNYq0TiqrkW7TKSTWLVJqKJMvT/CPrlgS789t2ZNvT3CO8Q9ulWWYKhYn4ZilY5XsUe5SLRMtE2llUvBPL5SZbc+" +
    "xD63WnWeZoukR8Y0yT+mrUDFOcQ9vU2UsD3PKd4lzbMr3SDbK8WgNNItyUmCs0m/PcFFuUHCOr5Hk3pbo1GzSLZGu0O9R7BXnGV2" +
    "m1C0Rbo/xDfIOr1Om5VTt0O+QrlJqndWtEDFOMNIm6NapGWbe22iU7JKt0a9RbdTrU3BNNkm0X4x3CDfItg4U8wr1DO8pj7KNcNI" +
    "oZxSrV5QwjLQMMZNV7hFtVCcoUq5R7RLtUiwXV25Os0wzjbEQrpIs1Vrtj+9VGOvU6NroFyoZY93lFe0R7RTkaRLt0i0VZqNZ6dc" +
    "ks0i5xfjJ8ShNNgi2y2/oETFNsw0w0WqdmKLfWCmR8A5xkCmpEm7RLGFRcss1SzPObxUm1y1QcM8v0ivXZ9ycZuPVrNJtlCoYqFa" +
    "sFOclm1btj7EOsQ6xT28TJ6rQsc1yD61wifjGeUg0ks90yXcJdQ6j8A4yjm/TZahTrZHrV5ybq1DxDXMNMVJbrc6yzDNNsBIrFWo" +
    "WZCkSMI3yzPKO7hrUrVRh6xDwjy9WEzHMsw4vFGjZXWkT7FTj6lDxzHRLs42vr0n5BjmH9kyqMAw1SfZKNI4uWJhsUi1VKRXqFK1" +
    "QcU4xUSmnFWtVp+LULw6xUGrpUi7TZukTro+xjjAUlu5QrpPm5hUujvLMNAv0C/RL8w8tV9psUDJMc8yyECtjmKMjcAs3R/dKshX" +
    "QtEm3CTVN621Os4vzji+Sq9ThaBTrkyzT6pcpWGRlX1bskW+PMY2yTq7cUfHM88wzja7jz/KL9Et0TLIQK9wX6JbmHJxdpZQuEG9" +
    "RLRQq1mMpEq6QsA7xWo12iDfJdM4lMUs1inRN7ttUb4+wUG7SbBTqlKpWnyiUbJPp49RukO4Wm2oVadjkZBoiaNLvUC9S6eXUbpB" +
    "wUC5XVW6PsJAsZlFwEC3VmS5PMVAqK4+xUCorEO/QrpKwzXPNMF0Qs0p2SjQP3S7PsJKk7ZAw0KhtzXQLstBirk7yDu9UZqfT7lF" +
    "r25WtUO/QrKPULs+xzbIQJ6vRblSdrNAxTq/UmmxTKtocaFRuEHBP7xMlqBTrlWrTrhIrKpQlLw10C7PNLmxNs8wyEdkwzHSLs09" +
    "qrA7yjTGQqqWUrJQpnJhqFuDpVGwUqKKWbNKt0qyYWOxRb9CulV0rEu2TaxYqFaqWaBeoWpksEW+Qb1Km6JPsFKkYo5upEy+WUvK" +
    "MNEzxkKgsz7EPbpZf6xQr2pZt0G/Q61qWLJFuUiwYWWuSrlKqWprnVukV6Zbo1O3RLlTeK1LuEO9SqKeVKtbomZzq0q6SK9hdaJT" +
    "skuzUKhfmGaVf2+Peo50oKtKv0mskWGoS7pHsViTkGmnWKhapl2bZn6SWqVTqVWiZHaiV6VemmWbamqfYJpknV6gfW6Wap5nmnGH" +
    "hYqLb5J3iIeRbnucY5d3enCRemmTZYttjGp2gW+Taph0jpeza7Gno7OosHu2n5+siKOcpJGQoH2Ul2qFbGxiX2VVZVlZXVxcYGNh" +
    "YmtnZnZqb3d0hHCTeIeYiJSSmZOZm4iflJaVl5ORmYiUj4yIi4x8jIWHhoqGiJGMjZCRmZCmsa64vMDDxsfGysjHxsTBvby0raWY" +
    "d2JbT0xKQ0JAPjw8PDs9PT5AQUNHSUtSVVpiaIGPmZ6kpa2tqq+vrbCsq6urp6OlnKGcjY6PfHRrYlxfWVhTUVRUV1thbJymxcfO" +
    "1dnc3+Hf4ODc2dTMv6tUPjcxLiwpKSgnJiYmJSUlJicqLTE8RF+qu8XIzM3OzMvKxcfCv768u7q7t7W1raKjbWNZTkxMTkZQU1JY" +
    "ZmVvdnlqZlpcYWBhfLazzOTf5ezx7/Hw6ejlzU42KBsZGBcbHyImMjUzLy0mIB0ZGRkaHyQwTL/O2d7g39/c2NPLxLu0srO7wsPF" +
    "yMnDwLmfdVBDPT47Nj9AQEhJT1NWUVZRTElKTo5jobfOw+br5u309PDz7uXm1DQmJhkTFhcaICcqOFVALy0kHhgVExUXGSEuT8LU" +
    "3OHi4d/b1c7EppmljLHCyMvU1dPT0Mq+tVhEOjo0MjY6OD9QWllzcZCHYVFSSUlZRVKrwInl6uLr9PPw8+3i5dIsIiQXExYYHSgx" +
    "Oa/CsVI5KR8ZFBISExcdKkXC2N/j5eXi29bKtlZSRkaHusDM09fU1dHLv51KQDYyMDMzOz5DU5lta5RsYlRHQkZWTlF4ycHV7ujp" +
    "8ffx8vLm4d9NHiAeEREXGR0rMzy0wkQ0NCQaFRMTFBcaJj+00Nzi5ePh3dnPu55maV+cwMjS1tfY2tXMx7FZQToxMTQzNDpISFJa" +
    "XFhZTUREPDhAQj5ObLe81Ozm6fD18vHv5eHdPx4gHxMSGRwkM0NyzM2NQTgnGhUTERIVGCE7s8zd5eTk5N7X07tSZFJAVL/CytjZ" +
    "19rZz8bBXzw6NCwwNjI5SE1Vi5xopYtOWlRFQk5ZUqW2ysTo7Obt9fTv8urb38IfGyAUEBYaGy09PK3OjTs0JhsWExITFxskP7/V" +
    "3uTm5uLd18moWkU5R5mqwtPX2Nrb1c3ChUM3MiwrMDU4RJihqLq6paRsSEFENjQ+Qz9XpsHC2u7n6vH28fLv4+DcOB4gHRMVGRwm" +
    "OzpSyLw+NiweGBUREhYXGy5RvtXe4OPh2tfSwISEVmS2ucXT2NfY2dTRyK1kXz40Ojs6REVJWqZWTnlYQ0RCPDtAOD9bWlWpzLrn" +
    "6+Xr9PPu8evd3sonHyccFRwmJzZcVJm5TScjHhYRERESFx8mP8PT2eDh3NvYy7+8pae4v8PU19TX3NbOzsaUa0w6OkM5OURVQ15a" +
    "RmVrQT9TSTdESD9JV1aEv77Kzejt6e709fHv6t3YqSQbIB0XHSowO5tUPkMsGxgVEA4RExYdK0S509ja29rSysqzlK+0vcvQ1Nrd" +
    "3NrY0s/DqF5FPkFFOUBdWVVXUktvSzc7R0E3QkFGTU1KV6Scl8rE2u7p6fD18O3p1M/NLhwjMiYpQVWxuXs2LCcbExISERIXHSQ0" +
    "mLTGztDJxMCtmbC4ssTU1dja3Nvc2czIx7xrf01KbGNISaOXRElOST08Nzc+PjU7UVI8UH1Oo7KQrdPQ5ezq6/Hz7ebf0sVKKiEu" +
    "OjM4ncS+ZjkzJR0WEhEUFRUeJzJBtru/ysO3uLeSZsDJxMfW29fY2dnW1sfCwcFkS1tjU0JHSlRVQT5PbEQ4RkNJSzpBV55HTJSu" +
    "u52yxs/I5uzm6e/v6uXYxMpMJSEwNTI5ULW7VDErKh0WExQVFhgcKT1NqsLOycvHv762r7TDycbO2NnU1djVzsK7s61YPlJjXUJO" +
    "g3JST0RJZD42R1xBPF6YUoOLlGlhoJOYnrfDwOLi3uDq6t7d2s+8WjcuNTYqLENMMTBEMyYiIR8cGxobISEjLkVKT7rGw8bHyMHL" +
    "ycXFz9PS0NTX1M3Mz8q7uLK5qWx3qrB9V3uoXkRZT0g+PT1EQT1CS2dNS6Wsh6a9urPU19DW4ePa2+Dd0MXBi0I4LSwxLyorNTgv" +
    "KzIvJiMlIyAiJCgrMjpPn7W9wcjDvLS0ol5iXpaMrrjAyMrLyMvKwri0r4pXVWxcY2umsbGutrisqJaNXFZSTk9QYl9pja+otcPA" +
    "w8fMycjMzMnHycbDw8C8ur20ra6vmXN4W01GRT48Ojg2NjY0NTc3Njk8PTtDRUdHUlZZZHaTmaKprK6ys7S1tre2tre2trO0sa+s" +
    "q6ihnpqWhoB9c21taWdoaGVjZ2ZmioCOk6OlqKuusLCysbCxsbCvsK6traysqqinpKKdmZOPhHx3dGxubGpnamhoZmhlZmVmZWdn" +
    "aWlqbG1vcXF1d3V7fHt+goKBgIWEhYSEh4SDh4OFhYiBhoOBgoSChX+DgYeElYeNkZKQlZaTlpiVl5eZl5iZmJiYmJeXl5WSk5GQ" +
    "jY2Lh4eFgIB9f3h7eXV2eHJ2c3R2c3R4dHd2eXt1eYB4d3x6eHl6dXd1eXJyd3FydW9xcXNweHBzfG5/dHCDgnJ1j410oqp1jZuY" +
    "kpqPknyMiZJ0i5Rdn3F3h5BhgJNcnnNZZ5uFUJSdZ4aVkG6Ei5driW+Ln1tunYeXm1umY16nXJGQeIiSioysT5CgV6VjlVxdmIBc" +
    "iJxWqZROtVlvfqpVZ694gqakYJ/RVE3GUl+Jp0xTeVhekJOGoYmiqlVdplxRcl9PbXpSnadfXLR7VKxwW6J5YXOKXp2bWa6iYaOi" +
    "oVejmYVtapBlilufdVWmWZKVYYmeWJmVU2SiV2qOmF9oqnJorGxkrl97q4hhpMlLg72AcqalXI5ZZ6JQgpNha42MbGeLXmRnXFRp" +
    "flF+ZXFbeqhWlYJziHqUb5JyjXaKp12HpWKLj5lekp5gnqFmZ7FuZ6aQXnSsXmOdYp5YpZ5WopaVYnGtTXmZYFtvl4lSqmuPjMRU" +
    "hL9UpWaUc2NdjGZck22VcJOVaZaWX4mgUGRkdmVNpWBvZZ+bY65lp4abaJmNdm2IhJNfkJqAmnCgYKpaon5eon5RpJhXg5FppE2w" +
    "TbRNoKFanVivXJOAb2GwU12rZ3lulZGhVK/ILs9CtIFGxTXJNsBZV8A4xlOddGi2T42QY5lnV6Fjl1qOiZ5tUL1IpWiHd2WrTK5L" +
    "q22PSLtbWaSXb2KxTK2XTbRIuk98q1evTbNQt0W3T6taa7dAvEiyZlyjfnN0b6FUt0SvkK46z5kq3SXYMZjDMdUn0jyhsj/JOb9U" +
    "YL46v1JSvzu7SqiVS8E+vVZqtjrMOLdcYbg7xEKvnEHHO75UWLGDT7ZDwEaoT71AsIFXujzGNslCXrlQm26GeJOgSbxLnqJBzS7O" +
    "M8dMUMI6xESE1xvkIdg6Rssw0izIQrKeO8s7wUGthn+iSp+UUrBBwzXNMso6vFaLhW2Qp0S9TWi9N8o0zDyXwjLSKtUyvIFOt11T" +
    "uEHDPLOcSrdQeaducZR6jmGbYZ9mkmJ0p1GlVrFWoGpevDzCQMI02Cq8wyrgGuYa4SbKTlDINMJbebI8yDnDQ6dyklqgTsA5yTTJ" +
    "QaGtPM4r1S3KRnWrV6tYlJhmgqZKuki0SL1AwEacrke6QrhOs0uerULCOr9LoH1cl5haol+Br0K/RbBkV7w7xDy9SLF5S8C2Ldwi" +
    "3SnFYkPOLM8xzjqzYaSPbHl1rE6zQMQ6wjrCPcY1yT24d0y+Pr9Jm3SkSLxHqnlisUe8RrCPS789wUp0tj3KNcc+vEmzT7NLtki4" +
    "R7FXm2CtRr8/wTrINco7t2liqU+qdWCmWKdXpMkk4xzhJcqTNNcl1DS6rTTUK9I0v02wXn1Zq1SVW5CcTrZIuUq4Sq9jmlekXn56" +
    "eFa6O8oy0S/PNrx+Sr88wkOnmU+6Qb1OcLk5yzLNM8g8v0G5Tad5WbJFv0C8SLNYZ7FKslWhcmetR8A31SfWN2XMKdwh3ifMWT/P" +
    "K9UuyUtbvTvDQ7JRrU60RL1Bvz/AQbVtU7lEvT7FN8g3w0WDuzXQLdA0wU95qkq8P79HqWOdU7JJuEmyYli6PsBKnJdZrk+qcFqw" +
    "VJmHZ6Bpa61JtVdYwjPRMMhJXNIe6BXmI8tlOdUk2yfUNbexOc8vzjXAYE2/OsNAtVOCq0m7RrdIukqjkV2dYKFamZhOvjnJNsJN" +
    "hadQr020SLpCvUarcmqWYq1IukmzSLw/v0G8SZ+jU6l1XK9OsFSMq0LGNchAmb4y1SjXK8+CLOIX6BvdL4TQIuId3yjLU1S+PcQ7" +
    "vlBur0e2TLBPr1GrVqlam2yhS8E4xkKTtzvJNsRIabw4yzLLOrljXatOuT7HNsY/smVnoFmoWpKdVbBMuj/CQrJdgIRznVSySrdE" +
    "wTrGPL1RcLRAwkR5yirWMq6/L9cl2SzHTF+5Qb9EukO/P79Dsm9RtkiyULBSpmmYV7VCwD2+SKGmRsA6xjnCR5KvRL1EslmEjZpN" +
    "vznKNMo4wUWpnEi/PsFAuVCWm1qfY4inRcE9v0S6Q7xDuUiyUatah6xKt1GlhlLOIuQZ4yTNVzzSKNcsylBLyTLON75UZbFJtkW6" +
    "RrNTooJhr02uYWOuSrFiX6pZnGiaZ4GWbHSgVrBKtkuoZIiUWbFHuUqsXJ5llWaoS70/vkujjl+dcWukULVKrmRhs0LEOcRCslyH" +
    "o1C0TLFXXsku0jteyS3XJdoqy0pWwzXNNMc9vEmnfVm4PMkzzDi6fUbEOcBSTscw0THHRoq3O8g3w0WqaXCnSr89wkK3TLFQqluV" +
    "cH16imuSkVa7PcY4xT+4X1W6QME/uVljsUmwX2usSbtAwEKxhVaqcVa+Mtkl01ow3hvnF+QlvsQp3SDeJdFCW8A5xj62Z0zBOMc8" +
    "u1Ztr0i4R7lDvUiqaWikU65hWbo/vUiuXWS4PMc5wkWmq0O/RK5mZ6lQqmpjn2eJhV61P8Q+tWparVGobli2QcBCtlKkYpxmgaFQ" +
    "t0W/OtAvxLMs3CDeI9Y4aMkr2iTZLsGJSb88xTrBQrFzVrVIt0yrb1y0RL4/wj6+R6eZU7JOrWFnrE+wS7hBvUarhEzAO8REqaJG" +
    "wjfKOMBPWb45xj26V3aoUa9UondXuUK4TaOIUbw6yTjCSaV3jVuwRcc5tbUx1ybZK8heR8M5xkCrrkW8RrNhT8Q1yzbEQ6C0O8k4" +
    "wUmniFulY5ZjrUa9RrJcealNuEe2Tqxna6hQsFtwtD7JNMhDfro8xD+7S6V5c4OVZZRyba5CwkCybWCgaYKLc2WuRrxHnbFBwz64" +
    "hEvCT0jNLs5CUsks1i+8rTvJOcFLo5JUtUe3S6ljaKVNtEupmEm/Q6ydTrVItFhkske2SrRKt06bqkW9R6yEUL0/umJQvEK6UYGt" +
    "SLNYbapMtE+arES+QrpRZ7k9wUmYo0q9Q7RZea9GvEyDs0i2TLNQv0GvsznLOrNfZrRBvUWxZ163QL9Io4RWtES3VGmvSLZPoZ9Q" +
    "tkuwWKZldKZVqF+jW6lZoIJ8h2ulVqpVo2d+mVSuVKlVo3BspVKrZHCjW51rmGSeZJ1dpGJ0n1qmW5dwjGeZX5CPXZxfnmGXcIuW" +
    "c7pFvWCOsluoWK5qc4pvhm6dWJhse2OGeFuTZGV6b2hpj2Z+i2+EiXaPf32MdZJ4kXOGl2eZgHmWdpdwlodvkHx9cIZtcIhwcoN0" +
    "c4qBdX+MeYeLcHqNdXV/cnR9d258cnh7fYZ3joh/joWGhIWDfoh1h3yEiYKNiIWJhoeGf3p5gnp5eHyAeomAhYGFiYGJen9+d3x6" +
    "en98hHeHfIZ+g4SBf4KEeYKBfXuHgnqGgYWHh4KHiX6FhXyAhXuAg3yBf4aBgoWHhIOHhg==";

  function spoken() {
    const codes = Uint8Array.from(atob(WORD), (character) => character.charCodeAt(0));
    return Float64Array.from(codes, (code) => {
      const even = code / 127.5 - 1;
      return (Math.sign(even) * (256 ** Math.abs(even) - 1)) / 255;
    });
  }

  const CLICKS = [0.125, 0.135]; // seconds
  const TONES = [1000, 1050]; // hertz

  function tonesAndClicks() {
    const samples = Float64Array.from({ length: RATE / 4 }, (_, i) => {
      const inside = Math.min(1, i / 80, (RATE / 4 - 1 - i) / 80); // no click at either end
      return 0.05 * inside * TONES.reduce((sum, tone) => sum + Math.sin((2 * Math.PI * tone * i) / RATE), 0);
    });
    for (const time of CLICKS) samples[Math.round(time * RATE)] += 1;
    return samples;
  }

  const SIGNALS = {
    test: { name: "tones and clicks", samples: tonesAndClicks() },
    word: { name: "the word “six”", samples: spoken() },
  };

  // Periodic windows, as for a spectrogram.
  const WINDOWS = {
    hann: { name: "Hann", at: (share) => 0.5 - 0.5 * Math.cos(2 * Math.PI * share) },
    rectangle: { name: "rectangle", at: () => 1 },
  };

  // --- the transform -----------------------------------------------------------------------------
  // In place, radix 2: Cooley and Tukey's fast Fourier transform.
  function transform(re, im) {
    const n = re.length;
    for (let i = 1, j = 0; i < n; i += 1) {
      let bit = n >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) [re[i], re[j], im[i], im[j]] = [re[j], re[i], im[j], im[i]];
    }
    for (let size = 2; size <= n; size *= 2) {
      const half = size / 2;
      for (let k = 0; k < half; k += 1) {
        const [c, s] = [Math.cos((-2 * Math.PI * k) / size), Math.sin((-2 * Math.PI * k) / size)];
        for (let a = k; a < n; a += size) {
          const b = a + half;
          const [x, y] = [re[b] * c - im[b] * s, re[b] * s + im[b] * c];
          [re[b], im[b]] = [re[a] - x, im[a] - y];
          [re[a], im[a]] = [re[a] + x, im[a] + y];
        }
      }
    }
  }

  // The power at each frequency from 0 to RATE / 2, of a window centred on a sample.
  function powers(samples, centre, length, window) {
    const [re, im] = [new Float64Array(FFT), new Float64Array(FFT)];
    for (let i = 0; i < length; i += 1) {
      re[i] = window.at(i / length) * (samples[centre - length / 2 + i] ?? 0);
    }
    transform(re, im);
    return Float64Array.from({ length: FFT / 2 + 1 }, (_, k) => re[k] ** 2 + im[k] ** 2);
  }

  function spectrogram(samples, length, window) {
    return Array.from({ length: COLUMNS }, (_, c) =>
      powers(samples, Math.round(((c + 0.5) * samples.length) / COLUMNS), length, window));
  }

  // How far the power falls between two peaks, in decibels below the lower one.
  const decibels = (power) => 10 * Math.log10(power + 1e-12);
  const dip = (first, between, second) => decibels(Math.min(first, second)) - decibels(between);

  // The clicks are looked at above 2,000 Hz, where the tones are not.
  function dipBetweenClicks(samples, length, window) {
    const at = (time) => powers(samples, Math.round(time * RATE), length, window)
      .slice(FFT / 4).reduce((sum, power) => sum + power, 0);
    const [first, second] = CLICKS;
    return dip(at(first), at((first + second) / 2), at(second));
  }

  // The tones are looked at in the mean over windows that end before the first click.
  function dipBetweenTones(samples, length, window) {
    const last = CLICKS[0] * RATE - length / 2 - 1;
    const first = Math.min(80 + length / 2, last);
    const mean = new Float64Array(FFT / 2 + 1);
    for (let i = 0; i < 20; i += 1) {
      powers(samples, Math.round(first + ((last - first) * i) / 19), length, window).forEach((power, k) => { mean[k] += power / 20; });
    }
    const at = (frequency) => mean[Math.round((frequency * FFT) / RATE)];
    return dip(at(TONES[0]), at((TONES[0] + TONES[1]) / 2), at(TONES[1]));
  }

  // --- drawing -----------------------------------------------------------------------------------
  // Dark blue over green to yellow: readable on light and dark pages, and when colours are not seen.
  const STOPS = [[13, 8, 60], [20, 70, 120], [30, 135, 140], [110, 195, 100], [253, 231, 37]];

  function colour(share) {
    const place = Math.max(0, Math.min(1, share)) * (STOPS.length - 1);
    const below = Math.min(Math.floor(place), STOPS.length - 2);
    return STOPS[below].map((from, i) => from + (place - below) * (STOPS[below + 1][i] - from));
  }

  function picture(columns) {
    const canvas = element("canvas", { width: COLUMNS, height: FFT / 2 });
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(COLUMNS, FFT / 2);
    const loudest = decibels(columns.reduce((most, column) => column.reduce((m, power) => Math.max(m, power), most), 0));
    columns.forEach((column, c) => {
      for (let k = 0; k < FFT / 2; k += 1) {
        const share = 1 + (decibels(column[k]) - loudest) / RANGE;
        pixels.data.set([...colour(share), 255], 4 * ((FFT / 2 - 1 - k) * COLUMNS + c));
      }
    });
    context.putImageData(pixels, 0, 0);
    return canvas.toDataURL();
  }

  function axes(seconds) {
    const group = shape("g", { class: "axes" }, shape("rect", { width: WIDTH, height: HEIGHT }));
    for (let ms = 0; ms <= 1000 * seconds; ms += seconds > 0.4 ? 100 : 50) {
      const x = (ms / 1000 / seconds) * WIDTH;
      group.append(shape("path", { d: `M${x} ${HEIGHT} v5` }), shape("text", { x, y: HEIGHT + 19, "text-anchor": "middle" }, String(ms)));
    }
    for (let kilo = 0; kilo <= 4; kilo += 1) {
      const y = HEIGHT * (1 - kilo / 4);
      group.append(shape("path", { d: `M0 ${y} h-5` }), shape("text", { x: -9, y: y + 5, "text-anchor": "end" }, String(kilo)));
    }
    group.append(
      shape("text", { x: WIDTH / 2, y: HEIGHT + 37, "text-anchor": "middle" }, "time (ms)"),
      shape("text", { x: -HEIGHT / 2, y: -30, "text-anchor": "middle", transform: "rotate(-90)" }, "frequency (kHz)"),
    );
    return group;
  }

  // The window itself, to the scale of the time axis.
  function windowShape(length, window, seconds) {
    const width = (length / RATE / seconds) * WIDTH;
    const points = Array.from({ length: 41 }, (_, i) => {
      const height = i === 0 || i === 40 ? 0 : 26 * window.at(i / 40);
      return `${(8 + (width * i) / 40).toFixed(1)} ${(34 - height).toFixed(1)}`;
    });
    return shape("path", { d: `M${points.join("L")}`, class: "window" });
  }

  // --- controls ----------------------------------------------------------------------------------
  function explore(stage, serial) {
    const id = (name) => `spectrogram-${serial}-${name}`;
    let signal = SIGNALS.test;
    let window = WINDOWS.hann;
    let index = LENGTHS.indexOf(256);

    const image = shape("image", { width: WIDTH, height: HEIGHT, preserveAspectRatio: "none" });
    const frame = shape("g");
    const svg = shape("svg", { viewBox: `${-LEFT} -6 ${WIDTH + LEFT + 16} ${HEIGHT + BOTTOM + 8}`, role: "img" }, image, frame);
    const formula = element("p", { class: "formula" });
    const status = element("p", { role: "status" });
    const input = element("input", { type: "range", id: id("length"), min: 0, max: LENGTHS.length - 1, step: 1 });
    const value = element("span", { class: "value", "aria-hidden": "true" });
    const slider = element("div", { class: "control" }, element("label", { for: id("length") }, "window"), input, value);

    const milliseconds = (length) => `${(1000 * length) / RATE} ms`;

    function verdict(length) {
      if (signal === SIGNALS.word) {
        return length <= 64
          ? "Short window: each opening of the vocal folds is a vertical line, and the silence of k is sharp."
          : length >= 512
            ? "Long window: the harmonics of the voice are horizontal lines, and the sounds run into each other."
            : "Middle window: the bands of the vowel and the hiss of s, at usable precision in both directions.";
      }
      const told = [
        ["clicks", dipBetweenClicks(signal.samples, length, window)],
        ["tones", dipBetweenTones(signal.samples, length, window)],
      ].map(([what, fall]) => `two ${what} ${fall >= 3 ? "seen as two" : "seen as one"} (dip ${fall.toFixed(1).replace("-", "−")} dB)`);
      return `${milliseconds(length)}: ${told.join(", ")}.`;
    }

    function draw() {
      const length = LENGTHS[index];
      const seconds = signal.samples.length / RATE;
      image.setAttribute("href", picture(spectrogram(signal.samples, length, window)));
      frame.replaceChildren(axes(seconds), windowShape(length, window, seconds));
      input.value = index;
      input.setAttribute("aria-valuetext", `${length} samples, ${milliseconds(length)}`);
      value.textContent = String(length);
      formula.textContent = `${length} samples = ${milliseconds(length)}; one step of its Fourier transform = ${RATE} / ${length} = ${RATE / length} Hz`;
      status.textContent = verdict(length);
      svg.setAttribute("aria-label", `Spectrogram of ${signal.name}, window of ${milliseconds(length)}. ${verdict(length)}`);
    }

    input.addEventListener("input", () => { index = Number(input.value); draw(); });
    const signals = choice(id("signal"), "sound", SIGNALS, (key) => { signal = SIGNALS[key]; draw(); });
    const shapes = choice(id("shape"), "shape", WINDOWS, (key) => { window = WINDOWS[key]; draw(); });
    stage.replaceChildren(element("div", { class: "explorer spectrogram" },
      element("div", { class: "plot" }, svg),
      element("div", { class: "controls" }, signals, slider, shapes, formula, status,
        element("p", { class: "legend" }, "Colour: power, 60 decibels from dark to bright. White line: the window, to the scale of the time axis. Two peaks count as two where the power between them falls by 3 decibels."))));
    draw();
  }

  document.querySelectorAll('[data-interactive="spectrogram"]').forEach(explore);
})();
