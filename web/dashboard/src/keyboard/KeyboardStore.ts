/** The agent's choice about shortcuts in this browser, and which dialog of the keyboard is open. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { BrowserStorage } from "../browserStorage";
import { ariaKeys, type ShortcutName } from "./shortcuts";

type KeyboardDialog = "palette" | "shortcuts";

declare module "../StoresContext" {
	interface Stores {
		keyboard: KeyboardStore;
	}
}

export class KeyboardStore {
	readonly #storage: BrowserStorage;
	readonly #singleKeys = signal(true);
	readonly #dialog = signal<KeyboardDialog | null>(null);
	readonly mac: boolean;
	#key: string | null = null;

	constructor(storage: BrowserStorage, view: Window) {
		this.#storage = storage;
		this.mac = /mac|iphone|ipad/i.test(view.navigator.platform);
	}

	/** False: shortcuts of a single character are switched off. */
	get singleKeys(): ReadonlySignal<boolean> {
		return this.#singleKeys;
	}

	get dialog(): ReadonlySignal<KeyboardDialog | null> {
		return this.#dialog;
	}

	load(agent: string): void {
		this.#key = `singleKeys.${agent}`;
		this.#singleKeys.value = this.#storage.read<boolean>(this.#key) ?? true;
	}

	unload(): void {
		this.#key = null;
		this.#dialog.value = null;
	}

	chooseSingleKeys(on: boolean): void {
		this.#singleKeys.value = on;
		if (this.#key) this.#storage.write(this.#key, on);
	}

	open(dialog: KeyboardDialog): void {
		this.#dialog.value = dialog;
	}

	close(): void {
		this.#dialog.value = null;
	}

	/** The value of `aria-keyshortcuts`; undefined if no key works. */
	aria(name: ShortcutName): string | undefined {
		return ariaKeys(name, { mac: this.mac, singleKeys: this.singleKeys.value }) || undefined;
	}
}
