"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const NAMES = ["module", "name", "operation", "api", "identity", "type", "verdict", "expected", "observed", "rule", "ledger", "reason", "rules", "effects"];
  const SIGNS = { passed: "✓", deviating: "~", accepted: "≈", failed: "✗", not_verifiable: "⊘", unknown: "?" };
  const BATCH = 100;
  const MOST_PRINTED = 30;
  const form = document.getElementById("filter");
  const list = document.querySelector("#list tbody");
  const more = document.getElementById("more");
  const chips = document.getElementById("chips");
  const FIELDS = ["verdict", "operation", "identity", "type", "module"];
  const SORTED = ["verdict", "name", "identity", "status", "rule", "ms"];
  const further = { rule: "", ledger: "" };
  let order = { key: "", down: false };
  let found = [];
  let shown = 0;

  // Everything that comes from a run is set as text, never as markup.
  function make(tag, text, given) {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    for (const [name, value] of Object.entries(given || {})) element.setAttribute(name, value);
    return element;
  }

  const cases = data.rows.map(function (row, number) {
    const made = { number: number, status: row[NAMES.length], ms: row[NAMES.length + 1] };
    NAMES.forEach(function (name, at) { made[name] = data.texts[row[at]]; });
    return made;
  });

  function spoken(name) { return name.replace(/_/g, " "); }

  function options(name) {
    const counts = new Map();
    for (const each of cases) if (each[name]) counts.set(each[name], (counts.get(each[name]) || 0) + 1);
    const select = form.elements[name];
    select.append(make("option", "any", { value: "" }));
    for (const value of [...counts.keys()].sort())
      select.append(make("option", (name === "verdict" ? spoken(value) : value) + " (" + counts.get(value) + ")", { value: value }));
  }

  function wanted() {
    const chosen = { ...further };
    for (const name of FIELDS) chosen[name] = form.elements[name].value;
    return Object.entries(chosen).filter(function (pair) { return pair[1]; });
  }

  function apply() {
    const exact = wanted();
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = cases.filter(function (each) {
      if (!exact.every(function (pair) { return each[pair[0]] === pair[1]; })) return false;
      if (!words.length) return true;
      const text = [each.module, each.name, each.identity, each.type, each.operation, each.api, each.rule, each.ledger, each.reason, spoken(each.verdict), each.observed, each.status].join(" ").toLowerCase();
      return words.every(function (word) { return text.includes(word); });
    });
    sort();
    shown = 0;
    list.replaceChildren();
    chips.replaceChildren();
    for (const name of Object.keys(further)) if (further[name]) chips.append(chip(name));
    extend();
  }

  // Numbers as numbers; the order of the run where values are equal, and without a key.
  function sort() {
    const key = order.key;
    if (!key) return;
    const sign = order.down ? -1 : 1;
    found.sort(function (a, b) {
      const less = typeof a[key] === "number" ? a[key] - b[key] : a[key].localeCompare(b[key]);
      return sign * less || a.number - b.number;
    });
  }

  // The filters in the address, so that it can be sent to somebody; no entry of the history.
  function remember() {
    const asked = new URLSearchParams(wanted());
    if (form.elements.text.value) asked.set("text", form.elements.text.value);
    if (order.key) asked.set("sort", (order.down ? "-" : "") + order.key);
    const text = String(asked);
    history.replaceState(null, "", text ? "#cases?" + text : location.pathname + location.search);
  }

  function applied() {
    apply();
    remember();
  }

  function mark() {
    document.querySelectorAll("#list thead th").forEach(function (head, at) {
      const sorted = order.key === SORTED[at];
      head.setAttribute("aria-sort", sorted ? (order.down ? "descending" : "ascending") : "none");
    });
  }

  function chip(name) {
    const item = make("li");
    const button = make("button", spoken(name) + ": " + further[name] + " ×", { type: "button", "aria-label": "remove filter " + name + " " + further[name] });
    button.addEventListener("click", function () { further[name] = ""; applied(); });
    item.append(button);
    return item;
  }

  // Thousands of rows at once would block the browser.
  function extend() {
    for (const each of found.slice(shown, shown + BATCH)) list.append(line(each));
    shown = Math.min(shown + BATCH, found.length);
    document.getElementById("found").textContent = found.length + " of " + cases.length + " cases" + (shown < found.length ? ", the first " + shown + " shown" : "");
    more.hidden = shown >= found.length;
  }

  function line(each) {
    const row = make("tr", "", { class: each.verdict });
    row.append(make("td", SIGNS[each.verdict] + " " + spoken(each.verdict)));
    const about = make("td");
    about.append(title(each, row), make("div", each.module, { class: "small" }));
    if (each.reason) about.append(make("div", each.reason.split("\n")[0], { class: "small" }));
    row.append(about, make("td", [each.identity, each.type].filter(Boolean).join(" × ")));
    row.append(make("td", [each.observed, each.status || ""].join(" ").trim()));
    const rule = make("td");
    if (each.rule) rule.append(make("code", each.rule, { title: data.rules[each.rule] || "" }));
    if (each.ledger) rule.append(make("div", "~ " + each.ledger, { class: "small" }));
    row.append(rule, make("td", String(each.ms), { class: "num" }));
    return row;
  }

  function title(each, row) {
    const name = make("code", each.name);
    if (document.getElementById("case-" + each.number)) {
      const link = make("a", "", { href: "#case-" + each.number });
      link.append(name);
      return link;
    }
    const button = make("button", "", { type: "button", class: "name", "aria-expanded": "false" });
    button.append(name);
    button.addEventListener("click", function () {
      const open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
      if (open) row.nextSibling.remove();
      else row.after(detail(data.details[each.number] || brief(each)));
    });
    return button;
  }

  // What a row itself says about a case of which nothing else is kept, in the form of a detail.
  function brief(each) {
    const who = [each.operation, each.api, each.identity && "as " + each.identity, each.type].filter(Boolean).join(" ");
    const by = each.rule && each.rule + (data.rules[each.rule] ? ": " + data.rules[each.rule] : "");
    const facts = [["request", who], ["expected", each.expected], ["observed", [each.status || "", each.observed].join(" ").trim()], ["by", by], ["effects", each.effects], ["reason", each.reason]];
    const blocks = [["rules that applied", each.rules.includes(",") ? each.rules : "", "text"]];
    const filled = function (pair) { return pair[1]; };
    return [facts.filter(filled), blocks.filter(filled)];
  }

  function detail(stored) {
    const row = make("tr", "", { class: "detail" });
    const cell = make("td", "", { colspan: "6" });
    const facts = make("dl", "", { class: "facts" });
    for (const [name, value] of stored[0]) {
      const pair = make("div");
      pair.append(make("dt", name), make("dd", value));
      facts.append(pair);
    }
    cell.append(facts);
    for (const [name, text, look] of stored[1]) {
      const block = make("div", "", { class: "block" });
      block.append(make("h5", name), look === "mail" ? frame(name, text) : make("pre", text, { tabindex: "0" }));
      offerCopy(block);
      cell.append(block);
    }
    row.append(cell);
    return row;
  }

  // A command is there to be run.
  function offerCopy(block) {
    const heading = block.querySelector("h5");
    if (!["curl", "replay"].includes(heading.textContent)) return;
    const button = make("button", "Copy", { type: "button", class: "copy" });
    button.addEventListener("click", function () {
      const text = block.querySelector("pre").textContent;
      navigator.clipboard.writeText(text).then(
        function () { button.textContent = "Copied"; },
        // Where the browser does not let a page copy: selected, so that the keyboard does it.
        function () {
          getSelection().selectAllChildren(block.querySelector("pre"));
          button.textContent = "Selected";
        });
    });
    heading.append(" ", button);
  }

  function frame(name, text) {
    const policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">";
    return make("iframe", "", { sandbox: "", title: name, srcdoc: policy + text });
  }

  function reveal(element) {
    for (let at = element; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    element.scrollIntoView();
  }

  // Links within the page: to cases with a filter, and to the details of one case.
  function follow() {
    const hash = location.hash.slice(1);
    if (hash.startsWith("cases?")) {
      const asked = new URLSearchParams(hash.slice(6));
      form.reset();
      for (const name of Object.keys(further)) further[name] = asked.get(name) || "";
      for (const name of [...FIELDS, "text"]) form.elements[name].value = asked.get(name) || "";
      const key = asked.get("sort") || "";
      order = { key: key.replace("-", ""), down: key.startsWith("-") };
      if (!SORTED.includes(order.key)) order = { key: "", down: false };
      mark();
      apply();
      const heading = document.getElementById("h-cases");
      heading.setAttribute("tabindex", "-1");
      heading.focus({ preventScroll: true });
      document.getElementById("cases").scrollIntoView();
    } else if (hash.startsWith("case-")) {
      const element = document.getElementById(hash);
      if (element) reveal(element);
    }
  }

  for (const name of FIELDS) options(name);
  for (const block of document.querySelectorAll(".block")) offerCopy(block);
  document.querySelectorAll("#list thead th").forEach(function (head, at) {
    const button = make("button", head.textContent, { type: "button", class: "sort" });
    button.addEventListener("click", function () {
      order = { key: SORTED[at], down: order.key === SORTED[at] && !order.down };
      mark();
      applied();
    });
    head.replaceChildren(button);
  });
  mark();
  form.hidden = false;
  document.querySelector("#cases .scroll").hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", applied);
  form.addEventListener("reset", function () {
    further.rule = further.ledger = "";
    // The event comes before the fields are reset.
    setTimeout(applied);
  });
  more.addEventListener("click", extend);
  for (const button of document.querySelectorAll("[data-fold]")) {
    button.hidden = false;
    button.addEventListener("click", function () {
      for (const each of document.querySelectorAll("details.group")) each.open = button.dataset.fold === "open";
    });
  }
  // On paper nothing can be opened: everything is, and folded again afterwards. Hundreds of failures
  // would be hundreds of sheets: then each is the line that the list has for it.
  let folded = [];
  addEventListener("beforeprint", function () {
    const many = document.querySelectorAll("details.case").length > MOST_PRINTED;
    folded = [...document.querySelectorAll("details:not([open])")].filter(function (each) {
      return !(many && each.classList.contains("case"));
    });
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", function () { for (const each of folded) each.open = false; });
  addEventListener("hashchange", follow);
  // The address does not change when its own link is followed again.
  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[href^='#case']");
    if (link && link.getAttribute("href") === location.hash) follow();
  });
  addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    form.elements.text.focus();
  });
  apply();
  follow();
})();
