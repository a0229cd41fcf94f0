// The console's script: follows the gateway without reloading, and streams a chat.
// Text from elsewhere is only ever put in as text, or comes escaped from the gateway.
"use strict";

const root = document.documentElement.dataset.root;
const EVERY_MS = 1000;
const MOVING_MS = 10000; // a list of the last minutes changes by itself

/* ---- Theme: JupyterLab's, when it is around us ---- */

function followTheme() {
  try {
    const outer = window.parent !== window && window.parent.document.body;
    if (!outer || outer.dataset.jpThemeLight === undefined) return;
    const take = () => {
      document.documentElement.dataset.theme = outer.dataset.jpThemeLight === "true" ? "light" : "dark";
    };
    take();
    new MutationObserver(take).observe(outer, { attributeFilter: ["data-jp-theme-light"] });
  } catch {
    // another origin is around us: the reader's own preference counts
  }
}

/* ---- Live: what changed is put in place, where the reader is stays ---- */

const pause = document.getElementById("pause");
const state = document.getElementById("live-state");
const lost = document.getElementById("lost");
let shown = document.documentElement.dataset.version;
let movedAt = Date.now();
let paused = false;

function say(text, isPaused) {
  state.classList.toggle("paused", isPaused);
  if (state.lastChild.textContent !== text) state.lastChild.textContent = text;
}

function address(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute("href");
  return href ? `${element.localName}[href="${CSS.escape(href)}"]` : null;
}

function replaceRegion(before, after) {
  if (before.innerHTML === after.innerHTML) return;
  const selection = document.getSelection();
  if (selection && !selection.isCollapsed && before.contains(selection.anchorNode)) return;
  const open = new Map([...before.querySelectorAll("details[id]")].map(one => [one.id, one.open]));
  const scrolled = [...before.querySelectorAll("[id]")]
    .filter(one => one.scrollLeft || one.scrollTop)
    .map(one => [one.id, one.scrollLeft, one.scrollTop]);
  const focused = before.contains(document.activeElement) ? address(document.activeElement) : null;
  before.replaceChildren(...after.childNodes);
  for (const one of before.querySelectorAll("details[id]")) {
    if (open.has(one.id)) one.open = open.get(one.id);
  }
  for (const [id, left, top] of scrolled) {
    const one = document.getElementById(id);
    if (one) one.scrollTo({ left, top, behavior: "instant" });
  }
  if (focused) before.querySelector(focused)?.focus({ preventScroll: true });
}

function addChoices(page) {
  for (const select of document.querySelectorAll("select[data-choices]")) {
    const known = new Set([...select.options].map(one => one.value));
    for (const one of page.getElementById(select.id)?.options ?? []) {
      if (!known.has(one.value)) select.add(new Option(one.text, one.value));
    }
  }
}

async function refresh() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok && answer.status !== 404) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const names = page => [...page.querySelectorAll("[data-live]")].map(one => one.id).join();
  if (names(document) !== names(page)) { // what the page is about came or went
    replaceRegion(document.getElementById("content"), page.getElementById("content"));
    return;
  }
  for (const region of document.querySelectorAll("[data-live]")) replaceRegion(region, page.getElementById(region.id));
  addChoices(page);
}

async function follow() {
  if (!paused && !document.hidden) {
    try {
      const answer = await fetch(`${root}version`, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const version = await answer.text();
      const moving = document.querySelector("[data-moving]") && Date.now() - movedAt > MOVING_MS;
      if (version !== shown || moving || !lost.hidden) {
        await refresh();
        movedAt = Date.now();
      }
      shown = version;
      lost.hidden = true;
      say("Live", false);
    } catch {
      lost.hidden = false;
      say("Waiting for the gateway", true);
    }
  }
  setTimeout(follow, EVERY_MS);
}

function beLive() {
  if (!document.querySelector("[data-live]")) return;
  document.getElementById("live").hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    say(paused ? "Paused" : "Live", paused);
  });
  follow();
}

/* ---- Small things ---- */

function openTarget() {
  const target = location.hash.startsWith("#span-") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) {
    target.open = true;
    target.querySelector("summary").focus();
  }
}

function showCustom() {
  const range = document.getElementById("range");
  const custom = document.getElementById("custom");
  if (!range) return;
  const take = () => { custom.hidden = range.value !== "custom"; };
  range.addEventListener("change", take);
  take();
}

/* ---- Try it ---- */

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function visible(text) {
  return text.replace(HIDDEN, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function spoken(payload) {
  const choice = payload.choices?.[0];
  return choice?.delta?.content ?? choice?.message?.content ?? "";
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith("data:") && line.slice(5).trim() !== "[DONE]") yield JSON.parse(line.slice(5));
    }
  }
}

async function showAnswer(answer, into) {
  const type = answer.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    for await (const payload of events(answer.body)) into.append(visible(spoken(payload)));
    return;
  }
  const text = await answer.text();
  try {
    const payload = JSON.parse(text);
    into.append(visible(spoken(payload) || payload.error?.message || text));
  } catch {
    into.append(visible(text));
  }
}

async function showResult(traceId) {
  const result = document.getElementById("result");
  result.replaceChildren();
  if (!traceId) return;
  const answer = await fetch(`${root}results/${encodeURIComponent(traceId)}`, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.ok) result.replaceChildren(...page.body.childNodes);
}

function beReadyToChat() {
  const form = document.getElementById("chat");
  if (!form) return;
  const [send, cancel, text, said] = ["send", "cancel", "answer-text", "chat-state"].map(id => document.getElementById(id));
  let aborting = null;
  cancel.addEventListener("click", () => aborting?.abort());
  form.prompt.addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", async event => {
    event.preventDefault();
    if (send.disabled) return;
    aborting = new AbortController();
    document.getElementById("answers").hidden = false;
    text.replaceChildren();
    document.getElementById("result").replaceChildren();
    send.disabled = true;
    cancel.hidden = false;
    said.textContent = "Waiting for the answer…";
    let traceId = null;
    try {
      const chat = { way: form.way.value, model: form.model.value.trim(), prompt: form.prompt.value, stream: form.stream.checked };
      const answer = await fetch(`${root}try`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(chat), signal: aborting.signal });
      traceId = answer.headers.get("x-trace-id");
      await showAnswer(answer, text);
      said.textContent = answer.ok ? "Answered." : "Refused.";
    } catch (error) {
      said.textContent = error.name === "AbortError" ? "Stopped." : `Broken off: ${visible(error.message)}`;
    }
    await showResult(traceId);
    send.disabled = false;
    cancel.hidden = true;
  });
}

followTheme();
beLive();
showCustom();
beReadyToChat();
openTarget();
window.addEventListener("hashchange", openTarget);
