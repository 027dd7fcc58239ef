/* The ticket's page while somebody works on it: drafts, colleagues, new lines. */
(function () {
  "use strict";
  var focus = document.querySelector("[data-focus]");
  if (focus && !document.querySelector("[aria-invalid=true]")) { focus.focus(); }
  var lines = document.getElementById("said");
  if (lines) { lines.scrollTop = lines.scrollHeight; }

  var here = document.getElementById("here");
  if (!here) { return; }
  var BOXES = ["answer", "say", "facts", "note", "inner"];
  var sent = false, typedAt = 0;

  function post(address, fields) {
    fields.csrf = here.dataset.csrf;
    return fetch(address, {
      method: "POST", credentials: "same-origin", keepalive: true, body: new URLSearchParams(fields)
    }).then(function (answer) { return answer.ok ? answer.json() : null; }).catch(function () { return null; });
  }

  /* What is typed is kept every few seconds and when the box is left. */
  Array.prototype.forEach.call(document.querySelectorAll("textarea"), function (box) {
    if (BOXES.indexOf(box.name) < 0) { return; }
    var kept = box.value, timer = 0;
    var note = document.createElement("div");
    note.className = "form-text";
    box.insertAdjacentElement("afterend", note);
    function keep() {
      clearTimeout(timer);
      if (sent || box.value === kept) { return; }
      var text = box.value;
      kept = text;
      post(here.dataset.draft, { field: box.name, text: text, opened: here.dataset.opened })
        .then(function (answer) {
          if (answer && answer.saved) { note.textContent = "草稿已保存 " + answer.saved; }
          else if (!answer) { kept = null; note.textContent = "草稿没有存上，请先不要关页面。"; }
        });
    }
    box.addEventListener("input", function () {
      typedAt = Date.now();
      clearTimeout(timer);
      timer = setTimeout(keep, 2500);
    });
    box.addEventListener("blur", keep);
    if (box.form) { box.form.addEventListener("submit", function () { sent = true; }); }
  });

  function show(people) {
    here.replaceChildren.apply(here, people.map(function (one) {
      var chip = document.createElement("span");
      chip.textContent = one.name + (one.writing ? " 正在写" : " 也在看");
      return chip;
    }));
  }

  function renew(mark) {
    var talk = document.getElementById("talk-lines");
    here.dataset.mark = mark;
    if (!talk) { return; }
    fetch(talk.dataset.src, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (html) {
        if (html === null) { return; }
        talk.innerHTML = html;
        lines = document.getElementById("said");
        if (lines) { lines.scrollTop = lines.scrollHeight; }
      })
      .catch(function () {});
  }

  function poll() {
    if (document.hidden || !here.dataset.poll) { return; }
    post(here.dataset.poll, { writing: Date.now() - typedAt < 15000 ? "1" : "0" }).then(function (answer) {
      if (!answer) { return; }
      show(answer.here);
      if (answer.mark !== here.dataset.mark) { renew(answer.mark); }
    });
  }
  poll();
  setInterval(poll, 5000);
  document.addEventListener("visibilitychange", poll);
  document.addEventListener("desk-news", function (event) {
    if (String(event.detail.ticket) === here.dataset.ticket) { poll(); }
  });
})();
