import "./Kbd.css";
import { useStores } from "../StoresContext";
import type { T, TextKey } from "../texts/LanguageStore";
import { useText } from "../texts/useText";
import { activeKeys, type ShortcutName } from "./shortcuts";

// What is printed on the keys, and what a screen reader reads where that is a sign.
const SIGNS: Readonly<Record<string, { sign: string; name: TextKey }>> = {
	ArrowUp: { sign: "↑", name: "key_up" },
	ArrowDown: { sign: "↓", name: "key_down" },
	ArrowLeft: { sign: "←", name: "key_left" },
	ArrowRight: { sign: "→", name: "key_right" },
};
const NAMES: Readonly<Record<string, TextKey>> = {
	Enter: "key_enter",
	Shift: "key_shift",
	Home: "key_home",
	End: "key_end",
	Escape: "key_escape",
};
const PC: Readonly<Record<string, string>> = { Mod: "Ctrl", Alt: "Alt" };
const MAC: Readonly<Record<string, string>> = { Mod: "⌘", Alt: "⌥", Shift: "⇧" };

/** What is printed on a key. */
function printed(t: T, mac: boolean, key: string): string {
	const name = NAMES[key];
	return SIGNS[key]?.sign ?? (mac ? MAC : PC)[key] ?? (name ? t(name) : key);
}

/** A key or a combination of keys, as printed on the keyboard. */
export function Kbd({ keys }: { keys: string }) {
	const { keyboard } = useStores();
	const t = useText();
	return (
		<kbd class="keys">
			{keys.split("+").map((key) => {
				const spoken = SIGNS[key]?.name;
				return (
					<kbd key={key}>
						<span aria-hidden={spoken ? "true" : undefined}>{printed(t, keyboard.mac, key)}</span>
						{spoken ? <span class="visually-hidden">{t(spoken)}</span> : null}
					</kbd>
				);
			})}
		</kbd>
	);
}

/** Returns a function for the attributes of a control that a shortcut has: its keys, and a tooltip that shows them. */
export function useShortcutHint(): (name: ShortcutName, text: string) => { title: string } {
	const { keyboard } = useStores();
	const t = useText();
	return (name, text) => {
		const [first] = activeKeys(name, keyboard.singleKeys.value);
		const keys = first?.split("+").map((key) => printed(t, keyboard.mac, key));
		const title = keys ? `${text} (${keys.join("+")})` : text;
		return { title, "aria-keyshortcuts": keyboard.aria(name) };
	};
}

/** The first keys of a shortcut, beside its text. */
export function ShortcutKeys({ name }: { name: ShortcutName }) {
	const { keyboard } = useStores();
	const [first] = activeKeys(name, keyboard.singleKeys.value);
	return first ? (
		<span class="keys-hint" aria-hidden="true">
			<Kbd keys={first} />
		</span>
	) : null;
}
