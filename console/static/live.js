/* Live updates. One page of the browser holds the stream of events (a browser opens only a few
   connections to a site) and passes what it hears to the others. Parts of a page marked data-live
   are fetched anew and exchanged; what is typed is never touched. */
(function () {
  "use strict";

  var body = document.body;
  if (!body.dataset.events || !window.EventSource) { return; }

  var handled = new Set(), bell = 0, timer = 0, counted = false, behind = 0;
  var channel = window.BroadcastChannel ? new BroadcastChannel("desk-live") : null;

  function showBell() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-bell]"), function (mark) {
      mark.hidden = bell === 0;
      mark.textContent = bell > 99 ? "99+" : String(bell);
    });
  }

  function wants(part, news) {
    var about = part.dataset.live || part.dataset.liveBar;
    return about === "tickets" || about === "ticket:" + news.ticket;
  }

  function hear(news) {
    if (handled.has(news.key)) { return; }
    handled.add(news.key);
    document.dispatchEvent(new CustomEvent("desk-news", { detail: news }));
    if (news.rings && counted && news.kind !== "said") { bell += 1; showBell(); }
    var parts = Array.prototype.slice.call(document.querySelectorAll("[data-live], [data-live-bar]"));
    if (parts.some(function (part) { return part.dataset.liveBar && wants(part, news); })) {
      behind += 1;
      bar("有 " + behind + " 条更新，点此刷新");
    }
    if (parts.some(function (part) { return part.dataset.live && wants(part, news); })) {
      if (!timer) { timer = setTimeout(freshen, 60); }
    }
  }

  function bar(words) {
    var note = document.querySelector("[data-live-note]");
    var button = note.querySelector("button");
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-primary btn-sm";
      button.addEventListener("click", function () { location.reload(); });
      note.appendChild(button);
    }
    if (button.textContent !== words) { button.textContent = words; }
  }

  function freshen() {
    timer = 0;
    fetch(location.pathname + location.search, { credentials: "same-origin", headers: { "X-Desk-Live": "1" } })
      .then(function (answer) {
        if (!answer.ok || answer.redirected) { throw new Error("gone"); }
        return answer.text();
      })
      .then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html"), stale = false;
        Array.prototype.forEach.call(document.querySelectorAll("[data-live][id]"), function (part) {
          var next = page.getElementById(part.id);
          if (!next) { stale = true; return; }
          if (part.dataset.liveState !== next.dataset.liveState) { stale = true; }
          exchange(part, next);
        });
        if (stale) { bar("有新内容，点此刷新"); }
      })
      .catch(function () { bar("有新内容，点此刷新"); });
  }

  function exchange(part, next) {
    if (part.innerHTML === next.innerHTML) { return; }
    var focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    var fresh = document.importNode(next, true);
    part.replaceChildren.apply(part, Array.prototype.slice.call(fresh.childNodes));
    if (focused) {
      Array.prototype.some.call(part.querySelectorAll("a[href]"), function (link) {
        if (link.getAttribute("href") !== focused) { return false; }
        link.focus();
        return true;
      });
    }
  }

  function notify(news) {
    if (!news.rings || !window.Notification || Notification.permission !== "granted") { return; }
    if (document.visibilityState === "visible" && document.hasFocus()) { return; }
    var note = new Notification("知产小站", {
      body: (news.kind === "opened" ? "新工单 " : "工单有更新 ") + news.number,
      tag: "ticket-" + news.ticket
    });
    note.addEventListener("click", function () {
      window.focus();
      location.assign(body.dataset.ticketPage + news.ticket);
    });
  }

  function lately() {
    fetch(body.dataset.lately + "?since=" + body.dataset.since, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (told) {
        if (!told) { return; }
        counted = false;
        told.news.forEach(hear);
        bell = told.bell;
        counted = true;
        showBell();
      })
      .catch(function () { counted = true; });
  }

  function listen() {
    var source = new EventSource(body.dataset.events);
    source.addEventListener("message", function (event) {
      var news = JSON.parse(event.data);
      if (channel) { channel.postMessage(news); }
      if (!handled.has(news.key)) { notify(news); }
      hear(news);
    });
    source.addEventListener("ready", lately);
    source.addEventListener("gone", function () {
      source.close();
      bar("登录已过期，点此重新登录");
    });
    return source;
  }

  if (channel) { channel.addEventListener("message", function (event) { hear(event.data); }); }
  if (channel && navigator.locks) {
    navigator.locks.request("desk-live", function () {
      listen();
      return new Promise(function () {});
    });
  } else {
    listen();
  }
  lately();
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { lately(); freshen(); }
  });

  var ask = document.querySelector("[data-notify]");
  if (ask && window.Notification) {
    var said = document.querySelector("[data-notify-said]");
    var tell = function () {
      ask.hidden = Notification.permission !== "default";
      said.textContent = {
        granted: "桌面通知已开启，只显示工单编号。",
        denied: "浏览器已禁止本站通知；需要的话请在浏览器的网站设置里改为允许。",
        default: "通知里只有工单编号，没有内容。"
      }[Notification.permission];
    };
    ask.addEventListener("click", function () { Notification.requestPermission().then(tell); });
    tell();
  }
})();
