import type { Words } from "./rich-services.ts";

/** Markup, quotes, rows of its own, a terminal's commands, marks that turn or hide text, signs, and a long word. */
export const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(2)>"'&amp;{{1}}\nfake  prod  v9\r\u{1B}[2K\u{1B}[1Aall is well\u{2028}second\u{2029}third\u{85}fourth\u{9B}2J\u{202E}drawkcab\u{2066}\u{200B}\u{FEFF}\u{0}🚢👩‍👩‍👧`;

/** Nothing but writing, spaces and the ends of rows. */
export const STEADY = /^(?:(?![\p{Cf}\p{Zl}\p{Zp}])[\P{Cc}\n])*$/u;

const WORD_LENGTH = 10_000;

/** More than a field may hold is refused, so what people say has a word that fits. */
const SAID_LENGTH = 600;

/** Every text that somebody outside writes, made hostile. */
export const HOSTILE_WORDS: Words = {
  say: (text) => `${text}${HOSTILE}${"w".repeat(SAID_LENGTH)}`,
  shout: (text) => `${text}${HOSTILE}${"w".repeat(WORD_LENGTH)}`,
};
