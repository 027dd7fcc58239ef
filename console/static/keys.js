/* Keys for those who work here all day. They can be switched off, and never act while one types. */
(function () {
  "use strict";

  var KEYS = "desk-keys-off", went = 0;

  function off() {
    try { return localStorage.getItem(KEYS) === "yes"; } catch (error) { return false; }
  }

  function rows() {
    return Array.prototype.slice.call(document.querySelectorAll(".tickets .about a, .hits .hit a"));
  }

  function step(by) {
    var all = rows(), here = all.indexOf(document.activeElement);
    if (!all.length) { return; }
    var next = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  function go(name) {
    var link = document.querySelector("[data-go=" + name + "]");
    if (link) { location.assign(link.href); }
  }

  function tick() {
    var row = document.activeElement.closest("tr"), box = row && row.querySelector(".tick input");
    if (box) { box.click(); }
  }

  document.addEventListener("keydown", function (event) {
    var at = event.target, typing = at.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    if (event.ctrlKey || event.metaKey || event.altKey || typing || document.querySelector("dialog[open]") || off()) {
      if (event.key === "Escape" && typing) { at.blur(); }
      return;
    }
    var second = went && Date.now() - went < 1200;
    went = 0;
    if (second) {
      var place = { h: "home", q: "queue", n: "news", a: "appointments", c: "counts" }[event.key];
      if (place) { event.preventDefault(); go(place); }
      return;
    }
    var act = {
      j: function () { step(1); },
      k: function () { step(-1); },
      o: function () { if (rows().indexOf(document.activeElement) >= 0) { document.activeElement.click(); } },
      x: tick,
      "/": function () {
        var field = document.querySelector("[data-find]");
        if (field) { field.focus(); } else { go("search"); }
      },
      g: function () { went = Date.now(); },
      "?": help
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  function help() {
    var box = document.querySelector("[data-keys]");
    if (box && !box.open) { box.showModal(); }
  }

  var opener = document.querySelector("[data-keys-open]");
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", help);
    var choice = document.querySelector("[data-keys-off]");
    choice.checked = off();
    choice.addEventListener("change", function () {
      try { localStorage.setItem(KEYS, choice.checked ? "yes" : "no"); } catch (error) { choice.checked = false; }
    });
  }

  /* How many are ticked. */
  var form = document.querySelector("[data-bulk]");
  if (form) {
    var count = form.querySelector("[data-bulk-count]"), words = count.textContent;
    var every = form.querySelector("[data-tick-all]");
    var boxes = Array.prototype.slice.call(form.querySelectorAll("tbody .tick input"));
    var tell = function () {
      var ticked = boxes.filter(function (box) { return box.checked; }).length;
      count.textContent = ticked ? "已勾选 " + ticked + " 件：" : words;
      if (every) { every.checked = ticked === boxes.length; every.indeterminate = ticked > 0 && ticked < boxes.length; }
    };
    form.addEventListener("change", tell);
    if (every) {
      every.addEventListener("change", function () {
        boxes.forEach(function (box) { box.checked = every.checked; });
        tell();
      });
    }
  }
  Array.prototype.forEach.call(document.querySelectorAll("[data-print]"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
