/** Runs the commands of the keyboard shortcuts. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { type ShortcutName, shortcutOf } from "../keyboard/shortcuts";
import { useStores } from "../StoresContext";
import type { Commands } from "./useCommands";

// Elements in which letters are written, or choose an entry by its beginning.
const WRITING =
	"input:not([type=button], [type=submit], [type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=menu]";

// In these, the arrow keys with Alt show the choices.
const OPENED_BY_ALT = "select, input[type=date]";

export function useShortcutKeys(commands: Commands): void {
	const { keyboard, router } = useStores();
	const latest = useRef(commands);
	latest.current = commands;
	useLayoutEffect(() => {
		/** A dialog stands before everything else. Only the palette opens above a visitor's. */
		const allowed = (name: ShortcutName) => {
			const dialogs = document.querySelectorAll("dialog[open]").length;
			const visitor = router.route.peek().visitor ? 1 : 0;
			return dialogs === 0 || (name === "palette" && dialogs === visitor);
		};
		const listen = (event: KeyboardEvent) => {
			const target = event.target instanceof Element ? event.target : document.body;
			if (event.altKey && target.closest(OPENED_BY_ALT)) return;
			const writing = target.closest(WRITING) !== null;
			const singleKeys = keyboard.singleKeys.peek();
			const name = event.defaultPrevented
				? null
				: shortcutOf(event, { mac: keyboard.mac, writing, singleKeys });
			if (!name) return;
			event.preventDefault();
			if (allowed(name)) latest.current[name]();
			else if (name === keyboard.dialog.peek()) keyboard.close();
		};
		document.addEventListener("keydown", listen);
		return () => document.removeEventListener("keydown", listen);
	}, [keyboard, router]);
}
