/**
 * The keyboard shortcuts: keys, texts, and which of them a key press means. Pure.
 * The only table: the handler, the list of shortcuts, the palette, titles, `aria-keyshortcuts` and docs/keyboard.md read it.
 */
import { isComposing } from "@palique/ui/composition";
import type { TextKey } from "../texts/LanguageStore";

/**
 * Keys as in `aria-keyshortcuts`, joined by a plus sign. `Mod` is the command key of a Mac and the control key elsewhere.
 * Combinations with `Mod` or `Alt` also work while a field has the focus. None is `Alt` with a letter: it writes a character on a Mac.
 */
export const SHORTCUTS = [
	{ name: "palette", title: "keys_everywhere", text: "do_palette", keys: ["Mod+K"] },
	{ name: "search", title: "keys_everywhere", text: "do_search", keys: ["/"] },
	{ name: "shortcuts", title: "keys_everywhere", text: "do_shortcuts", keys: ["?"] },
	{ name: "accept_next", title: "chats_title", text: "do_accept_next", keys: ["A"] },
	{ name: "next_chat", title: "chats_title", text: "do_next_chat", keys: ["J", "Alt+ArrowDown"] },
	{ name: "previous_chat", title: "chats_title", text: "do_previous_chat", keys: ["K", "Alt+ArrowUp"] },
	{ name: "next_unread", title: "chats_title", text: "do_next_unread", keys: ["U", "Alt+Shift+ArrowDown"] },
	{ name: "reply", title: "keys_one_chat", text: "do_reply", keys: ["R"] },
	{ name: "note", title: "keys_one_chat", text: "do_note", keys: ["N", "Mod+I"] },
	{ name: "ticket", title: "keys_one_chat", text: "action_ticket", keys: ["T"] },
	{ name: "release", title: "keys_one_chat", text: "action_release", keys: ["G"] },
	{ name: "take_over", title: "keys_one_chat", text: "action_take_over", keys: ["O"] },
	{ name: "close_chat", title: "keys_one_chat", text: "action_close", keys: ["C"] },
] as const satisfies readonly { name: string; title: TextKey; text: TextKey; keys: readonly string[] }[];
export type ShortcutName = (typeof SHORTCUTS)[number]["name"];

/** Keys that act only where the focus is. Their elements handle them; they are listed here for the reader. */
export const PLACE_KEYS = [
	{ title: "keys_in_lists", text: "keys_rows", keys: ["ArrowDown", "ArrowUp"] },
	{ title: "keys_in_lists", text: "keys_controls", keys: ["ArrowRight", "ArrowLeft"] },
	{ title: "keys_in_lists", text: "keys_ends", keys: ["Home", "End"] },
	{ title: "keys_in_lists", text: "keys_open", keys: ["Enter"] },
	{ title: "keys_in_texts", text: "send", keys: ["Enter"] },
	{ title: "keys_in_texts", text: "keys_line", keys: ["Shift+Enter"] },
	{ title: "keys_in_texts", text: "keys_escape", keys: ["Escape"] },
] as const satisfies readonly { title: TextKey; text: TextKey; keys: readonly string[] }[];

/** A key press, as a `KeyboardEvent` has it. */
export type KeyPress = Readonly<
	Pick<
		KeyboardEvent,
		"key" | "code" | "keyCode" | "isComposing" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey" | "repeat"
	>
>;

export interface KeyContext {
	readonly mac: boolean;
	/** True while the focus is where letters are written or choose something. */
	readonly writing: boolean;
	/** False: shortcuts of a single character are switched off (WCAG 2.1.4). */
	readonly singleKeys: boolean;
}

/** The shortcut of a key press. A key that is held down acts once. */
export function shortcutOf(event: KeyPress, context: KeyContext): ShortcutName | null {
	if (isComposing(event) || event.repeat) return null;
	const found = SHORTCUTS.find(({ keys }) => keys.some((one) => isPressed(one, event, context)));
	return found?.name ?? null;
}

/** The keys that work with these settings. */
export function activeKeys(name: ShortcutName, singleKeys: boolean): readonly string[] {
	const keys: readonly string[] = SHORTCUTS.find((one) => one.name === name)?.keys ?? [];
	return keys.filter((one) => singleKeys || !isSingle(one));
}

/** The value of `aria-keyshortcuts`. */
export function ariaKeys(name: ShortcutName, { mac, singleKeys }: Omit<KeyContext, "writing">): string {
	const keys = activeKeys(name, singleKeys).map((one) => one.replace("Mod", mac ? "Meta" : "Control"));
	return keys.join(" ");
}

function isPressed(keys: string, event: KeyPress, { mac, writing, singleKeys }: KeyContext): boolean {
	if (isSingle(keys)) {
		// Some layouts need Shift for `/` and `?`.
		const shift = isLetter(keys) && event.shiftKey;
		return singleKeys && !writing && !shift && !hasModifier(event) && pressedKey(event) === keys;
	}
	const parts = keys.split("+");
	const mod = parts.includes("Mod");
	return (
		parts.at(-1) === pressedKey(event) &&
		event.altKey === parts.includes("Alt") &&
		event.shiftKey === parts.includes("Shift") &&
		event.ctrlKey === (mod && !mac) &&
		event.metaKey === (mod && mac)
	);
}

/** The key's value, letters in upper case. On a layout without Latin letters, the letter at the key's place. */
function pressedKey({ key, code }: KeyPress): string {
	if (key.length > 1) return key;
	const place = /^Key([A-Z])$/.exec(code)?.[1];
	return place && !isLetter(key) && /\p{L}/u.test(key) ? place : key.toUpperCase();
}

function isLetter(key: string): boolean {
	return /^[a-z]$/i.test(key);
}

function hasModifier(event: KeyPress): boolean {
	return event.altKey || event.ctrlKey || event.metaKey;
}

function isSingle(keys: string): boolean {
	return keys.length === 1;
}
