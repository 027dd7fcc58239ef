/* The chat. Plain ES2017, no framework. Talks to /chat/ws; see bot/channels/web/socket.py.
   Every line has a key ("m:" + seq, "o:" + id), so that nothing shows twice, and an order
   (time, kind, seq), so that what arrives late still stands in its place. */
(function () {
  "use strict";

  const CENTER = document.body.dataset.center, START = document.body.dataset.start;
  const LIMIT = 2000, COUNT_FROM = 1600, SHOWN_MOST = 500;
  const PING_MS = 20000, PONG_MS = 10000, RETRY_MS = 1000, RETRY_MOST_MS = 15000;
  const CROWDED = 4001, TOO_BIG = 1009;
  const WORDS = {
    connecting: "正在连接…", up: "已连接", down: "已断开，正在重连…", crowded: "已在别的窗口打开，再发一条即可切回",
    bot: "知产小站：", me: "您：", waiting: "等待连接，连上后自动发送", sending: "发送中…",
    again: "重新发送", tooBig: "没有送出：内容太长，请分几次发。", download: "下载 ",
    over: "，超出的部分不会被读取，请精简"
  };

  function byId(id) { return document.getElementById(id); }
  const log = byId("log"), field = byId("text"), state = byId("state"), down = byId("down");
  const lines = new Map();

  // ---- small things

  function make(tag, name, text) {
    const node = document.createElement(tag);
    if (name) { node.className = name; }
    if (text !== undefined) { node.textContent = text; }
    return node;
  }

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, function (b) { return (b + 256).toString(16).slice(1); }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  // A double click is one wish; the page scrolls after the first, so the second may hit anything.
  let tappedAt = 0;
  function onTap(button, act) {
    button.addEventListener("click", function () {
      if (Date.now() - tappedAt > 500) { tappedAt = Date.now(); act(); }
    });
  }

  // Storage may be forbidden; the chat then works without memory of its own.
  function recall(store, key, otherwise) {
    try { return JSON.parse(window[store].getItem("ipstation." + key)) || otherwise; } catch (e) { return otherwise; }
  }
  function keep(store, key, value) {
    try { window[store].setItem("ipstation." + key, JSON.stringify(value)); } catch (e) { /* as above */ }
  }

  // ---- the conversation on the screen

  function before(a, b) {
    for (let i = 0; i < a.length; i += 1) {
      if (a[i] !== b[i]) { return a[i] < b[i]; }
    }
    return false;
  }

  function place(line) {
    let next = null, last = log.lastElementChild;
    while (last && (last === line.node || before(line.order, last.line.order))) {
      if (last !== line.node) { next = last; }
      last = last.previousElementSibling;
    }
    if (line.node.parentNode !== log || line.node.nextElementSibling !== next) {
      log.insertBefore(line.node, next);
    }
  }

  // Wall-clock time in China (UTC+8 all year), wherever the device thinks it is.
  function clock(at) {
    const there = function (ms) { return new Date(ms + 8 * 3600000).toISOString(); };
    const when = there(at), day = Number(when.slice(5, 7)) + "月" + Number(when.slice(8, 10)) + "日 ";
    return (when.slice(0, 10) === there(Date.now()).slice(0, 10) ? "" : day) + when.slice(11, 16);
  }

  function add(key, order, mine) {
    const node = make("div", mine ? "line mine" : "line");
    const line = { key: key, order: order, node: node, bubble: make("div", "bubble"), meta: make("p", "meta") };
    node.line = line;
    line.bubble.appendChild(make("span", "quiet", mine ? WORDS.me : WORDS.bot));
    node.appendChild(line.bubble);
    node.appendChild(line.meta);
    lines.set(key, line);
    return line;
  }

  function showMessage(frame) {
    const key = "m:" + frame.seq;
    if (lines.has(key)) { return; }
    const line = add(key, [frame.at, 1, frame.seq], false), words = make("div");
    words.innerHTML = frame.html; // made by the server from our own texts, people's words escaped
    line.bubble.appendChild(words);
    if (frame.file) { line.bubble.appendChild(fileButton(frame.file)); }
    if (frame.buttons.length) { line.node.insertBefore(taps(frame.buttons), line.meta); }
    line.meta.textContent = clock(frame.at);
    const follow = atEnd();
    place(line);
    if (frame.seq > recall("localStorage", "last", 0)) { keep("localStorage", "last", frame.seq); }
    reveal(line, follow);
  }

  function taps(rows) {
    const block = make("div", "taps");
    rows.forEach(function (row) {
      const group = make("div", row.length === 1 ? "row alone" : "row");
      row.forEach(function (one) {
        const button = make("button", "tap", one.label);
        button.type = "button";
        onTap(button, function () {
          button.setAttribute("aria-pressed", "true");
          send({ type: "tap", id: newId(), menu: one.menu, index: one.index, label: one.label });
        });
        group.appendChild(button);
      });
      block.appendChild(group);
    });
    return block;
  }

  function fileButton(file) {
    const row = make("div", "taps"), button = make("button", "tap", WORDS.download + file.name);
    button.type = "button";
    button.addEventListener("click", function () {
      const link = make("a"), address = URL.createObjectURL(new Blob([file.content], { type: file.mime }));
      link.href = address;
      link.download = file.name;
      document.body.appendChild(link);
      link.click();
      link.remove();
      setTimeout(function () { URL.revokeObjectURL(address); }, 60000);
    });
    row.appendChild(button);
    return row;
  }

  function showOwn(id, text) {
    let line = lines.get("o:" + id);
    if (!line) {
      // Not stored yet, so it stands last, in the order of typing.
      line = add("o:" + id, [Infinity, 0, lines.size], true);
      line.bubble.appendChild(document.createTextNode(text));
      place(line);
    }
    return line;
  }

  function stored(frame) {
    const line = showOwn(frame.id, frame.text), follow = atEnd();
    line.order = [frame.at, 0, frame.seq];
    place(line);
    mark(frame.id, "", clock(frame.at));
    forget(frame.id);
    reveal(line, follow);
  }

  // Committed. Its place is exact once it comes back as stored, which a blank line does not.
  function taken(id, at) {
    const line = lines.get("o:" + id);
    forget(id);
    if (!line || isFinite(line.order[0])) { return; }
    line.order = [at, 0, 0];
    place(line);
    mark(id, "", clock(at));
  }

  function mark(id, name, words) {
    const line = lines.get("o:" + id);
    if (!line) { return; }
    line.node.className = "line mine " + name;
    line.meta.textContent = words;
  }

  function failed(id, words) {
    const frame = queue.find(function (one) { return one.id === id; });
    forget(id);
    mark(id, "failed", words);
    const line = lines.get("o:" + id);
    if (frame && frame.type === "start") { keep("sessionStorage", "started", ""); }
    if (!frame || !line) { return; }
    const again = make("button", "again", WORDS.again);
    again.type = "button";
    again.addEventListener("click", function () { send(frame); field.focus(); });
    line.meta.appendChild(again);
  }

  // ---- scrolling: a new answer is read from its beginning

  function atEnd() {
    return window.innerHeight + window.pageYOffset > document.documentElement.scrollHeight - 160;
  }

  function reveal(line, follow) {
    if (log.getAttribute("aria-busy") === "true" || line.node === log.firstElementChild) { return; }
    if (!follow) { down.hidden = false; return; }
    let mine = line.node;
    while (mine && mine.className.indexOf("mine") < 0) { mine = mine.previousElementSibling; }
    const end = document.documentElement.scrollHeight - window.innerHeight;
    const top = (mine || line.node).getBoundingClientRect().top + window.pageYOffset - 76;
    window.scrollTo(0, Math.min(end, top));
  }

  // ---- what was not acknowledged yet; survives a reload

  let queue = recall("sessionStorage", "queue", []);

  function send(frame) {
    queue.push(frame);
    keep("sessionStorage", "queue", queue);
    if (frame.type !== "start") {
      const line = showOwn(frame.id, frame.text || frame.label);
      reveal(line, true);
    }
    transmit(frame);
  }

  function transmit(frame) {
    if (!socket) { connect(); }
    mark(frame.id, "waiting", ready ? WORDS.sending : WORDS.waiting);
    if (ready) { socket.send(JSON.stringify(frame)); }
  }

  function forget(id) {
    queue = queue.filter(function (one) { return one.id !== id; });
    keep("sessionStorage", "queue", queue);
  }

  // ---- the connection

  let socket = null, ready = false, tries = 0, timer = 0, heard = 0, asked = 0;

  function show(name) {
    if (state.dataset.state !== name) {
      state.dataset.state = name === "crowded" ? "down" : name;
      state.textContent = WORDS[name];
    }
  }

  function seqs(first) {
    const found = [];
    lines.forEach(function (line, key) {
      if (key[0] === first && isFinite(line.order[0])) { found.push(line.order[2]); }
    });
    return found.slice(-SHOWN_MOST);
  }

  function connect() {
    clearTimeout(timer);
    if (socket) { return; }
    const mine = new WebSocket(location.origin.replace(/^http/, "ws") + "/chat/ws");
    socket = mine;
    heard = Date.now();
    mine.onopen = function () {
      const hello = { type: "hello", last: recall("localStorage", "last", 0), shown: seqs("m"), own: seqs("o") };
      mine.send(JSON.stringify(hello));
    };
    mine.onmessage = function (event) { if (socket === mine) { take(JSON.parse(event.data)); } };
    mine.onclose = function (event) { if (socket === mine) { lost(event.code); } };
  }

  function lost(code) {
    if (socket) { socket.onclose = socket.onmessage = socket.onopen = null; socket.close(); }
    socket = null;
    ready = false;
    if (code === TOO_BIG && queue.length) { failed(queue[0].id, WORDS.tooBig); }
    if (code === CROWDED) { show("crowded"); return; }
    queue.forEach(function (frame) { mark(frame.id, "waiting", WORDS.waiting); });
    show("down");
    const wait = Math.min(RETRY_MS * Math.pow(2, tries), RETRY_MOST_MS);
    tries += 1;
    timer = setTimeout(connect, wait * (0.5 + Math.random() / 2));
  }

  function take(frame) {
    heard = Date.now();
    if (frame.type === "message") { showMessage(frame); notice(); }
    if (frame.type === "own") { stored(frame); }
    if (frame.type === "ack") { taken(frame.id, frame.at); }
    if (frame.type === "error" && frame.id) { failed(frame.id, frame.text); }
    if (frame.type === "ready") { begin(frame); }
  }

  function begin(frame) {
    ready = true;
    tries = 0;
    show("up");
    if (log.getAttribute("aria-busy") === "true") {
      log.setAttribute("aria-busy", "false");
      if (log.lastElementChild) { reveal(log.lastElementChild.line, true); }
    }
    // Queued lines go again with their ids; what had arrived already is not counted twice.
    queue.slice().forEach(transmit);
    const unknown = CENTER && frame.center !== CENTER && recall("sessionStorage", "started", "") !== CENTER;
    const pending = queue.some(function (one) { return one.type === "start"; });
    if (START && location.search) {
      // A calculation brought along from its page; the address forgets it, so a reload does not repeat it.
      history.replaceState(null, "", location.pathname);
      send({ type: "start", id: newId(), param: START });
    } else if ((unknown || !frame.begun) && !pending) {
      keep("sessionStorage", "started", CENTER);
      send({ type: "start", id: newId(), param: CENTER ? "c_" + CENTER : "" });
    }
  }

  function beat() {
    const now = Date.now();
    if (!socket) { return; }
    if (ready && asked > heard && now - asked > PONG_MS) { lost(0); return; }
    if (ready && now - heard > PING_MS && asked <= heard) { asked = now; socket.send('{"type":"ping"}'); }
    if (!ready && now - heard > PING_MS) { lost(0); }
  }

  function notice() {
    const name = document.title.replace(/^● /, "");
    document.title = document.hidden ? "● " + name : name;
  }

  // ---- the input

  function fit() {
    field.style.height = "auto";
    field.style.height = Math.min(field.scrollHeight + 2, window.innerHeight * 0.34) + "px";
    const count = byId("count"), length = field.value.length;
    count.hidden = length < COUNT_FROM;
    count.className = length > LIMIT ? "count over" : "count";
    count.textContent = length + " / " + LIMIT + (length > LIMIT ? WORDS.over : "");
  }

  function ask() {
    const text = field.value.trim();
    field.focus();
    if (!text) { return; }
    field.value = "";
    fit();
    send({ type: "say", id: newId(), text: text });
  }

  byId("composer").addEventListener("submit", function (event) { event.preventDefault(); ask(); });
  field.addEventListener("input", fit);
  field.addEventListener("keydown", function (event) {
    // keyCode 229: Enter that belongs to the input method, choosing a word
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      ask();
    }
  });
  Array.from(document.querySelectorAll(".starter")).forEach(function (button) {
    onTap(button, function () { send({ type: "say", id: newId(), text: button.textContent }); });
  });
  byId("leave").addEventListener("submit", function () {
    try { localStorage.clear(); sessionStorage.clear(); } catch (e) { /* nothing kept, nothing to clear */ }
  });
  down.addEventListener("click", function () {
    down.hidden = true;
    window.scrollTo(0, document.documentElement.scrollHeight);
    field.focus();
  });
  window.addEventListener("scroll", function () { if (atEnd()) { down.hidden = true; } }, { passive: true });
  window.addEventListener("offline", function () { if (socket) { lost(0); } });
  window.addEventListener("online", function () { tries = 0; connect(); });
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) { return; }
    notice();
    if (socket) { beat(); } else if (state.textContent !== WORDS.crowded) { connect(); }
  });

  queue.forEach(function (frame) { if (frame.type !== "start") { showOwn(frame.id, frame.text || frame.label); } });
  setInterval(beat, 5000);
  connect();
}());
