/* Small conveniences; every page works without them. */
(function () {
  "use strict";

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  /* Leaving with words that were not sent asks first; sending twice is prevented. */
  each("form[method=post]", function (form) {
    var changed = false;
    form.addEventListener("input", function () { changed = true; });
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      changed = false;
    });
    if (form.hasAttribute("data-guard")) {
      window.addEventListener("beforeunload", function (event) {
        if (changed) { event.preventDefault(); }
      });
    }
  });
  window.addEventListener("pageshow", function () {
    each("form[data-sent]", function (form) { delete form.dataset.sent; });
  });

  /* Ctrl+Enter sends; near the limit the field says how much room is left. */
  each("textarea", function (area) {
    area.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { area.form.requestSubmit(); }
    });
    var most = Number(area.dataset.most);
    var room = document.createElement("div");
    room.className = "form-text room";
    room.setAttribute("aria-live", "polite");
    area.insertAdjacentElement("afterend", room);
    area.addEventListener("input", function () {
      var left = most - area.value.length;
      room.textContent = left > most / 10 ? "" : left >= 0 ? "还可写 " + left + " 字" : "超出 " + -left + " 字";
    });
  });

  /* Enterprise names while typing. */
  each("input[data-suggest]", function (input) {
    var timer = 0, asked = "";
    input.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(function () {
        var part = input.value.trim();
        if (part.length < 2 || part === asked) { return; }
        asked = part;
        fetch(input.dataset.suggest + "?q=" + encodeURIComponent(part), { credentials: "same-origin" })
          .then(function (answer) { return answer.ok ? answer.json() : { names: [] }; })
          .then(function (found) {
            input.list.replaceChildren.apply(input.list, found.names.map(function (name) {
              var option = document.createElement("option");
              option.value = name;
              return option;
            }));
          })
          .catch(function () { asked = ""; });
      }, 150);
    });
  });

  /* After a refused form the first wrong field is where one goes on. */
  var wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) { wrong.focus(); }
})();
