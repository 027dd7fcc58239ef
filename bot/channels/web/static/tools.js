/* What scripts add to the calculators: filtering while typing, a print button. All of it works
   without them. */
(function () {
  "use strict";

  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", function () { window.print(); });
  }

  const field = document.getElementById("q"), status = document.getElementById("matches");
  const groups = Array.from(document.querySelectorAll("details.group"));
  if (!field || !groups.length) { return; }
  const open = groups.map(function (group) { return group.open; });

  function fold(text) { return text.toLowerCase().replace(/[\s_—–-]+/g, ""); }

  field.addEventListener("input", function () {
    const said = fold(field.value);
    let found = 0;
    groups.forEach(function (group, n) {
      let here = 0;
      Array.from(group.querySelectorAll("li")).forEach(function (item) {
        const fits = !said || fold(item.dataset.words).indexOf(said) >= 0;
        item.hidden = !fits;
        here += fits ? 1 : 0;
      });
      group.hidden = here === 0;
      group.open = said ? here > 0 : open[n];
      found += here;
    });
    status.hidden = !said;
    status.textContent = found ? "找到 " + found + " 种" : "没有完全对上的，点“查找”看看相近的。";
  });
}());
