/* Completion of names with the keyboard (the combobox of WAI-ARIA), and the choice of what is marked in a text. */
"use strict";

(function () {
  const WAIT = 120;

  function complete(input) {
    const list = document.getElementById(input.getAttribute("aria-controls"));
    const fills = input.hasAttribute("data-fill");
    let timer = 0;
    let asked = 0;
    let at = -1;

    function options() {
      return Array.from(list.querySelectorAll('[role="option"]'));
    }

    function close() {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(place) {
      const all = options();
      if (!all.length) return;
      at = (place + all.length) % all.length;
      all.forEach((one, number) => one.setAttribute("aria-selected", String(number === at)));
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    }

    function take(option) {
      if (fills) {
        input.value = option.dataset.label;
        close();
        input.focus();
      } else {
        window.location.assign(option.href);
      }
    }

    async function ask() {
      const typed = input.value.trim();
      const mine = ++asked;
      if (typed.length < 2) return close();
      const address = new URL(input.dataset.complete, window.location.href);
      address.searchParams.set("q", typed);
      address.searchParams.set("for", input.id);
      address.searchParams.set("part", "yes");
      let answer;
      try {
        answer = await fetch(address, { headers: { Accept: "text/html" } });
      } catch (error) {
        return close(); // the server is gone; the form can still be sent
      }
      if (!answer.ok || mine !== asked || document.activeElement !== input) return;
      list.innerHTML = await answer.text(); // escaped by the server
      at = -1;
      const found = options().length > 0;
      list.hidden = !found;
      input.setAttribute("aria-expanded", String(found));
      input.removeAttribute("aria-activedescendant");
    }

    input.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden) return void ask();
        event.preventDefault();
        window.clearTimeout(timer);
        asked++; // who chooses is not interrupted by an answer that comes late
        choose(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
      } else if (event.key === "Enter" && !list.hidden && at >= 0) {
        event.preventDefault();
        take(options()[at]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    input.addEventListener("blur", () => window.setTimeout(close, 150));
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (!option) return;
      event.preventDefault();
      take(option);
    });
  }

  document.querySelectorAll("[data-complete]").forEach(complete);

  document.querySelectorAll("[data-kind]").forEach((box) => {
    box.addEventListener("change", () => {
      document.querySelectorAll(".text .mark.k-" + box.dataset.kind).forEach((mark) => {
        mark.classList.toggle("unmarked", !box.checked);
      });
    });
  });

  const text = document.getElementById("text");
  if (text) {
    text.addEventListener("click", (event) => {
      const mark = event.target.closest(".mark");
      if (!mark) return;
      text.querySelectorAll('[aria-current="true"]').forEach((one) => one.removeAttribute("aria-current"));
      mark.setAttribute("aria-current", "true");
    });
    const here = text.querySelector('[aria-current="true"], .here');
    if (here) here.scrollIntoView({ block: "center" });
  }

  document.addEventListener("keydown", (event) => {
    const is_typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "/" && !is_typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const field = document.getElementById("q");
      event.preventDefault();
      field.focus();
      field.select();
    }
  });
})();
