// What a word of a search may come from: the same roots as language/search.py finds. English and Russian are
// the algorithms of Snowball 3 (snowballstem.org), written as patterns; the rule for Kazakh comes from there.
const stemming = (rules) => {
  "use strict";

  const made = (pattern, flags = "") => new RegExp(pattern, `${flags}u`);
  const swapped = (text, pairs) => pairs.reduce((now, [old, fresh]) => now.replaceAll(old, fresh), text);

  // --- English

  const V = "[aeiouy]";
  const N = "[^aeiouy]";
  const ALONE = {
    andes: "andes", atlas: "atlas", bias: "bias", cosmos: "cosmos", early: "earli", gently: "gentl", howe: "howe", idly: "idl",
    news: "news", only: "onli", singly: "singl", skies: "sky", skis: "ski", sky: "sky", ugly: "ugli",
  };
  const BEGINS = /^(?:arsen|commun|emerg|gener|inter|later|organ|past|univers)/;
  const REGION = made(`^${N}*${V}+${N}`);
  const SHORT = made(`${N}${V}[^aeiouywxY]$|^${V}${N}$|past$`);
  const SECOND = {
    anci: "ance", enci: "ence", ogi: "og", li: "", bli: "ble", abli: "able", alli: "al", fulli: "ful", lessli: "less", ousli: "ous",
    entli: "ent", aliti: "al", biliti: "ble", iviti: "ive", tional: "tion", ational: "ate", alism: "al", ation: "ate",
    ization: "ize", izer: "ize", ator: "ate", iveness: "ive", fulness: "ful", ousness: "ous", ogist: "og",
  };
  const THIRD = {
    icate: "ic", ative: "", alize: "al", iciti: "ic", ical: "ic", tional: "tion", ational: "ate", ful: "", ness: "",
  };
  const ending = (table) => made(`(?:${Object.keys(table).join("|")})$`); // the leftmost match is the longest
  const [SECONDS, THIRDS] = [ending(SECOND), ending(THIRD)];
  const FOURTHS = /(?:ic|ance|ence|able|ible|ate|ive|ize|iti|al|ism|ion|er|ous|ant|e?ment|ent)$/;

  const english = (word) => {
    if (Object.hasOwn(ALONE, word)) return ALONE[word];
    if (word.length < 3) return word;
    let now = word.replace(/^y/, "Y").replace(/([aeiouy])y/g, "$1Y");
    const length = (pattern, text) => (pattern.exec(text) || [{ length: Infinity }])[0].length;
    const first = Math.min(length(BEGINS, now), BEGINS.test(now) ? Infinity : length(REGION, now));
    const second = first + length(REGION, now.slice(first));
    const put = (found, fresh) => { now = now.slice(0, found.index) + fresh; };

    let found = /(?:ied|ies|sses|ss|us|s)$/.exec(now);
    if (found) {
      const bare = now.slice(0, found.index);
      if (found[0] === "sses") put(found, "ss");
      else if (found[0].startsWith("ie")) put(found, bare.length > 1 ? "i" : "ie");
      else if (found[0] === "s" && made(V).test(bare.slice(0, -1))) put(found, "");
    }

    found = /(?:eedly|ingly|edly|eed|ing|ed)$/.exec(now);
    if (found) {
      const bare = now.slice(0, found.index);
      if (found[0].startsWith("ee")) {
        if (found.index >= first && !/^(?:succ|proc|exc)$/.test(bare)) put(found, "ee");
      } else if (found[0] === "ing" && made(`^${N}y$`).test(bare)) now = `${bare[0]}ie`;
      else if (!(found[0] === "ing" && /^(?:even|cann|inn|earr|herr|out)$/.test(bare)) && made(V).test(bare)) {
        now = bare;
        if (/(?:at|bl|iz)$/.test(now)) now += "e";
        else if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(now)) now = /^[aeo]..$/.test(now) ? now : now.slice(0, -1);
        else if (now.length === first && SHORT.test(now)) now += "e";
      }
    }

    if (made(`.${N}[yY]$`).test(now)) now = `${now.slice(0, -1)}i`;
    found = SECONDS.exec(now);
    if (found && found.index >= first) {
      const before = now[found.index - 1] || "";
      if (found[0] === "li" ? /[cdeghkmnrt]/.test(before) : found[0] !== "ogi" || before === "l") put(found, SECOND[found[0]]);
    }
    found = THIRDS.exec(now);
    if (found && found.index >= (found[0] === "ative" ? second : first)) put(found, THIRD[found[0]]);
    found = FOURTHS.exec(now);
    if (found && found.index >= second && (found[0] !== "ion" || /[st]/.test(now[found.index - 1]))) put(found, "");
    const at = now.length - 1;
    if (now[at] === "e" ? at >= second || (at >= first && !SHORT.test(now.slice(0, at))) : now[at] === "l" && at >= second && now[at - 1] === "l") {
      now = now.slice(0, at);
    }
    return now.replaceAll("Y", "y");
  };

  // --- Russian: what may fall off stands behind the first vowel; some endings only after а or я

  const A = "[аеиоуыэюя]";
  const B = "[^аеиоуыэюя]";
  const ADJECTIVE = /(?:[еиоы][ейм]|[иы]ми|[ео](?:го|му)|[иы]х|[еоую]ю|[ая]я)$/;
  const PARTICIPLE = /(?<free>[иы]вш|ующ)$|(?:ем|нн|вш|ю?щ)$/;
  const VERB = /(?<free>[иы]л[аио]?|[иы]т|[иы]ть|ишь|ен[аоы]?|ите|[еу]йте|[еу]й|[иы]м|у[ею]т|ят|у?ю)$|(?:ла|на|ете|йте|ли|й|л|ем|н|ло|н?но|ет|ют|ны|ть|ешь)$/;
  const NOUN = /(?:а|[ео]в|[иь]?е|[еи]?и|и?ями|ами|и?ей|[ио]?й|и?ем|[ао]м|и?ям|о|у|ах|и?ях|ы|ь|[иь]?ю|[иь]?я)$/;

  const russian = (word) => {
    const split = made(`^(${B}*${A})(.*)$`).exec(word);
    if (!split) return word;
    let [, head, rest] = split;
    const second = (made(`^${B}*${A}+${B}+${A}+${B}`).exec(word) || [{ length: Infinity }])[0].length;
    const off = (pattern) => {
      const found = pattern.exec(rest);
      const free = found && (!found.groups || found.groups.free || /[ая]/.test(rest[found.index - 1] || ""));
      if (free) rest = rest.slice(0, found.index);
      return free;
    };
    if (!off(/(?<free>[иы]в(?:ши(?:сь)?)?)$|(?:в(?:ши(?:сь)?)?)$/)) {
      off(/с[ья]$/);
      if (off(ADJECTIVE)) off(PARTICIPLE);
      else if (!off(VERB)) off(NOUN);
    }
    off(/и$/);
    const derived = /ость?$/.exec(rest);
    if (derived && head.length + derived.index >= second) rest = rest.slice(0, derived.index);
    if (off(/ейше?$/) || /нн$/.test(rest)) rest = rest.replace(/нн$/, "н");
    else off(/ь$/);
    return head + rest;
  };

  // --- Kazakh: endings fall off from the end inwards, each may be missing

  const stays = new Set(rules.stays);
  const endings = rules.endings.map((each) => each.map((pattern) => made(pattern)));
  const typed = (word) => [...word].map((letter) => rules.typed[letter] || letter).join("");
  const kazakh = (word) => {
    if (stays.has(word)) return [typed(word)];
    const readings = new Set([word]);
    for (const [n, each] of endings.entries()) {
      for (const reading of [...readings]) {
        for (const pattern of each) {
          const found = pattern.exec(reading);
          if (!found || found.index < (found[0].length === 1 ? 3 : 2)) continue;
          const bare = reading.slice(0, found.index);
          readings.add(bare);
          if (n === rules.many && bare.endsWith("с")) readings.add(`${bare}т`);
        }
      }
    }
    const hard = (reading) => reading.slice(0, -1) + (rules.harder[reading.at(-1)] || reading.at(-1));
    return [...new Set([...readings].map(hard).map((root) => typed(rules.shortened[root] || root)))];
  };

  // --- a word as one of a text in a language; Latin letters are read as English in any

  const [ise, fleeting] = [made(rules.ise, "g"), made(rules.fleeting, "g")];
  return (word, language) => {
    if (/^[\x00-\x7f]*$/.test(word)) {
      const stem = english(word.replace(ise, "is"));
      return [rules.english[stem] || stem];
    }
    if (language === "kk") return kazakh(word);
    const stem = russian(swapped(word, [["ё", "е"]]));
    return [...new Set([rules.russian[stem] || stem, stem.replace(fleeting, "")])];
  };
};
