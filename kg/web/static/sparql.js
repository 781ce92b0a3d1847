/* Yasgui's editor on the endpoint of this server, and its table and raw view of what comes back. */
"use strict";

(function () {
  const place = document.getElementById("editor");
  if (!place || typeof Yasgui === "undefined") return;
  const prefixes = JSON.parse(place.dataset.prefixes);
  const endpoint = new URL("/sparql", window.location.href).href;
  const status = document.getElementById("result-status");
  const Yasqe = Yasgui.Yasqe;
  const Yasr = Yasgui.Yasr;

  Yasqe.defaults.autocompleters = ["prefixes", "variables"]; // the others ask servers elsewhere
  const editor = new Yasqe(place, {
    value: document.getElementById("query-text").content.textContent,
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "auto",
    viewportMargin: Infinity,
    requestConfig: { endpoint: endpoint, method: "POST" },
    extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": ask, "Cmd-Enter": ask, "Ctrl-Space": () => editor.autocomplete(), Esc: () => editor.getInputField().blur() },
  });
  editor.getInputField().setAttribute("aria-label", "Query");

  const results = new Yasr(document.getElementById("results"), {
    persistenceId: null,
    prefixes: prefixes,
    pluginOrder: ["table", "response"],
    defaultPlugin: "table",
  });
  Object.values(results.plugins).forEach((plugin) => { plugin.helpReference = undefined; });
  results.on("drawn", () => label());

  /* Yasgui writes a language tag into the page as it is: what is none is taken off before. */
  function cleaned(body) {
    if (!body.results || !body.results.bindings) return body;
    for (const row of body.results.bindings) {
      for (const value of Object.values(row)) {
        if (value["xml:lang"] !== undefined && !/^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(value["xml:lang"])) delete value["xml:lang"];
        if (value.type === "uri" && !/^https?:\/\//.test(value.value)) value.type = "literal";
        if (value.datatype !== undefined && !/^https?:\/\/[^\s<>"'`]*$/.test(value.datatype)) delete value.datatype;
      }
    }
    return body;
  }

  /* What the table of Yasgui does not say to those who cannot see it. */
  function label() {
    const box = document.getElementById("results");
    box.querySelectorAll("th").forEach((cell) => { if (!cell.textContent.trim()) cell.append(hidden("Row")); });
    box.querySelectorAll("input:not([aria-label]), select:not([aria-label])").forEach((field) => {
      if (!field.labels || !field.labels.length) field.setAttribute("aria-label", field.placeholder || field.title || "Rows on a page");
    });
  }

  function hidden(words) {
    const span = document.createElement("span");
    span.className = "hidden";
    span.textContent = words;
    return span;
  }

  async function ask() {
    status.textContent = "Asking …";
    const started = performance.now();
    let answer, text;
    try {
      answer = await fetch(endpoint, {
        method: "POST",
        headers: { "Content-Type": "application/sparql-query", Accept: "application/sparql-results+json, text/turtle;q=0.9" },
        body: editor.getValue(),
      });
      text = await answer.text();
    } catch (error) {
      status.textContent = "The endpoint cannot be reached.";
      return;
    }
    const time = Math.round(performance.now() - started);
    const type = answer.headers.get("content-type") || "";
    if (!answer.ok) {
      status.textContent = "Not answered (" + answer.status + ").";
      results.setResponse({ contentType: "text/plain", status: answer.status, executionTime: time, error: { status: answer.status, statusText: answer.statusText, text: text } });
      return;
    }
    let data = text;
    let number = "";
    if (type.includes("json")) {
      const body = cleaned(JSON.parse(text));
      number = body.results ? body.results.bindings.length + " rows" : String(body.boolean);
      data = JSON.stringify(body);
    }
    status.textContent = [number, time + " ms"].filter(Boolean).join(", ");
    results.setResponse({ contentType: type.split(";")[0], data: data, status: answer.status, executionTime: time });
  }

  /* What the graph's own IRIs name has a page here. */
  const base = "https://w3id.org/drug-facts/";
  document.getElementById("results").addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !link.href.startsWith(base)) return;
    event.preventDefault();
    window.location.assign("/" + link.href.slice(base.length));
  });

  document.getElementById("run").addEventListener("click", ask);
  place.dataset.ready = "yes";
  window.editor = editor;
})();
