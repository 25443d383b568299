// What the forms do beyond plain HTML: one screen at a time, nothing typed is lost to a cut line or a
// reload. Sends to our own server only, and only on "Send".
(() => {
  "use strict";

  const STORE = "tracker-form";
  const one = (selector, at = document) => at.querySelector(selector);
  const all = (selector, at = document) => [...at.querySelectorAll(selector)];
  const WAYS = { changed: [1, 2, 3], wrong: [1, 2, 3], answer: [1, 2, 3], "nothing-new": [1, 3], "take-out": [1, 2] };
  document.documentElement.classList.add("js");

  let form = null;
  let step = 1;
  let pushed = 0; // screens that lie behind this one in the history of the tab
  let busy = false;
  let waiting = 0; // until what was typed is kept

  const value = (name) => String(new FormData(form).get(name) || "");
  const way = () => (form.dataset.only ? [2, 3] : WAYS[value("kind")] || [1, 2, 3]);
  const say = (text) => { one("#said").textContent = text; };

  // --- what was typed: in this tab until it is sent or the tab is closed, on the phone only where that
  // was asked for. (The state of a history entry would not do: a reload without a line loses it.)

  const typed = () => Object.fromEntries(new FormData(form));
  const here = () => `${location.pathname} ${form.elements.about.value}`;
  const held = (name) => {
    try {
      const found = JSON.parse(window[name].getItem(STORE));
      return found && found.here === here() ? found : null;
    } catch { return null; }
  };
  const hold = (name, state) => {
    try {
      if (state) window[name].setItem(STORE, JSON.stringify({ ...state, here: here() }));
      else window[name].removeItem(STORE);
    } catch { /* a browser that keeps nothing */ }
  };
  const keep = () => {
    clearTimeout(waiting);
    if (!form) return;
    const state = { step, typed: typed() };
    hold("sessionStorage", state);
    if (one("#keep").checked) hold("localStorage", state);
  };
  const forget = () => {
    clearTimeout(waiting);
    hold("sessionStorage");
    hold("localStorage");
  };
  const fill = (values) => {
    for (const field of form.elements) {
      if (!field.name || field.name === "lang" || !(field.name in values)) continue;
      if (field.type === "radio") field.checked = field.value === values[field.name];
      else if (field.tagName !== "BUTTON") field.value = values[field.name];
    }
  };
  const number = () => [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");

  // --- one screen at a time

  const show = (wanted, focus = true) => {
    const steps = way();
    step = steps.includes(wanted) ? wanted : steps[0];
    const at = steps.indexOf(step);
    const last = at === steps.length - 1;
    for (const each of all("[data-step]", form)) each.classList.toggle("on", Number(each.dataset.step) === step);
    one("#step").textContent = form.dataset.of.replace("{n}", at + 1).replace("{of}", steps.length);
    for (const each of all(".send, .copy, #by-hand", form)) each.hidden = !last;
    one(".next", form).hidden = last;
    one(".back", form).hidden = !at;
    one("#seen").textContent = value("kind") === "nothing-new" ? "" : value("text").trim();
    if (!focus) return;
    say("");
    one(`[data-step="${step}"] [tabindex]`, form).focus({ preventScroll: true });
    scrollTo(0, 0);
  };

  const MUST = {
    changed: { 2: ["text", "link"], 3: ["coalition"] }, wrong: { 2: ["text"], 3: ["coalition"] },
    answer: { 2: ["body", "position", "text"], 3: ["coalition"] }, "nothing-new": { 3: ["where", "coalition"] }, "take-out": { 2: ["text"] },
  };
  const needed = (name) => (name !== "link" || value("shown_by") === "link") && (name !== "coalition" || value("sign") === "coalition");
  // Each field that is needed here says what is missing, and a summary leads to it.
  const lacking = () => {
    const names = ((MUST[value("kind")] || {})[step] || []).filter((name) => needed(name) && !value(name).trim());
    for (const note of all("[data-missing]", form)) mark(note.id.slice(6), names.includes(note.id.slice(6)) ? note.dataset.missing : "");
    const summary = one("#faults");
    summary.hidden = !names.length;
    one("ul", summary).replaceChildren(...names.map((name) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("a"), { href: `#${name}`, textContent: one(`#fault-${name}`).textContent }));
      return item;
    }));
    if (names.length) target(names[0]).focus();
    return names.length > 0;
  };
  const target = (name) => {
    const field = document.getElementById(name);
    return field && field.matches("input, select, textarea") ? field : one(`[name="${name}"]`, form);
  };
  const mark = (name, text) => {
    const note = one(`#fault-${name}`);
    note.textContent = text;
    note.hidden = !text;
    const field = target(name);
    if (!field) return;
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  const next = () => {
    if (lacking()) return;
    const steps = way();
    const to = steps[steps.indexOf(step) + 1];
    if (!to) return;
    pushed += 1;
    history.pushState({ step: to, pushed }, "");
    show(to);
    keep();
  };
  const back = () => {
    if (pushed) return history.back();
    show(way()[way().indexOf(step) - 1]);
    history.replaceState({ step, pushed }, "");
    keep();
  };

  // --- the same as text, for any other way (dashboard/registry/inbox.py reads it back)

  const slip = () => {
    const kind = value("kind");
    const today = new Date().toISOString().slice(0, 10);
    const when = { month: today.slice(0, 7), today, other: value("when_other") }[value("when")];
    const shown = value("shown_by");
    const link = (kind === "answer" ? value("position") === "done-already" && value("shown_at") : shown === "link" && value("link")) || "";
    const address = ["link", link];
    const by = ["shown by", shown !== "link" || link.trim() ? shown : ""];
    const whose = value("position") === "not-ours" && value("whose");
    const lines = [
      ["point", value("about")], ["says", kind],
      ...({
        changed: [["when", when], by, address, ["status", status()]],
        wrong: [by, address],
        answer: [address, ["answers", value("body")], ["position", value("position")], ["whose", whose]],
      }[kind] || []),
      ...(kind === "take-out" ? [] : [["sign", value("sign") === "coalition" ? "coalition" : "told"], ["coalition", value("sign") === "coalition" && value("coalition")]]),
      ["language", form.dataset.language],
    ];
    const text = (kind === "nothing-new" ? value("where") : value("text")).trim().split(/\r\n|\r|\n/);
    const stuffed = text.map((line) => (/^\\|^[ \t]*END\s*$|TRACKER SLIP [0-9]/.test(line) ? `\\${line}` : line));
    const said = lines.map(([key, text]) => [key, String(text || "").trim()]).filter(([, text]) => text);
    return ["TRACKER SLIP 1", ...said.map((line) => line.join(": ")), "text:", ...stuffed, "END", ""].join("\n");
  };
  const status = () => {
    if (value("put") !== "help") return "";
    for (const [at, question] of all("[data-yes]", form).entries()) {
      if (value(`q${at + 1}`) === "yes") return question.dataset.yes;
      if (value(`q${at + 1}`) !== "no") return "";
    }
    return "";
  };
  const copy = async (field) => {
    try {
      await navigator.clipboard.writeText(field.textContent.trim());
    } catch { // not allowed, or no secure line: selected, to be copied by hand
      getSelection().selectAllChildren(field);
      document.execCommand("copy");
    }
  };

  // --- sending

  const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
  const send = async () => {
    if (busy || lacking()) return;
    keep();
    busy = true;
    say(form.dataset.sending);
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), 30000);
    const body = new URLSearchParams(typed());
    let main = null;
    let sent = false;
    let trouble = form.dataset.lost;
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, signal: stop.signal, redirect: "error" });
      const page = await parsed(answer);
      main = one("#before main", page);
      sent = answer.ok && Boolean(one("#receipt", page));
      // Whoever stands between may answer for us: only a page of ours counts.
      if (!main || (answer.ok && !sent)) [main, trouble] = [null, form.dataset.slow];
    } catch { /* cut, refused or too slow */ }
    clearTimeout(late);
    busy = false;
    if (main && !sent && !one("#tell", main)) {
      trouble = (one("#trouble", main) || { textContent: form.dataset.slow }).textContent;
      main = null;
    }
    if (!main) return say(trouble);
    if (sent) forget();
    one("#before main").replaceWith(document.adoptNode(main));
    start({ step, pushed });
    (one(".faults:not([hidden])") || one("h1")).focus();
  };

  // --- the page

  const start = (state) => {
    form = one("#tell");
    if (!form) return;
    const phone = held("localStorage");
    const wrong = one(".fault:not([hidden])", form);
    if (!state) state = { ...(held("sessionStorage") || phone), ...history.state };
    if (state.typed) fill(state.typed);
    else if (!wrong) form.elements.once.value = number();
    pushed = state.pushed || 0;
    one("#keep").checked = Boolean(phone);
    one(".copy", form).type = "button";
    show(wrong ? Number(wrong.closest("[data-step]").dataset.step) : state.step || 1, false);
    history.replaceState({ step, pushed }, "");
    keep();
  };

  // The same page in another language, with what was typed still in it.
  const language = async (address) => {
    const values = typed();
    try {
      const page = await parsed(await fetch(address));
      const main = one("#before main", page);
      if (!one("#tell", page)) return say(form.dataset.slow);
      history.replaceState(null, "", address);
      one("#before main").replaceWith(document.adoptNode(main));
      document.documentElement.lang = page.documentElement.lang;
      document.title = page.title;
      start({ step, pushed, typed: values });
    } catch { say(form.dataset.lost); }
  };

  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    event.preventDefault();
    if (step === way().at(-1)) { if (form.dataset.takes === "yes") send(); } else next();
  });
  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest && event.target.closest(selector);
    const copied = on("button[data-copy]");
    if (copied) {
      copy(document.getElementById(copied.dataset.copy));
      copied.classList.add("did");
    }
    if (!form) return;
    if (on(".next")) next();
    else if (on(".back")) back();
    else if (on(".copy")) {
      if (lacking()) return;
      one("#slip").hidden = false;
      one("#slip-text").textContent = slip();
      copy(one("#slip-text"));
      one("#slip-text").focus();
    } else if (on(".wipe")) {
      form.reset();
      for (const field of all('textarea, input[maxlength]', form)) field.value = "";
      one("#slip").hidden = true;
      one("#keep").checked = false;
      form.elements.once.value = number();
      forget();
      show(1);
      say(form.dataset.wiped);
    } else if (on(".languages a") && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      language(on(".languages a").href);
    }
  });
  document.addEventListener("input", (event) => {
    if (!form || !form.contains(event.target)) return;
    if (event.target.id === "keep") {
      hold("localStorage");
      return keep();
    }
    if (event.target.name === "kind") show(1, false);
    clearTimeout(waiting);
    waiting = setTimeout(keep, 250);
  });
  addEventListener("popstate", (event) => {
    if (!form || !event.state || !event.state.step) return;
    pushed = event.state.pushed || 0;
    show(event.state.step);
    keep();
  });
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", keep);
  document.addEventListener("form", () => start());
  document.addEventListener("away", keep);
  start();
})();
