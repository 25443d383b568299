// The one-file report: shows one page at a time, filters and searches its points, changes the language,
// makes a slip. The address of all that stands behind the # and is that of the dashboard. Nothing is sent.
(() => {
  "use strict";

  const one = (selector, at = document) => at.querySelector(selector);
  const all = (selector, at = document) => [...at.querySelectorAll(selector)];
  const facts = JSON.parse(one("#facts").textContent);
  const main = one("#main");
  const KEYS = Object.keys(facts.allowed); // side, actor, role … of an address
  const FLAGS = ["disagree", "due", "testable"];
  const kept = { [facts.language]: null }; // languages that are not shown now
  let language = facts.language;
  let last = null; // the page that was shown last

  const words = () => facts.words[language];
  const points = () => document.getElementById("/points");
  const here = () => {
    const [path, query] = location.hash.slice(1).split(/\?(.*)/s);
    return { path: path || "/", query: new URLSearchParams(query || "") };
  };
  const address = (path, query) => `#${path}${query.toString() ? `?${query}` : ""}`;

  // --- pages

  const sheetOf = ({ path, query }) => {
    if (path === "/record") return all(".sheet[data-record]").find((each) => each.dataset.record === query.get("id"));
    return all(".sheet").find((each) => each.id === (path === "/answer" ? "/report-change" : path));
  };

  const show = (focus = true) => {
    const at = spoken(here());
    let sheet = sheetOf(at);
    const missing = at.path === "/record" && !sheet;
    if (!sheet || missing) sheet = document.getElementById(missing ? "/points" : "/");
    if (sheet.id === "/report-change") form(sheet, at);
    if (sheet.id === "/points") select(at.query, missing);
    for (const each of all(".sheet")) each.classList.toggle("on", each === sheet);
    document.documentElement.classList.remove("first");
    for (const link of all("nav a")) {
      if (link.getAttribute("href") === `#${sheet.id}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.title = `${sheet.dataset.title} · ${words().site}`;
    const place = `${language} ${sheet.id} ${sheet.dataset.form || ""}`; // another form is another page
    const changed = last !== null && last !== place;
    last = place;
    if (!changed || !focus) return;
    const head = one("h1", sheet);
    if (head) {
      head.tabIndex = -1;
      head.focus({ preventScroll: true });
    }
    scrollTo(0, (history.state && history.state.top) || 0);
  };

  // The address says the language, unless it is that of the file: a reload and a link sent keep it.
  const spoken = (at) => {
    const asked = at.query.get("lang");
    if (asked && Object.hasOwn(facts.words, asked)) swap(asked);
    if (asked === (language === facts.language ? null : language)) return at;
    at.query.delete("lang");
    if (language !== facts.language) at.query.append("lang", language);
    history.replaceState(history.state, "", address(at.path, at.query));
    return at;
  };

  const speak = (wanted) => {
    const { path, query } = here();
    query.set("lang", wanted);
    history.replaceState(history.state, "", address(path, query));
    show(false);
    one(`.languages [data-lang="${wanted}"]`).focus({ preventScroll: true });
  };

  const swap = (wanted) => {
    if (wanted === language) return;
    document.dispatchEvent(new Event("away"));
    const held = document.createDocumentFragment();
    held.append(...main.childNodes);
    kept[language] = held;
    main.append(kept[wanted] || one(`#in-${wanted}`).content.cloneNode(true));
    language = wanted;
    document.documentElement.lang = wanted;
    last = null;
  };

  // --- which points: the same as the server's filters (progress/filters.py)

  // What is searched for: without invisible letters, and no more than the server reads.
  const searched = (text) => [...text.replace(/[\p{C}\p{Z}]+/gu, " ").trim()].slice(0, 200).join("");
  // What an address asks for; what names nothing is left out, and told.
  const read = (query) => {
    const wanted = { q: searched(query.getAll("q").join(" ")), flags: FLAGS.filter((flag) => query.getAll(flag).includes("1")), unknown: [] };
    for (const key of KEYS) {
      const given = [...new Set(query.getAll(key).filter(Boolean))];
      wanted[key] = given.filter((value) => names(key, value));
      wanted.unknown.push(...given.filter((value) => !names(key, value)).map((value) => `${key}=${value}`));
    }
    return wanted;
  };
  const names = (key, value) => {
    const [id, ...role] = key === "actor" ? value.split(":") : [value];
    return facts.allowed[key].includes(id) && (!role.length || facts.allowed.role.includes(role.join(":")));
  };
  const any = (wanted, fits) => !wanted.length || wanted.some(fits);

  const fits = (point, wanted, found) =>
    ["side", "status", "known", "theme", "kind"].every((key) => any(wanted[key], (each) => each === point[key])) &&
    any(wanted.source, (each) => point.source.includes(each)) &&
    wanted.flags.every((flag) => point.flags.includes(flag)) &&
    (![wanted.actor, wanted.role, wanted.basis].some((each) => each.length) || point.parties.some(([bodies, role, basis]) =>
      any(wanted.role, (each) => each === role) && any(wanted.basis, (each) => each === basis) &&
      any(wanted.actor, (each) => {
        const [actor, only] = each.split(":");
        return bodies.includes(actor) && (!only || only === role);
      }))) &&
    (!found || found.has(point.n));

  const select = (query, missing) => {
    const wanted = read(query);
    const found = wanted.q ? find(wanted.q) : null;
    const shown = new Set(facts.points.filter((point) => fits(point, wanted, found)).map((point) => point.id));
    for (const group of all(".of-side", points())) {
      const items = all("li[data-id]", group);
      const counts = new Map();
      for (const item of items) {
        item.hidden = !shown.has(item.dataset.id);
        if (!item.hidden) counts.set(item.dataset.status, (counts.get(item.dataset.status) || 0) + 1);
      }
      group.hidden = !counts.size;
      one(".number", group).textContent = items.filter((item) => !item.hidden).length;
      for (const part of one(".bar", group).children) {
        part.style.flex = counts.get(part.dataset.status) || 0;
        part.hidden = !counts.has(part.dataset.status);
      }
    }
    const whole = shown.size === facts.points.length;
    const said = (whole ? words().all : words().shown).replace("{n}", shown.size).replace("{of}", facts.points.length);
    one(".shown", points()).textContent = missing ? `${words().missing} ${said}` : said;
    one(".none", points()).hidden = shown.size > 0;
    const left = one(".left-out", points());
    left.hidden = !wanted.unknown.length;
    left.textContent = words().left.replace("{parts}", () => wanted.unknown.slice(0, 5).map((each) => each.slice(0, 60)).join(", "));
    controls(query, wanted);
  };

  const controls = (query, wanted) => {
    const bar = one(".filters", points());
    for (const field of bar.elements) {
      if (!field.name) continue;
      if (field.type === "checkbox") field.checked = query.getAll(field.name).includes("1");
      else if (document.activeElement !== field || field.tagName === "SELECT") {
        field.value = [].concat(wanted[field.name]).join(" ");
        if (field.tagName === "SELECT" && field.selectedIndex < 0) field.value = "";
      }
    }
    const chips = [...KEYS.flatMap((key) => wanted[key].map((value) => [key, value])), ...wanted.flags.map((flag) => [flag, "1"])];
    if (chips.some(([key]) => one(`details [name="${key}"]`, bar))) one("details", bar).open = true;
    if (wanted.q) chips.push(["q", wanted.q]);
    one(".chips", points()).replaceChildren(...chips.map(([key, value]) => {
      const chip = Object.assign(document.createElement("button"), { type: "button", title: words().away });
      chip.append(label(key, value), Object.assign(document.createElement("span"), { textContent: " ×", ariaHidden: "true" }));
      chip.addEventListener("click", () => {
        const rest = new URLSearchParams([...query].filter(([k, v]) => k !== key || (k !== "q" && v !== value)));
        location.hash = address("/points", rest);
        one(".shown", points()).focus();
      });
      return chip;
    }));
  };

  const label = (key, value) => {
    if (key === "q") return words().says.replace("{words}", () => value);
    const field = one(`.filters [name="${key}"]`, points());
    if (field.type === "checkbox") return field.closest("label").textContent.trim();
    const [id, role] = value.split(":");
    const option = [...field.options].find((each) => each.value === id);
    const said = option ? option.textContent.replace(/ \(\d+\)$/, "") : (facts.names[id] || {})[language] || id;
    const part = role && [...one('.filters [name="role"]', points()).options].find((each) => each.value === role);
    return part ? `${said}: ${part.textContent}` : said;
  };

  // One field says something new; of the others the address may ask for more than they can show.
  const choose = (field) => {
    const { query } = here();
    const value = field.type === "checkbox" && !field.checked ? "" : field.value.trim();
    query.delete(field.name);
    if (value) query.append(field.name, value);
    const to = address("/points", query);
    if (field.type !== "search") location.hash = to;
    else {
      history.replaceState(history.state, "", to);
      select(query, false);
    }
  };

  // --- search: what the server finds, by the same rules (language/search.py)

  const search = facts.search;
  const LANGUAGES = ["en", "ru", "kk"];
  const looking = (make, otherwise) => {
    try { return make(); } catch { return otherwise; } // an old browser that cannot look back in a text
  };
  const tail = looking(() => new RegExp(search.tail, "gu"), /$^/gu);
  const rootsOf = looking(() => stemming(search.roots), (word) => [word]);
  const unseen = new RegExp(search.unseen, "gu");
  const small = new Set(search.small);
  const vocabulary = Object.keys(search.words).sort();
  let known = null; // for each language, root to its words; made when something is searched for the first time
  const byRoot = () => {
    if (known) return known;
    known = Object.fromEntries(LANGUAGES.map((code) => [code, new Map()]));
    for (const word of vocabulary) {
      for (const code of Object.keys(search.words[word])) {
        for (const root of rootsOf(word, code)) {
          if (!known[code].has(root)) known[code].set(root, []);
          known[code].get(root).push(word);
        }
      }
    }
    return known;
  };

  const cut = (text) => {
    let folded = text.normalize("NFKC").toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ");
    for (const [old, fresh] of search.alike) folded = folded.replaceAll(old, fresh);
    return folded.replace(unseen, "").replace(tail, " ").match(/[\p{L}\p{N}]+/gu) || [];
  };

  const saying = (word) => {
    const beginning = word.length >= search.shortest && !/^\p{Nd}+$/u.test(word) && (word.length >= search.always || !Object.hasOwn(search.words, word));
    const found = new Set();
    for (const code of LANGUAGES) {
      const forms = rootsOf(word, code).flatMap((root) => byRoot()[code].get(root) || []);
      if (beginning) forms.push(...vocabulary.filter((each) => each.startsWith(word) && search.words[each][code]));
      for (const form of forms) for (const n of search.words[form][code]) found.add(n);
    }
    return found;
  };

  const find = (text) => {
    const asked = [...new Set(cut(text))];
    const telling = asked.filter((word) => !small.has(word));
    let found = null;
    for (const word of telling.length ? telling : asked) {
      const holders = saying(word);
      found = found ? new Set([...found].filter((n) => holders.has(n))) : holders;
    }
    return found;
  };

  // --- the form, one at a time: its parts go by their ids (forms.js)

  const form = (sheet, { path, query }) => {
    const point = facts.points.find((each) => each.id === query.get("id"));
    const key = `${language} ${point ? point.id : ""} ${path}`;
    if (sheet.dataset.form === key) return;
    sheet.dataset.form = key;
    sheet.replaceChildren(one(`#form-${language}-${point ? point.form : "whole"}`).content.cloneNode(true));
    for (const other of all(".sheet")) if (other !== sheet && one("#tell", other)) other.replaceChildren();
    if (point) about(sheet, point);
    document.dispatchEvent(new Event("form"));
    if (path === "/answer" && point) {
      const answer = one('[name="kind"][value="answer"]', sheet);
      if (answer.checked) return; // as it was kept, on the screen where it was left
      answer.checked = true;
      answer.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  const about = (sheet, point) => {
    const record = all(".sheet[data-record]").find((each) => each.dataset.record === point.id);
    one('[name="about"]', sheet).value = point.id;
    const link = one(".point a", sheet);
    link.href = address("/record", new URLSearchParams({ id: point.id }));
    one("strong", link).textContent = record.dataset.title;
    const stands = one(".verdict .big", record);
    one(".point .stat", sheet).replaceChildren(...[...stands.childNodes].map((each) => each.cloneNode(true)));
    const bodies = one('[name="body"]', sheet);
    const empty = bodies.options[0];
    bodies.replaceChildren(empty, ...point.answers.map((id) => new Option((facts.names[id] || {})[language] || id, id)));
    bodies.value = point.answers[0] || "";
  };

  // --- what a reader does

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest && event.target.closest(selector);
    const speaks = on("[data-lang]");
    const inside = on('a[href^="#"]:not([href^="#/"])');
    if (on('a[href^="#/"]')) history.replaceState({ ...history.state, top: scrollY }, ""); // to be there again on Back
    if (speaks) speak(speaks.dataset.lang);
    else if (inside) {
      event.preventDefault(); // a part of the page that is shown: the address stays that of the page
      go(document.getElementById(inside.hash.slice(1)));
    }
    else if (on(".clear")) location.hash = "#/points";
    else if (on(".print-all")) {
      document.documentElement.classList.add("whole");
      print();
      document.documentElement.classList.remove("whole");
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".filters, .which")) return;
    event.preventDefault();
    const { query } = here();
    const { value } = event.target.elements.id || { value: "" };
    if (!value) return;
    query.set("id", value);
    location.hash = address("/report-change", query);
  });
  document.addEventListener("change", (event) => { if (event.target.closest(".filters") && event.target.type !== "search") choose(event.target); });
  document.addEventListener("input", (event) => { if (event.target.matches('.filters [type="search"]')) choose(event.target); });
  const go = (part) => {
    if (!part) return;
    const field = "input, select, textarea";
    const to = part.matches(field) ? part : one(field, part) || part;
    if (to === part && !part.matches(field)) part.tabIndex = -1;
    to.focus();
    part.scrollIntoView();
  };
  addEventListener("hashchange", () => show());
  show(false);
  document.documentElement.classList.add("ready");
})();
