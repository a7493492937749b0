import { expect, test } from "vitest";
import {
	activeKeys,
	ariaKeys,
	type KeyContext,
	type KeyPress,
	PLACE_KEYS,
	SHORTCUTS,
	shortcutOf,
} from "../src/keyboard/shortcuts";
import { en } from "../src/texts/en";

const PAGE = import.meta.glob<string>("../../../docs/keyboard.md", {
	query: "?raw",
	import: "default",
	eager: true,
});
const PC: KeyContext = { mac: false, writing: false, singleKeys: true };
const MAC: KeyContext = { ...PC, mac: true };
const WRITING: KeyContext = { ...PC, writing: true };

function press(key: string, rest: Partial<KeyPress> = {}): KeyPress {
	const none = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, repeat: false };
	return { key, code: "", keyCode: 0, isComposing: false, ...none, ...rest };
}

/** The press of keys as the table names them. */
function pressOf(keys: string, mac: boolean): KeyPress {
	const parts = keys.split("+");
	const key = parts.at(-1) ?? "";
	return press(key.length === 1 ? key.toLowerCase() : key, {
		altKey: parts.includes("Alt"),
		shiftKey: parts.includes("Shift"),
		ctrlKey: parts.includes("Mod") && !mac,
		metaKey: parts.includes("Mod") && mac,
	});
}

const ALL = SHORTCUTS.flatMap(({ name, keys }) => keys.map((one) => ({ name, keys: one as string })));
const SINGLE = ALL.filter(({ keys }) => keys.length === 1);
const COMBINED = ALL.filter(({ keys }) => keys.length > 1);

test("no keys stand twice in the table, and no letter with Alt alone, which writes on a Mac", () => {
	expect(new Set(ALL.map(({ keys }) => keys)).size).toBe(ALL.length);
	expect(ALL.filter(({ keys }) => /^Alt\+(Shift\+)?.$/.test(keys))).toEqual([]);
});

test.each(ALL)("$keys: $name, on a PC and on a Mac", ({ name, keys }) => {
	expect(shortcutOf(pressOf(keys, false), PC)).toBe(name);
	expect(shortcutOf(pressOf(keys, true), MAC)).toBe(name);
});

test.each(SINGLE)("$keys does not act in a field, when switched off, or with a modifier", ({ keys }) => {
	const event = pressOf(keys, false);
	expect(shortcutOf(event, WRITING)).toBeNull();
	expect(shortcutOf(event, { ...PC, singleKeys: false })).toBeNull();
	for (const modifier of ["altKey", "ctrlKey", "metaKey"] as const)
		expect([modifier, shortcutOf({ ...event, [modifier]: true }, PC)]).toEqual([
			modifier,
			modifier === "ctrlKey" ? shortcutOf(pressOf(`Mod+${keys}`, false), PC) : null,
		]);
});

test.each(COMBINED)("$keys acts in a field too, and when single keys are off", ({ name, keys }) => {
	expect(shortcutOf(pressOf(keys, false), { ...WRITING, singleKeys: false })).toBe(name);
});

test.each(ALL)("$keys does not act during a composition, nor repeatedly while it is held", ({ keys }) => {
	const event = pressOf(keys, false);
	expect(shortcutOf({ ...event, isComposing: true }, PC)).toBeNull();
	// The order of Safari: the last key of a composition is only known by its code.
	expect(shortcutOf({ ...event, keyCode: 229 }, PC)).toBeNull();
	expect(shortcutOf({ ...event, repeat: true }, PC)).toBeNull();
});

test("a key is what it writes, on every layout", () => {
	// Spanish: Shift+7 writes the slash, Shift+' the question mark.
	expect(shortcutOf(press("/", { code: "Digit7", shiftKey: true }), PC)).toBe("search");
	expect(shortcutOf(press("?", { code: "Minus", shiftKey: true }), PC)).toBe("shortcuts");
	// Caps lock writes a capital without Shift; with Shift it is another key.
	expect(shortcutOf(press("J"), PC)).toBe("next_chat");
	expect(shortcutOf(press("J", { shiftKey: true }), PC)).toBeNull();
	// French: the key at the place of Q writes an A.
	expect(shortcutOf(press("a", { code: "KeyQ" }), PC)).toBe("accept_next");
	// AltGr reports Ctrl and Alt on Windows.
	expect(shortcutOf(press("k", { code: "KeyK", ctrlKey: true, altKey: true }), PC)).toBeNull();
});

test("a layout without Latin letters counts by the key's place", () => {
	expect(shortcutOf(press("о", { code: "KeyJ" }), PC)).toBe("next_chat");
	expect(shortcutOf(press("л", { code: "KeyK", ctrlKey: true }), WRITING)).toBe("palette");
});

test("the control key of a Mac keeps its own meaning in fields", () => {
	expect(shortcutOf(press("k", { ctrlKey: true }), MAC)).toBeNull();
	expect(shortcutOf(press("k", { metaKey: true }), PC)).toBeNull();
});

test("controls name the keys that work", () => {
	expect(ariaKeys("next_chat", PC)).toBe("J Alt+ArrowDown");
	expect(ariaKeys("palette", PC)).toBe("Control+K");
	expect(ariaKeys("palette", MAC)).toBe("Meta+K");
	expect(ariaKeys("next_chat", { ...PC, singleKeys: false })).toBe("Alt+ArrowDown");
	expect(activeKeys("ticket", false)).toEqual([]);
});

test("docs/keyboard.md has the table", () => {
	const printed = (keys: string) =>
		keys
			.split("+")
			.map((key) => `<kbd>${key.replace("Mod", "Ctrl").replace("Arrow", "").replace("Escape", "Esc")}</kbd>`)
			.join("+");
	const rows = [...SHORTCUTS, ...PLACE_KEYS].map(
		({ title, text, keys }) => `| ${en[title]} | ${keys.map(printed).join(" ")} | ${en[text]} |`,
	);
	const table = ["| Where | Keys | Action |", "| --- | --- | --- |", ...rows].join("\n");
	expect(Object.values(PAGE)).toEqual([expect.stringContaining(table)]);
});
